"""The card as discrete events: when memory counts, what others slow down, one run at a time."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pointsman.gpu.simulate.scene import GB, IMAGE, LLM, SMALL, Scene, Timing
from pointsman.gpu.simulate.trace import Event
from pointsman.gpu.simulate.world import Request, World

SCENE = Scene(card=24 * GB, llm=14 * GB, image=7 * GB, timing=Timing(load_overhead=1.0))


def world(scene: Scene = SCENE, *trace: Event) -> World:
    return World(scene, trace, random.Random(1))


def chat(number: int, t: float = 0.0) -> Request:
    return Request(number, Event(t, "chat", tokens=600))


class Scripted:
    """Does with each request, in the order of arrival, what a test says."""

    def __init__(self, *turns: Callable[[Request], None]) -> None:
        self.turns = list(turns)

    def arrived(self, request: Request) -> None:
        self.turns[request.number](request)


def played(made: World, *turns: Callable[[Request], None]) -> World:
    made.play(made.trace, Scripted(*turns).arrived)
    return made


CHAT = Event(0.0, "chat", tokens=600)


def test_a_load_takes_its_bytes_at_once_and_its_time_by_where_the_file_is() -> None:
    made = world(SCENE, CHAT, Event(100.0, "chat", tokens=1))
    there: list[float] = []

    def first(request: Request) -> None:
        made.load(LLM, lambda: there.append(made.now))
        assert (made.phase(LLM), made.wanted) == ("loading", 14 * GB)
        made.at(50, lambda: made.release(LLM, lambda: there.append(made.now)))
        made.at(50.5, lambda: there.append(made.wanted / GB))
        made.answer(request, 0)

    def second(request: Request) -> None:
        assert (made.phase(LLM), made.wanted) == ("cold", 0)

        def loaded() -> None:
            there.append(made.now)
            made.answer(request, 0)

        made.load(LLM, loaded)

    played(made, first, second)
    # 14 GB at 2 GB/s and 1 s; while it gives back, its bytes count; then 14 GB at 6 GB/s.
    assert there == pytest.approx([8.0, 14.0, 51.0, 100 + 1 + 14 / 6])
    assert made.tally.loads == 2
    assert made.tally.overcommits == 0


def test_files_that_do_not_fit_in_the_computers_memory_are_read_again() -> None:
    made = world(Scene(timing=Timing(page_cache_bytes=15 * GB)), Event(0.0, "chat", tokens=1))
    took: list[float] = []

    def load(tenant: str, then: Callable[[], None]) -> Callable[[], None]:
        def begin() -> None:
            since = made.now

            def there() -> None:
                took.append(made.now - since)
                made.release(tenant, then)

            made.load(tenant, there)

        return begin

    def turn(request: Request) -> None:
        load(IMAGE, load(IMAGE, load(LLM, load(IMAGE, lambda: made.answer(request, 0)))))()

    played(made, turn)
    assert took == pytest.approx([1.25 + 3.5, 1.25 + 7 / 6, 1.25 + 7.25, 1.25 + 3.5])


def test_runs_take_turns_in_the_order_in_which_they_came() -> None:
    made = world(SCENE, CHAT, CHAT)
    ends: list[float] = []

    def turn(request: Request) -> None:
        def ran() -> None:
            ends.append(made.now)
            made.answer(request, 5)

        made.run(LLM, 10.0, ran, request)

    played(made, turn, turn)
    assert ends == [10.0, 20.0]
    assert [it.seconds for it in made.tally.answers] == [10.0, 20.0]
    assert not made.tally.spilled


def test_a_run_that_begins_on_a_full_card_is_spilled_and_slower_by_what_is_missing() -> None:
    game = Event(0.0, "external", seconds=1000, bytes=17 * GB)
    made = world(SCENE, game, CHAT)

    def turn(request: Request) -> None:
        made.load(LLM, lambda: made.run(LLM, 10.0, lambda: made.answer(request, 14 * GB), request))

    played(made, turn)
    # 7 of its 14 GB are missing: half way from 2 to 6 times.
    assert made.now == pytest.approx(8.0 + 40.0)
    assert (made.tally.overcommits, made.tally.spilled, made.tally.caught) == (1, {0}, set())
    assert made.tally.squeezed == pytest.approx(48.0)


def test_a_game_that_begins_later_catches_the_run_and_slows_the_rest_of_it() -> None:
    game = Event(13.0, "external", seconds=12.0, bytes=17 * GB)
    made = world(SCENE, CHAT, game)

    def turn(request: Request) -> None:
        made.load(LLM, lambda: made.run(LLM, 10.0, lambda: made.answer(request, 14 * GB), request))

    played(made, turn)
    # 5 s before the game, 12 s at a quarter of the speed, 2 s after it.
    assert made.now == pytest.approx(8.0 + 5.0 + 12.0 + 2.0)
    assert (made.tally.overcommits, made.tally.spilled, made.tally.caught) == (0, set(), {0})


def test_others_grow_over_their_ramp_and_go_at_once() -> None:
    game = Event(10.0, "external", seconds=100.0, bytes=9 * GB + 7, ramp=20.0)
    made = world(SCENE, CHAT, game, Event(200.0, "chat", tokens=1))
    seen: list[tuple[float, int]] = []
    made.changed = lambda: seen.append((made.now, made.external))
    played(made, *[lambda request: made.answer(request, 0)] * 2)
    assert [at for at, _ in seen] == [*[10.0 + step for step in range(20)], 110.0]
    levels = [level for _, level in seen]
    assert levels[:20] == sorted(levels[:20])
    assert max(b - a for a, b in zip([0, *levels], levels[:20], strict=False)) <= 9 * GB / 20 + 1
    assert levels[-2:] == [9 * GB + 7, 0]


def test_what_is_never_answered_ends_the_play() -> None:
    made = world(SCENE, CHAT)

    def tick() -> None:
        made.at(made.now + 3600, tick)

    played(made, lambda _: tick())
    assert (made.tally.asked, made.tally.answered, made.tally.refused) == (1, 0, 0)


def test_sizes_are_those_of_the_trace_where_it_says_them() -> None:
    trace = (
        Event(0, "chat", tokens=1, bytes=3 * GB),
        Event(1, "chat", tokens=1, bytes=5 * GB),
        Event(2, "image", steps=8, name="sdxl"),
        Event(3, "chat", tokens=1, name="llamacpp:tiny", bytes=GB),
        Event(4, "external", seconds=9, bytes=9 * GB, name="game"),
    )
    sizes = SCENE.sizes(trace)
    assert sizes[LLM] == 5 * GB
    assert sizes["comfyui:sdxl"] == SCENE.image
    assert sizes["llamacpp:tiny"] == GB
    assert sizes[SMALL] == SCENE.small
    assert not any("game" in tenant for tenant in sizes)
