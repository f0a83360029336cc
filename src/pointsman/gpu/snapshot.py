"""How the card stands, for people: the page, `pointsman gpu`, GET /v1/gpu."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from pointsman.gpu.state import Phase


@dataclass(frozen=True, slots=True)
class TenantNow:
    """One tenant, in bytes.

    `booked` by us, `reported` by its server (None where it does not say), `measured` on the card when it was quiet
    (None before that). `spilled` bytes lie in the computer's memory.
    """

    name: str
    phase: Phase
    device: str
    variant: str
    booked: int
    reported: int | None
    measured: int | None
    spilled: int
    users: int
    pinned: bool
    idle_seconds: float


@dataclass(frozen=True, slots=True)
class CardNow:
    """One card, in bytes; `age` is how many seconds ago it was looked at, `holders` who the others on it are."""

    device: str
    name: str
    total: int
    reserved: int
    margin: int
    used: int
    booked: int
    external: int
    source: str
    age: float
    holders: str


@dataclass(frozen=True, slots=True)
class WishNow:
    """One wish in the queue, with its place from 1 and the seconds it still waits, by our reckoning."""

    position: int
    kind: str
    tenant: str
    priority: str
    waited: float
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment."""

    cards: tuple[CardNow, ...]
    tenants: tuple[TenantNow, ...]
    queue: tuple[WishNow, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


class Owner(Protocol):
    """Who owns the cards."""

    def snapshot(self) -> Snapshot:
        """How they stand."""
        ...


def told(owner: Owner | None) -> dict[str, Any]:
    """How the cards stand, as plain data, and whether anybody looks after them at all."""
    found = owner.snapshot() if owner is not None else Snapshot((), (), ())
    return {"managed": owner is not None, **{name: list(rows) for name, rows in found.to_dict().items()}}
