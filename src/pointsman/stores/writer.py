"""Gathers the writes of many messages into one: whoever waits, waits for one commit, however many write at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Sequence
from concurrent.futures import Executor
from typing import Any, Final

from pointsman.core.errors import PointsmanError
from pointsman.stores.tables import Entry

logger = logging.getLogger(__name__)

# What nobody waits for goes along with what somebody does, or soon by itself. To wake the thread for each costs a busy
# server a fifth of its time, as the two then fight over the interpreter.
LINGER_SECONDS: Final = 0.02
# Where so many wait, the disk does not keep up, and whoever brings more waits with them: memory has an end.
MOST_WAITING: Final = 200

Write = Callable[[Sequence[Entry]], Sequence[PointsmanError | None]]
"""Writes entries, in a thread of its own; each may fail for itself."""


class Waiting(Awaitable[None]):
    """An entry on its way; whoever awaits it waits until it is written, and has its error, which else is logged.

    A caller who goes away does not take it with him.
    """

    __slots__ = ("done", "entry", "error", "over")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.done: asyncio.Future[None] | None = None  # made for those who wait: most do not
        self.over = False
        self.error: PointsmanError | BaseException | None = None

    def __await__(self) -> Generator[Any, None, None]:
        if not self.over:
            if self.done is None:
                self.done = asyncio.get_running_loop().create_future()
            yield from asyncio.shield(self.done).__await__()
        elif self.error is not None:
            raise self.error

    def written(self, error: PointsmanError | BaseException | None, loop: asyncio.AbstractEventLoop | None) -> None:
        """Says that it is over, with an error if it has one."""
        self.over, self.error = True, error
        if self.done is None or self.done.cancelled() or self.done.get_loop() is not loop:
            if error is not None:
                logger.error("what nobody waits for was not written: %s", error)
        elif error is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


class Writer:
    """Hands entries to `write` in `thread`, in the order in which they came: one batch at a time, as large as it gets.

    What is urgent is handed over at once where nothing is being written, else with the next batch. It needs a loop.
    """

    def __init__(self, thread: Executor, write: Write) -> None:
        self._thread = thread
        self._write = write
        self._waiting: list[Waiting] = []
        self._writing = self._urgent = False
        self._timer: asyncio.TimerHandle | None = None
        self._job: asyncio.Future[Sequence[PointsmanError | None]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def behind(self) -> bool:
        """Whether more comes than is written."""
        return len(self._waiting) > MOST_WAITING

    async def catch_up(self, seconds: float) -> None:
        """Returns when what is being written is written, after so many seconds at the latest."""
        if not self._writing:
            self.flush()
        if self._job is not None:
            await asyncio.wait({self._job}, timeout=seconds)

    def put(self, entry: Entry, *, urgent: bool) -> Waiting:
        """Takes an entry; what is returned can be awaited until it is written."""
        if asyncio.get_running_loop() is not self._loop:
            self._in_loop()
        waiting = Waiting(entry)
        self._waiting.append(waiting)
        self._urgent = self._urgent or urgent
        if not self._writing and (self._urgent or self._timer is None):
            self._next()
        return waiting

    def _next(self) -> None:
        """Hands over what waits: at once where somebody waits for it, else soon."""
        if self._urgent:
            self.flush()
        elif self._waiting and self._timer is None:
            self._timer = self._in_loop().call_later(LINGER_SECONDS, self.flush)

    def flush(self) -> None:
        """Hands over what waits, ahead of whatever the thread is given after this."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        loop = self._in_loop()
        batch, self._waiting = self._waiting, []
        self._writing, self._urgent = True, False
        job = self._job = loop.run_in_executor(self._thread, self._write, [it.entry for it in batch])
        job.add_done_callback(lambda job: self._written(batch, job))

    def _in_loop(self) -> asyncio.AbstractEventLoop:
        """The running loop; what another one was to tell, now that it is gone, nobody is told."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._writing, self._timer, self._job = loop, False, None, None
        return loop

    def _written(self, batch: Sequence[Waiting], job: asyncio.Future[Sequence[PointsmanError | None]]) -> None:
        self._writing = False
        failed = job.exception()
        errors = [failed] * len(batch) if failed is not None else job.result()
        for waiting, error in zip(batch, errors, strict=True):
            if error is None and waiting.done is None:  # as most are
                waiting.over = True
            else:
                waiting.written(error, self._loop)
        self._next()
