"""A clock for tests that goes on only when everybody waits, so that nothing takes real time."""

from __future__ import annotations

import asyncio
from typing import TypeVar

T = TypeVar("T")


class SteppedTime:
    """Calling it tells the time in seconds; what waits for it waits with `sleep`."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Waits until somebody has moved the time on by so many seconds."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def settle(self) -> None:
        """Lets everything happen that can without the time going on."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def until(self, task: asyncio.Task[T]) -> T:
        """What a task comes to, the time moved on to the next one who waits for it as often as that takes."""
        for _ in range(1000):
            await self.settle()
            if task.done():
                return task.result()
            self._sleepers = [sleeper for sleeper in self._sleepers if not sleeper[1].done()]
            if not self._sleepers:
                raise AssertionError("it waits, and not for the time")
            self.now = max(self.now, min(due for due, _ in self._sleepers))
            for due, future in self._sleepers:
                if due <= self.now:
                    future.set_result(None)
        raise AssertionError("it never ends")
