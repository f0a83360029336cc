"""The release barrier: memory is free when it was seen free, not when a server says so."""

from __future__ import annotations

from dataclasses import replace

from pointsman.gpu import ledger
from pointsman.gpu.backend import Loaded
from pointsman.gpu.changes import lingers, with_card, with_tenant
from pointsman.gpu.reconcile import heard
from pointsman.gpu.settings import Settings
from pointsman.gpu.sight import Sight
from pointsman.gpu.state import State, Tenant
from pointsman.gpu.transitions import released


def passed(state: State, sight: Sight, now: float, settings: Settings) -> State:
    """With the tenants cold whose memory is back, or whose time is over."""
    fresh = {it.device for it in sight.readings if it.measured}
    waiting = [it for it in state.tenants.values() if it.phase == "releasing" and it.unloaded_at is not None]
    for tenant in sorted(waiting, key=lambda it: (it.since, it.name)):
        card = state.cards.get(tenant.device)
        if card is None:
            state = released(state, tenant.name, now)
        elif card.measured and not ledger.stale(state, card, settings):
            if tenant.device in fresh:
                state = by_sight(state, tenant, sight, now, settings)
        else:
            state = by_word(state, tenant, sight, now, settings)
    return state


def by_sight(state: State, tenant: Tenant, sight: Sight, now: float, settings: Settings) -> State:
    """A card that is seen: 75 % are back, or 5 s have passed; what is not back then counts as somebody else's."""
    card = state.cards[tenant.device]
    since = tenant.unloaded_at if tenant.unloaded_at is not None else now
    at = card.read_at
    if at < since:
        return state
    back = max(0, (card.baseline if card.baseline is not None else card.used) - card.used)
    if back >= settings.back_share * tenant.holds:
        return let_go(state, tenant, min(back, tenant.holds), now, settings)
    if at < since + settings.barrier_seconds:
        return state
    if entry := still_listed(tenant, sight, settings):
        return kept(state, tenant, entry, now, settings)
    return let_go(state, tenant, back, now, settings)


def by_word(state: State, tenant: Tenant, sight: Sight, now: float, settings: Settings) -> State:
    """A card that nobody sees: the server has to say that it is gone, and 5 s pass; until then it counts."""
    since = tenant.unloaded_at if tenant.unloaded_at is not None else now
    if sight.at < since + settings.barrier_seconds:
        return state
    if tenant.server in state.servers and sight.reports.get(tenant.server) is None:
        return state
    if entry := still_listed(tenant, sight, settings):
        return kept(state, tenant, entry, now, settings)
    return released(state, tenant.name, now)


def let_go(state: State, tenant: Tenant, back: int, now: float, settings: Settings) -> State:
    """Cold; the bytes that are not back yet are waited for, and nothing is loaded into them."""
    card = state.cards[tenant.device]
    baseline = None if card.baseline is None else card.baseline - back
    state = with_card(state, replace(card, baseline=baseline))
    state = lingers(state, tenant.device, tenant.holds - back, now, settings)
    return released(state, tenant.name, now)


def kept(state: State, tenant: Tenant, entry: Loaded, now: float, settings: Settings) -> State:
    """Its server did not let it go: it is in memory as before, and is not asked again for a while."""
    card = state.cards[tenant.device]
    others = [it for it in ledger.on_card(state, card.device) if it.phase == "releasing" and it.name != tenant.name]
    state = with_card(state, card if others else replace(card, baseline=None))
    return with_tenant(
        state,
        replace(
            heard(tenant, entry),
            phase="resident",
            since=now - settings.min_residency,
            unloaded_at=None,
            stuck_until=now + settings.stuck_seconds,
        ),
    )


def still_listed(tenant: Tenant, sight: Sight, settings: Settings) -> Loaded | None:
    """What its server says of it, when that is more than a remainder."""
    report = sight.reports.get(tenant.server) or ()
    entry = next((it for it in report if it.tenant == tenant.name), None)
    if entry is None or (entry.size and entry.on_card <= (1 - settings.back_share) * tenant.holds):
        return None
    return entry  # some servers name who is there and not how much it holds
