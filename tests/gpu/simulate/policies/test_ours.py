"""Our schedule on the simulated card: it is driven as the arbiter drives it, and keeps its promises there."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.gpu import ledger
from pointsman.gpu.simulate.generate import Mix, generate
from pointsman.gpu.simulate.policies.ours import DEVICE, Hinted, Pointsman
from pointsman.gpu.simulate.scene import GB, IMAGE, LLM, SMALL, Scene
from pointsman.gpu.simulate.trace import Event
from pointsman.gpu.simulate.world import World
from pointsman.gpu.state import Action, Load, Release

SCENE = Scene()
TIMING = SCENE.timing
# Games come four times as often as they do by default, so that two hours hold some of each size.
MIX = Mix(between_games=1200.0, game_seconds=(300.0, 1200.0))


class Watched(Pointsman):
    """Looks at every action, with what was there when it began."""

    def carry_out(self, action: Action) -> None:
        match action:
            case Load(rung=rung, job=job):
                kinds = {self._requests[job].event.kind} if job else set()
                assert kinds <= ({"image"} if rung.tenant == IMAGE else {"chat"})
                assert ledger.room(self.state, self.state.cards[DEVICE]) >= 0
            case Release(tenant=tenant):
                assert not self.state.tenants[tenant].leases
        super().carry_out(action)
        ours = self.world.wanted - self.world.external
        assert ours <= ledger.booked(self.state, DEVICE)


class Restless(Pointsman):
    """Looks every second, whether anything can come of it or not."""

    def quiet(self) -> bool:
        return False


class RestlessHinted(Restless, Hinted):
    """The same with hints."""


def played(made: type[Pointsman], *trace: Event, scene: Scene = SCENE) -> World:
    world = World(scene, trace, random.Random(3))
    world.play(trace, made(world).arrived)
    return world


def chat(t: float, conversation: str = "") -> Event:
    return Event(t, "chat", tokens=300, conversation=conversation)


def image(t: float) -> Event:
    return Event(t, "image", steps=8)


def game(t: float, size: int, seconds: float) -> Event:
    return Event(t, "external", seconds=seconds, bytes=size * GB, ramp=20.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hours_with_many_games_keep_every_promise(seed: int) -> None:
    day = generate(random.Random(seed), 2, MIX)
    tally = played(Watched, *day).tally
    assert tally.answered == tally.asked == sum(event.kind != "external" for event in day)
    assert (tally.overcommits, tally.spilled, tally.refused) == (0, set(), 0)
    assert {answer.touched for answer in tally.answers if answer.kind == "image"} == {SCENE.image}


@pytest.mark.parametrize(("made", "restless"), [(Pointsman, Restless), (Hinted, RestlessHinted)])
def test_looks_that_are_left_out_change_nothing(made: type[Pointsman], restless: type[Pointsman]) -> None:
    day = generate(random.Random(4), 1, MIX)
    assert played(made, *day).tally == played(restless, *day).tally


def test_both_stay_where_both_fit() -> None:
    world = played(Pointsman, *(event for t in range(0, 3000, 150) for event in (chat(t), image(t + 75))))
    assert world.tally.loads == 2
    assert set(world.held) == {LLM, IMAGE}
    assert max(answer.seconds for answer in world.tally.answers[2:]) == pytest.approx(TIMING.picture(image(0)))


def test_a_picture_takes_the_card_from_the_idle_llm_where_both_do_not_fit() -> None:
    world = played(Pointsman, chat(0), image(100), scene=Scene(llm=20 * GB))
    assert set(world.held) == {IMAGE}
    shortest = TIMING.release + TIMING.load(SCENE.image, cached=False) + TIMING.picture(image(0))
    # The memory is seen to be back at the next of four looks a second.
    assert shortest - 1e-6 <= world.tally.answers[1].seconds <= shortest + 0.5


def test_beside_a_game_that_leaves_no_room_the_small_model_answers_and_later_the_main_one_again() -> None:
    world = played(Pointsman, chat(0), game(100, 9, 600), chat(300), chat(1000))
    first, second, third = world.tally.answers
    assert [it.degraded for it in (first, second, third)] == [False, True, False]
    assert second.touched == world.sizes[SMALL]
    assert world.tally.overcommits == 0


def test_a_trace_can_name_its_own_models() -> None:
    day = (
        Event(0.0, "chat", seconds=4.0, bytes=9 * GB, name="ollama:one"),
        Event(60.0, "chat", seconds=4.0, bytes=9 * GB, name="llamacpp:two"),
        Event(120.0, "image", seconds=6.0, bytes=8 * GB, name="comfyui:flux"),
    )
    world = played(Pointsman, *day)
    assert world.tally.answered == 3
    assert world.tally.loads == 3
    assert "comfyui:flux" in world.held


def requests() -> st.SearchStrategy[tuple[Event, ...]]:
    times = st.floats(0, 900).map(lambda value: round(value, 1))
    events = st.one_of(
        st.builds(Event, t=times, kind=st.just("chat"), tokens=st.integers(1, 900), conversation=st.sampled_from("ab")),
        st.builds(Event, t=times, kind=st.just("image"), steps=st.integers(1, 20)),
        st.builds(
            Event,
            t=times,
            kind=st.just("external"),
            seconds=st.floats(30, 600),
            bytes=st.integers(1, 16).map(lambda size: size * GB),
            ramp=st.just(20.0),
        ),
    )
    return st.lists(events, min_size=1, max_size=25).map(lambda it: tuple(sorted(it, key=lambda event: event.t)))


@settings(max_examples=60, deadline=None)
@given(requests())
def test_whatever_is_asked_is_answered_or_refused_once(day: tuple[Event, ...]) -> None:
    tally = played(Watched, *day).tally
    assert tally.answered + tally.refused == tally.asked


def test_hints_are_drawn_from_the_seed() -> None:
    day = generate(random.Random(5), 1, MIX)
    assert played(Hinted, *day).tally == played(Hinted, *day).tally != played(Pointsman, *day).tally
