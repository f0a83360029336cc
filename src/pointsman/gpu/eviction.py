"""Who gives way: the tenants whose loss costs the fewest expected seconds of reloading, and who never does."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence

from pointsman.gpu.changes import rate_now
from pointsman.gpu.moment import Moment
from pointsman.gpu.order import clears, rank
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Job, State, Tenant

# Even what nobody used for long may be wanted: with equal chances the one that loads faster gives way.
LEAST_CHANCE = 0.01


def chance(tenant: Tenant, now: float, settings: Settings) -> float:
    """How likely a tenant is used within the horizon: from its uses, the older the less, and from hints."""
    used = 1 - math.exp(-rate_now(tenant, now, settings) * settings.eviction_horizon)
    hinted = tenant.hint if now < tenant.hint_until else 0.0
    return max(LEAST_CHANCE, 1 - (1 - used) * (1 - hinted))


def cost(tenant: Tenant, now: float, settings: Settings) -> float:
    """The expected seconds of reloading that evicting a tenant costs."""
    return chance(tenant, now, settings) * tenant.reload_seconds


def score(tenant: Tenant, now: float, settings: Settings) -> float:
    """The expected seconds a byte: smallest gives way first."""
    return cost(tenant, now, settings) / max(1, tenant.booked)


def evictable_at(moment: Moment, tenant: Tenant, job: Job | None) -> float:
    """From when on an idle tenant may be evicted for a wish: infinite when it is pinned, busy or on its way.

    A turn-hold does not bind the conversation whose it is. Residency binds interactive wishes only while swaps are
    frequent, and nobody who waited for the whole aging time.
    """
    if tenant.pinned or not tenant.idle or in_use_beside(moment.state, tenant):
        return math.inf
    at = tenant.stuck_until
    if job is None or job.want.holder != tenant.held_by:
        at = max(at, tenant.held_until)
    if job is not None and not (clears(job, moment.now, moment.settings) or hasty(moment, job)):
        at = max(at, tenant.since + moment.settings.min_residency)
    return at


def hasty(moment: Moment, job: Job) -> bool:
    """Whether a wish may evict what has only just been loaded: an interactive one, a few times in a window."""
    settings = moment.settings
    recent = sum(1 for it in moment.state.swaps if moment.now - it < settings.swap_window)
    return rank(job, moment.now, settings) == 0 and recent < settings.hasty_swaps


def in_use_beside(state: State, tenant: Tenant) -> bool:
    """Whether releasing it would hit another's lease: a server that loads on use gives up all it has at once."""
    return tenant.on_use and any(it.leases for it in state.tenants.values() if it.server == tenant.server)


def candidates(moment: Moment, tenants: Iterable[Tenant], job: Job | None) -> list[Tenant]:
    """Those of some tenants that may be evicted for a wish now; nobody for one that sends nobody away."""
    if job is not None and not job.want.evicts:
        return []
    return [it for it in tenants if evictable_at(moment, it, job) <= moment.now]


def cheapest(
    tenants: Sequence[Tenant],
    need: int,
    now: float,
    settings: Settings,
    *,
    size: Callable[[Tenant], int] = lambda it: it.booked,
) -> tuple[Tenant, ...] | None:
    """The set that frees enough bytes at the least total cost; None when not even all of them do.

    Costs are added up as expected seconds, not as seconds a byte: a sum of ratios would give up 14 GB for the sake
    of one. Every set is tried for up to `brute_force` tenants; beyond, the smallest score goes first, and whoever
    turns out not to be needed stays. Of equal sets the smaller one is taken.
    """
    if need <= 0:
        return ()
    if sum(size(it) for it in tenants) < need:
        return None
    if len(tenants) > settings.brute_force:
        return greedy(tenants, need, now, settings, size)
    sets = (
        chosen
        for count in range(1, len(tenants) + 1)
        for chosen in itertools.combinations(tenants, count)
        if sum(size(it) for it in chosen) >= need
    )

    def total(chosen: tuple[Tenant, ...]) -> tuple[float, int, tuple[str, ...]]:
        names = tuple(it.name for it in chosen)
        return sum(cost(it, now, settings) for it in chosen), sum(size(it) for it in chosen), names

    return min(sets, key=total)


def greedy(
    tenants: Sequence[Tenant], need: int, now: float, settings: Settings, size: Callable[[Tenant], int]
) -> tuple[Tenant, ...]:
    """By rising score until enough is freed, without those that the later ones made needless."""
    chosen: list[Tenant] = []
    freed = 0
    for tenant in sorted(tenants, key=lambda it: (score(it, now, settings), it.name)):
        if freed >= need:
            break
        if size(tenant) > 0:
            chosen.append(tenant)
            freed += size(tenant)
    for tenant in sorted(chosen, key=lambda it: -cost(it, now, settings)):
        if freed - size(tenant) >= need:
            chosen.remove(tenant)
            freed -= size(tenant)
    return tuple(chosen)
