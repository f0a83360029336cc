"""Limits that refill all the time, and durations as Go writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.testing.clouds.buckets import DAY, MINUTE, Bucket, go_duration
from pointsman.testing.clouds.spoiling import seconds_of


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"),
        (1e-9, "1ns"),
        (1.5e-6, "1.5µs"),
        (0.644, "644ms"),
        (0.0005, "500µs"),
        (1, "1s"),
        (3.36, "3.36s"),
        (3.179999999, "3.179999999s"),
        (60, "1m0s"),
        (86.4, "1m26.4s"),
        (179.56, "2m59.56s"),
        (324.432, "5m24.432s"),
        (1123.2, "18m43.2s"),
        (86_400, "24h0m0s"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert go_duration(seconds) == written


@given(st.integers(min_value=0, max_value=10**15))
def test_a_duration_is_read_as_it_was_written(nanos: int) -> None:
    assert seconds_of(go_duration(nanos / 1e9)) == pytest.approx(nanos / 1e9, abs=1e-6)


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("limit", "per", "used", "wanted", "wait"),
    [
        (1_000, MINUTE, 72, 981, 3.18),
        (8_000, MINUTE, 7_996, 452, 3.36),
        (200_000, DAY, 199_248, 1_503, 324.432),
        (1_000, DAY, 1_000, 1, 86.4),
        (30, MINUTE, 29, 1, 0),
    ],
)
def test_how_long_until_it_fits(limit: int, per: float, used: int, wanted: int, wait: float) -> None:
    time = Time()
    bucket = Bucket(limit, per, time)
    bucket.use(used)
    assert bucket.wait(wanted) == pytest.approx(wait)
    time.now += bucket.wait(wanted)
    assert bucket.wait(wanted) == 0


def test_a_clock_that_goes_back_changes_nothing() -> None:
    time = Time()
    bucket = Bucket(60, MINUTE, time)
    bucket.use(30)
    time.now = -1_000.0
    assert bucket.remaining == 30
    time.now = -990.0
    assert bucket.remaining == 40


@given(
    st.lists(st.tuples(st.floats(0, 120), st.integers(1, 20)), min_size=1, max_size=60),
    st.integers(20, 60),
)
def test_never_more_than_the_limit_and_what_came_back(calls: list[tuple[float, int]], limit: int) -> None:
    time = Time()
    bucket = Bucket(limit, MINUTE, time)
    taken = 0
    for pause, wanted in calls:
        time.now += pause
        if bucket.wait(wanted) == 0:
            bucket.use(wanted)
            taken += wanted
        assert 0 <= bucket.remaining <= limit
        assert bucket.used <= limit + 1e-3
    assert taken <= limit + time.now * limit / MINUTE + 1e-3
