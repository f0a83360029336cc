"""Dates as people write them, and how they are counted: days, months, working days.

The calendar is the Gregorian one throughout, from the year 1 to 9999.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Final, Literal, NoReturn

from pointsman.core.sums.exact import no_value, refuse

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_OF: Final = {
    **{name: place for place, name in enumerate(MONTHS, start=1)},
    **{name[:3]: place for place, name in enumerate(MONTHS, start=1)},
    "sept": 9,
}
# Month and day of what has the same date every year.
NAMED: Final = {
    "christmas": (12, 25), "christmas day": (12, 25), "xmas": (12, 25), "christmas eve": (12, 24),
    "boxing day": (12, 26), "new year": (1, 1), "new years": (1, 1), "new year's": (1, 1), "new year's day": (1, 1),
    "new years day": (1, 1), "new year's eve": (12, 31), "new years eve": (12, 31), "halloween": (10, 31),
    "valentine's day": (2, 14), "valentines day": (2, 14), "st patrick's day": (3, 17), "april fools day": (4, 1),
    "april fools' day": (4, 1),
}  # fmt: skip
RELATIVE: Final = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2}
WORKING_DAYS: Final = 5
MOST_IN: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MOST_DAYS: Final = date.max.toordinal()

MONTH: Final = r"(?P<month>[a-z]{3,9})\.?"
DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
YEAR: Final = r"(?:,? (?:of )?(?P<year>\d{1,12}))?"
YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4,12})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
DAY_FIRST: Final = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4,12})")
EITHER_FIRST: Final = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4,12})")
IN_WORDS: Final = (
    re.compile(rf"(?:the )?{DAY} (?:of )?{MONTH}{YEAR}"),
    re.compile(rf"{MONTH} (?:the )?{DAY}{YEAR}"),
    re.compile(rf"(?:the )?(?:first|1st|beginning|start)? ?(?:of )?{MONTH}(?: (?P<year>\d{{4,12}}))?"),
)
NAMED_IN: Final = re.compile(r"(?P<name>[a-z' ]{6,25}?)(?: day)?(?: (?:in |of )?(?P<year>\d{4,12})| this year)?")
WHEN_NONE: Final = "give it as 2026-03-05, or as 5 March 2026"

# Which year is meant where none is said.
Which = Literal["next", "last", "this"]


@dataclass(frozen=True, slots=True)
class Day:
    """A date, and whether something of it had to be worked out: the year, or which day Easter is."""

    date: date
    implied: bool = False


def day_of(text: str, today: date, which: Which) -> Day:
    """The date that a text in small letters is. Raises InvalidInput for any other, NoValue for one that is not."""
    text = text.strip(" ,")
    if text in RELATIVE:
        return Day(shifted(today, RELATIVE[text]), implied=True)
    if text.removeprefix("next ") in WEEKDAYS and not text.startswith("next "):
        ahead = (WEEKDAYS.index(text) - today.weekday()) % 7
        return Day(shifted(today, -(7 - ahead) % -7 if which == "last" else ahead or 7), implied=True)
    if match := YEAR_FIRST.fullmatch(text) or DAY_FIRST.fullmatch(text):
        return Day(made(match.group("year"), int(match.group("month")), int(match.group("day"))))
    if match := EITHER_FIRST.fullmatch(text):
        return Day(either(int(match[1]), int(match[3]), match[4]))
    return in_words(text, today, which)


def either(first: int, second: int, year: str) -> date:
    """A date whose day and month may stand either way. Raises InvalidInput where they can be read both ways."""
    if first != second and max(first, second) <= 12:
        refuse(f"{first}/{second}/{year} can be read in two ways", "write the month as a word, or 2026-03-05")
    return made(year, min(first, second), max(first, second))


def in_words(text: str, today: date, which: Which) -> Day:
    """A date with its month as a word, or one that has a name."""
    for pattern in IN_WORDS:
        match = pattern.fullmatch(text)
        if match and match["month"] in MONTH_OF:
            found = match.groupdict()
            return dated(found["year"], MONTH_OF[found["month"]], int(found.get("day") or 1), today, which)
    match = NAMED_IN.fullmatch(text.removeprefix("the "))
    year = match["year"] if match else None
    name = match["name"].strip() if match else ""
    if match and text.endswith("this year"):
        year = str(today.year)
    if name in NAMED:
        return Day(dated(year, *NAMED[name], today, which).date, implied=True)
    if name in {"easter", "easter sunday"}:
        return Day(moving(year, today, which), implied=True)
    if text not in {"the end of the year", "end of the year", "end of year", "the end of this year"}:
        refuse(f"{text[:30]!r} is not a date", WHEN_NONE)
    return Day(date(today.year, 12, 31), implied=True)


def dated(year: str | None, month: int, day: int, today: date, which: Which) -> Day:
    """A day of a month, of the year that is said, else of the next, last or this one."""
    if year:
        return Day(made(year, month, day))
    years = 9 if (month, day) == (2, 29) else 2  # 29 February may be eight years away, around 2100
    around = range(today.year, today.year - years, -1) if which == "last" else range(today.year, today.year + years)
    there = [made(str(one), month, day) for one in around if MINYEAR <= one <= MAXYEAR and day <= days_in(one, month)]
    if day > MOST_IN[month]:
        made(str(today.year), month, day)
    found = [one for one in there if which == "this" or (one >= today if which == "next" else one <= today)]
    if not found:
        out_of_the_calendar()
    return Day(found[0], implied=True)


def moving(year: str | None, today: date, which: Which) -> date:
    """Easter of a year, or the next or last one."""
    if year:
        return easter(in_calendar(year))
    this = easter(today.year)
    if which == "next" and this < today:
        return easter(in_calendar(str(today.year + 1)))
    return easter(in_calendar(str(today.year - 1))) if which == "last" and this > today else this


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian algorithm: Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def made(year: str, month: int, day: int) -> date:
    """A date of the calendar. Raises NoValue for one that it does not have."""
    number = in_calendar(year)
    if not 1 <= month <= 12:
        no_value(f"there is no month {month}", WHEN_NONE)
    if not 1 <= day <= days_in(number, month):
        name = MONTHS[month - 1].capitalize()
        no_value(f"{name} {number} has {days_in(number, month)} days", WHEN_NONE)
    return date(number, month, day)


def in_calendar(year: str) -> int:
    """A year of the calendar. Raises NoValue for others."""
    if len(year) > len(str(MAXYEAR)) or not MINYEAR <= int(year) <= MAXYEAR:
        out_of_the_calendar()
    return int(year)


def out_of_the_calendar() -> NoReturn:
    """Raises NoValue: dates go from the year 1 to 9999."""
    no_value(f"dates are known from the year {MINYEAR} to {MAXYEAR}", "use a year between them")


def is_leap(year: int) -> bool:
    """Whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(year: int, month: int) -> int:
    """How many days a month has."""
    return 28 + is_leap(year) if month == 2 else 30 if month in {4, 6, 9, 11} else 31


def shifted(day: date, days: int) -> date:
    """A date some days later. Raises NoValue beyond the calendar."""
    if not 1 <= day.toordinal() + days <= MOST_DAYS:
        out_of_the_calendar()
    return day + timedelta(days)


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of a month that is too short. Raises NoValue."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        out_of_the_calendar()
    return date(year, month + 1, min(day.day, days_in(year, month + 1)))


def months_between(first: date, second: date) -> tuple[int, int]:
    """Whole months from one date to a later one, and the days that are left."""
    months = (second.year - first.year) * 12 + second.month - first.month
    if months_later(first, months) > second:
        months -= 1
    return months, (second - months_later(first, months)).days


def working_days_between(first: date, second: date) -> int:
    """How many Mondays to Fridays there are from one date up to, not with, a later one."""
    weeks, rest = divmod((second - first).days, 7)
    return weeks * WORKING_DAYS + sum((first.weekday() + place) % 7 < WORKING_DAYS for place in range(rest))


def working_days_later(day: date, days: int) -> date:
    """The date some Mondays to Fridays later, or earlier for a negative number. Raises NoValue."""
    weeks, rest = divmod(abs(days), WORKING_DAYS)
    step = 1 if days >= 0 else -1
    found = day
    while found.weekday() >= WORKING_DAYS and days:  # whole weeks count from a working day
        found = shifted(found, -step)
    found = shifted(found, step * weeks * 7)
    while rest:
        found = shifted(found, step)
        rest -= found.weekday() < WORKING_DAYS
    return found


def in_full(day: date) -> str:
    """A date as people read it: Sunday, 14 February 2027."""
    return f"{WEEKDAYS[day.weekday()].capitalize()}, {day.day} {MONTHS[day.month - 1].capitalize()} {day.year}"
