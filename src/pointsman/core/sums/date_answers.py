"""What questions about dates and clock times come to; their wordings stand in core/sums/date_questions.py."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pointsman.core.sums.dates import (
    MONTH_OF,
    RELATIVE,
    Day,
    day_of,
    days_in,
    in_calendar,
    in_full,
    is_leap,
    months_between,
    months_later,
    out_of_the_calendar,
    shifted,
    working_days_between,
    working_days_later,
)
from pointsman.core.sums.exact import no_value, refuse
from pointsman.core.sums.words import numbers

Found = re.Match[str]

MOST: Final = 10_000_000  # more than there are days in the calendar
MINUTES: Final = 60
A_DAY: Final = 24 * MINUTES
BACK: Final = frozenset({"before", "ago", "minus", "-", "prior to"})
WEEKDAYS_ONLY: Final = "Mondays to Fridays; holidays are not known here"
TIME_OF_DAY: Final = re.compile(r"(\d{1,2})(?:[:h](\d{2}))? ?(?:([ap])\.?m\.?)?")


def between(found: Found, today: date) -> str:
    """How long it is from one date to another."""
    first, second = (day_of(found[name], today, "this") for name in ("first", "second"))
    if second.implied and found["second"] not in RELATIVE:
        second = day_of(found["second"], first.date, "next")
    elif first.implied and found["first"] not in RELATIVE:  # 1 jan and 1 june 2026
        first = day_of(found["first"], second.date, "last")
    note = f"from {in_full(first.date)} to {in_full(second.date)}" if first.implied or second.implied else ""
    return distance(min(first.date, second.date), max(first.date, second.date), unit_in(found), note)


def until(found: Found, today: date) -> str:
    """How long it is until a date."""
    day = day_of(found["date"], today, "next")
    if day.date < today:
        return f"it was {distance(day.date, today, unit_in(found), '')} ago ({in_full(day.date)})"
    return distance(today, day.date, unit_in(found), f"to {in_full(day.date)}")


def since(found: Found, today: date) -> str:
    """How long it has been since a date."""
    day = day_of(found["date"], today, "last")
    if day.date > today:
        return f"it is still {distance(today, day.date, unit_in(found), '')} away ({in_full(day.date)})"
    return distance(day.date, today, unit_in(found), f"from {in_full(day.date)}")


def unit_in(found: Found) -> str:
    """The unit that was asked for, days where none was."""
    return (found.groupdict().get("unit") or "days").rstrip("s") + "s"


def distance(first: date, second: date, unit: str, note: str) -> str:
    """The time between two dates, the earlier first, in a unit and what is left over."""
    days = (second - first).days
    months, rest = months_between(first, second)
    match unit:
        case "weeks" | "fortnights":
            size = 7 if unit == "weeks" else 14
            said = counted((days // size, unit[:-1]), (days % size, "day"))
        case "months":
            said = counted((months, "month"), (rest, "day"))
        case "years":
            said = counted((months // 12, "year"), (months % 12, "month"), (rest, "day"))
        case "hours" | "minutes":
            said = counted((days * 24 * (60 if unit == "minutes" else 1), unit[:-1]))
        case "days":
            said = counted((days, "day"))
        case _:
            said = counted((working_days_between(first, second), "working day"))
            note = "; ".join(filter(None, (note, WEEKDAYS_ONLY)))
    return f"{said} ({note})" if note else said


def counted(*parts: tuple[int, str]) -> str:
    """Numbers of things: 1 month 24 days."""
    some = [part for part in parts if part[0]] or [parts[0]]
    return " ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in some)


def weekday(found: Found, today: date) -> str:
    """A date in full, with its day of the week."""
    said = in_full(day_of(found["date"], today, "next").date)
    return f"{said} (in western churches)" if "easter" in found["date"] else said


def later(found: Found, today: date) -> str:
    """The date some time after or before another, or from today."""
    named = found.groupdict()
    day = day_of(named["date"], today, "this") if named.get("date") else Day(today)
    back = named.get("way") in BACK
    moved = day.date
    for count, unit in ((named["count"], named["unit"]), (named.get("count2"), named.get("unit2"))):
        if count and unit:
            moved = stepped(moved, -number_of(count) if back else number_of(count), unit.rstrip("s"))
    notes = [f"{'before' if back else 'from'} {in_full(day.date)}"] if day.implied and day.date != today else []
    notes += [WEEKDAYS_ONLY] if (named["unit"] or "").startswith(("business", "work", "weekd")) else []
    return in_full(moved) + (f" ({'; '.join(notes)})" if notes else "")


def number_of(text: str) -> int:
    """A count as it was typed. Raises InvalidInput for a word that is none, NoValue for one without end."""
    if text in {"a", "an"}:
        return 1
    if not text.isdecimal():
        if text not in numbers():
            refuse(f"{text!r} is not a number", "write it in digits")
        return numbers()[text]
    if len(text) > len(str(MOST)):
        out_of_the_calendar()
    return int(text)


def stepped(day: date, count: int, unit: str) -> date:
    """A date some units later. Raises InvalidInput, NoValue."""
    match unit:
        case "day":
            return shifted(day, count)
        case "week" | "fortnight":
            return shifted(day, count * (7 if unit == "week" else 14))
        case "month" | "year":
            return months_later(day, count * (1 if unit == "month" else 12))
        case "hour" | "minute":
            refuse("hours are not added to dates", "give days, weeks, months or years")
    return working_days_later(day, count)


def age(found: Found, today: date) -> str:
    """How old somebody is who was born on a date, or in a year."""
    text = found["date"].strip()
    if text.isdecimal() and len(text) == 4:
        years = today.year - in_calendar(text)
        if years < 0:
            no_value("that is in the future", "give a year before this one")
        return f"{max(years - 1, 0)} or {years} years"
    day = day_of(text, today, "last")
    if day.implied:
        refuse("the year is missing", "write it, as in 17 May 1990")
    if day.date > today:
        no_value("that is in the future", "give a date before today")
    return distance(day.date, today, "years", "")


def clock(found: Found, today: date) -> str:
    """How long it is from one time of the day to another, the next day's if that is earlier."""
    del today
    first, second = minute_of(found["first"]), minute_of(found["second"])
    minutes = (second - first) % A_DAY
    said = counted((minutes // MINUTES, "hour"), (minutes % MINUTES, "minute"))
    return f"{said} (to the next day)" if second < first else said


def minute_of(text: str) -> int:
    """A time of the day in minutes. Raises InvalidInput for a bare number, NoValue for a time that is none."""
    match = TIME_OF_DAY.fullmatch(text.strip())
    if match is None or not (match[2] or match[3]):
        refuse(f"{text!r} may be no time of the day", "write it as 9:15 or 9 am")
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > (12 if match[3] else 24) or minute >= MINUTES or (match[3] and not hour) or (hour == 24 and minute):
        no_value(f"there is no time {text.strip()}", "write it as 9:15 or 9:15 pm")
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "p" else 0)
    return hour * MINUTES + minute


def this_day(found: Found, today: date) -> str:
    """Today's date, or tomorrow's."""
    word = found.groupdict().get("word") or "today"
    return in_full(day_of(word, today, "this").date)


def length(found: Found, today: date) -> str:
    """How many days a month or a year has."""
    year = in_calendar(found["year"]) if found["year"] else today.year
    if found["month"] is None:
        return f"{365 + is_leap(year)} days"
    if found["month"] not in MONTH_OF:
        refuse(f"{found['month']!r} is no month", "write its name")
    month = MONTH_OF[found["month"]]
    varies = month == 2 and not found["year"]
    return f"{days_in(year, month)} days" + (f" in {year}" if varies else "")


def rest_of(found: Found, today: date) -> str:
    """How much is left of the year or the month, after today."""
    last = date(today.year, 12, 31) if found["what"] == "year" else today.replace(day=days_in(today.year, today.month))
    return distance(today, last, unit_in(found), f"to {in_full(last)}")


def week_number(found: Found, today: date) -> str:
    """The number of a week, as ISO 8601 counts them."""
    day = day_of(found.groupdict().get("date") or "today", today, "next").date
    return f"week {day.isocalendar().week} of {day.isocalendar().year} (ISO 8601)"
