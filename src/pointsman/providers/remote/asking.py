"""What a call is made of: the request, how to read its answer, and what it will cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pointsman.core.faults import ServiceFailed
from pointsman.providers.remote.wire import Reply, Request

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Unit = Literal["requests", "tokens", "neurons", "dollars"]
Cost = Mapping[Unit, float]
"""What a call takes from its service's limits, by unit; `requests` is 1 wherever it is not said."""


@dataclass(frozen=True, slots=True)
class Ask(Generic[T_co]):
    """A call to one model of a service.

    `read` takes what is wanted out of a good answer, and raises ServiceFailed of kind malformed where it is not in
    there. `cost` is what the call is expected to take, reserved before it is made.
    """

    request: Request
    read: Callable[[Reply], T_co]
    cost: Cost = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metered:
    """What an answer says about its service's limits.

    `cost` is what the call took, where it says so. `left` is what remains of a limit, by (unit, seconds that the
    limit is for), and `limits` how large those limits are: ("requests", 86400.0) and ("tokens", 60.0) at Groq.
    """

    cost: Cost = field(default_factory=dict)
    left: Mapping[tuple[Unit, float], float] = field(default_factory=dict)
    limits: Mapping[tuple[Unit, float], float] = field(default_factory=dict)


class Service(Protocol):
    """How one service speaks: its name, its faults, and its limits; pure, and known without asking it."""

    name: str

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        ...

    def metered(self, reply: Reply) -> Metered:
        """What the answer, good or bad, says about limits."""
        ...


@dataclass(frozen=True, slots=True)
class Called(Generic[T_co]):
    """What a call brought, which model gave it, and how many seconds it took with all that was tried before."""

    value: T_co
    model: str
    seconds: float


class Calls(Protocol):
    """Calls one service, with its circuits, its quota and the deadline minded: `caller.Caller`."""

    service: Service

    async def call(self, ask: Callable[[str], Ask[T]], models: Sequence[str] = ()) -> Called[T]:
        """What the first of the models that can answers; without `models`, those that it was made with.

        `ask` makes the call for one model. Raises ServiceFailed: of the last model, when none answered.
        """
        ...
