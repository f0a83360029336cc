"""Loads and unloads: they outlive whoever asked, are shared, and do not reload what is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.core.deadline import seconds_left, within
from pointsman.core.errors import ModelFailed, OutOfMemory, UnknownModel, Unreachable
from pointsman.providers.ollama.asking import ChatAsk, ChatMessage, Setup
from pointsman.providers.ollama.detached import Detached
from pointsman.providers.ollama.keep_alive import ALONE
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.testing.ollama import Mishap

LARGE = Setup("qwen3:14b", RunnerOptions(4096), -1.0)


async def test_a_load_tells_how_long_it_took_and_a_warm_one_is_not_cold(slow: Any) -> None:
    end = await slow.time.until(asyncio.create_task(slow.client.preload(LARGE)))
    assert end.load_seconds == pytest.approx(slow.time.now)
    assert end.load_seconds > 5
    assert end.cold
    again = await slow.time.until(asyncio.create_task(slow.client.preload(LARGE)))
    assert not again.cold
    assert slow.fake.residency.counts.loads == 1


async def test_who_loses_patience_does_not_have_the_load_dropped(slow: Any) -> None:
    waiting = asyncio.create_task(slow.client.preload(LARGE))
    await slow.fake.until(lambda: bool(slow.names))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await slow.time.settle()
    assert slow.fake.in_flight == 1
    await slow.time.go_on(60.0)
    assert slow.fake.residency.counts.aborted == 0
    running = await slow.client.is_loaded("qwen3:14b")
    assert running is not None
    assert running.expires is None


async def test_a_chat_that_is_left_while_it_loads_does_have_it_dropped(slow: Any) -> None:
    """Why loads are detached."""

    async def talk() -> None:
        async for _ in slow.client.chat(ChatAsk(LARGE, [ChatMessage("user", "hi")])):
            pass

    waiting = asyncio.create_task(talk())
    await slow.fake.until(lambda: bool(slow.names))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await slow.fake.until(lambda: not slow.fake.in_flight)
    assert slow.fake.residency.counts.aborted == 1


async def test_the_same_load_is_shared(slow: Any) -> None:
    tasks = [asyncio.create_task(slow.client.preload(LARGE)) for _ in range(3)]
    await slow.time.settle()
    assert len(slow.bodies) == 1
    for task in tasks:
        assert (await slow.time.until(task)).cold


async def test_embedding_models_are_loaded_in_their_own_way(place: Any) -> None:
    setup = Setup("all-minilm", RunnerOptions(256), -1.0)
    for _ in range(2):
        await place.client.preload(setup)
    assert [asked.path for asked in place.fake.requests] == ["/api/chat", "/api/embed", "/api/embed"]
    assert place.names == {"all-minilm:latest"}
    await place.client.unload("all-minilm")
    assert not place.names


async def test_a_keep_alive_of_zero_does_not_turn_a_load_into_an_unload(place: Any) -> None:
    await place.client.preload(LARGE.kept(0.0))
    assert place.names == {"qwen3:14b"}
    assert place.bodies[-1]["keep_alive"] == ALONE


async def test_unloading_what_is_not_there(place: Any) -> None:
    await place.client.unload("qwen3:14b")
    with pytest.raises(UnknownModel):
        await place.client.unload("nope")


async def test_an_unload_returns_before_the_memory_is_free(slow: Any) -> None:
    await slow.time.until(asyncio.create_task(slow.client.preload(LARGE)))
    await slow.client.unload("qwen3:14b")
    assert await slow.client.is_loaded("qwen3:14b") is None
    assert slow.card.used > 9e9
    await slow.time.go_on(1.0)
    assert slow.card.used == 0


@pytest.mark.parametrize(
    ("kind", "error"), [("load_oom", OutOfMemory), ("load_crash", ModelFailed), ("load_timeout", ModelFailed)]
)
async def test_loads_that_fail(place: Any, kind: Any, error: type[Exception]) -> None:
    place.fake.residency.mishaps.extend([Mishap(kind)] * 2)
    with pytest.raises(error) as told:
        await place.client.preload(LARGE)
    assert type(told.value) is error
    place.fake.residency.mishaps.clear()
    await place.client.preload(LARGE)


async def test_another_context_reloads_and_says_so(place: Any) -> None:
    await place.client.preload(LARGE)
    await place.client.preload(Setup("qwen3:14b", RunnerOptions(8192), -1.0))
    assert place.fake.residency.counts.reloads == 1


async def test_closing_ends_a_load_and_says_so_to_who_waits(slow: Any) -> None:
    waiting = asyncio.create_task(slow.client.preload(LARGE))
    await slow.fake.until(lambda: bool(slow.names))
    await slow.client.close()
    with pytest.raises(Unreachable, match="closed"):
        await waiting
    await slow.fake.until(lambda: not slow.fake.in_flight)


async def test_work_in_the_background_has_no_deadline_of_a_message() -> None:
    detached = Detached()

    async def left() -> float:
        return seconds_left()

    with within(1.0):
        assert await detached.run("it", left) == float("inf")
        assert seconds_left() <= 1.0


async def test_a_failure_for_which_nobody_waits_is_let_be() -> None:
    detached = Detached()
    begin = asyncio.Event()

    async def fail() -> None:
        await begin.wait()
        raise ValueError("nobody hears this")

    waiting = asyncio.create_task(detached.run("it", fail))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    begin.set()
    for _ in range(5):
        await asyncio.sleep(0)

    async def work() -> int:
        return 7

    assert await detached.run("it", work) == 7


async def test_what_failed_is_tried_anew() -> None:
    detached = Detached()
    tries: list[int] = []

    async def work() -> int:
        tries.append(7)
        if len(tries) == 1:
            raise ValueError("once")
        return tries[-1]

    with pytest.raises(ValueError, match="once"):
        await detached.run("it", work)
    assert await detached.run("it", work) == 7
