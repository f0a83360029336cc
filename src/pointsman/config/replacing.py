"""Puts a new configuration in the place of the old one: checked first, all at once, and with the old one kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pointsman.core.errors import ConfigError


def replace(file: Path, text: str, check: Callable[[Path], None]) -> Path | None:
    """Writes a file after `check` has approved the same text in a file beside it; returns where the old one is kept.

    Nobody ever sees half of it. The owner's permissions stay, as there may be secrets in it; a
    new file is for its owner only. A link stays, and what it leads to is replaced. Raises
    ConfigError when it cannot be written, and whatever `check` raises.
    """
    target = Path(os.path.realpath(file))
    backup = target.with_name(f"{target.name}.bak") if target.exists() else None
    try:
        with fresh_file(file, text) as draft:
            check(draft)  # where relative paths in it lead where they will
        with fresh_file(target, text) as fresh:
            if backup is not None:
                shutil.copymode(target, fresh)
                shutil.copy2(target, backup)
            fresh.replace(target)
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be written: {error.strerror or error}", cure="make its folder writable, or use --dry-run"
        ) from error
    return backup


@contextmanager
def fresh_file(beside: Path, text: str) -> Iterator[Path]:
    """A file with a text in the folder of another, for its owner only; it is gone afterwards, if it is still there."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{beside.name}.", suffix=".new", dir=beside.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        yield fresh
    finally:
        with suppress(OSError):
            fresh.unlink()
