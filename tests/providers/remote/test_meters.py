"""Meters never hold less than nothing or more than all, refill at their rate, and survive being kept as text."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.providers.remote.meters import Bucket, Limit, Meter, Window, meter_of

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC).timestamp()
REQUESTS = Limit("requests", 1000, 86_400)
TOKENS = Limit("tokens", 8000, 60)
NEURONS = Limit("neurons", 10_000, 86_400, "trailing", "service")
DOLLARS = Limit("dollars", 0.1, 30 * 86_400, "month", "service")
LIMITS = (REQUESTS, TOKENS, NEURONS, DOLLARS)

limits = st.sampled_from(LIMITS)
shares = st.floats(0, 1.5)
steps = st.lists(st.tuples(st.sampled_from(["spend", "told", "short", "resize", "back"]), shares, st.floats(0, 90_000)))


def stepped(meter: Meter, step: str, amount: float, now: float) -> Meter:
    match step:
        case "spend":
            return meter.spend(amount, now)
        case "told":
            return meter.told(amount, now - 1, now)
        case "short":
            return meter.short(amount, None, now)
        case "resize":
            return meter.resized(amount + 0.01, now)
    return meter


def kept(meter: Meter, limit: Limit, now: float) -> Meter:
    return meter_of(limit, json.loads(json.dumps(meter.data(limit))), now)


@given(limits, steps)
def test_a_meter_is_never_below_nothing_or_above_all(limit: Limit, done: list[tuple[str, float, float]]) -> None:
    meter, now = meter_of(limit, None, NOW), NOW
    for step, share, seconds in done:
        now += -seconds if step == "back" else seconds
        meter = stepped(meter, step, share * limit.amount, now)
        left = meter.left(now)
        assert 0 <= left <= meter.limit.amount
        assert meter.left(now + 40 * 86_400) == pytest.approx(meter.limit.amount)
        assert 0 <= meter.full_in(now) <= 32 * 86_400


@given(limits, steps)
def test_a_meter_that_was_kept_is_the_same(limit: Limit, done: list[tuple[str, float, float]]) -> None:
    meter, now = meter_of(limit, None, NOW), NOW
    for step, share, seconds in done:
        now += seconds
        meter = stepped(meter, step, share * limit.amount, now)
    again = kept(meter, limit, now)
    assert again.limit == meter.limit
    assert again.data(limit) == meter.data(limit)
    assert again.left(now) == meter.left(now)


@given(st.sampled_from([REQUESTS, TOKENS]), st.floats(0, 1), st.floats(0, 2))
def test_a_bucket_refills_exactly_at_its_rate(limit: Limit, spent: float, waited: float) -> None:
    bucket = Bucket(limit, limit.amount).spend(spent * limit.amount, NOW)
    seconds = waited * limit.seconds
    expected = min(limit.amount, limit.amount * (1 - spent + waited))
    assert bucket.left(NOW + seconds) == pytest.approx(expected, abs=limit.amount * 1e-6)


@given(limits, steps, shares)
def test_what_is_waited_for_is_there_then(limit: Limit, done: list[tuple[str, float, float]], share: float) -> None:
    meter, now = meter_of(limit, None, NOW), NOW
    for step, spent, seconds in done:
        now += seconds
        meter = stepped(meter, step, spent * limit.amount, now)
    amount = share * limit.amount
    wait = meter.wait(amount, now)
    if amount > meter.limit.amount * 1.000001:
        assert wait == math.inf
    else:
        # Times since the epoch are exact to a quarter of a microsecond.
        assert meter.left(now + wait + 1e-5) >= amount - limit.amount * 1e-6


@pytest.mark.parametrize(
    ("limit", "used", "full_in"),
    # What a service's documents, an answer of it, and a refusal of it say.
    [(Limit("requests", 14_400, 86_400), 30, 179.56), (Limit("tokens", 8000, 60), 86, 0.644)],
)
def test_buckets_fill_as_the_service_says(limit: Limit, used: float, full_in: float) -> None:
    assert Bucket(limit, limit.amount).spend(used, NOW).full_in(NOW) == pytest.approx(full_in, abs=0.45)


def test_a_refusal_with_a_wait_says_how_little_was_there() -> None:
    bucket = Bucket(Limit("tokens", 1000, 60), 1000).short(981, 3.179999999, NOW)
    assert bucket.left(NOW) == pytest.approx(1000 - 72, abs=0.01)
    assert bucket.wait(981, NOW) == pytest.approx(3.18)
    assert Bucket(TOKENS, 8000).short(240, None, NOW).left(NOW) == 0
    assert Bucket(TOKENS, 20, NOW).short(240, 0.1, NOW).left(NOW) == 20


def test_an_answer_that_was_overtaken_raises_nothing() -> None:
    bucket = Bucket(REQUESTS, 10, NOW).told(4, NOW - 1, NOW)
    assert bucket.left(NOW) == 4
    assert bucket.told(9, NOW - 0.5, NOW).left(NOW) == 4
    assert bucket.told(3, NOW - 0.5, NOW).left(NOW) == 3
    assert bucket.told(9, NOW + 0.5, NOW + 1).left(NOW + 1) == 9


def test_a_limit_that_the_service_tells_counts_and_what_was_used_stays_used() -> None:
    bucket = Bucket(REQUESTS, 1000).spend(300, NOW).resized(14_400, NOW)
    assert bucket.left(NOW) == pytest.approx(14_100)
    assert kept(bucket, REQUESTS, NOW).limit.amount == 14_400
    # One that it did not tell follows the configuration.
    spent = Bucket(REQUESTS, 1000).spend(300, NOW)
    assert meter_of(Limit("requests", 50, 86_400), spent.data(REQUESTS), NOW).left(NOW) == 50


def test_a_day_of_neurons_slides() -> None:
    window: Meter = Window(NEURONS).spend(6000, NOW).spend(3000, NOW + 7200)
    assert window.left(NOW + 7200) == 1000
    assert window.left(NOW + 86_400) == 1000
    assert window.left(NOW + 86_400 + 900) == 7000
    assert window.wait(2000, NOW + 7200) == pytest.approx(86_400 + 900 - 7200)
    assert window.full_in(NOW + 7200) == pytest.approx(86_400 + 900)
    assert window.left(NOW + 86_400 + 900 + 7200) == 10_000


def test_a_day_of_neurons_is_kept_small() -> None:
    window: Meter = Window(NEURONS)
    for minute in range(0, 3 * 1440, 5):
        window = window.spend(1.617, NOW + 60 * minute)
    assert len(json.dumps(window.data(NEURONS))) < 4200
    assert window.left(NOW + 3 * 86_400) == pytest.approx(10_000 - 1.617 * 12 * 24, abs=1.617 * 4)


def test_a_window_follows_what_the_service_says() -> None:
    window = Window(NEURONS).spend(6000, NOW)
    assert window.told(1000, NOW, NOW + 60).left(NOW + 60) == pytest.approx(1000)
    assert window.told(9000, NOW, NOW + 60).left(NOW + 60) == pytest.approx(9000)


def test_a_month_of_money_comes_back_on_the_first() -> None:
    window: Meter = Window(DOLLARS).spend(0.08, NOW)
    first = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    assert window.left(first - 1) == pytest.approx(0.02)
    assert window.wait(0.05, NOW) == first - NOW
    assert window.left(first) == 0.1
    assert window.wait(0.2, NOW) == math.inf


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize(
    "damaged",
    [None, 7, "x", [], [1], [1, 2, 3, 4, 5, 6, 7], [None] * 4, [-1, 0, 0, 0], [True] * 4, [1e300] * 4, [10**400] * 4],
)
def test_what_cannot_be_read_begins_anew(limit: Limit, damaged: Any) -> None:
    assert meter_of(limit, damaged, NOW).left(NOW) == limit.amount


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    ahead = Bucket(TOKENS, 8000).spend(8000, NOW + 1e7)
    assert kept(ahead, TOKENS, NOW).left(NOW) == 0
    assert kept(ahead, TOKENS, NOW).spend(0, NOW).left(NOW + 60) == 8000
    assert kept(Window(NEURONS).spend(9000, NOW + 1e7), NEURONS, NOW).left(NOW) == 10_000
