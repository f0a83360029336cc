"""How a service stands as people are told it: in words, and with what is left counted in calls; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from pointsman.core.faults import FaultKind
from pointsman.providers.remote.asking import Cost, Unit
from pointsman.providers.remote.refusals import SPANS
from pointsman.providers.remote.status import (
    NOTHING_LEFT,
    CircuitStatus,
    MeterStatus,
    ModelStatus,
    ServiceStatus,
)
from pointsman.providers.remote.utc import told

READY: Final = "ready"
SEE: Final = "see what it serves: pointsman doctor --online"
# What to do about a circuit that somebody has to see to.
CURES: Final[Mapping[str, str]] = {
    "model_gone": SEE,
    "bad_request": "correct its url or account: pointsman doctor --online says more",
}
# Waits up to here are told in seconds, and longer ones as the time at which they end.
SECONDS_TOLD: Final = 90.0
HAIR: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit of so much `per` minute, day or month (of so many `seconds`).

    `calls` is how many that makes, None where that is not known; all of it is there again in `full_in` seconds.
    """

    unit: Unit
    per: str
    seconds: float
    left: float
    limit: float
    full_in: float
    calls: int | None


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """A model of a service; `calls_left` today is None where nothing limits them.

    `calls` and `faults` are of the last 24 hours, `p50` and `p95` seconds, None while there were too few answers.
    """

    model: str
    ready: bool
    state: str
    calls_left: int | None
    limits: tuple[Left, ...]
    calls: int
    faults: Mapping[FaultKind, int]
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A service: whether it may be asked now, in words why, and how many more calls its limits allow today.

    `local` is whether it runs on this machine, `estimated` whether `calls_left` rests on what a call is thought to
    take; minutes' limits, which come back, are no part of it. `per` is what they are left for, "day" or "month".
    `sent_today` counts since midnight UTC.
    """

    service: str
    local: bool
    ready: bool
    state: str
    cure: str
    calls_left: int | None
    estimated: bool
    per: str
    sent_today: int
    calls: int
    faults: Mapping[FaultKind, int]
    limits: tuple[Left, ...]
    models: tuple[ModelStanding, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Asking:
    """How a service is asked: `models` in their order, what a call to each takes, and how a new key is given."""

    models: Sequence[str]
    costs: Mapping[str, Cost]
    local: bool = False
    new_key: str = "correct its key"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why calls do not pass; until when, in seconds since the epoch, where that is known."""

    words: str
    until: float = math.inf
    cure: str = ""


def standing_of(status: ServiceStatus, asking: Asking, now: float) -> Standing:
    """A service's standing: what is known of it, told with what a call to each of its models takes."""
    known = [model for model in status.models if model.model in asking.models or model.calls]
    each = [model_standing(model, status, asking, now) for model in known]
    configured = [(model, stop) for model, stop in each if model.model in asking.models]
    whole = stopped(status.circuit, asking, now)
    stop = whole or none_left(status.service, configured, known)
    open_for_good = status.circuit.kind in NOTHING_LEFT and status.circuit.state == "open"
    shared = tuple(left_of(meter, first_cost(asking, known)) for meter in status.meters)
    lasting = [left for left in (*shared, *(left for model, _ in configured for left in model.limits)) if lasts(left)]
    return Standing(
        service=status.service,
        local=asking.local,
        ready=stop is None,
        state=stop.words if stop else waiting(status.circuit) or READY,
        cure=stop.cure if stop else "",
        calls_left=0 if open_for_good else together(status, [model for model, _ in configured]),
        estimated=any(left.unit != "requests" for left in lasting),
        per="month" if lasting and all(left.per == "month" for left in lasting) else "day",
        sent_today=status.sent_today,
        calls=status.calls,
        faults=status.faults,
        limits=shared,
        # What stops the service stops its models, whatever is left to them.
        models=tuple(replace(model, ready=False, state=whole.words) if whole else model for model, _ in each),
    )


def model_standing(
    model: ModelStatus, status: ServiceStatus, asking: Asking, now: float
) -> tuple[ModelStanding, Stop | None]:
    """One model's standing, and why it is not asked, if it is not; the service's own circuit is not looked at."""
    expected = asking.costs.get(model.model, {})
    cost: Cost = {"requests": 1.0, **expected, **model.mean}
    own = tuple(left_of(meter, cost) for meter in model.meters)
    shared = tuple(left_of(meter, cost) for meter in status.meters)
    stop = stopped(model.circuit, asking, now) or used_up((*model.meters, *status.meters), {**cost, **expected}, now)
    counted = [left.calls for left in (*own, *shared) if lasts(left) and left.calls is not None]
    shut = model.circuit.kind in NOTHING_LEFT and model.circuit.state == "open"
    standing = ModelStanding(
        model=model.model,
        ready=stop is None,
        state=stop.words if stop else waiting(model.circuit) or READY,
        calls_left=0 if shut else min(counted, default=None),
        limits=own,
        calls=model.calls,
        faults=model.faults,
        p50=model.p50,
        p95=model.p95,
    )
    return standing, stop


def stopped(circuit: CircuitStatus, asking: Asking, now: float) -> Stop | None:
    """Why a circuit lets no call pass; None where it does."""
    if circuit.state != "open":
        return None
    if circuit.kind == "auth":
        return Stop(f"key refused: {asking.new_key}", cure=asking.new_key)
    until = circuit.back or circuit.until or math.inf
    return Stop(f"not asked {ahead(until, now)}: {circuit.trouble}", until, CURES.get(circuit.kind, ""))


def waiting(circuit: CircuitStatus) -> str:
    """What is to be said of a circuit that lets one call pass, to see."""
    return f"tried again with the next message: {circuit.trouble}" if circuit.state == "half_open" else ""


def used_up(meters: Sequence[MeterStatus], cost: Cost, now: float) -> Stop | None:
    """Why what is left of some limit is no call's worth; the one that takes longest counts."""
    stops: list[Stop] = []
    for meter in meters:
        if left_of(meter, cost).calls != 0:
            continue
        # A bucket has enough for a call long before it is full.
        missing = cost[meter.unit] - meter.left
        wait = missing * meter.seconds / meter.limit if meter.kind == "bucket" else meter.full_in
        until = now + min(wait, meter.full_in)
        what = "rate limit reached" if not lasts(meter) else f"quota exhausted ({meter.unit})"
        stops.append(Stop(f"not asked {ahead(until, now)}: {what}", until))
    return max(stops, key=lambda stop: stop.until, default=None)


def none_left(
    service: str, models: Sequence[tuple[ModelStanding, Stop | None]], known: Sequence[ModelStatus]
) -> Stop | None:
    """Why a service is not asked although its own circuit is closed: every model of it is stopped."""
    stops = [stop for _, stop in models if stop is not None]
    if not models or len(stops) < len(models):
        return None
    gone = {model.model for model in known if model.circuit.kind == "model_gone" and model.circuit.state == "open"}
    names = [model.model for model, _ in models]
    if gone.issuperset(names):
        return Stop(f"{service} no longer serves {', '.join(names)}", cure=SEE)
    return min(stops, key=lambda stop: stop.until)


def together(status: ServiceStatus, models: Sequence[ModelStanding]) -> int | None:
    """How many calls all models together allow today: one after the other, or out of what they share."""
    usable = [model.calls_left for model in models if model.calls_left != 0]
    if not usable:
        return 0 if models else None
    if any(lasts(meter) for meter in status.meters):
        return usable[0]
    return None if None in usable else sum(left for left in usable if left is not None)


def first_cost(asking: Asking, known: Sequence[ModelStatus]) -> Cost:
    """What a call to the model that is asked first takes."""
    mean = next((model.mean for model in known if asking.models and model.model == asking.models[0]), {})
    return {"requests": 1.0, **(asking.costs.get(asking.models[0], {}) if asking.models else {}), **mean}


def lasts(limit: Left | MeterStatus) -> bool:
    """Whether a limit is about a day or more, and not about a minute."""
    return limit.seconds > 3600


def left_of(meter: MeterStatus, cost: Cost) -> Left:
    """What is left of one limit, by what a call takes of it."""
    amount = cost.get(meter.unit)
    calls = math.floor(meter.left / amount + HAIR) if amount else None
    per = "month" if meter.kind == "month" else SPANS.get(meter.seconds, f"{meter.seconds:g} s")
    return Left(meter.unit, per, meter.seconds, meter.left, meter.limit, meter.full_in, calls)


def ahead(until: float, now: float) -> str:
    """Until when, as people read it: a few seconds, a time of day, or a date."""
    if until == math.inf:
        return "until something changes"
    return f"for {max(1, math.ceil(until - now))} s" if until - now < SECONDS_TOLD else f"until {told(until, now)}"
