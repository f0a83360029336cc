"""Answers that are under way: what is stopped is waited for, and not for ever."""

from __future__ import annotations

import asyncio

from pointsman.discord.running import Going, Running


async def test_what_is_stopped_says_its_last_words_first() -> None:
    running: Running[str] = Running("lost")
    said: list[str] = []
    begun = asyncio.Event()

    async def work(going: Going) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            said.append(going.why or "")
        return "told"

    answer = asyncio.create_task(running.under(1, work))
    await begun.wait()
    assert await running.stop_all("stopping", 10.0)
    assert said == ["stopping"]
    assert await answer == "told"
    assert not running


async def test_last_words_that_reach_nobody_hold_up_no_end() -> None:
    running: Running[str] = Running("lost")
    begun, heard = asyncio.Event(), asyncio.Event()

    async def work(_: Going) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await heard.wait()  # as a request that is tried again and again
        return "told late"

    answer = asyncio.create_task(running.under(1, work))
    await begun.wait()
    assert not await running.stop_all("stopping", 0.01)
    assert 1 in running
    heard.set()
    assert await answer == "told late"
