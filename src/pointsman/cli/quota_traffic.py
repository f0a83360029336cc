"""The calls of some days that a simulation plays: at a rate, as in a log, or as the store remembers them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from pointsman.config.model import Config

DAY: Final = 86_400.0
SHARE: Final = 0.02
LOOKED_BACK: Final = 7
# Playing so many takes half a minute.
MOST_CALLS: Final = 300_000
LATEST: Final = 4e9  # the year 2096; later ones are milliseconds
# Who decides what the local tiers were unsure of; a service of that name may stand in somebody's own log.
UNSURE: Final = frozenset({"cloud", "cache", "judge", "fallback"})
SPANS: Final = {"m": 1440.0, "min": 1440.0, "h": 24.0, "hour": 24.0, "d": 1.0, "day": 1.0}


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls at `arrivals` (seconds from `start`, rising) in so many days; `told` says what they were made from."""

    arrivals: Sequence[float]
    start: float
    days: float
    told: str

    @property
    def a_day(self) -> float:
        """Calls a day."""
        return len(self.arrivals) / self.days


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line; None where nothing was."""

    rate: float | None
    log: Path | None
    share: float | None
    days: int | None
    even: bool


class Rate(click.ParamType[float]):
    """Messages a day from 500, 500/d or 20/h."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Messages a day."""
        number, _, span = str(value).replace(",", "").partition("/")
        try:
            rate = float(number) * SPANS[span.strip().lower() or "d"]
        except (ValueError, KeyError):
            rate = 0.0
        if not 0 < rate < float("inf"):
            self.fail(f"{value!r} is no rate; write one as 500/d or 20/h", param, ctx)
        return rate


class Share(click.ParamType[float]):
    """A share from 2% or 0.02."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share, above 0 and up to 1."""
        text = str(value).strip()
        try:
            share = float(text.rstrip("%").strip()) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = 0.0
        if not 0 < share <= 1:
            self.fail(f"{value!r} is no share; write one as 2% or 0.02", param, ctx)
        return share


def traffic(wishes: Wishes, config: Config, now: float, chance: random.Random) -> Traffic:
    """The calls to play. Raises click.UsageError when there is nothing to make them from, and InvalidInput."""
    start = now - now % DAY
    if wishes.rate is not None:
        return at_rate(wishes.rate, wishes, start, chance)
    if wishes.log is not None:
        heard = read_log(wishes.log)
        if not heard:
            raise click.UsageError(f"{wishes.log} holds no message; give another log, or a rate: --rate 500/d")
        return as_heard(heard, str(wishes.log), wishes, services=names_of(config), start=start, chance=chance)
    from pointsman.stores.history import decided_since

    kept: list[tuple[float, str]] = decided_since(config.store.path, now - LOOKED_BACK * DAY)
    if not kept:
        raise click.UsageError(
            f"no decision is recorded of the last {LOOKED_BACK} days, so say how many messages there are: --rate 500/d"
        )
    source = f"the last {LOOKED_BACK} days in the decision store"
    return as_heard(kept, source, wishes, services=names_of(config), start=start, chance=chance)


def at_rate(rate: float, wishes: Wishes, start: float, chance: random.Random) -> Traffic:
    """Calls at a steady rate, or with the hours of people's days."""
    share = wishes.share or SHARE
    days = wishes.days or LOOKED_BACK
    arrivals = spread(rate * share, days, chance, even=wishes.even)
    told = f"{rate:,.6g} messages a day for {counted(days, 'day')}, of which {percent(share)} reach the cloud"
    return Traffic(arrivals, start, days, told)


def as_heard(
    heard: Sequence[tuple[float, str]],
    source: str,
    wishes: Wishes,
    *,
    services: frozenset[str],
    start: float,
    chance: random.Random,
) -> Traffic:
    """Calls when messages came; from the first day's midnight on, as often over as the days last."""
    unsure = [at for at, tier in heard if tier in UNSURE | services]
    told_tier = any(tier for _, tier in heard)
    if wishes.share is None and told_tier:
        share, chosen = len(unsure) / len(heard), unsure
    else:
        share = wishes.share or SHARE
        chosen = [at for at, _ in heard if chance.random() < share]
    first = heard[0][0] - heard[0][0] % DAY
    span = int((heard[-1][0] - first) // DAY) + 1
    days = wishes.days or span
    if wishes.even:
        arrivals = spread(len(heard) * share / span, days, chance, even=True)
    else:
        copies = range(-(-days // span))
        limited(len(chosen) * len(copies))
        arrivals = [at - first + copy * span * DAY for copy in copies for at in chosen]
        arrivals = [at for at in arrivals if at < days * DAY]
    told = f"{counted(len(heard), 'message')} from {source}, of which {percent(share)} reach the cloud"
    return Traffic(arrivals, start, days, f"{told}; played for {counted(days, 'day')}")


def spread(calls_a_day: float, days: int, chance: random.Random, *, even: bool) -> list[float]:
    """Calls at a rate."""
    from pointsman.providers.remote.forecast import even as evenly
    from pointsman.providers.remote.forecast import like_people

    limited(calls_a_day * days)
    return list(evenly(calls_a_day, days) if even else like_people(calls_a_day, days, chance))


def limited(calls: float) -> None:
    """Raises click.UsageError where playing all calls would take minutes."""
    if calls > MOST_CALLS:
        raise click.UsageError(
            f"{calls:,.0f} calls are more than the {MOST_CALLS:,} that are played; give fewer --days"
        )


def read_log(file: Path) -> list[tuple[float, str]]:
    """When each message of a log came, and its tier ("" where that is not told), oldest first. Raises InvalidInput."""
    from pointsman.core.errors import InvalidInput

    heard = []
    for number, line in lines_of(file):
        entry = loaded(line)
        at = moment(entry.get("at")) if isinstance(entry, dict) else None
        if at is None:
            raise InvalidInput(
                f"{file}:{number}: no line of a log",
                cure='write {"at": 1700000000 or "2026-11-23T14:05:00Z"[, "tier": "cloud"]} on each line',
            )
        tier = entry.get("tier")
        heard.append((at, tier if isinstance(tier, str) else ""))
    return sorted(heard)


def lines_of(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers. Raises InvalidInput when the file cannot be read."""
    from pointsman.core.errors import InvalidInput

    try:
        with file.open(encoding="utf-8-sig", errors="replace") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror or error}", cure="name a file of JSON lines") from None


def loaded(line: str) -> Any:
    """A line's JSON; None where it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def moment(at: object) -> float | None:
    """Seconds since the epoch from a number, or from an ISO time (UTC where it names no zone); None from neither."""
    from datetime import UTC, datetime

    if isinstance(at, int | float) and not isinstance(at, bool):
        return float(at) if 0 <= at <= LATEST else None
    try:
        told = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    if told is None or told.year < 1970:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def names_of(config: Config) -> frozenset[str]:
    """The names of all services that can be configured, as a log may name them as tiers."""
    from pointsman.config.cloud import SERVICES

    return frozenset((*SERVICES, *(server.name for server in config.cloud.servers)))


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{share * 100:,.0f} %" if share >= 1 else f"{share * 100:.3g} %"


def counted(number: float, what: str) -> str:
    """So many of something."""
    return f"{number:,.0f} {what}{'' if number == 1 else 's'}"
