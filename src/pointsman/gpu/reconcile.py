"""What servers say that they hold, against the ledger: loads and releases that somebody else made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pointsman.gpu import ledger
from pointsman.gpu.backend import Loaded
from pointsman.gpu.changes import LONG_AGO, lingers, with_card, with_key, with_tenant
from pointsman.gpu.settings import Settings
from pointsman.gpu.sight import Sight
from pointsman.gpu.state import Card, Server, State, Tenant
from pointsman.gpu.transitions import released
from pointsman.gpu.want import Rung

# The part of a variant that says how many layers go on the card.
LAYERS = "gpu="


def reported(state: State, sight: Sight, now: float, settings: Settings) -> State:
    """With what each server says of its tenants, before anything is made of it. Hearing it twice counts once."""
    new = sight.at > state.looked_at
    for name, report in sight.reports.items():
        server = state.servers.get(name, Server(name))
        if report is None:
            missed = server.missed + new
            rest = now + settings.ask_seconds if missed >= settings.missing_reports else server.ask_at
            server = replace(server, missed=missed, ask_at=rest)
        else:
            server = replace(server, missed=0)
            state = told(state, name, shared_out(state, name, report), sight.at, settings, new=new)
        state = replace(state, servers=with_key(state.servers, name, server))
    return state


def shared_out(state: State, server: str, report: Sequence[Loaded]) -> Sequence[Loaded]:
    """A server that tells only its sum (an entry without a tenant's name): the last used held it, up to its peak."""
    whole = [it for it in report if it.tenant.rstrip(":") == server]
    if not whole:
        return report
    left = sum(it.on_card for it in whole)
    named = [it for it in report if it not in whole]
    ours = [it for it in state.tenants.values() if it.server == server and it.phase == "resident"]
    shares: list[Loaded] = []
    for tenant in sorted(ours, key=lambda it: (not it.leases, -it.used_at, it.name)):
        share = min(left, tenant.booked)
        shares.append(Loaded(tenant.name, share, share))
        left -= share
    return [*named, *shares]


def told(state: State, server: str, report: Sequence[Loaded], at: float, settings: Settings, *, new: bool) -> State:
    """With what one server says of the tenants that we think it holds."""
    entries = {it.tenant: it for it in report}
    for tenant in [it for it in state.tenants.values() if it.server == server and it.phase == "resident"]:
        if at < tenant.since:
            continue  # it is older than the load
        entry = entries.get(tenant.name)
        if entry is None:
            held = 0 if tenant.on_use else tenant.reported
            after = replace(tenant, missing=tenant.missing + new, reported=held)
        else:
            after = heard(tenant, entry)
        if tenant.on_use and tenant.reported:
            state = lingers(state, tenant.device, tenant.reported - (after.reported or 0), at, settings)
        state = with_tenant(state, after)
    return state


def heard(tenant: Tenant, entry: Loaded) -> Tenant:
    """A tenant with what its server says: what it really takes is booked, its spilled bytes as well.

    Servers that name it without a size say only that it is there. What was put in the computer's memory on purpose,
    by the layers that its variant names, has not spilled.
    """
    if not entry.size:
        return replace(tenant, missing=0)
    rung = tenant.rung
    meant = rung is not None and any(it.startswith(LAYERS) for it in rung.variant.split(","))
    size = entry.on_card if meant else entry.size
    told = bool(entry.variant) and not tenant.leases and not tenant.on_use  # what loads on use serves any variant
    if told and rung is not None and entry.variant != rung.variant:
        rung = Rung(tenant.name, entry.size, entry.variant)
    peak = max(tenant.peak, entry.on_card) if tenant.on_use and tenant.leases else tenant.peak
    return replace(
        tenant,
        rung=rung,
        reported=entry.on_card,
        spilled=max(0, size - entry.on_card),
        booked=max(tenant.booked, size),
        peak=peak,
        missing=0,
    )


def reconciled(state: State, sight: Sight, now: float, settings: Settings) -> State:
    """Without the tenants that are gone, and with those that somebody else loaded and that we know by name."""
    for tenant in list(state.tenants.values()):
        if tenant.idle and tenant.server in sight.reports and is_gone(state, tenant, settings):
            state = gone(state, tenant, sight, now, settings)
    for name, report in sight.reports.items():
        for entry in found_there(state, name, report or ()):
            tenant = state.tenants.get(entry.tenant, Tenant(""))
            if tenant.name and tenant.phase == "cold" and (entry.on_card or not entry.size):
                state = adopted(state, tenant, entry, sight.at, settings)
    return foreign(state, sight)


def found_there(state: State, server: str, report: Sequence[Loaded]) -> Sequence[Loaded]:
    """A server that tells only its sum, and of which we have had nothing yet: the first that we know by name holds it.

    Once we have loaded or released something there, what is left of it is not a tenant that somebody loaded.
    """
    whole = [it for it in report if it.tenant.rstrip(":") == server]
    known = [it for it in state.tenants.values() if it.server == server]
    if not whole or not known or any(it.phase != "cold" or it.since != LONG_AGO for it in known):
        return report
    return [*(it for it in report if it not in whole), *(replace(it, tenant=known[0].name) for it in whole[:1])]


def is_gone(state: State, tenant: Tenant, settings: Settings) -> bool:
    """Whether its server no longer names it, or is silent while the card can be seen."""
    if tenant.missing >= settings.missing_reports:
        return True
    card = state.cards.get(tenant.device)
    seen = card is not None and card.measured and not ledger.stale(state, card, settings)
    return seen and ledger.down(state, tenant.name, settings)


def gone(state: State, tenant: Tenant, sight: Sight, now: float, settings: Settings) -> State:
    """Out of the ledger, when this look shows what is left of it as somebody else's.

    Where nobody sees the card, the barrier runs; where the sensor is only late, the next look decides.
    """
    card = state.cards.get(tenant.device)
    if card is None:
        return released(state, tenant.name, now)
    if not card.measured or ledger.stale(state, card, settings):
        return with_tenant(state, replace(tenant, phase="releasing", since=now, unloaded_at=now))
    at = max((it.at for it in sight.readings if it.device == card.device), default=float("-inf"))
    if at < card.changed_at or sight.at - at > settings.fresh_seconds or ledger.moving(state, card.device):
        return state
    return released(lingers(state, tenant.device, tenant.holds, now, settings), tenant.name, now)


def adopted(state: State, tenant: Tenant, entry: Loaded, at: float, settings: Settings) -> State:
    """In memory by somebody else's hand; not just after we released it, when servers still name it."""
    card = place(state, tenant, entry)
    if card is None or at - tenant.since < settings.barrier_seconds:
        return state
    rung = Rung(entry.tenant, entry.size, entry.variant)
    if not entry.size and tenant.rung is not None:
        rung = tenant.rung  # its server does not say more than its name: it is taken to be as it was last wished for
    booked = ledger.needs(state, rung, settings)
    if not booked:
        return state
    resident = replace(tenant, rung=rung, booked=booked, reported=None, spilled=0)
    return with_tenant(
        state,
        replace(
            heard(resident, entry),
            phase="resident",
            device=card.device,
            since=at,
            used_at=at,
            reload_seconds=ledger.reload_seconds(state, rung, settings),
        ),
    )


def place(state: State, tenant: Tenant, entry: Loaded) -> Card | None:
    """The card that a server's tenant is on: as it says, or the only one, or the one that is used most."""
    if entry.device in state.cards:
        return state.cards[entry.device]
    allowed = tenant.rung.devices if tenant.rung else ()
    cards = [it for it in state.cards.values() if not allowed or it.device in allowed]
    return max(cards, key=lambda it: (it.used, it.device), default=None)


def foreign(state: State, sight: Sight) -> State:
    """On cards that no sensor sees, what our servers hold and we do not know counts as somebody else's."""
    if not state.servers or any(sight.reports.get(name) is None for name in state.servers):
        return state
    ours = {it.name for it in state.tenants.values() if it.phase != "cold"}
    sums = dict.fromkeys((it.device for it in state.cards.values() if not it.measured), 0)
    for entry in (it for report in sight.reports.values() for it in report or ()):
        card = place(state, Tenant(""), entry)
        if entry.tenant not in ours and card is not None and card.device in sums:
            server = entry.tenant.rstrip(":")  # one that tells only its sum means ours too
            there = [it for it in ledger.on_card(state, card.device) if it.server == server]
            sums[card.device] += max(0, entry.on_card - sum(it.booked for it in there))
    for device, external in sums.items():
        state = with_card(state, replace(state.cards[device], external=external))
    return state
