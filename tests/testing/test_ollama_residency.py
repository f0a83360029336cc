"""The fake Ollama's scheduler: eviction in its own order, spills, loads one at a time, memory that comes back late."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.ollama import LIBRARY, REAL, Limits, Mishap, OllamaFile, Pace, PatientTime, Residency, Runner
from pointsman.testing.ollama.mishaps import Refusal
from pointsman.testing.ollama.models import default_context
from pointsman.testing.ollama.runner import owner_of

SMALL, LARGE, HUGE = LIBRARY["qwen3:4b"], LIBRARY["qwen3:14b"], LIBRARY["qwen3:30b"]
CTX = {"num_ctx": 4096}
INF = float("inf")


class Box:
    """A residency on a card, with its clock."""

    def __init__(self, total: int = 24 * GIB, *, limits: Limits | None = None, pace: Pace = REAL) -> None:
        self.time = PatientTime()
        self.card = FakeCard(total, self.time)
        self.held = Residency(self.card, clock=self.time, sleep=self.time.sleep, limits=limits, pace=pace)

    async def use(self, file: OllamaFile, keep: float | None = INF, **options: Any) -> Runner:
        """Loads a model if need be, and stops using it."""
        runner = await self.take(file, keep, **options)
        self.held.release(runner)
        return runner

    async def take(self, file: OllamaFile, keep: float | None = INF, **options: Any) -> Runner:
        return await self.time.until(asyncio.create_task(self.held.acquire(file, {**CTX, **options}, keep)))

    @property
    def names(self) -> set[str]:
        return set(self.held.runners)


async def test_a_load_takes_memory_and_time() -> None:
    box = Box()
    runner = await box.use(LARGE)
    assert box.time.now == pytest.approx(1 + runner.size / 2e9)
    assert runner.size == runner.on_card == LARGE.taken(4096, 1)
    assert box.card.held_by("ollama:qwen3:14b") == runner.size + box.held.limits.around


async def test_a_model_leaves_the_list_before_its_memory_is_back() -> None:
    box = Box()
    await box.use(LARGE)
    box.held.expire(LARGE.full_name)
    assert not box.names
    assert box.card.used > 9e9
    box.time.now += REAL.release
    assert box.card.used == 0


async def test_who_is_in_use_goes_when_it_is_not() -> None:
    box = Box()
    runner = await box.take(LARGE)
    box.held.expire(LARGE.full_name)
    assert box.names == {LARGE.full_name}
    box.held.release(runner)
    assert not box.names


async def test_keep_alive_ends_by_the_clock() -> None:
    box = Box()
    await box.use(SMALL, 300.0)
    await box.time.go_on(299.0)
    assert box.names
    await box.time.go_on(2.0)
    assert not box.names
    assert box.card.used == 0


async def test_a_use_meanwhile_prolongs_it_and_none_keeps_what_was_said() -> None:
    box = Box()
    await box.use(SMALL, 300.0)
    await box.time.go_on(200.0)
    await box.use(SMALL, None)
    await box.time.go_on(200.0)
    assert box.names
    await box.use(SMALL, 0.0)
    assert not box.names


async def test_the_shortest_keep_alive_goes_first_and_then_the_name_whatever_its_size_or_use() -> None:
    box = Box(32 * GIB)
    first, second = replace(SMALL, name="b:1"), replace(SMALL, name="a:1")
    await box.use(LARGE, INF)
    await box.use(first, 600.0)
    await box.use(second, 600.0)
    await box.use(HUGE)
    assert box.held.counts.evicted[:2] == ["a:1", "b:1"]
    assert LARGE.full_name not in box.held.counts.evicted[:2]


async def test_a_keep_alive_counts_before_a_name() -> None:
    box = Box(80 * GIB, limits=Limits(loaded=2))
    for name, keep in (("a:1", INF), ("z:1", 600.0), ("b:1", INF)):
        await box.use(replace(SMALL, name=name), keep)
    assert box.held.counts.evicted == ["z:1"]


async def test_a_second_model_may_take_four_fifths_of_what_is_free() -> None:
    box = Box(17 * GIB)
    await box.use(LARGE)
    free = box.card.free
    predicted = SMALL.predicted(4096, 1)
    assert 0.8 * free > predicted
    await box.use(SMALL)
    assert box.names == {LARGE.full_name, SMALL.full_name}
    tight = Box(LARGE.taken(4096, 1) + Limits().around + int(1.1 * predicted))
    await tight.use(LARGE)
    assert tight.card.free > predicted > 0.8 * tight.card.free
    await tight.use(SMALL)
    assert tight.names == {SMALL.full_name}


async def test_alone_it_spills_and_says_nothing_when_others_hold_the_card() -> None:
    box = Box()
    box.card.take("game", 16 * GIB)
    runner = await box.use(LARGE)
    assert 0 < runner.on_card < runner.size
    assert box.held.counts.spills == 1
    assert box.card.most_used <= box.card.total
    full = Box()
    full.card.take("game", int(23.9 * GIB))
    runner = await full.use(LARGE)
    assert runner.on_card == 0
    assert full.card.held_by(owner_of(LARGE)) == 0


async def test_a_game_that_starts_later_is_never_noticed() -> None:
    box = Box()
    await box.use(LARGE)
    box.card.take("game", 12 * GIB)
    assert (await box.use(LARGE)).on_card == LARGE.taken(4096, 1)


@pytest.mark.parametrize(("layers", "share"), [(0, 0.0), (20, 20 / 41), (41, 1.0), (99, 1.0)])
async def test_explicit_layers(layers: int, share: float) -> None:
    runner = await Box().use(LARGE, num_gpu=layers)
    assert runner.on_card == pytest.approx(share * runner.size, rel=1e-6)


async def test_explicit_layers_that_do_not_fit_send_the_others_away_and_then_fail() -> None:
    box = Box(limits=Limits(loaded=2))
    await box.use(SMALL)
    box.card.take("game", 16 * GIB)
    with pytest.raises(Refusal, match="cudaMalloc failed: out of memory") as told:
        await box.use(LARGE, num_gpu=41)
    assert told.value.status == 500
    assert not box.names


async def test_out_of_memory_while_loading_is_tried_once_more() -> None:
    box = Box()
    box.held.mishaps.append(Mishap("load_oom"))
    await box.use(LARGE)
    assert box.held.counts.loads == 2
    box.held.expire(LARGE.full_name)
    box.held.mishaps.extend([Mishap("load_oom"), Mishap("load_oom")])
    with pytest.raises(Refusal, match="out of memory"):
        await box.use(LARGE)
    box.time.now += 1
    assert box.card.used == 0


@pytest.mark.parametrize("option", [{"num_ctx": 8192}, {"num_gpu": 20}, {"num_thread": 4}, {"shift": False}])
async def test_another_option_of_the_load_reloads(option: dict[str, Any]) -> None:
    box = Box()
    await box.use(SMALL)
    await box.use(SMALL, temperature=1.0)
    assert box.held.counts.loads == 1
    await box.use(SMALL, **option)
    assert (box.held.counts.loads, box.held.counts.reloads) == (2, 1)


async def test_automatic_options_do_not_reload() -> None:
    box = Box()
    first = await box.time.until(asyncio.create_task(box.held.acquire(SMALL, {"num_ctx": 8192, "num_gpu": 36}, INF)))
    box.held.release(first)
    again = await box.time.until(asyncio.create_task(box.held.acquire(SMALL, {"num_gpu": -1}, INF)))
    assert again is first


async def test_a_context_is_cut_to_what_the_model_was_made_for() -> None:
    box = Box()
    assert (await box.use(LIBRARY["all-minilm"], num_ctx=4096)).context == 512
    await box.use(LIBRARY["all-minilm"], num_ctx=8192)
    assert box.held.counts.loads == 1


@pytest.mark.parametrize(("gigabytes", "context"), [(8, 4096), (24, 32_768), (48, 262_144)])
def test_the_context_without_a_choice_goes_by_the_card(gigabytes: int, context: int) -> None:
    assert default_context(gigabytes * GIB) == context


async def test_one_load_at_a_time_and_others_wait_behind_it() -> None:
    box = Box()
    tasks = [asyncio.create_task(box.held.acquire(it, CTX, INF)) for it in (LARGE, SMALL)]
    await box.time.settle()
    assert box.names == {LARGE.full_name}
    for task in tasks:
        box.held.release(await box.time.until(task))
    assert box.time.now == pytest.approx(2 + (LARGE.taken(4096, 1) + SMALL.taken(4096, 1)) / 2e9)


async def test_a_loaded_model_need_not_wait_for_the_load_of_another() -> None:
    box = Box()
    await box.use(SMALL)
    loading = asyncio.create_task(box.held.acquire(LARGE, CTX, INF))
    await box.time.settle()
    now = box.time.now
    await box.use(SMALL)
    assert box.time.now == now
    await box.time.until(loading)


async def test_a_load_that_nobody_waits_for_is_dropped() -> None:
    box = Box()
    loading = asyncio.create_task(box.held.acquire(LARGE, CTX, INF))
    await box.time.settle()
    assert box.card.used > 9e9
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)
    assert not box.names
    assert box.held.counts.aborted == 1
    box.time.now += REAL.release
    assert box.card.used == 0
    await box.use(LARGE)


async def test_too_many_in_the_queue() -> None:
    box = Box(limits=Limits(queue=1))
    loading = asyncio.create_task(box.held.acquire(LARGE, CTX, INF))
    await box.time.settle()
    with pytest.raises(Refusal, match=r"server busy, please try again\.  maximum") as told:
        await box.held.acquire(SMALL, CTX, INF)
    assert told.value.status == 503
    await box.time.until(loading)


async def test_at_most_three_models() -> None:
    box = Box(80 * GIB)
    for name in ("a", "b", "c", "d"):
        await box.use(replace(SMALL, name=f"{name}:1"))
    assert box.names == {"b:1", "c:1", "d:1"}


@pytest.mark.parametrize(("kind", "words"), [("load_crash", "has terminated"), ("load_timeout", "timed out waiting")])
async def test_loads_that_fail(kind: Any, words: str) -> None:
    box = Box()
    box.held.mishaps.append(Mishap(kind))
    with pytest.raises(Refusal, match=words):
        await box.use(LARGE)
    assert not box.names
    assert box.held.counts.aborted == 0


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_memory_is_booked_once_and_given_back(seed: int) -> None:
    rng = random.Random(seed)
    box = Box(rng.choice((12, 24, 40)) * GIB, limits=Limits(parallel=2))
    game: list[int] = []
    waiting: list[asyncio.Task[Runner]] = []

    async def use(file: OllamaFile, context: int, keep: float | None, seconds: float) -> Runner:
        runner = await box.held.acquire(file, {"num_ctx": context}, keep)
        try:
            await box.time.sleep(seconds)
        finally:
            box.held.release(runner)
        return runner

    for _ in range(60):
        match rng.randrange(6):
            case 0 | 1 | 2:
                file = rng.choice(tuple(LIBRARY.values()))
                keep = rng.choice((None, 0.0, 5.0, INF))
                waiting.append(asyncio.create_task(use(file, rng.choice((2048, 4096)), keep, rng.uniform(0.1, 9.0))))
            case 3 if waiting:
                rng.choice(waiting).cancel()
            case 4 if not game and box.card.free > 4 * GIB:
                game.append(box.card.take("game", 4 * GIB))
            case 5:
                box.held.expire(rng.choice(tuple(LIBRARY.values())).full_name)
                if game:
                    box.card.give_back(game.pop())
        await box.time.go_on(rng.uniform(0.0, 4.0))
        for runner in box.held.runners.values():
            held = runner.on_card + box.held.limits.around if runner.on_card else 0
            assert box.card.held_by(owner_of(runner.file)) >= held
        assert len(box.names) <= box.held.limits.loaded
    await box.time.go_on(2000.0)
    assert all(task.done() for task in waiting)
    assert {type(it) for it in await asyncio.gather(*waiting, return_exceptions=True)} <= {
        Runner,
        asyncio.CancelledError,
    }
    assert all(runner.users == 0 and runner.duration == INF for runner in box.held.runners.values())
    await box.held.close()
    box.time.now += 10
    assert box.card.used == (4 * GIB if game else 0)


async def test_closing_gives_everything_back() -> None:
    box = Box(pace=Pace())
    await box.use(SMALL, 300.0)
    await box.use(LARGE, INF)
    await box.held.close()
    assert box.card.used == 0


def test_ollama_reckons_with_half_of_some_caches() -> None:
    cache = HUGE.taken(32_768, 1) - HUGE.taken(0, 1)
    assert cache == 32_768 * 98_304
    assert HUGE.predicted(32_768, 1) - HUGE.predicted(0, 1) == cache // 2
    assert HUGE.predicted(4096, 1, 1024) - HUGE.predicted(4096, 1) == 768 * 1024**2
