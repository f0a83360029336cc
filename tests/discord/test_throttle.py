"""Edits of one message: never too often, never out of order, and the last state is always written."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.discord.throttle import Throttle

EVERY = 1.2


class Watch:
    """A clock that is stepped."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class World:
    """One message, whose edits take a while and may be refused."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.throttle: Throttle[str] = Throttle(EVERY, self.watch)
        self.begun: list[float] = []
        self.written: list[str] = []
        self.writing: str | None = None
        self.not_before = 0.0

    def do(self, step: tuple[str, float]) -> None:
        what, amount = step
        if what == "put":
            self.throttle.put(f"state {amount}")
        elif what == "time":
            self.watch.now += amount
        elif what == "begin" and (state := self.throttle.take()) is not None:
            assert self.writing is None
            assert self.watch.now >= self.not_before
            self.writing = state
            self.begun.append(self.watch.now)
        elif what == "wrote" and self.writing is not None:
            self.written.append(self.writing)
            self.writing = None
            self.throttle.wrote()
        elif what == "failed" and self.writing is not None:
            self.writing = None
            self.not_before = self.watch.now + amount
            self.throttle.failed(amount)


STEPS = st.lists(st.tuples(st.sampled_from(["put", "time", "begin", "wrote", "failed"]), st.floats(0, 5)), max_size=60)


@settings(deadline=None)
@given(STEPS, st.sampled_from(["wrote", "failed"]))
def test_whatever_happens_edits_are_apart_and_the_last_state_is_written(
    steps: list[tuple[str, float]], ended: str
) -> None:
    world = World()
    for step in (*steps, (ended, 0.5), ("put", 99.0)):
        world.do(step)
    for _ in range(3):
        wait = world.throttle.wait()
        if wait is not None:
            world.watch.now += wait
            world.do(("begin", 0.0))
            world.do(("wrote", 0.0))
    assert world.written[-1] == "state 99.0"
    assert world.throttle.wait() is None
    assert all(later - earlier >= EVERY - 1e-9 for earlier, later in pairwise(world.begun))


def throttle_at(watch: Watch) -> Throttle[str]:
    return Throttle(EVERY, watch)


def test_the_first_is_written_at_once_and_what_follows_is_put_together() -> None:
    watch = Watch()
    throttle = throttle_at(watch)
    assert throttle.wait() is None
    throttle.put("a")
    assert throttle.wait() == 0
    assert throttle.take() == "a"
    throttle.put("ab")
    throttle.put("abc")
    assert throttle.wait() is None
    throttle.wrote()
    assert throttle.take() is None
    watch.now += EVERY
    assert throttle.take() == "abc"


def test_what_discord_refuses_is_written_when_it_says() -> None:
    watch = Watch()
    throttle = throttle_at(watch)
    throttle.put("a")
    throttle.take()
    throttle.failed(4.0)
    assert throttle.wait() == 4.0
    watch.now += 4.0
    assert throttle.take() == "a"


def test_what_is_newer_takes_the_place_of_what_was_refused() -> None:
    watch = Watch()
    throttle = throttle_at(watch)
    throttle.put("a")
    throttle.take()
    throttle.put("ab")
    throttle.failed()
    watch.now += EVERY
    assert throttle.take() == "ab"


def test_a_channel_that_is_full_holds_back_all_its_messages() -> None:
    watch = Watch()
    throttle = throttle_at(watch)
    throttle.put("a")
    throttle.later(3.0)
    throttle.later(1.0)
    assert throttle.wait() == 3.0


def test_going_back_to_what_is_shown_needs_no_edit() -> None:
    watch = Watch()
    throttle = throttle_at(watch)
    throttle.put("a")
    throttle.take()
    throttle.put("ab")
    throttle.put("a")
    throttle.wrote()
    assert throttle.wait() is None
