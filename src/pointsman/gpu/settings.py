"""Every number that the schedule goes by, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

GIB: Final = 1024**3
MARGIN_BYTES: Final = 512 * 1024**2
MARGIN_SHARE: Final = 0.04


@dataclass(frozen=True, slots=True)
class Settings:
    """The constants of the schedule, in seconds and bytes; the defaults suit one person's card.

    `pinned` names tenants that are never evicted, `most_leases` how many may use a tenant at once (by tenant, or by
    its backend; 1 where none is named).
    """

    # The release barrier: a server says "done" up to 1.5 s before the memory is back, a busy one far later.
    back_share: float = 0.75
    barrier_seconds: float = 5.0
    # What is not back when the barrier ends may still come; so long nobody is refused because of it.
    linger_seconds: float = 30.0

    # Who is kept. A loop of tool calls comes back within seconds; a swap costs about ten.
    turn_hold: float = 10.0
    min_residency: float = 30.0
    # The thrash brake: so many tenants may be evicted before their residency is over in a window, then none.
    hasty_swaps: int = 2
    swap_window: float = 120.0

    # The queue. After so long a background wish counts as interactive, and whoever is first gets all it needs.
    aging: float = 120.0
    # How many may go before a wish that has to wait, and for how long; then the card is cleared for it.
    most_passes: int = 4
    batch_seconds: float = 20.0
    # A lower rung is not taken for the sake of the last quarter of the patience, when a load is nearly done.
    patience_grace: float = 0.25
    # Nor for one that is hardly sooner: half the wait of the best rung at most.
    step_down_share: float = 0.5
    retry_after: float = 30.0
    # More than so many who wait would have to wait for hours; each of them costs every turn a little.
    most_waiting: int = 256

    # Eviction: how far ahead a use counts, and how fast past uses are forgotten.
    eviction_horizon: float = 120.0
    rate_decay: float = 600.0
    brute_force: int = 6

    # Others. Two readings below the margin are no spike; what they give up is not trusted for a while.
    pressure_samples: int = 2
    calm_seconds: float = 45.0
    # A rise of so many bytes is a game, not a browser: caches are given up too.
    game_bytes: int = 2 * GIB

    # Looking: 1 Hz, 4 Hz while memory moves, not at all when nobody asked for so long and nothing of ours is there.
    look_seconds: float = 1.0
    look_moving: float = 0.25
    rest_after: float = 60.0
    # Servers write a line for each request, so that where nothing happens they are asked less often than the card.
    ask_seconds: float = 5.0
    # A reading older than this is no ground for a load; a sensor that is silent for longer is none at all.
    fresh_seconds: float = 2.5
    stale_seconds: float = 10.0

    # Limits of the calls to servers. A 30 GB model from a hard disk takes up to 10 minutes.
    load_limit: float = 600.0
    unload_limit: float = 30.0
    look_limit: float = 2.0
    # A load that failed is not tried again for so long; others are served by the next rung.
    failed_seconds: float = 10.0
    # A tenant that its server would not let go is not asked again for so long.
    stuck_seconds: float = 15.0
    # In so many reports in a row a tenant has to be missing, or a server silent, to be believed.
    missing_reports: int = 2
    # Holders that crashed: a lease ends by itself.
    longest_lease: float = 3600.0

    # Preloading: only when it is likely, and at most one load in vain in ten minutes.
    hint_probability: float = 0.5
    hint_seconds: float = 60.0
    wasted_window: float = 600.0

    # Footprints: the largest of the last ones counts, each one later a little less.
    footprint_samples: int = 8
    footprint_decay: float = 0.98
    out_of_memory_share: float = 0.15
    # A measured rise that is larger than what the server reports by more than this has others in it.
    overhead_bytes: int = GIB
    # Before a load was timed: a cold read of a common disk, and a start.
    load_bytes_per_second: float = 1.5e9
    load_start: float = 1.5
    release_seconds: float = 1.0

    # Programs whose names have these in them are the servers that we ask, not others who hold memory.
    own_programs: tuple[str, ...] = ("ollama", "llama", "comfy", "python")

    # What stays free, and what others may have at any time: for all cards, and for single ones where that differs.
    # Without a margin it goes by the size of the card.
    margin: int | None = None
    reserve: int = 0
    margins: Mapping[str, int] = field(default_factory=dict)
    reserves: Mapping[str, int] = field(default_factory=dict)

    pinned: frozenset[str] = frozenset()
    most_leases: Mapping[str, int] = field(default_factory=dict)

    def margin_on(self, device: str, total: int) -> int:
        """The bytes that stay free on a card of that size."""
        stated = self.margins.get(device, self.margin)
        return max(MARGIN_BYTES, int(total * MARGIN_SHARE)) if stated is None else stated

    def reserve_on(self, device: str) -> int:
        """The bytes that count as others' on a card even while they do not use them."""
        return self.reserves.get(device, self.reserve)

    def leases_of(self, tenant: str) -> int:
        """How many may use a tenant at once."""
        return self.most_leases.get(tenant, self.most_leases.get(tenant.partition(":")[0], 1))
