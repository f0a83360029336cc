"""How a service stands: what is left of its limits, in calls; its circuits; what was asked of it; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pointsman.core.faults import FaultKind
from pointsman.providers.remote.account import WHOLE, Account
from pointsman.providers.remote.asking import Unit
from pointsman.providers.remote.circuit import State
from pointsman.providers.remote.meters import Limit, LimitKind
from pointsman.providers.remote.refusals import standing, trouble

# A circuit that opened for one of these lets no call through however much is left.
NOTHING_LEFT = frozenset({"quota_exhausted", "auth", "model_gone", "bad_request"})


@dataclass(frozen=True, slots=True)
class MeterStatus:
    """What is left of a limit, which is for so many `seconds`; all of it is there again in `full_in` seconds."""

    unit: Unit
    seconds: float
    kind: LimitKind
    left: float
    limit: float
    full_in: float


@dataclass(frozen=True, slots=True)
class CircuitStatus:
    """Whether calls pass. `kind` is the fault that stopped them ("": none), `words` say it, `trouble` without times.

    `until` is when it is tried again, `back` when it is expected to work, in seconds since the epoch; None when
    somebody has to change the configuration, or nothing is wrong.
    """

    state: State
    kind: FaultKind | str
    words: str
    until: float | None
    back: float | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model: how many more calls its limits and its service's allow (None: as many as you like), and how it does.

    `calls` and `faults` are of the last 24 hours; `p50` and `p95` seconds of the latest answers, None when there are
    too few; `mean` is what a call takes.
    """

    model: str
    calls_left: int | None
    meters: tuple[MeterStatus, ...]
    circuit: CircuitStatus
    calls: int
    faults: Mapping[FaultKind, int]
    p50: float | None
    p95: float | None
    mean: Mapping[Unit, float]


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """A service with its models; `sent_today` counts the calls that left since midnight UTC."""

    service: str
    calls_left: int | None
    meters: tuple[MeterStatus, ...]
    circuit: CircuitStatus
    calls: int
    faults: Mapping[FaultKind, int]
    sent_today: int
    models: tuple[ModelStatus, ...]


def status_of(account: Account, models: Sequence[str], now: float) -> ServiceStatus:
    """How a service stands, with the models that are configured and those that were asked before."""
    known = tuple(dict.fromkeys((*models, *account.tallies)))
    each = tuple(model_status(account, model, now) for model in known)
    faults: dict[FaultKind, int] = {}
    for model in each:
        for kind, number in model.faults.items():
            faults[kind] = faults.get(kind, 0) + number
    return ServiceStatus(
        account.terms.service,
        in_all(account, [model for model in each if model.model in models]),
        meters_of(account, WHOLE, now),
        circuit_status(account, WHOLE, now),
        sum(model.calls for model in each),
        faults,
        account.sent_today(now),
        each,
    )


def in_all(account: Account, models: Sequence[ModelStatus]) -> int | None:
    """How many calls all models together allow: one after the other, or out of what they share."""
    usable = [model.calls_left for model in models if model.calls_left != 0]
    if not usable:
        return 0 if models else None
    if any(limit.scope == "service" for limit in account.terms.limits):
        return usable[0]
    return None if None in usable else sum(left for left in usable if left is not None)


def model_status(account: Account, model: str, now: float) -> ModelStatus:
    """How one model stands."""
    tally = account.tallies.get(model)
    calls, faults = tally.counted(now) if tally else (0, {})
    return ModelStatus(
        model,
        calls_left(account, model, now),
        meters_of(account, model, now),
        circuit_status(account, model, now),
        calls,
        faults,
        tally.percentile(0.5) if tally else None,
        tally.percentile(0.95) if tally else None,
        dict(tally.mean) if tally else {},
    )


def calls_left(account: Account, model: str, now: float) -> int | None:
    """How many more calls every limit allows by what a call has taken so far; None when none is known to."""
    circuits = (account.circuit(), account.circuit(model))
    if any(it.kind in NOTHING_LEFT and it.state(now) == "open" for it in circuits):
        return 0
    # Of a model that has not answered yet, a call is thought to take what one to another takes.
    own = account.tallies.get(model)
    mean: dict[Unit, float] = {"requests": 1.0}
    for tally in (*account.tallies.values(), *([own] if own else [])):
        mean.update(tally.mean)
    least = min(
        (
            account.left(whose, limit, now) / mean[limit.unit]
            for whose, limit in account.terms.of(model)
            if mean.get(limit.unit)
        ),
        default=math.inf,
    )
    return None if least == math.inf else math.floor(least + 1e-6)


def meters_of(account: Account, whose: str, now: float) -> tuple[MeterStatus, ...]:
    """The meters of a model, or of the service."""
    return tuple(
        meter_status(account, whose, limit, now)
        for limit in account.terms.limits
        if (limit.scope == "service") == (whose == WHOLE)
    )


def meter_status(account: Account, whose: str, limit: Limit, now: float) -> MeterStatus:
    """How one meter stands; empty while the service says that the quota is used up."""
    meter = account.meter(whose, limit, now)
    left, full_in = account.left(whose, limit, now), meter.full_in(now)
    circuit = account.circuit(whose)
    if circuit.kind == "quota_exhausted" and circuit.state(now) == "open" and limit.kind != "bucket":
        left, full_in = 0.0, max(full_in, circuit.back - now)
    return MeterStatus(limit.unit, limit.seconds, limit.kind, left, meter.limit.amount, full_in)


def circuit_status(account: Account, whose: str, now: float) -> CircuitStatus:
    """How one circuit stands."""
    circuit = account.circuit(whose)
    if not circuit.kind:
        return CircuitStatus("closed", "", "", None, None)
    until, back = (None if time == math.inf else time for time in (circuit.until, circuit.back))
    return CircuitStatus(circuit.state(now), circuit.kind, standing(circuit, now), until, back, trouble(circuit))
