"""Counts slide with the hours, percentiles stand on the latest answers, costs follow a change."""

from __future__ import annotations

import json

import pytest

from pointsman.providers.remote.tally import LATEST, Tally, tally_of

HOUR = 3600.0


def test_counts_are_of_the_last_24_hours() -> None:
    tally = Tally()
    for hour in range(30):
        tally.count(hour * HOUR, "server" if hour % 2 else None)
    assert tally.counted(29 * HOUR) == (24, {"server": 12})
    assert tally.counted(40 * HOUR) == (13, {"server": 7})
    assert tally.counted(99 * HOUR) == (0, {})
    assert len(tally.hours) == 24


def test_percentiles_are_of_the_latest_answers_and_need_a_few() -> None:
    tally = Tally()
    for number in range(4):
        tally.answer(number, {})
    assert tally.percentile(0.5) is None
    for number in range(1, 101):
        tally.answer(number / 100, {})
    assert len(tally.times) == LATEST
    assert tally.percentile(0.5) == pytest.approx(0.68)
    assert tally.percentile(0.95) == pytest.approx(0.97)
    assert tally.percentile(1) == pytest.approx(1.0)


def test_the_mean_cost_follows_a_change() -> None:
    tally = Tally()
    tally.answer(0.1, {"tokens": 240})
    assert tally.mean == {"tokens": 240}
    for _ in range(50):
        tally.answer(0.1, {"tokens": 500})
    assert tally.mean["tokens"] == pytest.approx(500, rel=0.01)


def test_it_survives_being_kept() -> None:
    tally = Tally()
    tally.count(1e9, "malformed")
    tally.answer(0.12345, {"neurons": 1.617})
    assert tally_of(json.loads(json.dumps(tally.data()))) == tally
    assert tally_of([{"x": 1, "5": 2, "6": {"calls": "many"}}, [None, 3], {"apples": 3}]) == Tally({5: {}, 6: {}}, [3])
