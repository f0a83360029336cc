"""Puts a new configuration in the place of the old one: checked first, all at once, and with the old one kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from pointsman.core.errors import ConfigError


def replace(file: Path, text: str, check: Callable[[Path], None]) -> Path | None:
    """Writes a file after `check` has approved the same text in a file beside it; returns where the old one is kept.

    What is kept is never written over: the next one gets a number. Nobody ever sees half of the
    file. The owner's permissions stay, as there may be secrets in it; a new file is for its owner
    only. A link stays, and what it leads to is replaced. Raises ConfigError when it cannot be
    written, and whatever `check` raises.
    """
    target = Path(os.path.realpath(file))
    try:
        backup = backup_of(target) if target.exists() else None
        with fresh_file(file, text) as draft:
            check(draft)  # where relative paths in it lead where they will
        with fresh_file(target, text) as fresh:
            if backup is not None:
                shutil.copymode(target, fresh)
                if not backup.exists():
                    shutil.copy2(target, backup)
            fresh.replace(target)
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be written: {error.strerror or error}", cure="make its folder writable, or use --dry-run"
        ) from error
    return backup


def backup_of(target: Path) -> Path:
    """Where the present content of a file is to be kept, or is kept already: `.bak`, then `.bak.2` and so on."""
    text = target.read_bytes()
    places = (target.with_name(f"{target.name}.bak" + (f".{number}" if number > 1 else "")) for number in count(1))
    return next(it for it in places if not os.path.lexists(it) or (it.is_file() and it.read_bytes() == text))


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
