"""Who may call a service now, and what becomes of its account when the call is over; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.core.faults import DAY, ServiceFailed
from pointsman.providers.remote.account import (
    WHOLE,
    Account,
    Answered,
    Dropped,
    Faulted,
    Outcome,
    Permit,
    sound_cost,
)
from pointsman.providers.remote.asking import Cost, Metered, Unit
from pointsman.providers.remote.circuit import Circuit
from pointsman.providers.remote.meters import HAIR, Limit, sound
from pointsman.providers.remote.refusals import missing, refused, too_much

# A call that is still open after so many seconds was a killed process's; what it had reserved then counts as spent.
FLIGHT_SECONDS: Final = 300.0
# A service that had so long, or as long as it takes 19 times in 20, had its chance: a call that was cut off then is
# held against it. Of calls that had less, only many in a row are (`circuit.MOST_CUT`).
FAIR_SECONDS: Final = 1.0
# What a service refuses to do costs a request and nothing else.
UNSERVED: Final = frozenset({"rate_limited", "quota_exhausted", "auth", "model_gone", "too_large", "bad_request"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A circuit that has just opened, the service's ("") or a model's."""

    model: str
    circuit: Circuit


def admit(account: Account, model: str, cost: Cost, permit_id: str, now: float) -> Permit | ServiceFailed:
    """Reserves what a call is expected to take, or says why it is not to be made (`asked` is False).

    A circuit that is due for a probe lets this call be it, and no other.
    """
    land(account, now)
    for whose in (WHOLE, model):
        circuit = account.circuit(whose)
        state = circuit.state(now)
        if state == "open" or (state == "half_open" and circuit.probing(now)):
            return refused(circuit, account.terms.service, whose, model, now)
    cost = {"requests": 1.0, **sound_cost(cost)}
    if refusal := short_of(account, model, cost, now):
        return refusal
    permit = Permit(permit_id, model, now, cost)
    account.flights[permit_id] = permit
    for whose in (WHOLE, model):
        account.put(whose, account.circuit(whose).tried(permit_id, now))
    return permit


def land(account: Account, now: float) -> None:
    """Takes what calls reserved that never came back as spent."""
    for flight in [it for it in account.flights.values() if not 0 <= now - it.at < FLIGHT_SECONDS]:
        del account.flights[flight.id]
        spend(account, flight.model, flight.cost, now)


def short_of(account: Account, model: str, cost: Cost, now: float) -> ServiceFailed | None:
    """Why a call may not be made by what is left of the limits: the one that takes longest to come back."""
    longest: tuple[float, Limit] | None = None
    for whose, limit in account.terms.of(model):
        meter = account.meter(whose, limit, now)
        amount = cost.get(limit.unit, 0.0)
        if amount > meter.limit.amount * (1 + HAIR):
            return too_much(amount, meter.limit, account.terms.service, model)
        held = account.held(whose, limit.unit)
        if not amount or meter.left(now) + HAIR * meter.limit.amount >= amount + held:
            continue
        # What is in flight comes back like everything else that is spent.
        wait = meter.spend(held, now).wait(amount, now)
        if longest is None or wait > longest[0]:
            longest = (wait, limit)
    return missing(*longest, account.terms.service, model, now) if longest else None


def settle(account: Account, permit: Permit, outcome: Outcome, now: float) -> list[Opened]:
    """Takes what a call really spent, and learns from how it ended; the circuits that this opens.

    A second time, and for a call that was given up as a killed process's, nothing more is spent.
    """
    flying = account.flights.pop(permit.id, None) is not None
    if isinstance(outcome, Faulted) and not fair(account, permit.model, outcome.within):
        outcome = Dropped(within=outcome.within)
    if outcome != Dropped(sent=False):
        metered = Metered() if isinstance(outcome, Dropped) else outcome.metered
        spent = spent_by(permit, outcome) if flying else {}
        take(account, permit, spent, metered, now)
        if isinstance(outcome, Faulted):
            believe(account, permit, outcome, now)
        remember(account, permit, outcome, spent, now)
    before = {whose: account.circuit(whose).kind for whose in (WHOLE, permit.model)}
    for whose in before:
        account.put(whose, after(account, whose, permit, outcome, now))
    return [
        Opened(whose, account.circuit(whose))
        for whose, kind in before.items()
        if account.circuit(whose).kind not in {"", kind}
    ]


def fair(account: Account, model: str, within: float | None) -> bool:
    """Whether a call had time enough to fail: the rest of another service's deadline says nothing about this one."""
    if within is None or within >= FAIR_SECONDS:
        return True
    usual = account.tally(model).percentile(0.95)
    return usual is not None and within >= usual


def spent_by(permit: Permit, outcome: Outcome) -> dict[Unit, float]:
    """What a call took: what the answer says, else what was expected of it."""
    match outcome:
        case Faulted(fault) if fault.kind in UNSERVED:
            expected: Mapping[Unit, float] = {"requests": permit.cost.get("requests", 1.0)}
        case _:
            expected = permit.cost
    told = {} if isinstance(outcome, Dropped) else sound_cost(outcome.metered.cost)
    return {**expected, **told}


def take(account: Account, permit: Permit, spent: Cost, metered: Metered, now: float) -> None:
    """Brings the meters up to date: with what the service says is left, else with what was spent."""
    for whose, limit in account.terms.of(permit.model):
        about = (limit.unit, limit.seconds)
        meter = account.meter(whose, limit, now)
        size, left = metered.limits.get(about), metered.left.get(about)
        if size and sound(size):
            meter = meter.resized(size, now)
        # What the service says is left is without what the call took.
        meter = meter.told(left, permit.at, now) if sound(left) else meter.spend(spent.get(limit.unit, 0.0), now)
        account.keep(whose, limit, meter)


def spend(account: Account, model: str, cost: Cost, now: float) -> None:
    """Takes a cost from all the limits that it falls under."""
    for whose, limit in account.terms.of(model):
        if cost.get(limit.unit):
            account.keep(whose, limit, account.meter(whose, limit, now).spend(cost[limit.unit], now))


def believe(account: Account, permit: Permit, outcome: Faulted, now: float) -> None:
    """Lowers the meters that still had room where the service had none, unless its answer explains why it refused."""
    fault, metered = outcome.fault, outcome.metered
    if fault.kind not in {"rate_limited", "quota_exhausted"}:
        return
    concerned = [
        (whose, limit)
        for whose, limit in account.terms.of(permit.model)
        if limit.scope == fault.scope and limit.brief == (fault.kind == "rate_limited")
    ]
    lefts = [(metered.left.get((limit.unit, limit.seconds)), limit.unit) for _, limit in concerned]
    if any(left is not None and left < permit.cost.get(unit, 0.0) for left, unit in lefts):
        return
    for (whose, limit), (left, unit) in zip(concerned, lefts, strict=True):
        if left is None and unit in permit.cost:
            meter = account.meter(whose, limit, now)
            account.keep(whose, limit, meter.short(permit.cost[unit], fault.wait, now))


def remember(account: Account, permit: Permit, outcome: Outcome, spent: Cost, now: float) -> None:
    """Counts a call that was sent."""
    account.sent = (int(now // DAY), account.sent_today(now) + 1)
    tally = account.tally(permit.model)
    tally.count(now, outcome.fault.kind if isinstance(outcome, Faulted) else None)
    if isinstance(outcome, Answered):
        tally.answer(outcome.seconds, spent)


def after(account: Account, whose: str, permit: Permit, outcome: Outcome, now: float) -> Circuit:
    """The service's or the model's circuit after a call."""
    circuit = account.circuit(whose)
    match outcome:
        case Answered():
            return circuit.answered(permit.id)
        case Dropped(within=float(seconds)) if whose == WHOLE:
            return circuit.cut_off(permit.id, now, seconds)
        case Faulted(fault) if (fault.scope == "service") == (whose == WHOLE):
            return circuit.failed(fault, permit.id, now, account.terms.recovery)
        case Faulted() if whose == WHOLE:
            return circuit.heard(permit.id)
    return circuit.freed(permit.id)


def blocked(account: Account, model: str, now: float) -> float:
    """In how many seconds the circuits let a call pass; 0 when they do."""
    waits = [it.until - now for it in (account.circuit(), account.circuit(model)) if it.state(now) == "open"]
    return max(waits, default=0.0)
