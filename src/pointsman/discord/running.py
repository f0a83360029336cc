"""Answers that are under way: stopped when somebody says so, and waited for at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")

Why = Literal["cancelled", "edited", "deleted", "gone", "stopping"]
"""Somebody cancelled it, changed or deleted what it answers, deleted the reply, or the bot is being stopped."""


@dataclass(eq=False)
class Going:
    """One that is under way; `why` it is to stop, once it is."""

    key: int
    owner: int = 0
    why: Why | None = None
    task: asyncio.Task[Any] | None = field(default=None, repr=False)
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def stop(self, why: Why) -> None:
        """Has it stop; a second reason changes nothing, but that what it answers is gone."""
        if self.task is None or self.task.done():
            return
        if self.why is None:
            self.task.cancel()
        if self.why is None or why == "deleted":
            self.why = why


class Running(Generic[T]):
    """Those that are under way, by the id of what they answer; `lost` is what one came to that never began."""

    def __init__(self, lost: T) -> None:
        self._lost = lost
        self._going: dict[int, Going] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._going)

    def __contains__(self, key: int) -> bool:
        return key in self._going

    def owner(self, key: int) -> int:
        """Whose it is, by the id of the person; 0 where nothing of that key is under way."""
        going = self._going.get(key)
        return going.owner if going else 0

    async def under(self, key: int, work: Callable[[Going], Coroutine[Any, Any, T]], *, owner: int = 0) -> T:
        """What `work` comes to, which may be stopped by its key meanwhile; one that has the key already is replaced.

        Where that one is told meanwhile that what it answers was deleted, nothing takes its place.

        `work` is told why it is cancelled by its Going, and says what came of it then.
        """
        while (before := self._going.get(key)) is not None:
            before.stop("edited")
            await before.ended.wait()
            if before.why == "deleted":
                return self._lost
        going = self._going[key] = Going(key, owner)
        task = going.task = asyncio.create_task(work(going))
        task.add_done_callback(lambda _: self._ended(going))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        return self._lost if task.cancelled() else task.result()

    def stop(self, key: int, why: Why = "cancelled") -> bool:
        """Has the one of a key stop; whether there was one."""
        going = self._going.get(key)
        if going is None:
            return False
        going.stop(why)
        return True

    async def over(self, seconds: float) -> bool:
        """Waits until nothing is under way any more, for so many seconds; whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                while self._going:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return not self._going
        return True

    async def stop_all(self, why: Why, seconds: float) -> bool:
        """Has all stop, and waits until they have, for so many seconds; whether they have."""
        for it in list(self._going.values()):
            it.stop(why)
        return await self.over(seconds)

    def _ended(self, going: Going) -> None:
        if self._going.get(going.key) is going:
            del self._going[going.key]
        going.ended.set()
        self._changed.set()
