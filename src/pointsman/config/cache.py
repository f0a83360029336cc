"""Keeps parsed categories as JSON, because reading YAML takes sixty times as long."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pointsman.config.category_file import CategoryFile
from pointsman.config.strict import Strict

# Every change of a category file makes a new entry, and two projects may take turns.
KEPT: Final = 8


class Entry(Strict):
    """What one file of the cache holds."""

    categories: tuple[CategoryFile, ...]


class Cache:
    """A folder of parsed categories by the digest of what they were parsed from; None keeps nothing.

    A cache must never be the reason that something fails: what cannot be read or written is as good as absent.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, key: str) -> tuple[CategoryFile, ...] | None:
        """What was kept under `key`, or None."""
        if self._folder is None:
            return None
        try:
            return Entry.model_validate_json(self._file(key).read_bytes()).categories
        except (OSError, ValidationError):
            return None

    def write(self, key: str, categories: Sequence[CategoryFile]) -> None:
        """Keeps the categories under `key`: whole, or not at all."""
        if self._folder is None:
            return
        data = Entry(categories=tuple(categories)).model_dump_json(exclude_defaults=True).encode()
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix="intents-", suffix=".new")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(self._file(key))
            finally:
                Path(name).unlink(missing_ok=True)
            self._forget_oldest()

    def _file(self, key: str) -> Path:
        return Path(self._folder or "") / f"intents-{key[:32]}.json"

    def _forget_oldest(self) -> None:
        files = sorted(Path(self._folder or "").glob("intents-*.json"), key=lambda file: file.stat().st_mtime_ns)
        for file in files[:-KEPT]:
            file.unlink(missing_ok=True)
