"""The breaker before a search engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pointsman.core.errors import MissingExtra, PointsmanError
from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.core.search import Hit
from pointsman.providers.search_breaker import SearchBreaker
from pointsman.testing.stepped_time import SteppedTime

HITS = (Hit("A", "https://a.example/"),)


class Engine:
    """Brings or raises what `answer` is; `hold` is waited for first."""

    name = "searxng"

    def __init__(self, answer: Sequence[Hit] | PointsmanError) -> None:
        self.answer = answer
        self.asked = 0
        self.closed = False
        self.hold: asyncio.Event | None = None

    async def search(self, query: str, count: int) -> Sequence[Hit]:
        self.asked += 1
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(self.answer, PointsmanError):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        self.closed = True


def fault(kind: FaultKind = "server", wait: float | None = None) -> ServiceFailed:
    return ServiceFailed(kind, "is broken", service="searxng", cure="mend it", wait=wait)


async def broken(breaker: SearchBreaker, times: int = 1) -> ServiceFailed:
    for _ in range(times):
        with pytest.raises(ServiceFailed) as failed:
            await breaker.search("x", 6)
    return failed.value


async def test_three_failures_in_a_row_open_it_for_half_a_minute() -> None:
    engine, time = Engine(fault()), SteppedTime()
    breaker = SearchBreaker(engine, now=time)
    assert (await broken(breaker, 3)).asked
    resting = await broken(breaker)
    assert engine.asked == 3
    assert (resting.asked, resting.message, resting.cure) == (
        False,
        "searxng: not asked for 30 s: is broken",
        "mend it",
    )
    time.now = 30.0
    engine.answer = HITS
    assert await breaker.search("x", 6) == HITS
    assert await breaker.search("x", 6) == HITS


async def test_a_failure_now_and_then_opens_nothing() -> None:
    engine = Engine(fault())
    breaker = SearchBreaker(engine, now=SteppedTime())
    for _ in range(5):
        engine.answer = fault()
        await broken(breaker, 2)
        engine.answer = HITS
        await breaker.search("x", 6)
    assert engine.asked == 15


async def test_a_probe_that_fails_makes_the_rest_longer() -> None:
    engine, time = Engine(fault()), SteppedTime()
    breaker = SearchBreaker(engine, now=time)
    await broken(breaker, 3)
    time.now = 30.0
    await broken(breaker)
    assert "not asked for 60 s" in (await broken(breaker)).message


async def test_one_that_names_a_wait_is_left_alone_for_it() -> None:
    engine, time = Engine(fault("rate_limited", 300.0)), SteppedTime()
    breaker = SearchBreaker(engine, now=time)
    await broken(breaker)
    time.now = 299.0
    assert (await broken(breaker)).wait == 1.0
    time.now = 300.0
    engine.answer = HITS
    assert await breaker.search("x", 6) == HITS


async def test_only_one_call_finds_out() -> None:
    engine, time = Engine(fault()), SteppedTime()
    breaker = SearchBreaker(engine, now=time)
    await broken(breaker, 3)
    time.now = 30.0
    engine.answer, engine.hold = HITS, asyncio.Event()
    probe = asyncio.ensure_future(breaker.search("x", 6))
    await asyncio.sleep(0)
    assert not (await broken(breaker)).asked
    engine.hold.set()
    assert await probe == HITS
    assert engine.asked == 4


async def test_a_probe_that_is_cancelled_leaves_it_to_the_next() -> None:
    engine, time = Engine(fault()), SteppedTime()
    breaker = SearchBreaker(engine, now=time)
    await broken(breaker, 3)
    time.now = 30.0
    engine.answer, engine.hold = HITS, asyncio.Event()
    probe = asyncio.ensure_future(breaker.search("x", 6))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    engine.hold.set()
    assert await breaker.search("x", 6) == HITS


@pytest.mark.parametrize("error", [fault("bad_request"), MissingExtra("search", "ddgs")])
async def test_a_wrong_setting_opens_nothing(error: PointsmanError) -> None:
    engine = Engine(error)
    breaker = SearchBreaker(engine, now=SteppedTime())
    for _ in range(10):
        with pytest.raises(type(error)):
            await breaker.search("x", 6)
    assert engine.asked == 10


async def test_closing_closes_the_engine() -> None:
    engine = Engine(HITS)
    await SearchBreaker(engine).close()
    assert engine.closed
