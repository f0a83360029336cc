"""What is seen of a run, on either side of the wire: plain records, which the checks read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

CALL: Final = "x-chaos-call"
"""The header in which a call carries its number."""


@dataclass(slots=True)
class Arrival:
    """A call as a fake saw it: when (simulated and real time), with which trouble, and what it would have answered.

    `over` is the limit for which it was refused, `wait` the seconds that the refusal stated; `spent` are the neurons
    of the day before it and `cost` what it took.
    """

    call: int
    service: str
    model: str
    at: float
    when: float
    trouble: str = ""
    skew: float = 0.0
    name: str = ""
    status: int = 0
    over: str = ""
    wait: float | None = None
    spent: float = 0.0
    cost: float = 0.0


@dataclass(slots=True)
class Sent:
    """A call as the router's side saw it: for which message, and how it ended."""

    call: int
    message: int
    service: str
    began: float
    ended: float = 0.0
    end: Literal["", "reply", "failed", "cancelled"] = ""


@dataclass(slots=True)
class Change:
    """A change of a service's account, in the order in which they were made: a call let pass, refused, or settled.

    `t` is real time; the simulated one was between `low` and `high`. `call` is what a settlement is about, 0 for a
    call that was never sent. `kind` is how a refusal or a fault is named.
    """

    what: Literal["admitted", "refused", "settled"]
    service: str
    message: int
    t: float
    low: float
    high: float
    permit: str = ""
    model: str = ""
    call: int = 0
    kind: str = ""
    scope: str = ""


@dataclass(slots=True)
class Pulse:
    """A beat of the loop: when it came in real time, by how much too late, and what `starved` said."""

    t: float
    late: float
    starved: float


@dataclass(slots=True)
class Decided:
    """What became of a message: how long it took in real seconds, and what its trace says.

    `began` is when in real time; `starved` what `clock.starved` said when it was decided.
    """

    message: int
    seconds: float
    category: str = ""
    tier: str = ""
    trace: tuple[str, ...] = ()
    failed: str = ""
    began: float = 0.0
    starved: float = 0.0


@dataclass(slots=True)
class Seen:
    """All that the router's side saw."""

    sent: list[Sent] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    pulses: list[Pulse] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    standings: list[str] = field(default_factory=list)
    seconds: float = 0.0
