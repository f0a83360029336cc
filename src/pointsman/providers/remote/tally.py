"""What is remembered of the calls to one model: how many, what failed, how long they took, what they cost; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast, get_args

from pointsman.core.faults import TREATMENTS, FaultKind
from pointsman.providers.remote.asking import Cost, Unit
from pointsman.providers.remote.meters import sound

HOUR: Final = 3600.0
HOURS: Final = 24
# The latest times that count for percentiles, and how few are too few for them.
LATEST: Final = 64
FEWEST: Final = 5
TENTH: Final = 1e-4
# How much the latest call weighs in the mean cost of a call: it follows a change within some 20 calls.
WEIGHT: Final = 0.1
UNITS: Final = frozenset(get_args(Unit))
CALLS: Final = "calls"


@dataclass(slots=True)
class Tally:
    """Counts of the last 24 hours, by hour; the latest answers' times; the mean cost of a call by unit.

    `times` are in tenths of a millisecond: whole numbers are read and written twice as fast as fractions.
    """

    hours: dict[int, dict[str, int]] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    mean: dict[Unit, float] = field(default_factory=dict)

    def count(self, now: float, fault: FaultKind | None = None) -> None:
        """Counts a call that was sent, and its fault."""
        this = int(now // HOUR)
        self.hours = {hour: counts for hour, counts in self.hours.items() if this - HOURS < hour <= this}
        counts = self.hours.setdefault(this, {})
        for name in (CALLS, fault):
            if name:
                counts[name] = counts.get(name, 0) + 1

    def answer(self, seconds: float, cost: Cost) -> None:
        """Keeps what a good answer took."""
        self.times = [*self.times[1 - LATEST :], round(seconds / TENTH)]
        for unit, amount in cost.items():
            before = self.mean.get(unit, amount)
            self.mean[unit] = before + WEIGHT * (amount - before)

    def counted(self, now: float) -> tuple[int, Mapping[FaultKind, int]]:
        """The calls of the last 24 hours (to the hour), and the faults among them by kind."""
        this = int(now // HOUR)
        calls, faults = 0, dict.fromkeys(TREATMENTS, 0)
        for hour, counts in self.hours.items():
            if this - HOURS < hour <= this:
                calls += counts.get(CALLS, 0)
                for kind in faults:
                    faults[kind] += counts.get(kind, 0)
        return calls, {kind: number for kind, number in faults.items() if number}

    def percentile(self, share: float) -> float | None:
        """The seconds within which this share (0..1) of the latest answers came; None when there are too few."""
        if len(self.times) < FEWEST:
            return None
        return sorted(self.times)[max(0, math.ceil(share * len(self.times)) - 1)] * TENTH

    def data(self) -> list[Any]:
        """What is kept of it, for `tally_of`."""
        return [{str(hour): counts for hour, counts in self.hours.items()}, self.times, self.mean]


def tally_of(kept: object) -> Tally:
    """The tally from what was kept of it; an empty one from what cannot be one."""
    match kept:
        case [dict(hours), list(times), dict(mean)]:
            pass
        case _:
            return Tally()
    counts = {int(hour): numbered(names) for hour, names in hours.items() if hour.isdecimal() and len(hour) < 16}
    known = {cast("Unit", unit): amount for unit, amount in mean.items() if unit in UNITS and sound(amount)}
    return Tally(counts, [int(time) for time in times[-LATEST:] if sound(time)], known)


def numbered(counts: object) -> dict[str, int]:
    """The whole numbers in what should be counts by name."""
    if not isinstance(counts, dict):
        return {}
    return {name: int(number) for name, number in counts.items() if sound(number)}
