"""All that the schedule looks at: cards, tenants, and wishes in the queue, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pointsman.gpu.want import Rung, Want

Phase = Literal["cold", "loading", "resident", "releasing"]

MARGIN_BYTES: Final = 512 * 1024**2
MARGIN_SHARE: Final = 0.04


@dataclass(frozen=True, slots=True)
class Card:
    """One card's memory, in bytes.

    `external` is what others hold: games, a desktop, models that somebody loaded without us. `margin` stays free.
    `read_at` is when it was last seen; `source` "static" is a budget that nobody measures. `holders` says in words
    who the others are.
    """

    device: str
    total: int
    reserved: int = 0
    margin: int = MARGIN_BYTES
    external: int = 0
    read_at: float = 0.0
    source: str = "static"
    holders: str = ""

    @property
    def budget(self) -> int:
        """What our tenants may hold together; negative when others hold more than there is."""
        return self.total - self.reserved - self.margin - self.external

    @property
    def largest(self) -> int:
        """What our tenants could hold if nobody else were there."""
        return self.total - self.reserved - self.margin


@dataclass(frozen=True, slots=True)
class Tenant:
    """Something that can be in a card's memory, and its history.

    `booked` bytes count from the moment it begins to load until its memory was seen free again. `since` is when
    it entered its phase, `used_at` when its last lease ended, `rate` its decayed uses a second, `reload_seconds`
    what loading it takes. `held_until` keeps it from eviction for the conversation that uses it.
    """

    name: str
    phase: Phase = "cold"
    device: str = ""
    rung: Rung | None = None
    booked: int = 0
    leases: frozenset[str] = frozenset()
    most_leases: int = 1
    pinned: bool = False
    since: float = 0.0
    used_at: float = 0.0
    held_until: float = 0.0
    rate: float = 0.0
    reload_seconds: float = 10.0

    @property
    def idle(self) -> bool:
        """Whether it is in memory and nobody uses it."""
        return self.phase == "resident" and not self.leases


@dataclass(frozen=True, slots=True)
class Job:
    """A wish in the queue: `at` when it came, `passed` how many later ones went before it."""

    id: str
    want: Want
    at: float
    passed: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Everything at one moment; the queue is in the order of arrival."""

    cards: Mapping[str, Card] = field(default_factory=dict)
    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    queue: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """Begin to load a rung on a card; its bytes are booked from now on."""

    rung: Rung
    device: str
    job: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Ask a tenant's server for the memory; `deep` gives up caches too, `why` is told to whoever waits."""

    tenant: str
    why: str = ""
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A wish gets its lease on a tenant that is in memory, or on somebody else's computer."""

    job: str
    rung: Rung
    device: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A wish cannot be served: why in words, and after how many seconds it is worth asking again."""

    job: str
    why: str
    retry_after: float = 30.0


Action = Load | Release | Grant | Refuse


def margin_of(total: int) -> int:
    """What stays free on a card of that size: 512 MiB, or 4 % where that is more."""
    return max(MARGIN_BYTES, int(total * MARGIN_SHARE))
