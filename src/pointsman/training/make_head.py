"""Reads labelled data, fits the head, and writes it with the vectors of the catalogue's utterances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import platformdirs

from pointsman.config import intents
from pointsman.core.errors import InvalidInput
from pointsman.observe.labelled import read_labelled
from pointsman.providers.encoders import MANIFEST, MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.tiers.fast import FAST_FILE, FastModel
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.surroundings import Surroundings, legible
from pointsman.training.head import Known, fit
from pointsman.training.linear import require
from pointsman.training.readings import read_all
from pointsman.training.rows import Data, Row, read_rows


def make(data: Data, unseen: Sequence[Path], folder: Path, tell: Callable[[str], None]) -> Head:
    """Writes `head.npz`, `utterances.npz` and the parsed categories into `folder`; returns the head.

    `data` and the utterances are what the encoder and the fast model in `folder` learnt
    from; `unseen` are labelled files that they did not. Makes the folder where it is missing. Raises
    MissingExtra, InvalidInput when something cannot be read or the folder cannot be written to.
    """
    require()
    make_folder(folder)
    catalogue, encoder = intents.load(), MiniLm(folder if (folder / MANIFEST).is_file() else None)
    fast = FastModel.read((folder if (folder / FAST_FILE).is_file() else models_folder()) / FAST_FILE)
    rows = read_rows(data, catalogue)
    others = [row for file in unseen for row in read_labelled(file, catalogue.names)]
    strange = [Row(row.message.look.strip(), row.gold.category, row.source) for row in others]
    strange = [row for row in strange if row.text]
    cache = platformdirs.user_cache_path("pointsman") / "training"
    readings = read_all([row.text for row in (*rows, *strange)], encoder, cache, tell)
    vector_of = {row.text: vector for row, vector in zip(rows, readings.vectors, strict=False)}
    read = legible(catalogue.utterances, encoder)
    shipped = {vectors.key_of(utterance.text): vector_of[utterance.text.strip()] for utterance in read}
    surroundings = Surroundings(encoder, read, np.stack([vector_of[utterance.text.strip()] for utterance in read]))
    tell("fitting the head, its temperature and the neighbours' calibration")
    head = fit(
        Known(rows, readings[: len(rows)]),
        Known(strange, readings[len(rows) :]),
        catalogue,
        fast=fast,
        own=surroundings,
        encoder=encoder,
    )
    try:
        vectors.write(folder / vectors.SHIPPED, encoder.fingerprint, shipped)
        head.write(folder / HEAD_FILE)
        intents.pack(folder)
    except OSError as error:
        raise not_writable(folder, error) from error
    return head


def make_folder(folder: Path) -> None:
    """Makes the folder where it is missing, before the work that would be lost. Raises InvalidInput."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(folder, error) from error


def not_writable(folder: Path, error: OSError) -> InvalidInput:
    """The error for a folder that takes no files."""
    return InvalidInput(
        f"{folder}: cannot be written to: {error.strerror or error}", cure="give a folder that can be written to"
    )
