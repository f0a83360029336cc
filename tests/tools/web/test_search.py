"""Engines in their order: the next one where one fails, the cache, and what is said when none answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pointsman.core.errors import MissingExtra, PointsmanError, ToolFailed
from pointsman.core.faults import ServiceFailed
from pointsman.core.search import Hit
from pointsman.testing.stepped_time import SteppedTime
from pointsman.tools.web.search import MOST_KEPT, Searches

HITS = (Hit("One", "https://one.example/", "a"), Hit("Two", "https://two.example/"))
BROKEN = ServiceFailed("server", "no answer within 10 s", service="searxng", cure="is it running?")


class Scripted:
    """An engine that brings or raises what it was told to, in turn."""

    def __init__(self, name: str, *answers: Sequence[Hit] | PointsmanError) -> None:
        self.name = name
        self.asked: list[tuple[str, int]] = []
        self.closed = 0
        self._answers = answers

    async def search(self, query: str, count: int) -> Sequence[Hit]:
        self.asked.append((query, count))
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if isinstance(answer, PointsmanError):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed += 1
        if not self._answers:
            raise ValueError("does not close")


def searches(*engines: Scripted, time: SteppedTime | None = None, cache: float = 600.0) -> Searches:
    return Searches(engines, cache=cache, clock=time or SteppedTime())


async def test_the_first_that_answers_is_enough() -> None:
    first, second = Scripted("a", HITS), Scripted("b", HITS)
    assert await searches(first, second).search("x", 6) == HITS
    assert (first.asked, second.asked) == ([("x", 6)], [])


async def test_where_one_fails_the_next_is_asked() -> None:
    first, second = Scripted("a", BROKEN), Scripted("b", HITS)
    assert await searches(first, second).search("x", 6) == HITS


async def test_nothing_found_is_an_answer() -> None:
    first, second = Scripted("a", ()), Scripted("b", HITS)
    assert await searches(first, second).search("x", 6) == ()
    assert second.asked == []


async def test_where_all_fail_each_is_named_with_its_cause_and_cure() -> None:
    engines = searches(Scripted("searxng", BROKEN), Scripted("ddgs", MissingExtra("search", "searching with ddgs")))
    with pytest.raises(ToolFailed) as failed:
        await engines.search("x", 6)
    assert "searxng: no answer within 10 s" in failed.value.message
    assert "searching with ddgs needs packages" in failed.value.message
    assert "is it running?" in failed.value.cure
    assert "pip install 'pointsman[search]'" in failed.value.cure


async def test_without_an_engine_the_settings_are_told() -> None:
    with pytest.raises(ToolFailed, match="no search engine is set up") as failed:
        await searches().search("x", 6)
    assert "tools.web_search.searxng" in failed.value.cure


async def test_what_was_found_is_used_again_for_ten_minutes() -> None:
    engine, time = Scripted("a", HITS), SteppedTime()
    kept = searches(engine, time=time)
    await kept.search("Weather  in\nParis ", 6)
    time.now = 599.0
    assert await kept.search("weather in paris", 6) == HITS
    assert engine.asked == [("Weather in Paris", 6)]
    await kept.search("weather in paris", 3)  # not the same question
    time.now = 601.0
    await kept.search("weather in paris", 6)
    assert len(engine.asked) == 3


async def test_nothing_and_failures_are_not_kept() -> None:
    engine = Scripted("a", (), BROKEN, HITS)
    kept = searches(engine)
    assert await kept.search("x", 6) == ()
    with pytest.raises(ToolFailed):
        await kept.search("x", 6)
    assert await kept.search("x", 6) == HITS


async def test_the_cache_is_bounded_and_can_be_off() -> None:
    engine = Scripted("a", HITS)
    kept = searches(engine)
    for number in range(MOST_KEPT + 1):
        await kept.search(f"q{number}", 6)
    await kept.search("q0", 6)
    assert len(engine.asked) == MOST_KEPT + 2
    never = searches(engine, cache=0)
    await never.search("x", 6)
    await never.search("x", 6)
    assert engine.asked[-2:] == [("x", 6), ("x", 6)]


async def test_a_long_query_is_cut() -> None:
    engine = Scripted("a", HITS)
    await searches(engine).search("word " * 500, 6)
    assert len(engine.asked[0][0]) <= 400


async def test_closing_closes_all_even_where_one_does_not() -> None:
    first, broken, last = Scripted("a", HITS), Scripted("b"), Scripted("c", HITS)
    with pytest.raises(ValueError, match="does not close"):
        await searches(first, broken, last).close()
    assert (first.closed, last.closed) == (1, 1)


async def test_cancelling_asks_nobody_else() -> None:
    class Stuck(Scripted):
        async def search(self, query: str, count: int) -> Sequence[Hit]:
            await asyncio.Event().wait()
            return await super().search(query, count)

    second = Scripted("b", HITS)
    task = asyncio.ensure_future(searches(Stuck("a", HITS), second).search("x", 6))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert second.asked == []
