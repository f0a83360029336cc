"""How much of each limit of a service is left: buckets that refill, windows that slide, calendar months; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeGuard

from pointsman.core.faults import Scope
from pointsman.providers.remote.asking import Unit
from pointsman.providers.remote.utc import month_start, next_month

# bucket: refills at every moment, as Groq's do; trailing: counts what was spent in the last `seconds`, as
# Cloudflare was seen to; month: counts what was spent since the first of the month, UTC, as Hugging Face does.
LimitKind = Literal["bucket", "trailing", "month"]

# A window of a day is kept in slices of 15 minutes: small enough to be kept as text, and wrong by no more.
SLICES: Final = 96
# Sums of floats: a hair is no reason to refuse.
HAIR: Final = 1e-9
LARGEST: Final = 1e15
NUMBERS: Final = (int, float)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` of a unit in `seconds`, for each model or for the service as a whole."""

    unit: Unit
    amount: float
    seconds: float
    kind: LimitKind = "bucket"
    scope: Scope = "model"

    @property
    def name(self) -> str:
        """What its state is kept under."""
        return f"{self.unit}/{self.seconds:g}"

    @property
    def brief(self) -> bool:
        """Whether it is about a minute or so, and not about a day."""
        return self.seconds <= 3600

    @property
    def rate(self) -> float:
        """What comes back in a second."""
        return self.amount / self.seconds


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit that refills at its rate: `level` was left at `at`; the service last told of it at `told_at`."""

    limit: Limit
    level: float
    at: float = 0.0
    told_at: float = 0.0

    def left(self, now: float) -> float:
        """What is there at a time, 0 to the limit's amount."""
        return min(self.limit.amount, self.level + max(0.0, now - self.at) * self.limit.rate)

    def spend(self, amount: float, now: float) -> Bucket:
        """With so much taken out; never less than nothing stays."""
        return replace(self, level=max(0.0, self.left(now) - amount), at=now)

    def told(self, left: float, began: float, now: float) -> Bucket:
        """As the service says in its answer to a call that began then.

        Answers overtake each other: one to a call that began before the last news may lower what is left, and only
        one to a later call raise it.
        """
        level = left if began >= self.told_at else min(left, self.left(now))
        return replace(self, level=min(level, self.limit.amount), at=now, told_at=now)

    def short(self, amount: float, wait: float | None, now: float) -> Bucket:
        """As it must be where a call for `amount` was refused: so low that it fits after the stated wait, or empty."""
        level = 0.0 if wait is None else max(0.0, amount - wait * self.limit.rate)
        return replace(self, level=min(level, self.left(now)), at=now)

    def resized(self, amount: float, now: float) -> Bucket:
        """With another amount as its limit; what was used stays used."""
        used = self.limit.amount - self.left(now)
        return replace(self, limit=replace(self.limit, amount=amount), level=max(0.0, amount - used), at=now)

    def wait(self, amount: float, now: float) -> float:
        """In how many seconds so much is there; infinite where it never is."""
        if amount > self.limit.amount * (1 + HAIR):
            return math.inf
        return max(0.0, amount - self.left(now)) / self.limit.rate

    def full_in(self, now: float) -> float:
        """In how many seconds all of it is there again."""
        return (self.limit.amount - self.left(now)) / self.limit.rate

    def data(self, configured: Limit) -> list[Any]:
        """What is kept of it, for `meter_of`; the amount only where the service told another one."""
        return [told_amount(self.limit, configured), self.told_at, self.level, self.at]


@dataclass(frozen=True, slots=True)
class Window:
    """A limit on what is spent in a time: `spent` holds (start, amount) of slices, or of the month.

    Where the service says that nothing is left although something should be (others may use the same account), the
    circuit keeps that in mind: what was spent by us stays what it is.
    """

    limit: Limit
    spent: tuple[tuple[float, float], ...] = ()
    told_at: float = 0.0

    @property
    def slice(self) -> float:
        """The seconds of a slice."""
        return self.limit.seconds / SLICES

    def ends(self, start: float) -> float:
        """When what was spent in a slice counts no longer."""
        return next_month(start) if self.limit.kind == "month" else start + self.slice + self.limit.seconds

    def counting(self, now: float) -> tuple[tuple[float, float], ...]:
        """The slices that count at a time; one from far ahead is left of a clock that was wrong."""
        return tuple((at, amount) for at, amount in self.spent if at <= now + self.slice and self.ends(at) > now)

    def left(self, now: float) -> float:
        """What may be spent at a time, 0 to the limit's amount."""
        return max(0.0, self.limit.amount - sum(amount for _, amount in self.counting(now)))

    def spend(self, amount: float, now: float) -> Window:
        """With so much spent now."""
        start = month_start(now) if self.limit.kind == "month" else now - now % self.slice
        kept = dict(self.counting(now))
        kept[start] = kept.get(start, 0.0) + amount
        return replace(self, spent=tuple(sorted(kept.items())))

    def told(self, left: float, began: float, now: float) -> Window:
        """As the service says in its answer to a call that began then; see `Bucket.told`."""
        counting = self.counting(now)
        known = sum(amount for _, amount in counting)
        wanted = max(0.0, self.limit.amount - left)
        if wanted > known:
            return replace(self.spend(wanted - known, now), told_at=now)
        if began < self.told_at or not known:
            return replace(self, told_at=now)
        return replace(self, spent=tuple((at, amount * wanted / known) for at, amount in counting), told_at=now)

    def short(self, amount: float, wait: float | None, now: float) -> Window:  # noqa: ARG002 - as a bucket's
        """Itself: see the circuit."""
        return self

    def resized(self, amount: float, now: float) -> Window:  # noqa: ARG002 - as a bucket's
        """With another amount as its limit."""
        return replace(self, limit=replace(self.limit, amount=amount))

    def wait(self, amount: float, now: float) -> float:
        """In how many seconds so much may be spent; infinite where it never may."""
        if amount > self.limit.amount * (1 + HAIR):
            return math.inf
        wait = 0.0
        counting = self.counting(now)
        over = sum(spent for _, spent in counting) + amount - self.limit.amount * (1 + HAIR)
        for start, spent in counting:
            if over <= 0:
                break
            over -= spent
            wait = self.ends(start) - now
        return wait

    def full_in(self, now: float) -> float:
        """In how many seconds nothing that was spent counts any longer."""
        return max((self.ends(start) - now for start, _ in self.counting(now)), default=0.0)

    def data(self, configured: Limit) -> list[Any]:
        """What is kept of it, for `meter_of`; the amount only where the service told another one."""
        spent = [part for pair in self.spent for part in pair]
        return [told_amount(self.limit, configured), self.told_at, *spent]


Meter = Bucket | Window


def meter_of(limit: Limit, kept: object, now: float) -> Meter:
    """The meter of a limit from what was kept of it; a full one from what cannot be one.

    Where the service has told how large the limit is, that counts and not the configured amount. A clock that was
    set back stops nothing: what happened in the future happened now.
    """
    numbers = kept if isinstance(kept, list) and all(map(sound, kept)) else []
    if limit.kind == "bucket":
        if len(numbers) != 4:
            return Bucket(limit, limit.amount)
        amount, told_at, level, at = numbers
        limit = replace(limit, amount=amount or limit.amount)
        return Bucket(limit, min(level, limit.amount), min(at, now), min(told_at, now))
    if len(numbers) < 2 or len(numbers) % 2:
        return Window(limit)
    amount, told_at, *spent = numbers
    pairs = tuple(zip(spent[::2], spent[1::2], strict=True))
    return Window(replace(limit, amount=amount or limit.amount), pairs, min(told_at, now))


def told_amount(limit: Limit, configured: Limit) -> float:
    """How large the service told a limit to be; 0 where that is what is configured."""
    return 0.0 if limit.amount == configured.amount else limit.amount


def sound(number: object) -> TypeGuard[float]:
    """Whether something is a number that can be counted with: not below 0, and no larger than any time or amount."""
    # Asked of every number that is read: isinstance would take three times as long, and let booleans in.
    return type(number) in NUMBERS and 0 <= number <= LARGEST  # type: ignore[operator]
