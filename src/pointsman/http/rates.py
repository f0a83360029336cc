"""How much one caller, or all of them, may still ask: messages, pictures and tokens in times, and how many at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pointsman.config.server import Allowance, amount_in
from pointsman.core.errors import LimitReached
from pointsman.providers.remote.meters import Limit, Window, meter_of

Counted = Literal["messages", "pictures", "tokens"]
NAMED: Final[tuple[tuple[Counted, str], ...]] = (("messages", "requests"), ("tokens", "tokens"))
DAY: Final = 86_400.0
AGAIN: Final = 1.0  # seconds after which it is worth asking again where as many as may be are being answered
UNITS: Final = {"d": DAY, "h": 3600.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose limits they are: in words, and where a configuration has them."""

    words: str
    at: str


EVERYBODY: Final = Whose("all callers together", "server.limits")


def bearers(name: str) -> Whose:
    """Those of a key."""
    return Whose(f"the key {name}", f"server.keys.{name}.limits")


@dataclass(slots=True)
class Going:
    """How many requests are being answered; other limits go on with the same count."""

    number: int = 0


class Account:
    """What one caller has asked, in meters that slide: what was asked counts for as long as its limit says."""

    def __init__(self, whose: Whose, allowance: Allowance, kept: Mapping[str, Any], now: float) -> None:
        self.whose = whose
        self.allowance = allowance
        self.at_once = allowance.at_once
        self.going = Going()
        self._meters: dict[Counted, list[Window]] = {
            "messages": meters(allowance.messages, "messages", kept, now),
            "pictures": meters(allowance.pictures, "pictures", kept, now),
            "tokens": meters(allowance.tokens, "tokens", kept, now),
        }

    def limits(self, what: Counted) -> bool:
        """Whether anything is said of how much of it may be."""
        return bool(self._meters[what])

    def check_going(self) -> None:
        """Raises LimitReached where as many as may be are being answered."""
        if self.at_once is not None and self.going.number >= self.at_once:
            raise LimitReached(
                f"{self.whose.words} may have {self.at_once} answered at once, and has {self.going.number}",
                cure=f"wait for one to end, or raise {self.whose.at}.at_once",
                retry_after=AGAIN,
            )

    def check(self, what: Counted, amount: int, now: float) -> None:
        """Raises LimitReached where there is not so much left; by the limit that takes longest to come back."""
        waits = [(meter.wait(amount, now), meter) for meter in self._meters[what] if meter.left(now) < amount]
        if not waits:
            return
        wait, meter = max(waits, key=lambda it: it[0])
        size = f"{meter.limit.amount:g} {what} in {duration(meter.limit.seconds)}"
        at = f"{self.whose.at}.{what}"
        if math.isinf(wait):
            raise LimitReached(
                f"{self.whose.words} may have {size}, and this asks for {amount}", cure=f"ask for fewer, or raise {at}"
            )
        used = meter.limit.amount - meter.left(now)
        raise LimitReached(
            f"{self.whose.words} may have {size}, and has used {used:g}; there is more at {moment(now + wait, now)}",
            cure=f"ask again in {math.ceil(wait)} s, or raise {at}",
            retry_after=wait,
        )

    def spend(self, what: Counted, amount: float, now: float) -> None:
        """Counts what was asked, or answered."""
        self._meters[what] = [meter.spend(amount, now) for meter in self._meters[what]]

    def headers(self, now: float) -> dict[str, str]:
        """What OpenAI's clients read of the limits: of each kind, that of which the smallest share is left."""
        found: dict[str, str] = {}
        for what, name in NAMED:
            tight = min(self._meters[what], key=lambda it: it.left(now) / it.limit.amount, default=None)
            if tight is not None:
                found[f"x-ratelimit-limit-{name}"] = f"{tight.limit.amount:g}"
                found[f"x-ratelimit-remaining-{name}"] = f"{math.floor(tight.left(now))}"
                found[f"x-ratelimit-reset-{name}"] = duration(tight.full_in(now))
        return found

    def data(self) -> dict[str, list[Any]]:
        """What is kept of it."""
        return {
            f"{what}/{meter.limit.seconds:g}": meter.data(meter.limit)
            for what, all_of_it in self._meters.items()
            for meter in all_of_it
            if meter.spent
        }


def meters(rates: tuple[str, ...], what: Counted, kept: Mapping[str, Any], now: float) -> list[Window]:
    """The meters of some rates, with what was kept of them."""
    found = []
    for rate in rates:
        amount, seconds = amount_in(rate)
        limit = Limit("tokens" if what == "tokens" else "requests", amount, seconds, "trailing", "service")
        meter = meter_of(limit, kept.get(f"{what}/{seconds:g}"), now)
        if isinstance(meter, Window):  # as all are that trail
            found.append(meter)
    return found


def duration(seconds: float) -> str:
    """A time as OpenAI writes it: 1s, 6m0s, 350ms, 1d0h0m0s."""
    if 0 < seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    rest, text = float(math.ceil(seconds)), ""
    for unit, length in UNITS.items():
        if text or rest >= length:
            text += f"{rest // length:.0f}{unit}"
            rest %= length
    return f"{text}{rest:.0f}s"


def moment(at: float, now: float) -> str:
    """A time ahead as people read it: 00:05:30 UTC within a day, else the date too."""
    return f"{datetime.fromtimestamp(at, UTC):{'%H:%M:%S' if at - now < DAY else '%Y-%m-%d %H:%M'}} UTC"
