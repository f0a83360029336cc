"""Several replies side by side: each event says whose it is, and none that goes wrong keeps the others waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import chain

import pytest

from pointsman.core.errors import ModelFailed, Unreachable
from pointsman.core.reply import Event, Text
from pointsman.http.openai.choices import together
from pointsman.http.openai.reply import Sheet, all_of
from pointsman.http.openai.through_ollama import Lines


async def says(*words: str, then: BaseException | None = None) -> AsyncGenerator[Event]:
    for word in words:
        yield Text(word)
    if then is not None:
        raise then


async def heard(*replies: AsyncGenerator[Event]) -> list[tuple[int, str]]:
    async with asyncio.timeout(20):
        return [(told.choice, getattr(told.event, "delta", "")) async for told in together(replies)]


async def test_each_event_says_whose_it_is() -> None:
    assert sorted(await heard(says("a", "b"), says("c"))) == [(0, "a"), (0, "b"), (1, "c")]


async def test_what_one_raises_ends_all() -> None:
    with pytest.raises(ModelFailed):
        await heard(says("a"), says(then=ModelFailed("broke off")))


async def test_a_reply_that_is_taken_back_inside_keeps_nobody_waiting() -> None:
    with pytest.raises(Unreachable, match="taken back"):
        await heard(says("a"), says(then=asyncio.CancelledError()))


def test_a_line_without_end_is_refused() -> None:
    lines = Lines()
    with pytest.raises(ModelFailed, match="a line of more than"):
        list(chain.from_iterable(lines.feed(b"x" * 1_000_000) for _ in range(10)))


async def test_a_copy_that_is_taken_back_inside_is_an_error_with_a_cure_and_ends_the_others() -> None:
    closed: list[str] = []

    async def taken_back() -> AsyncGenerator[Event]:
        yield Text("a")
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        gone.cancel()
        await gone

    async def goes_on() -> AsyncGenerator[Event]:
        try:
            yield Text("b")
            await asyncio.Event().wait()
        finally:
            closed.append("b")

    replies = [goes_on(), taken_back()]
    with pytest.raises(Unreachable, match="taken back"):
        await all_of(replies, Sheet("id", 0, "auto", copies=2))
    for it in replies:
        await it.aclose()
    assert closed == ["b"]


async def test_who_goes_away_takes_all_copies_with_him() -> None:
    waiting = asyncio.Event()

    async def goes_on() -> AsyncGenerator[Event]:
        yield Text("b")
        waiting.set()
        await asyncio.Event().wait()

    work = asyncio.create_task(all_of([goes_on(), goes_on()], Sheet("id", 0, "auto", copies=2)))
    await waiting.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
