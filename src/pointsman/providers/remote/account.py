"""Everything that is kept about one service: circuits, meters, calls in flight, what is remembered of calls; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.core.faults import DAY, ServiceFailed
from pointsman.providers.remote.asking import Cost, Metered, Unit
from pointsman.providers.remote.circuit import Circuit, Recovery, circuit_of
from pointsman.providers.remote.meters import Limit, Meter, meter_of, sound
from pointsman.providers.remote.tally import UNITS, Tally, tally_of

# The circuit and the meters of the service as a whole stand beside those of its models, whose names are not empty.
WHOLE: Final = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account is held to.

    `digest` stands for the key and the address: circuits begin anew when it changes. Whoever calls the same service
    must give the same one.
    """

    service: str
    limits: tuple[Limit, ...] = ()
    recovery: Recovery = "stated"
    digest: str = ""

    def of(self, model: str) -> Iterator[tuple[str, Limit]]:
        """The limits that a call to a model falls under, each with whose it is."""
        for limit in self.limits:
            yield (WHOLE if limit.scope == "service" else model), limit


@dataclass(frozen=True, slots=True)
class Permit:
    """A call that may be made: what it is expected to take stays reserved until it is settled."""

    id: str
    model: str
    at: float
    cost: Cost


@dataclass(frozen=True, slots=True)
class Answered:
    """A call brought a good answer after so many seconds."""

    metered: Metered
    seconds: float


@dataclass(frozen=True, slots=True)
class Faulted:
    """A call failed; `metered` is what the answer said all the same.

    `within` is how many seconds it was given, where it failed because they were over.
    """

    fault: ServiceFailed
    metered: Metered = field(default_factory=Metered)
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A call was given up before it showed anything; `sent` is False where it never began.

    `within` is how many seconds it was given, where it was given up because they were over.
    """

    sent: bool = True
    within: float | None = None


Outcome = Answered | Faulted | Dropped


@dataclass(slots=True)
class Account:
    """What is known of a service; `permits` change it. It is read, changed and kept in one piece.

    `meters` are kept as data by whose they are and by limit, so that those that one caller does not know of survive.
    `sent` is a day (since the epoch, UTC) and how many calls were sent on it.
    """

    terms: Terms
    circuits: dict[str, Circuit] = field(default_factory=dict)
    meters: dict[str, dict[str, Any]] = field(default_factory=dict)
    flights: dict[str, Permit] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    sent: tuple[int, int] = (0, 0)

    def circuit(self, model: str = WHOLE) -> Circuit:
        """The circuit of a model, or of the service."""
        return self.circuits.get(model, Circuit())

    def put(self, whose: str, circuit: Circuit) -> None:
        """Keeps a circuit; one of which nothing is to be said is not kept."""
        self.circuits[whose] = circuit
        if circuit == Circuit():
            del self.circuits[whose]

    def meter(self, whose: str, limit: Limit, now: float) -> Meter:
        """The meter of one of the limits."""
        return meter_of(limit, self.meters.get(whose, {}).get(limit.name), now)

    def held(self, whose: str, unit: Unit) -> float:
        """How much is reserved by calls in flight."""
        return sum(it.cost.get(unit, 0.0) for it in self.flights.values() if whose in {WHOLE, it.model})

    def left(self, whose: str, limit: Limit, now: float) -> float:
        """What is left of a limit, less what is reserved."""
        return max(0.0, self.meter(whose, limit, now).left(now) - self.held(whose, limit.unit))

    def tally(self, model: str) -> Tally:
        """What is remembered of the calls to a model."""
        return self.tallies.setdefault(model, Tally())

    def sent_today(self, now: float) -> int:
        """How many calls were sent since midnight UTC."""
        day, count = self.sent
        return count if day == int(now // DAY) else 0

    def keep(self, whose: str, limit: Limit, meter: Meter) -> None:
        """Keeps a meter as it is after a change."""
        self.meters.setdefault(whose, {})[limit.name] = meter.data(limit)

    def text(self) -> str:
        """The account as compact JSON, for `account_of`."""
        data = {
            "v": 1,
            "digest": self.terms.digest,
            "circuits": {model: it.data() for model, it in self.circuits.items()},
            "meters": self.meters,
            "flights": {it.id: [it.model, it.at, it.cost] for it in self.flights.values()},
            "tallies": {model: it.data() for model, it in self.tallies.items()},
            "sent": self.sent,
        }
        return json.dumps(data, separators=(",", ":"), allow_nan=False)


def account_of(text: str, terms: Terms) -> Account:
    """The account that `text` keeps; whatever in it cannot be read begins anew.

    So do the circuits where the key or the address is another, which may work whatever the old one did. What was
    spent stays spent: it may be the same account's.
    """
    try:
        data = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        data = {}
    if not isinstance(data, dict) or data.get("v") != 1:
        return Account(terms)
    same = data.get("digest") == terms.digest
    sent = data.get("sent")
    return Account(
        terms,
        circuits_of(named(data, "circuits")) if same else {},
        {whose: numbers_in(kept) for whose, kept in named(data, "meters").items()},
        {key: flight for key, kept in named(data, "flights").items() if (flight := flight_of(key, kept))},
        {model: tally_of(kept) for model, kept in named(data, "tallies").items()},
        (int(sent[0]), int(sent[1])) if isinstance(sent, list) and len(sent) == 2 and all(map(sound, sent)) else (0, 0),
    )


def named(data: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """A part of what was kept; an empty one where it is something else."""
    kept = data.get(part)
    return kept if isinstance(kept, dict) else {}


def circuits_of(kept: Mapping[str, Any]) -> dict[str, Circuit]:
    """The circuits of which there is something to say."""
    found = {whose: circuit_of(data) for whose, data in kept.items()}
    return {whose: circuit for whose, circuit in found.items() if circuit != Circuit()}


def numbers_in(kept: object) -> dict[str, Any]:
    """The lists of sound numbers by name in what should hold nothing else."""
    if not isinstance(kept, dict):
        return {}
    return {name: numbers for name, numbers in kept.items() if isinstance(numbers, list) and all(map(sound, numbers))}


def flight_of(key: str, kept: object) -> Permit | None:
    """The call in flight from what was kept of it; None from what cannot be one."""
    match kept:
        case [str(model), at, dict(cost)] if sound(at):
            return Permit(key, model, at, sound_cost(cost))
    return None


def sound_cost(cost: Mapping[Any, Any]) -> dict[Unit, float]:
    """The known units of a cost, with amounts that can be counted with."""
    return {unit: amount for unit, amount in cost.items() if unit in UNITS and sound(amount)}
