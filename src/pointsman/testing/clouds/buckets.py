"""Limits that refill all the time, and how Groq writes how long that takes."""

from __future__ import annotations

import math
from typing import Final

from pointsman.core.ports import Clock

MINUTE: Final = 60.0
DAY: Final = 86_400.0


class Bucket:
    """Allows `limit` in `per` seconds; what was used comes back bit by bit, not at the end of a window."""

    def __init__(self, limit: float, per: float, clock: Clock) -> None:
        self.limit = limit
        self.per = per
        self._clock = clock
        self._used = 0.0
        self._seen = clock()

    @property
    def used(self) -> float:
        """How much is in use now."""
        now = self._clock()
        self._used = max(0.0, self._used - max(0.0, now - self._seen) * self.limit / self.per)
        self._seen = now
        return self._used

    @property
    def remaining(self) -> int:
        """How much is left, in whole numbers."""
        return max(0, math.floor(self.limit - self.used + 1e-6))

    @property
    def full_in(self) -> float:
        """The seconds until nothing is in use."""
        return self.used * self.per / self.limit

    def wait(self, wanted: float) -> float:
        """The seconds until so much fits; 0 where it does now."""
        over = self.used + wanted - self.limit
        return over * self.per / self.limit if over > 1e-6 else 0.0

    def use(self, amount: float) -> None:
        """Takes so much, even where it does not fit."""
        self._used = self.used + amount


def go_duration(seconds: float) -> str:
    """Seconds as Go writes a duration: 644ms, 3.36s, 2m59.56s, 24h0m0s."""
    nanos = round(seconds * 1e9)
    if nanos < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
            if nanos >= size:
                return f"{decimal(nanos, size)}{unit}"
        return "0s"
    minutes, rest = divmod(nanos, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    said = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{said}{decimal(rest, 1_000_000_000)}s"


def decimal(amount: int, unit: int) -> str:
    """A whole number of parts as a decimal of the unit, without zeros at the end."""
    whole, part = divmod(amount, unit)
    digits = str(part).rjust(len(str(unit)) - 1, "0").rstrip("0") if part else ""
    return f"{whole}.{digits}" if digits else str(whole)
