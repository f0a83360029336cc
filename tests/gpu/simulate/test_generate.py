"""Made-up days: about as much as is promised, and the same for the same seed."""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import mean

import pytest

from pointsman.gpu.simulate.generate import Mix, generate
from pointsman.gpu.simulate.trace import Event, Kind, event_from

DAYS = [generate(random.Random(seed), 8) for seed in range(1, 41)]


def count(day: tuple[Event, ...], kind: Kind) -> int:
    return sum(event.kind == kind for event in day)


@pytest.mark.parametrize(
    ("kind", "about", "within"), [("chat", 175, 18), ("image", 92, 10), ("external", 1 + 4.0, 0.9)]
)
def test_days_hold_about_as_much_as_is_promised(kind: Kind, about: float, within: float) -> None:
    assert mean(count(day, kind) for day in DAYS) == pytest.approx(about, abs=within)


def test_days_are_valid_traces_in_order_of_time() -> None:
    for day in DAYS:
        assert [event.t for event in day] == sorted(event.t for event in day)
        assert all(event_from(event.line().encode(), "here") == event for event in day)
        assert all(0 <= event.t < 8 * 3600 for event in day)


def test_the_seed_is_the_day_and_games_change_nothing_else() -> None:
    again = generate(random.Random(7), 8)
    assert again == DAYS[6] != DAYS[7]
    quiet = generate(random.Random(7), 8, Mix(games=False))
    assert quiet == tuple(event for event in again if event.name != "game")
    assert len(quiet) < len(again)


def test_nobody_answers_what_is_still_being_written() -> None:
    chats = [event for event in DAYS[0] if event.kind == "chat"]
    names = {event.conversation for event in chats}
    assert len(names) < len(chats) / 2
    for name in names:
        turns = [event for event in chats if event.conversation == name]
        for before, after in pairwise(turns):
            assert after.t - before.t >= before.tokens / 60 + Mix().think[0] - 0.01


def test_games_do_not_overlap() -> None:
    for day in DAYS:
        games = [event for event in day if event.name == "game"]
        assert all(a.t + a.seconds <= b.t for a, b in pairwise(games))
