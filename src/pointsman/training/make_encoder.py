"""Reads what there is to learn from, tunes the encoder, and exports it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from pointsman.config import intents
from pointsman.training import encoder, joint
from pointsman.training.make_head import make_folder
from pointsman.training.rows import Data, read_rows


def make(data: Data, marked: Path | None, folder: Path, tell: Callable[[str], None]) -> None:
    """Writes the encoder's files into `folder`, tuned on labelled messages, the corpus and lines with slots.

    Raises MissingExtra, InvalidInput when something cannot be read or the folder cannot be written to.
    """
    encoder.require()
    make_folder(folder)
    catalogue = intents.load()
    rows = read_rows(data, catalogue)
    net = joint.tune(encoder.checkpoint(), rows, marked, catalogue, tell)
    with tempfile.TemporaryDirectory() as scratch:
        net.save_pretrained(scratch)
        tell("exporting the encoder")
        encoder.make(folder, Path(scratch))
