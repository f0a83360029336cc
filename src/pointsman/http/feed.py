"""A reply's pieces, with a look ahead that can run out of patience without losing one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Generic, TypeVar

Piece = TypeVar("Piece")

# A model is not let run far ahead of a caller who reads slowly.
MOST_AHEAD: Final = 16


class Feed(Generic[Piece]):
    """Takes pieces from a stream one by one; close it when done, and the stream is closed too.

    Only one task may take. Nothing runs ahead before somebody looks ahead; from then on a task of its own does.
    """

    def __init__(self, pieces: AsyncGenerator[Piece]) -> None:
        self._pieces = pieces
        self._there: deque[Piece] = deque()
        self._running: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    async def ahead(self, patience: float | None = None) -> bool:
        """Whether the next piece, or the end, is there within `patience` seconds (None: however long it takes)."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        while not self._there and not self._running.done():
            self._news.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._news.wait()
            except TimeoutError:
                return False
        return True

    async def peek(self) -> Piece | None:
        """The next piece, which stays; None at the end. Raises what the stream does."""
        await self.ahead()
        if not self._there:
            return self._end()
        return self._there[0]

    async def take(self) -> Piece | None:
        """The next piece; None at the end. Raises what the stream does."""
        if self._running is None:
            return await anext(self._pieces, None)
        if not self._there:
            await self.ahead()
        if not self._there:
            return self._end()
        self._room.set()
        return self._there.popleft()

    async def close(self) -> None:
        """Stops the stream, and waits until it has."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._pieces.aclose()

    async def _run(self) -> None:
        try:
            async with aclosing(self._pieces):
                async for piece in self._pieces:
                    self._there.append(piece)
                    self._news.set()
                    while len(self._there) >= MOST_AHEAD:
                        self._room.clear()
                        await self._room.wait()
        finally:
            self._news.set()

    def _end(self) -> Piece | None:
        """None, or what broke the stream off."""
        if self._running is not None:
            self._running.result()
        return None
