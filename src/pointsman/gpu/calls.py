"""Calls to servers that end: each has a limit, and whatever goes wrong has one of our names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from pointsman.core.errors import ModelFailed, PointsmanError, Unreachable

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


async def within(seconds: float, call: Coroutine[Any, Any, T], sleep: Sleep, *, who: str) -> T:
    """What a call gives, or Unreachable when it has not ended by then; foreign errors become ModelFailed.

    The call is told to stop when its time is over, and not waited for: it may be one that never does.
    """
    asked = asyncio.ensure_future(call)
    timer = asyncio.ensure_future(until(sleep, seconds))
    try:
        await asyncio.wait({asked, timer}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return asked.result()
    except (PointsmanError, asyncio.CancelledError):
        raise
    except Exception as error:
        raise ModelFailed(f"{who} failed: {error!r}", cure=f"look into the log of {who}") from error
    finally:
        timer.cancel()
        if not asked.done():
            asked.cancel()
    raise Unreachable(
        f"{who} did not answer within {seconds:g} s", cure=f"look whether {who} is stuck, and restart it if it is"
    )


async def until(sleep: Sleep, seconds: float) -> None:
    """Waits, whatever kind of awaitable `sleep` gives."""
    await sleep(seconds)
