"""Fits a head for a user's own categories: their utterances are enough, labelled messages make it better."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

from pointsman.config import intents
from pointsman.core.errors import InvalidInput
from pointsman.observe.labelled import read_labelled
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.training.general import fit
from pointsman.training.linear import require
from pointsman.training.make_head import make_folder, not_writable
from pointsman.training.rows import OWN, Row


def make(
    folder: Path,
    out: Path,
    *,
    data: Path | None = None,
    shipped: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Head:
    """Fits a head on the categories in `folder`, and writes it and their utterances' vectors into `out`.

    `data` holds labelled messages of these categories; with `shipped`, the categories that come
    with Pointsman are learnt too. Point `intents.trained` to `out`. Raises MissingExtra,
    ConfigError for a category file, InvalidInput when there is too little to learn from, when the
    data cannot be read or the folder cannot be written to.
    """
    require()
    catalogue, encoder = intents.load(folder, shipped=shipped), MiniLm()
    labelled = read_labelled(data, catalogue.names) if data else []
    rows = [Row(utterance.text.strip(), utterance.category, OWN) for utterance in catalogue.utterances]
    rows += [
        Row(row.message.look.strip(), row.gold.category, row.source) for row in labelled if row.message.look.strip()
    ]
    if not rows:
        raise InvalidInput(f"{folder}: its categories have no utterances", cure="write some ten for each category")
    make_folder(out)
    own = np.arange(len(rows)) < len(catalogue.utterances)
    found = vectors.vectors_for(
        [row.text for row in rows],
        encoder,
        shipped=models_folder() / vectors.SHIPPED,
        cache_folder=platformdirs.user_cache_path("pointsman"),
    )
    tell("fitting the head and its calibration")
    head = fit(
        [row.text for row in rows],
        [row.category for row in rows],
        found,
        encoder,
        own=own,
        same=lambda one, other: catalogue.side_of(one) == catalogue.side_of(other),
    )
    searched = {
        vectors.key_of(utterance.text): vector
        for utterance, vector in zip(catalogue.utterances, found, strict=False)
        if encoder.legible(utterance.text)
    }
    try:
        if searched:
            vectors.write(out / vectors.SHIPPED, encoder.fingerprint, searched)
        head.write(out / HEAD_FILE)
    except OSError as error:
        raise not_writable(out, error) from error
    return head
