"""A clock that two processes share: the routers' side sets it, the fakes' side reads it."""

from __future__ import annotations

import mmap
import os
import time
from pathlib import Path
from typing import Final

PLACES: Final = 2
WIDTH: Final = 8 * PLACES
# The clock begins at 09:00 UTC on 23 November 2026, so that a run sees midnights and the first of a month.
START: Final = 1_795_424_400.0
THREADS: Final = Path("/proc/self/task")


class SharedClock:
    """Simulated seconds since the epoch, and the number of the session that goes on, in a file of 16 bytes."""

    def __init__(self, path: Path) -> None:
        new = not path.exists()
        if new:
            path.write_bytes(bytes(WIDTH))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), WIDTH)
        self._places = memoryview(self._map).cast("d")  # one number is written in one piece
        if new:
            self._places[0] = START

    def now(self) -> float:
        """The simulated time."""
        return float(self._places[0])

    def advance(self, seconds: float) -> None:
        """Lets time pass; one process alone does."""
        self._places[0] += seconds

    @property
    def session(self) -> int:
        """Which session goes on."""
        return int(self._places[1])

    @session.setter
    def session(self, number: int) -> None:
        self._places[1] = float(number)

    def close(self) -> None:
        """Lets go of the file."""
        self._places.release()
        self._map.close()


def real() -> float:
    """Seconds from any start, the same for all processes of the machine."""
    return time.monotonic()


def starved() -> float:
    """For how many seconds the threads of this process could have run and no core was free, as Linux tells.

    0 elsewhere. All of them count, as one that holds the interpreter's lock keeps the others waiting with it.
    """
    return sum(map(waited, os.listdir(THREADS))) if THREADS.is_dir() else 0.0  # noqa: PTH208


def waited(thread: str) -> float:
    """The same for one thread; 0 for one that has just ended."""
    try:
        return int((THREADS / thread / "schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
