"""A reply's events, with a look ahead that can run out of patience without losing one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from pointsman.core.reply import Event


class Feed:
    """Takes events from a stream one by one; close it when done, and the stream is closed too."""

    def __init__(self, events: AsyncGenerator[Event]) -> None:
        self._events = events
        self._coming: asyncio.Task[Event | None] | None = None

    async def ahead(self, patience: float | None = None) -> bool:
        """Whether the next event, or the end, is there within `patience` seconds (None: however long it takes)."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(self._next())
        done, _ = await asyncio.wait({self._coming}, timeout=patience)
        return bool(done)

    async def peek(self) -> Event | None:
        """The next event, which stays; None at the end."""
        await self.ahead()
        assert self._coming is not None  # noqa: S101 - ahead() has seen to it
        return self._coming.result()

    async def take(self) -> Event | None:
        """The next event; None at the end."""
        event = await self.peek()
        if event is not None:
            self._coming = None
        return event

    async def close(self) -> None:
        """Stops the stream, and waits until it has."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)
        await self._events.aclose()

    async def _next(self) -> Event | None:
        return await anext(self._events, None)
