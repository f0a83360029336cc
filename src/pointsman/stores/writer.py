"""Gathers the writes of many messages into one: whoever waits, waits for one commit, however many write at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from pointsman.core.errors import PointsmanError
from pointsman.stores.tables import Entry

logger = logging.getLogger(__name__)

# What became of a reply has no one who waits for it, so it goes along with the next decision, or soon by itself.
LINGER_SECONDS: Final = 0.005

Write = Callable[[Sequence[Entry]], Sequence[PointsmanError | None]]
"""Writes entries, in a thread of its own; each may fail for itself."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry, and who is told when it is written."""

    entry: Entry
    done: asyncio.Future[None]


class Writer:
    """Hands entries to `write` in `thread`, in the order in which they came: one batch at a time, as large as it gets.

    A decision is handed over at once where nothing is being written, else with the next batch. Needs a running loop.
    """

    def __init__(self, thread: Executor, write: Write) -> None:
        self._thread = thread
        self._write = write
        self._waiting: list[Waiting] = []
        self._writing = False
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def put(self, entry: Entry, *, urgent: bool) -> asyncio.Future[None]:
        """Takes an entry; the future is done when it is written, or has its error."""
        loop = self._in_loop()
        waiting = Waiting(entry, loop.create_future())
        self._waiting.append(waiting)
        if urgent and not self._writing:
            self.flush()
        elif not self._writing and self._timer is None:
            self._timer = loop.call_later(LINGER_SECONDS, self.flush)
        return waiting.done

    def flush(self) -> None:
        """Hands over what waits, ahead of whatever the thread is given after this."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        loop = self._in_loop()
        batch, self._waiting = self._waiting, []
        self._writing = True
        job = loop.run_in_executor(self._thread, self._write, [it.entry for it in batch])
        job.add_done_callback(lambda job: self._written(batch, job))

    def _in_loop(self) -> asyncio.AbstractEventLoop:
        """The running loop; what another one was to tell, now that it is gone, nobody is told."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._writing, self._timer = loop, False, None
        return loop

    def _written(self, batch: Sequence[Waiting], job: asyncio.Future[Sequence[PointsmanError | None]]) -> None:
        self._writing = False
        failed = job.exception()
        errors = [failed] * len(batch) if failed is not None else job.result()
        for waiting, error in zip(batch, errors, strict=True):
            if waiting.done.cancelled() or waiting.done.get_loop() is not self._loop:
                if error is not None:
                    logger.error("what nobody waits for any more was not written: %s", error)
            elif error is not None:
                waiting.done.set_exception(error)
            else:
                waiting.done.set_result(None)
        self.flush()
