"""Reads labelled data, fits the head, and writes it with the vectors of the catalogue's utterances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from pointsman.config import intents
from pointsman.core.category import Catalogue
from pointsman.core.errors import InvalidInput
from pointsman.observe.labelled import read_labelled
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.surroundings import Surroundings, legible
from pointsman.training.head import OWN, Row, fit, require


def make(data: Path, folder: Path, tell: Callable[[str], None]) -> Head:
    """Writes `head.npz` and `utterances.npz` into `folder` and returns the head, fitted on the shipped encoder.

    Makes the folder where it is missing. Raises MissingExtra, InvalidInput when the data cannot be
    read or the folder cannot be written to.
    """
    require()
    make_folder(folder)
    catalogue, encoder = intents.load(), MiniLm()
    rows = rows_from(data, catalogue)
    found = embedded([row.text for row in rows], encoder, tell)
    vector_of = {row.text: vector for row, vector in zip(rows, found, strict=True)}
    read = legible(catalogue.utterances, encoder)
    shipped = {vectors.key_of(utterance.text): vector_of[utterance.text] for utterance in read}
    surroundings = Surroundings(encoder, read, np.stack([vector_of[utterance.text] for utterance in read]))
    tell("fitting the head, its temperature and the neighbours' calibration (a few minutes)")
    head = fit(rows, catalogue, found, surroundings, encoder)
    try:
        vectors.write(folder / vectors.SHIPPED, encoder.fingerprint, shipped)
        head.write(folder / HEAD_FILE)
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


def rows_from(data: Path, catalogue: Catalogue) -> list[Row]:
    """The labelled messages of a file, then the catalogue's utterances; texts as the tiers look at them."""
    given = [
        Row(row.message.look.strip(), row.gold.category, row.source) for row in read_labelled(data, catalogue.names)
    ]
    own = [Row(utterance.text, utterance.category, OWN) for utterance in catalogue.utterances]
    return [row for row in given if row.text] + own


def embedded(texts: Sequence[str], encoder: MiniLm, tell: Callable[[str], None]) -> NDArray[np.float32]:
    """The texts' vectors, float32 [texts, dimensions]; kept in the user's cache, because they take a minute."""

    def progress(done: int, total: int) -> None:
        if done % 1000 == 0 or done == total:
            tell(f"embedded {done} of {total} messages")

    return vectors.vectors_for(
        texts,
        encoder,
        shipped=models_folder() / vectors.SHIPPED,
        cache_folder=platformdirs.user_cache_path("pointsman") / "training",
        progress=progress,
    )
