"""When quotas come back: days and months in UTC, and how a time is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from pointsman.core.faults import DAY

# Quotas that come back at midnight are asked for a little later: clocks differ, and so did what was observed.
AFTER_MIDNIGHT: Final = 300.0


def day_start(at: float) -> float:
    """The midnight, UTC, before a time in seconds since the epoch."""
    return at - at % DAY


def month_start(at: float) -> float:
    """The first midnight of a time's month, UTC."""
    moment = datetime.fromtimestamp(at, UTC)
    return datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()


def next_month(at: float) -> float:
    """The first midnight of the month after a time's, UTC."""
    return month_start(month_start(at) + 32 * DAY)


def told(at: float, now: float) -> str:
    """A time ahead as people read it: "00:05 UTC" within a day, else the date."""
    moment = datetime.fromtimestamp(min(at, now + 400 * DAY), UTC)
    return f"{moment:%H:%M} UTC" if at - now < DAY else f"{moment:%Y-%m-%d}"
