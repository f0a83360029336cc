"""A feed looks ahead without losing a piece, runs no further ahead than it should, and closes what it reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pointsman.http.feed import MOST_AHEAD, Feed


class Source:
    """Numbers, which can be held back, and may end in an error."""

    def __init__(self, most: int = 3, error: Exception | None = None) -> None:
        self.most = most
        self.error = error
        self.given = 0
        self.closed = False
        self.go = asyncio.Event()
        self.go.set()

    async def pieces(self) -> AsyncGenerator[int]:
        try:
            for number in range(self.most):
                await self.go.wait()
                self.given += 1
                yield number
            if self.error:
                raise self.error
        finally:
            self.closed = True


async def rest(feed: Feed[int]) -> list[int]:
    found = []
    while (piece := await feed.take()) is not None:
        found.append(piece)
    return found


async def test_pieces_come_in_order_with_and_without_a_look_ahead() -> None:
    for looks in (False, True):
        source = Source()
        feed = Feed(source.pieces())
        assert await feed.take() == 0
        if looks:
            assert await feed.ahead(None)
            assert await feed.peek() == 1
        assert await rest(feed) == [1, 2]
        assert await feed.take() is None
        await feed.close()
        assert source.closed


async def test_patience_runs_out_and_nothing_is_lost() -> None:
    source = Source()
    source.go.clear()
    feed = Feed(source.pieces())
    assert not await feed.ahead(0)
    assert not await feed.ahead(0)
    source.go.set()
    assert await feed.ahead(10)
    assert await rest(feed) == [0, 1, 2]
    assert await feed.peek() is None
    await feed.close()


async def test_an_error_comes_behind_what_was_there() -> None:
    for looks in (False, True):
        feed = Feed(Source(2, ZeroDivisionError()).pieces())
        if looks:
            await feed.ahead(None)
        assert [await feed.take(), await feed.take()] == [0, 1]
        with pytest.raises(ZeroDivisionError):
            await feed.take()
        await feed.close()


async def test_closing_stops_what_waits_and_what_never_began() -> None:
    for looks in (False, True):
        source = Source()
        feed = Feed(source.pieces())
        assert await feed.take() == 0
        source.go.clear()
        if looks:
            assert not await feed.ahead(0)
        await feed.close()
        assert source.closed
    await Feed(Source().pieces()).close()


async def test_it_does_not_run_far_ahead_of_who_reads_slowly() -> None:
    source = Source(1000)
    feed = Feed(source.pieces())
    await feed.ahead(None)
    for _ in range(50):
        await asyncio.sleep(0)
    assert source.given == MOST_AHEAD
    assert await rest(feed) == list(range(1000))
    await feed.close()
