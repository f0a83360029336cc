"""Reads labelled data, fits the head, and writes it with the vectors of the catalogue's utterances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs

from pointsman.config import intents
from pointsman.core.message import Message
from pointsman.observe.labelled import read_labelled
from pointsman.providers.encoders import MiniLm
from pointsman.stores import vectors
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.surroundings import Surroundings
from pointsman.training.head import OWN, Row, fit


def make(data: Path, folder: Path, tell: Callable[[str], None]) -> Head:
    """Writes `head.npz` and `utterances.npz` into `folder` and returns the head."""
    catalogue, encoder = intents.load(), MiniLm(folder)
    own = [Row(utterance.text, utterance.category, OWN) for utterance in catalogue.utterances]
    read = read_labelled(data, catalogue.names)
    rows = [Row(row.gold.text, row.gold.category, row.source) for row in read if row.gold.text.strip()] + own
    texts = [Message(row.text).look.strip() for row in rows]

    def progress(done: int, total: int) -> None:
        if done % 1000 == 0 or done == total:
            tell(f"embedded {done} of {total} messages")

    found = vectors.vectors_for(
        texts,
        encoder,
        shipped=folder / vectors.SHIPPED,
        cache_folder=platformdirs.user_cache_path("pointsman") / "training",
        progress=progress,
    )
    utterance_vectors = found[len(rows) - len(own) :]
    keyed = {vectors.key_of(row.text): vector for row, vector in zip(own, utterance_vectors, strict=True)}
    vectors.write(folder / vectors.SHIPPED, encoder.fingerprint, keyed)
    surroundings = Surroundings(encoder, catalogue.utterances, utterance_vectors, remembered=len(rows))
    tell("fitting the head, its temperature and the neighbours' calibration (a few minutes)")
    head = fit(rows, catalogue, found, surroundings, encoder)
    head.write(folder / HEAD_FILE)
    return head
