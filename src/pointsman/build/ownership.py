"""Which of several processes owns the card: the first that begins holds a lock beside the store."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO


class Ownership:
    """A lock on the file `path`, given up when it is closed or the process ends.

    Where files cannot be locked (some network folders, Windows), everybody takes himself for the owner.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def taken(self) -> bool:
        """Whether this process owns the card, from now on."""
        if self._file is not None:
            return True
        try:
            import fcntl
        except ImportError:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a", encoding="utf-8")
        except OSError:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        except OSError:
            file.close()
            return True
        with suppress(OSError):
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        self._file = file
        return True

    def close(self) -> None:
        """Gives it up."""
        if self._file is not None:
            self._file.close()
        self._file = None
