"""Signals that ask a verb to stop: the first in peace, the second at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

ASKED: Final = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """What was asked: `asked` is set by the first signal, `hurry` by the next; `by` is the last of them."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()
        self.by: signal.Signals | None = None

    def take(self, number: int) -> None:
        """A signal came."""
        (self.hurry if self.asked.is_set() else self.asked).set()
        self.by = signal.Signals(number)


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Has signals ask, as long as it lasts, and not end the process; in a running loop, in the main thread."""
    stop, loop = Stop(), asyncio.get_running_loop()

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        loop.call_soon_threadsafe(stop.take, number)

    before: dict[signal.Signals, Any] = {it: signal.signal(it, handle) for it in ASKED}
    try:
        yield stop
    finally:
        for it, handler in before.items():
            signal.signal(it, handler)
