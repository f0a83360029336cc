"""All that the schedule looks at: cards, tenants, and wishes in the queue, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pointsman.gpu.footprints import Footprint
from pointsman.gpu.settings import MARGIN_BYTES, MARGIN_SHARE
from pointsman.gpu.want import Kind, Rung, Want

Phase = Literal["cold", "loading", "resident", "releasing"]


@dataclass(frozen=True, slots=True)
class Card:
    """One card's memory, in bytes.

    `external` is what others hold: games, a desktop, models that somebody loaded without us. `margin` stays free.
    `read_at` is when it was last seen; `source` "static" is a budget that nobody measures. `holders` says in words
    who the others are.

    `used` is what was seen. `withheld` was given up by others a moment ago, and is not trusted until `calm_at`.
    `lingering` is the part of `external` that a server of ours was asked to give back and has not yet; nobody is
    refused because of it until `lingering_until`. `low` counts the readings in a row below the margin, `game`
    says that others took so much at once. `baseline` is what was used when the release that goes on began, and
    `changed_at` when our tenants last began or ended to take memory: older readings say nothing.
    """

    device: str
    total: int
    reserved: int = 0
    margin: int = MARGIN_BYTES
    external: int = 0
    read_at: float = 0.0
    source: str = "static"
    holders: str = ""
    name: str = ""
    used: int = 0
    withheld: int = 0
    calm_at: float = 0.0
    lingering: int = 0
    lingering_until: float = 0.0
    low: int = 0
    game: bool = False
    baseline: int | None = None
    changed_at: float = float("-inf")

    @property
    def measured(self) -> bool:
        """Whether a sensor sees it; otherwise it is owned by its budget alone."""
        return self.source != "static"

    @property
    def budget(self) -> int:
        """What our tenants may hold together; negative when others hold more than there is."""
        return self.largest - self.external - self.withheld

    @property
    def largest(self) -> int:
        """What our tenants could hold if nobody else were there."""
        return self.total - self.reserved - self.margin


@dataclass(frozen=True, slots=True)
class Tenant:
    """Something that can be in a card's memory, and its history.

    `booked` bytes count from the moment it begins to load until its memory was seen free again. `since` is when
    it entered its phase, `used_at` when its last lease ended, `rate` its decayed uses a second, `reload_seconds`
    what loading it takes. `held_until` keeps it from eviction for the conversation `held_by` that used it.

    `on_use` says that its server loads it when it is used (ComfyUI): it books its peak and holds less in between.
    `reported` is what its server says that it holds on the card, `measured` what the card showed, `spilled` what
    lies in the computer's memory instead, `peak` the most that was reported during a use, `kept` what it had of another
    variant when it began to serve this one in place, `before` what the card held without it. `hint` is how likely it
    is used before `hint_until`; `preloaded` that it was loaded for a hint and not used yet; `loads` counts how often it
    was loaded, `missing` in how many reports in a row its server did not name it. While it is released, `unloaded_at`
    is when its server had answered.
    After a load that failed it is left alone until `failed_until`, after a release that did until `stuck_until`.
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
    rate_at: float = 0.0
    on_use: bool = False
    held_by: str = ""
    reported: int | None = None
    measured: int | None = None
    spilled: int = 0
    peak: int = 0
    kept: int = 0
    before: int | None = None
    missing: int = 0
    loads: int = 0
    hint: float = 0.0
    hint_until: float = 0.0
    preloaded: bool = False
    unloaded_at: float | None = None
    deep: bool = False
    stuck_until: float = float("-inf")
    failed_until: float = float("-inf")
    failure: str = ""

    @property
    def server(self) -> str:
        """The name of the backend that holds it."""
        return self.name.partition(":")[0]

    @property
    def holds(self) -> int:
        """What it is thought to hold just now, never more than is booked for it."""
        if self.on_use:
            known = self.booked if self.reported is None else self.reported
        else:
            seen = [it for it in (self.reported, self.measured) if it is not None]
            known = max(seen, default=self.booked)
        return min(known, self.booked)

    @property
    def idle(self) -> bool:
        """Whether it is in memory and nobody uses it."""
        return self.phase == "resident" and not self.leases


@dataclass(frozen=True, slots=True)
class Job:
    """A wish in the queue: `at` when it came, `passed` how many later ones went before it.

    `tries` counts the loads for it that ran out of memory, `evicted` names who gave way, `cold` says that a load was
    made for it.
    """

    id: str
    want: Want
    at: float
    passed: int = 0
    tries: int = 0
    evicted: tuple[str, ...] = ()
    cold: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """A lease: whose wish it was, on what, since when, and for about how many seconds."""

    job: str
    rung: Rung
    device: str
    at: float
    seconds: float
    kind: Kind = "chat"
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A backend: whether it loads on use, how often in a row it did not answer, and when it is worth asking again."""

    name: str
    on_use: bool = False
    missed: int = 0
    ask_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Hint:
    """What is probably wanted soon."""

    want: Want
    probability: float
    at: float


@dataclass(frozen=True, slots=True)
class State:
    """Everything at one moment; the queue is in the order of arrival.

    `grants` are the leases by their wishes' ids, `footprints` what was learned, `swaps` when tenants were evicted
    before their residency was over, `wasted_at` when a preload was last found to be in vain, `looked_at` when
    somebody last looked at the cards, whether they were seen or not.
    """

    cards: Mapping[str, Card] = field(default_factory=dict)
    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    queue: tuple[Job, ...] = ()
    grants: Mapping[str, Granted] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    footprints: Mapping[str, Footprint] = field(default_factory=dict)
    hints: tuple[Hint, ...] = ()
    swaps: tuple[float, ...] = ()
    wasted_at: float = float("-inf")
    looked_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Load:
    """Begin to load a rung on a card; its bytes are booked from now on."""

    rung: Rung
    device: str
    job: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Ask a tenant's server for the memory; `deep` gives up caches too, `why` is told to whoever waits.

    `job` is the wish that it gives way to: a release for nobody's wish has none.
    """

    tenant: str
    why: str = ""
    deep: bool = False
    job: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A wish gets its lease on a tenant that is in memory, or on somebody else's computer."""

    job: str
    rung: Rung
    device: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A wish cannot be served: why in words, and after how many seconds it is worth asking again.

    `tenant` is the one that failed, where that is the reason.
    """

    job: str
    why: str
    retry_after: float = 30.0
    tenant: str = ""


Action = Load | Release | Grant | Refuse


def margin_of(total: int) -> int:
    """What stays free on a card of that size: 512 MiB, or 4 % where that is more."""
    return max(MARGIN_BYTES, int(total * MARGIN_SHARE))
