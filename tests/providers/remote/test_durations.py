"""How long services say to wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.providers.remote.durations import (
    LONGEST,
    SECONDS_IN,
    Allowance,
    allowance,
    go_duration,
    moment,
    retry_after,
    seconds_in,
    until,
)

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2m59.56s", 179.56),
        ("644ms", 0.644),
        ("1m26.4s", 86.4),
        ("24h0m0s", 86_400),
        ("3.179999999s", 3.179999999),
        ("18m43.2s", 1123.2),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("250μs", 0.00025),
        ("5ns", 5e-9),
        ("1h1m1s1ms", 3661.001),
        ("0s", 0),
        (" 7s ", 7),
        ("999999h", LONGEST),
    ],
)
def test_go_writes_durations_so(text: str, seconds: float) -> None:
    assert go_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "s", "-5s", "5 s", "5d", "1m 2s", "٣s", "1.s", "nan", "inf", "9" * 400 + "s"]
)
def test_nothing_else_is_a_duration(text: str) -> None:
    assert go_duration(text) is None


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(sorted(SECONDS_IN))), min_size=1, max_size=6))
def test_a_duration_is_the_sum_of_its_parts(parts: list[tuple[int, str]]) -> None:
    expected = min(sum(number * SECONDS_IN[unit] for number, unit in parts), LONGEST)
    assert go_duration("".join(f"{number}{unit}" for number, unit in parts)) == pytest.approx(expected)


@given(st.text(max_size=200))
def test_whatever_stands_in_a_header_is_a_sensible_wait_or_none(text: str) -> None:
    for seconds in (retry_after({"retry-after": text}, NOW.timestamp()), seconds_in(text), go_duration(text)):
        assert seconds is None or 0 <= seconds <= LONGEST
    allowance({"ratelimit": text, "ratelimit-policy": text})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("87", 87.0), ("1.5", 1.5), ("-3", 0.0), ("0", 0.0), ("1m2s", 62.0), ("99999999999", LONGEST)],
)
def test_retry_after_is_a_number_of_seconds(value: str, seconds: float) -> None:
    assert retry_after({"retry-after": value}, 0.0) == seconds


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "1e3", "Thu, 99 Foo 2026 99:99:99 GMT"])
def test_anything_else_is_no_wait(value: str) -> None:
    assert retry_after({"retry-after": value}, 0.0) is None


def test_milliseconds_are_more_precise() -> None:
    assert retry_after({"retry-after-ms": "250", "retry-after": "1"}, 0.0) == 0.25


@pytest.mark.parametrize("skew", [timedelta(0), timedelta(hours=5), timedelta(days=-400)])
def test_a_date_counts_from_the_services_own_clock(skew: timedelta) -> None:
    headers = {
        "date": format_datetime(NOW, usegmt=True),
        "retry-after": format_datetime(NOW + timedelta(seconds=90), True),
    }
    assert retry_after(headers, (NOW + skew).timestamp()) == 90


def test_a_date_counts_from_ours_where_the_service_has_none() -> None:
    at = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    assert retry_after({"retry-after": at}, NOW.timestamp()) == 90
    assert retry_after({"retry-after": at, "date": "nonsense"}, NOW.timestamp()) == 90
    assert retry_after({"retry-after": at}, (NOW + timedelta(days=1)).timestamp()) == 0
    assert retry_after({"retry-after": at}, (NOW - timedelta(days=99)).timestamp()) == LONGEST


def test_a_moment_without_a_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert moment("Mon, 23 Nov 2026 10:00:00 -0000") == NOW.timestamp()
    assert moment("Mon, 23 Nov 2026 10:00:00 GMT") == NOW.timestamp()
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(37.0, 37), (1_795_428_030.0, 30), (1_795_428_030_000.0, 30), (-1, None), (float("inf"), None)],
)
def test_moments_come_as_seconds_or_milliseconds(value: float, seconds: float | None) -> None:
    assert until(value, 1_795_428_000.0) == seconds


def test_the_limits_header_tells_what_is_left_and_until_when() -> None:
    headers = {"ratelimit": '"api";r=0;t=55', "ratelimit-policy": '"fixed window";"api";q=500;w=300'}
    assert allowance(headers) == Allowance(left=0, resets=55, limit=500, window=300)
    assert allowance({}) == Allowance()
