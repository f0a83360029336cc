"""Reads what there is to learn from, fits the fast tier's network, and writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pointsman.config import intents
from pointsman.tiers.fast import FAST_FILE, FastModel
from pointsman.training.fast import fit, require
from pointsman.training.make_head import make_folder, not_writable
from pointsman.training.rows import Data, read_rows


def make(data: Data, folder: Path, tell: Callable[[str], None]) -> FastModel:
    """Writes `fast.npz` into `folder` and returns the model.

    Raises MissingExtra, InvalidInput when something cannot be read or the folder cannot be written to.
    """
    require()
    make_folder(folder)
    catalogue = intents.load()
    model = fit(read_rows(data, catalogue), catalogue, tell)
    try:
        model.write(folder / FAST_FILE)
    except OSError as error:
        raise not_writable(folder, error) from error
    return model
