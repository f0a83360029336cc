from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest

from pointsman.core.waiting import within


async def at_once() -> str:
    return "done"


async def test_what_is_done_at_once_needs_no_timer() -> None:
    assert await within(0.0, at_once()) == "done"


async def test_what_fails_at_once_fails() -> None:
    async def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await within(1.0, fails())


async def test_what_has_to_wait_waits_and_gives_its_result() -> None:
    event = asyncio.Event()

    async def waits() -> int:
        await event.wait()
        await asyncio.sleep(0)
        return 7

    asyncio.get_running_loop().call_soon(event.set)
    assert await within(20.0, waits()) == 7


async def test_what_takes_too_long_is_stopped_inside() -> None:
    stopped = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.append(True)
            raise

    with pytest.raises(TimeoutError):
        await within(0.01, waits())
    assert stopped == [True]


async def test_who_is_cancelled_is_cancelled_inside_and_may_end_with_a_result() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "ended"
        return "never"

    task = asyncio.create_task(within(None, stubborn()))
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "ended"


async def test_any_awaitable_will_do() -> None:
    class Awaits:
        def __await__(self) -> Generator[object, None, str]:
            yield from asyncio.sleep(0).__await__()
            return "there"

    assert await within(20.0, Awaits()) == "there"
