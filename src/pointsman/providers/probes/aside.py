"""Calls of drivers that may hang, made beside the event loop, one at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

# A driver answers within 1 ms when all is well, and within a second when it wakes the card up first; whoever gates on
# a reading waits for 2 s.
PATIENCE: Final = 1.5


class Aside(Generic[T]):
    """Makes a call in a thread of its own, which nobody waits for when the program ends.

    A pool would be waited for: one driver that hangs, and the program could not be stopped.
    """

    def __init__(self, call: Callable[[], T], *, patience: float = PATIENCE) -> None:
        self._call = call
        self._patience = patience
        self._under_way: Future[T | None] | None = None

    async def result(self) -> T | None:
        """What the call comes to; None when it fails, or is not done within `patience` seconds.

        A call that hangs is not made a second time: the next one to ask waits for the first.
        """
        if self._under_way is None:
            future: Future[T | None] = Future()
            self._under_way = future
            future.set_running_or_notify_cancel()
            threading.Thread(target=self._work, args=(future,), name="pointsman probe", daemon=True).start()
        waiting = asyncio.wrap_future(self._under_way)
        done, _ = await asyncio.wait({waiting}, timeout=self._patience)
        if not done:
            waiting.cancel()
            return None
        self._under_way = None
        return waiting.result()

    def _work(self, future: Future[T | None]) -> None:
        try:
            future.set_result(self._call())
        except Exception:  # a sensor that fails in a way nobody thought of has seen nothing
            log.exception("a look at the card failed")
            future.set_result(None)
