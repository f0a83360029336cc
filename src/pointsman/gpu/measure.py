"""What tenants take, measured between quiet states of their card and learned."""

from __future__ import annotations

from dataclasses import replace

from pointsman.gpu import ledger
from pointsman.gpu.changes import learned, with_tenant
from pointsman.gpu.footprints import Footprint
from pointsman.gpu.reading import Reading
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import State, Tenant

# Without a report to hold it against, a rise is believed between a quarter and twice of what was expected.
LEAST, MOST = 0.25, 2.0
# A server's word that changes by less than this is no news.
NEWS = 1.01


def measured(state: State, reading: Reading, settings: Settings) -> State:
    """With what a quiet card shows of the tenants on it."""
    card = state.cards[reading.device]
    if ledger.moving(state, card.device) or reading.at < card.changed_at:
        return state
    for tenant in ledger.on_card(state, card.device):
        if tenant.on_use:
            state = after_use(state, tenant, reading, settings)
        elif tenant.before is not None:
            state = after_load(state, tenant, reading, settings)
        elif (tenant.reported or 0) + tenant.spilled > NEWS * learned_bytes(state, tenant, settings):
            state = taken(state, tenant, (tenant.reported or 0) + tenant.spilled, tenant.measured, settings)
    return state


def after_load(state: State, tenant: Tenant, reading: Reading, settings: Settings) -> State:
    """The rise since before its load, or what its server reports where that is more, or the rise has others in it."""
    others = sum(it.holds for it in ledger.on_card(state, reading.device) if it.name != tenant.name)
    rise = reading.used - others - (tenant.before or 0)
    if tenant.reported is not None:
        size = rise if tenant.reported <= rise <= tenant.reported + settings.overhead_bytes else tenant.reported
    elif LEAST * tenant.booked <= rise <= MOST * tenant.booked:
        size = rise
    else:
        return with_tenant(state, replace(tenant, before=None))
    return taken(state, tenant, size + tenant.spilled, size, settings)


def after_use(state: State, tenant: Tenant, reading: Reading, settings: Settings) -> State:
    """A tenant that is loaded when it is used: the most that its server reported meanwhile.

    No more than it kept of another variant says nothing of this one.
    """
    if tenant.leases or not tenant.peak or reading.at < tenant.used_at:
        return state
    if tenant.peak <= tenant.kept:
        return with_tenant(state, replace(tenant, peak=0))
    return taken(state, replace(tenant, peak=0), tenant.peak, tenant.reported, settings)


def taken(state: State, tenant: Tenant, size: int, shown: int | None, settings: Settings) -> State:
    """A tenant took so many bytes: learned, and booked from now on."""
    if tenant.rung is None or size <= 0:
        return with_tenant(state, replace(tenant, before=None))
    key = tenant.rung.footprint
    footprint = state.footprints.get(key, Footprint()).measured(size, settings)
    state = learned(state, key, footprint)
    booked = max(footprint.bytes(settings), size, tenant.reported or 0)
    return with_tenant(state, replace(tenant, measured=shown, booked=booked, before=None))


def learned_bytes(state: State, tenant: Tenant, settings: Settings) -> int:
    """What was learned of it, or else what is booked."""
    footprint = state.footprints.get(tenant.rung.footprint) if tenant.rung else None
    return (footprint.bytes(settings) if footprint else 0) or tenant.booked
