"""The state as people look at it."""

from __future__ import annotations

from pointsman.gpu import ledger
from pointsman.gpu.settings import Settings
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.gpu.state import Card, State, Tenant
from pointsman.gpu.waits import standings


def snapshot_of(state: State, now: float, settings: Settings) -> Snapshot:
    """Everything at one moment; tenants that are not in memory are left out."""
    wishes = tuple(
        WishNow(
            notice.position,
            job.want.kind,
            found.rung.tenant if found else job.want.best.tenant,
            job.want.priority,
            max(0.0, now - job.at),
            notice.seconds,
            notice.text,
        )
        for job, found, notice in standings(state, now, settings)
    )
    tenants = [tenant_now(it, now) for _, it in sorted(state.tenants.items()) if it.phase != "cold"]
    return Snapshot(tuple(card_now(state, it, now) for _, it in sorted(state.cards.items())), tuple(tenants), wishes)


def card_now(state: State, card: Card, now: float) -> CardNow:
    """One card."""
    return CardNow(
        device=card.device,
        name=card.name,
        total=card.total,
        reserved=card.reserved,
        margin=card.margin,
        used=card.used,
        booked=ledger.booked(state, card.device),
        external=card.external,
        source=card.source,
        age=max(0.0, now - card.read_at),
        holders=card.holders,
    )


def tenant_now(tenant: Tenant, now: float) -> TenantNow:
    """One tenant."""
    return TenantNow(
        name=tenant.name,
        phase=tenant.phase,
        device=tenant.device,
        variant=tenant.rung.variant if tenant.rung else "",
        booked=tenant.booked,
        reported=tenant.reported,
        measured=tenant.measured,
        spilled=tenant.spilled,
        users=len(tenant.leases),
        pinned=tenant.pinned,
        idle_seconds=0.0 if tenant.leases else max(0.0, now - max(tenant.used_at, tenant.since)),
    )
