"""When a day's traffic exhausts a service."""

from __future__ import annotations

import math
import random

import pytest

from pointsman.core.faults import DAY
from pointsman.providers.remote.account import Terms
from pointsman.providers.remote.forecast import Candidate, even, forecast, like_people, most_a_day
from pointsman.providers.remote.meters import Limit

NEURONS = Terms("cloudflare", (Limit("neurons", 10_000, DAY, "trailing", "service"),))
CLEF = Candidate("clef-flash", {"neurons": 1.6})
GROQ = Terms("groq", (Limit("requests", 1000, DAY), Limit("tokens", 8000, 60.0)))
LABEL = Candidate("gpt-oss-20b", {"tokens": 400})


def test_what_fits_is_served() -> None:
    made = forecast(NEURONS, [CLEF], list(even(6000)))
    assert (made.asked, made.served, made.refused, made.first_refused) == (6000, {"clef-flash": 6000}, 0, None)


def test_a_trailing_day_ends_when_it_is_used_up() -> None:
    made = forecast(NEURONS, [CLEF], list(even(12_500)))
    assert made.served["clef-flash"] == 6250
    assert made.first_refused == pytest.approx(DAY / 2, abs=10)
    assert made.short_of == {"quota_exhausted": 6250}


def test_a_bucket_gives_back_all_day_long() -> None:
    made = forecast(GROQ, [LABEL], list(even(4000)))
    # A full bucket, and what refills in the course of the day.
    assert made.served["gpt-oss-20b"] == pytest.approx(2000, abs=2)
    assert made.first_refused == pytest.approx(DAY / 3, rel=0.01)


def test_the_next_model_takes_what_the_first_cannot() -> None:
    made = forecast(GROQ, [LABEL, Candidate("qwen", {"tokens": 400})], list(even(3500)))
    assert made.refused == 0
    assert sum(made.served.values()) == 3500


def test_a_burst_runs_into_the_minute() -> None:
    made = forecast(GROQ, [LABEL], [0.0] * 25)
    assert made.served["gpt-oss-20b"] == 20
    assert made.short_of == {"rate_limited": 5}


def test_how_many_a_day() -> None:
    assert most_a_day(NEURONS, [CLEF]) == pytest.approx(6250)
    assert most_a_day(GROQ, [LABEL, LABEL]) == 2000
    assert most_a_day(Terms("lm"), [CLEF]) == math.inf
    assert most_a_day(Terms("hf", (Limit("dollars", 0.1, 30 * DAY, "month", "service"),)), [
        Candidate("bart", {"dollars": 0.0001}),
    ]) == pytest.approx(1000 / 30)  # fmt: skip


def test_people_are_awake_by_day() -> None:
    arrivals = list(like_people(2400, 10.0, random.Random(1)))
    assert arrivals == sorted(arrivals)
    assert len(arrivals) == pytest.approx(24_000, rel=0.05)
    hours = [int(at % DAY // 3600) for at in arrivals]
    assert hours.count(19) > 5 * hours.count(3)
