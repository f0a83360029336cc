"""How a rung could be served on a card: at once, after a load, after an eviction, or after a wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pointsman.gpu import eviction, ledger
from pointsman.gpu.moment import Moment
from pointsman.gpu.state import Card, Job, State, Tenant
from pointsman.gpu.want import Rung

Way = Literal["here", "full", "loading", "load", "coming", "evict", "drain"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A way of serving a rung on a card.

    `here`: it is in memory and free. `full`: it is, and others use it. `loading`: it is being loaded. `load`: it
    fits. `coming`: it fits when what is being released is back. `evict`: it fits when those in `evict` are gone.
    `drain`: it fits when those in `evict` have become idle and are gone. `seconds` is about how long that takes,
    `need` the bytes that a load would take.
    """

    rung: Rung
    device: str
    way: Way
    seconds: float
    need: int = 0
    evict: tuple[Tenant, ...] = ()


def cards_of(state: State, rung: Rung) -> list[Card]:
    """The cards that a rung may be placed on."""
    cards = [it for _, it in sorted(state.cards.items())]
    return [it for it in cards if not rung.devices or it.device in rung.devices]


def plan(moment: Moment, rung: Rung, card: Card, job: Job | None) -> Plan | None:
    """How a rung can be served on a card; None when it cannot as long as others hold what they hold."""
    tenant = moment.state.tenants.get(rung.tenant)
    if tenant is not None and tenant.phase == "cold":
        tenant = None
    if tenant is not None and tenant.device == card.device and tenant.phase != "releasing":
        if tenant.rung is not None and (tenant.rung.variant == rung.variant or in_place(moment, rung, tenant)):
            return present(moment, rung, tenant, job)
    elif tenant is not None and tenant.device != card.device:
        return moved(moment, rung, card, tenant, job)
    if not fits_beside(moment, rung, card):
        return None
    return absent(moment, rung, card, tenant, job)


def in_place(moment: Moment, rung: Rung, tenant: Tenant) -> bool:
    """Whether a tenant serves another variant as it is: what loads on use does, unless it keeps too much for that."""
    state, settings = moment.state, moment.settings
    if not tenant.on_use:
        return False
    return ledger.served(state, tenant, rung, settings) <= ledger.ceiling(
        state, state.cards[tenant.device], rung, moment.now, settings
    )


def fits_beside(moment: Moment, rung: Rung, card: Card) -> bool:
    """Whether a rung fits on a card once all that is ours has gone, beside what others hold."""
    need = ledger.needs(moment.state, rung, moment.settings)
    return need <= ledger.ceiling(moment.state, card, rung, moment.now, moment.settings)


def moved(moment: Moment, rung: Rung, card: Card, tenant: Tenant, job: Job | None) -> Plan | None:
    """It is on another card: served there where that is allowed, or else moved when it is idle."""
    if not rung.devices or tenant.device in rung.devices or not fits_beside(moment, rung, card):
        return None
    state, settings = moment.state, moment.settings
    seconds = settings.release_seconds + ledger.reload_seconds(state, rung, settings)
    if tenant.phase == "releasing":
        return Plan(rung, card.device, "coming", seconds)
    need = ledger.needs(state, rung, settings)
    if job is not None and not job.want.evicts:
        return Plan(rung, card.device, "drain", chance_left(moment, job), need)
    way: Way = "evict" if own_variant_at(state, tenant, job) <= moment.now else "drain"
    return Plan(rung, card.device, way, seconds + free_in(moment, tenant, job), need, (tenant,))


def present(moment: Moment, rung: Rung, tenant: Tenant, job: Job | None) -> Plan | None:
    """It is in memory, or on its way there."""
    state, now, settings = moment.state, moment.now, moment.settings
    card = state.cards[tenant.device]
    if tenant.phase == "loading":
        return Plan(rung, card.device, "loading", left(tenant, now))
    if tenant.name in moment.closed:
        return Plan(rung, card.device, "full", ends(state, tenant, now) + 2 * tenant.reload_seconds)
    if len(tenant.leases) >= tenant.most_leases:
        ahead = sum(it.want.seconds for it in state.queue if job and it.at < job.at and it.want.best == rung)
        return Plan(rung, card.device, "full", ends(state, tenant, now) + ahead / tenant.most_leases)
    # What loads on use takes its peak again with every use, so that it has to fit again.
    size = ledger.served(state, tenant, rung, settings)
    more = max(0, size - tenant.booked)
    short = size - tenant.booked - ledger.room(state, card) if tenant.on_use and (more or not tenant.leases) else 0
    short += moment.claimed.get(card.device, 0) if more else 0
    if short <= 0:
        return Plan(rung, card.device, "here", 0.0, more)
    if size > ledger.ceiling(state, card, rung, now, settings):
        return None
    short -= ledger.coming(state, card.device, settings)
    if short <= 0:
        return Plan(rung, card.device, "coming", settings.release_seconds, more)
    way, seconds, evict = making_room(moment, card, short, job, stays=tenant)
    return Plan(rung, card.device, way, settings.release_seconds + seconds, more, evict)


def absent(moment: Moment, rung: Rung, card: Card, tenant: Tenant | None, job: Job | None) -> Plan:
    """It has to be loaded; what is there of it, in another variant or on its way out, has to go first."""
    state, settings = moment.state, moment.settings
    device = card.device
    need = ledger.needs(state, rung, settings)
    seconds = ledger.reload_seconds(state, rung, settings)
    busy = ledger.loading(state, device)
    if busy is not None:
        seconds += left(busy, moment.now)
    if tenant is not None and tenant.phase == "loading":
        return Plan(rung, device, "drain", seconds + settings.release_seconds, need)
    space = ledger.room(state, card) - moment.claimed.get(device, 0)
    if tenant is None and need <= space:
        return Plan(rung, device, "load", seconds, need)
    space += ledger.coming(state, device, settings)
    other = tenant if tenant is not None and tenant.phase == "resident" else None
    if other is None and need <= space:
        return Plan(rung, device, "coming", seconds + settings.release_seconds, need)
    way, wait, evict = making_room(moment, card, need - space, job, goes=other)
    return Plan(rung, device, way, seconds + settings.release_seconds + wait, need, evict)


def making_room(
    moment: Moment, card: Card, short: int, job: Job | None, *, goes: Tenant | None = None, stays: Tenant | None = None
) -> tuple[Way, float, tuple[Tenant, ...]]:
    """Who has to go for so many bytes, and after how many seconds: idle ones now, or busy ones when they are done.

    `goes` goes in any case, `stays` does not.
    """
    state, now, settings = moment.state, moment.now, moment.settings
    if job is not None and not job.want.evicts:
        return "drain", chance_left(moment, job), ()
    first = () if goes is None else (goes,)
    short -= sum(it.booked for it in first)
    there = [it for it in ledger.on_card(state, card.device) if it.phase != "releasing" and it not in {goes, stays}]
    if goes is None or own_variant_at(state, goes, job) <= now:
        chosen = eviction.cheapest(eviction.candidates(moment, there, job), short, now, settings)
        if chosen is not None:
            return "evict", 0.0, (*first, *chosen)
    waited = eviction.cheapest([it for it in there if not it.pinned], short, now, settings)
    until = max((free_in(moment, it, job) for it in (*first, *(waited or ()))), default=0.0)
    if waited is None:
        # Only others can make the room: what they gave up a moment ago, or what a server has not let go yet.
        until = max(until, card.calm_at - now if card.withheld else settings.barrier_seconds)
    return "drain", until, (*first, *(waited or ()))


def chance_left(moment: Moment, job: Job) -> float:
    """The seconds in which others may still give up by themselves what a wish needs that sends nobody away."""
    return max(0.0, job.at + job.want.deadline - moment.now)


def own_variant_at(state: State, tenant: Tenant, job: Job | None) -> float:
    """From when on a tenant may be reloaded in another variant; a pin keeps it from others, not from this."""
    if not tenant.idle or eviction.in_use_beside(state, tenant):
        return math.inf
    if job is not None and job.want.holder == tenant.held_by:
        return tenant.stuck_until
    return max(tenant.held_until, tenant.stuck_until)


def free_in(moment: Moment, tenant: Tenant, job: Job | None) -> float:
    """In about how many seconds a tenant can be evicted."""
    at = eviction.evictable_at(moment, tenant, job)
    return max(0.0, at - moment.now) if at < math.inf else ends(moment.state, tenant, moment.now)


def left(tenant: Tenant, now: float) -> float:
    """The seconds that a load still takes; one that is overdue, half its time again."""
    return max(0.0, tenant.since + tenant.reload_seconds - now) or (now - tenant.since) / 2


def ends(state: State, tenant: Tenant, now: float) -> float:
    """In about how many seconds the first of a tenant's leases ends: one that is overdue, in half its time again."""
    waits = []
    for grant in (state.grants[it] for it in tenant.leases if it in state.grants):
        used = now - grant.at
        waits.append(grant.seconds - used if used < grant.seconds else used / 2)
    return min(waits, default=0.0)
