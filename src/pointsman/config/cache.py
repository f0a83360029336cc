"""Keeps parsed category files as JSON, because reading YAML takes sixty times as long."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pointsman.config.category_file import CategoryFile
from pointsman.config.strict import Strict

CACHE_FILE: Final = "categories.json"
# Every change of a category file makes a new entry, and projects may take turns.
KEPT: Final = 100


class Entries(Strict):
    """What a file of parsed categories holds, by the digest of what each was parsed from, the latest first."""

    categories: dict[str, CategoryFile]


def packed_file() -> Path:
    """The shipped categories as `pointsman train head` parsed them, so that not even the first start has to."""
    return Path(str(files("pointsman.models"))) / CACHE_FILE


class Cache:
    """Parsed category files in a folder; None keeps nothing.

    A cache must never be the reason that something fails: what cannot be read or written is as good as absent.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / CACHE_FILE if folder else None

    def read(self) -> dict[str, CategoryFile]:
        """Everything that is kept, by digest."""
        return read(self._file) if self._file else {}

    def add(self, parsed: Mapping[str, CategoryFile]) -> None:
        """Keeps more categories: whole, or not at all."""
        if self._file is None:
            return
        kept = dict(islice({**parsed, **self.read()}.items(), KEPT))
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write(self._file, kept)


def read(file: Path) -> dict[str, CategoryFile]:
    """The categories in a file by digest; none when it is absent or damaged."""
    try:
        return Entries.model_validate_json(file.read_bytes()).categories
    except (OSError, ValidationError):
        return {}


def write(file: Path, categories: Mapping[str, CategoryFile]) -> None:
    """Puts categories into a file. Raises OSError, and leaves what stood there."""
    data = Entries(categories=dict(categories)).model_dump_json(exclude_defaults=True).encode()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.stem, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
