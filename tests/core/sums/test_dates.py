"""Dates: read as people write them, counted as the calendar of Python counts, and refused where two readings fit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput, NoValue
from pointsman.core.sums.arithmetic import evaluate
from pointsman.core.sums.dates import (
    easter,
    in_full,
    months_between,
    months_later,
    shifted,
    working_days_between,
    working_days_later,
)

TODAY = date(2026, 5, 20)  # a Wednesday
ANSWERS = [
    ("how many days between 2026-01-05 and 2026-03-01", "55 days"),
    ("days between 5 January 2026 and March 1st, 2026", "55 days"),
    ("days between 25/12/2026 and 12/31/2026", "6 days"),
    ("days between 04/04/2026 and 05.04.2026", "1 day"),
    ("2026-03-01 - 2026-01-05", "55 days"),
    ("weeks between 1 jan and 1 june 2027", "21 weeks 4 days (from Friday, 1 January 2027 to Tuesday, 1 June 2027)"),
    ("days from 10 october to 25 december", "76 days (from Saturday, 10 October 2026 to Friday, 25 December 2026)"),
    ("days from 25 december to 3 january", "9 days (from Friday, 25 December 2026 to Sunday, 3 January 2027)"),
    ("days until christmas", "219 days (to Friday, 25 December 2026)"),
    ("how many days till halloween?", "164 days (to Saturday, 31 October 2026)"),
    ("how long until 2026-12-31", "225 days (to Thursday, 31 December 2026)"),
    ("days until 20 may", "0 days (to Wednesday, 20 May 2026)"),
    ("days until 19 may", "364 days (to Wednesday, 19 May 2027)"),
    ("days until 29 february", "650 days (to Tuesday, 29 February 2028)"),
    ("days until 2026-05-01", "it was 19 days ago (Friday, 1 May 2026)"),
    ("weeks until 2027-01-01", "32 weeks 2 days (to Friday, 1 January 2027)"),
    ("months until december", "6 months 11 days (to Tuesday, 1 December 2026)"),
    ("hours until tomorrow", "24 hours (to Thursday, 21 May 2026)"),
    ("days until friday", "2 days (to Friday, 22 May 2026)"),
    ("days until wednesday", "7 days (to Wednesday, 27 May 2026)"),
    ("years since 2000-01-01", "26 years 4 months 19 days (from Saturday, 1 January 2000)"),
    ("days since 1 june", "353 days (from Sunday, 1 June 2025)"),
    ("days are left in the year", "225 days (to Thursday, 31 December 2026)"),
    ("what day of the week is 2027-02-14", "Sunday, 14 February 2027"),
    ("which day of the week was 4 july 1976", "Sunday, 4 July 1976"),
    ("what day of the week is July 4 2027", "Sunday, 4 July 2027"),
    ("what day of the week does christmas fall on", "Friday, 25 December 2026"),
    ("what day is new year's eve", "Thursday, 31 December 2026"),
    ("when is easter", "Sunday, 28 March 2027 (in western churches)"),
    ("when was easter 2025", "Sunday, 20 April 2025 (in western churches)"),
    ("3 weeks after 5 March 2026", "Thursday, 26 March 2026"),
    ("two weeks before 2026-03-05", "Thursday, 19 February 2026"),
    ("2 months and 3 days after 31 december 2025", "Tuesday, 3 March 2026"),
    ("31 january 2026 plus 1 month", "Saturday, 28 February 2026"),
    ("2024-02-29 + 1 year", "Friday, 28 February 2025"),
    ("date in 45 days", "Saturday, 4 July 2026"),
    ("what's the date in a fortnight", "Wednesday, 3 June 2026"),
    ("90 days from now", "Tuesday, 18 August 2026"),
    ("45 days ago", "Sunday, 5 April 2026"),
    ("3 days after christmas", "Monday, 28 December 2026 (from Friday, 25 December 2026)"),
    (
        "10 business days before 2026-03-02",
        "Monday, 16 February 2026 (Mondays to Fridays; holidays are not known here)",
    ),
    (
        "working days between 2026-03-01 and 2026-03-31",
        "21 working days (Mondays to Fridays; holidays are not known here)",
    ),
    ("how old is someone born 1990-05-17", "36 years 3 days"),
    ("how old am i if i was born on 21 may 1990", "35 years 11 months 29 days"),
    ("how old is a person born in 1990", "35 or 36 years"),
    ("from 9:15 to 17:40", "8 hours 25 minutes"),
    ("from 9am to 5:30 pm", "8 hours 30 minutes"),
    ("between 22:00 and 6:30", "8 hours 30 minutes (to the next day)"),
    ("from 12 am to 12 pm", "12 hours"),
    ("today's date", "Wednesday, 20 May 2026"),
    ("what day is it today", "Wednesday, 20 May 2026"),
    ("tomorrow's date", "Thursday, 21 May 2026"),
    ("days in february 2028", "29 days"),
    ("days in 2100", "365 days"),
    ("week number of 2027-01-01", "week 53 of 2026 (ISO 8601)"),
]
AMBIGUOUS = [
    ("days between 03/04/2026 and 2026-05-01", "3/4/2026 can be read in two ways"),
    ("days until next friday", "not a date"),
    ("what day is the concert", "not a date"),
    ("from 9 to 17", "not a number|may be no time"),
    ("3 hours after 2026-01-01", "hours are not added"),
    ("some days after 2026-01-01", "not a number"),
    ("how old is someone born 17 may", "year is missing"),
    ("2026-01-05", "a date is no number"),
    ("2026-01-05 * 2", "a date is no number"),
    ("25/12/2026", "a date is no number"),
]
NO_SUCH = [
    ("days until 30 february 2027", "February 2027 has 28 days"),
    ("days until 31 april", "April 2026 has 30 days"),
    ("what day is 2026-13-01", "no month 13"),
    ("days until 5 march 10000", "from the year 1 to 9999"),
    ("days since 1 january 0000", "from the year 1 to 9999"),
    ("9999999 days after 2026-01-01", "from the year 1 to 9999"),
    ("99000 months after 2026-01-01", "from the year 1 to 9999"),
    ("how old is someone born 2030-01-01", "future"),
    ("from 25:00 to 9:00", "no time 25:00"),
    ("from 13 pm to 5 pm", "no time 13 pm"),
]
DAYS = st.dates(date(1800, 1, 1), date(2300, 12, 31))


@pytest.mark.parametrize(("text", "said"), ANSWERS)
def test_questions_about_dates(text: str, said: str) -> None:
    assert evaluate(text, lambda: TODAY) == said


@pytest.mark.parametrize(("text", "cause"), AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_not_guessed(text: str, cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause) as caught:
        evaluate(text, lambda: TODAY)
    assert not isinstance(caught.value, NoValue)


@pytest.mark.parametrize(("text", "cause"), NO_SUCH)
def test_dates_that_there_are_not_are_refused_in_words(text: str, cause: str) -> None:
    with pytest.raises(NoValue, match=cause):
        evaluate(text, lambda: TODAY)


def test_the_clock_is_read_only_where_it_matters() -> None:
    def no_clock() -> date:
        raise AssertionError

    assert evaluate("5 miles in km", no_clock) == "8.04672 km"
    assert evaluate("20% more than 50", no_clock) == "60"


def test_without_a_clock_it_is_the_machines() -> None:
    before = date.today()  # noqa: DTZ011 - the reference for what the default does
    said = evaluate("today's date")
    assert said in {in_full(before), in_full(date.today())}  # noqa: DTZ011


@settings(deadline=None)
@given(DAYS, DAYS)
def test_days_between_are_what_python_counts(first: date, second: date) -> None:
    days = abs((second - first).days)
    assert evaluate(f"days between {first} and {second}", lambda: TODAY) == f"{days} day{'s' * (days != 1)}"


@settings(deadline=None)
@given(DAYS, st.integers(0, 20_000))
def test_days_later_are_what_python_counts(day: date, days: int) -> None:
    assert evaluate(f"{days} days after {day}", lambda: TODAY) == in_full(day + timedelta(days))
    assert evaluate(f"{days} days before {day}", lambda: TODAY) == in_full(day - timedelta(days))


@given(DAYS)
def test_the_day_of_the_week_is_what_python_says(day: date) -> None:
    assert evaluate(f"what day of the week is {day}", lambda: TODAY).startswith(
        f"{day:%A}, {day.day} {day:%B} {day.year}"
    )


@settings(deadline=None)
@given(DAYS, st.integers(0, 400))
def test_working_days_are_counted_one_by_one(day: date, days: int) -> None:
    later = day + timedelta(days)
    naive = sum((day + timedelta(place)).weekday() < 5 for place in range(days))
    assert working_days_between(day, later) == naive


@settings(deadline=None)
@given(DAYS, st.integers(-300, 300))
def test_working_days_later_are_stepped_one_by_one(day: date, days: int) -> None:
    found, left = day, abs(days)
    while left:
        found += timedelta(1 if days > 0 else -1)
        left -= found.weekday() < 5
    assert working_days_later(day, days) == found


@given(DAYS, DAYS)
def test_months_between_and_days_lead_from_one_date_to_the_other(first: date, second: date) -> None:
    low, high = sorted((first, second))
    months, days = months_between(low, high)
    assert shifted(months_later(low, months), days) == high
    assert 0 <= days <= 30


@pytest.mark.parametrize(
    ("year", "day"),
    [(1818, "03-22"), (1886, "04-25"), (2000, "04-23"), (2024, "03-31"), (2038, "04-25"), (2285, "03-22")],
)
def test_easter(year: int, day: str) -> None:
    """The earliest and the latest dates, and some between (US Naval Observatory)."""
    assert str(easter(year)) == f"{year}-{day}"
