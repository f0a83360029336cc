"""What is booked on a card, what room is left, and whether that is known well enough to load something."""

from __future__ import annotations

from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, State, Tenant
from pointsman.gpu.want import Rung


def on_card(state: State, device: str) -> list[Tenant]:
    """The tenants with bytes booked on a card, by name."""
    return [it for _, it in sorted(state.tenants.items()) if it.phase != "cold" and it.device == device]


def booked(state: State, device: str) -> int:
    """The bytes that count as ours: from the start of a load until the memory was seen free again."""
    return sum(it.booked for it in on_card(state, device))


def room(state: State, card: Card) -> int:
    """The bytes that a load may take now; negative when others took what was booked."""
    return card.budget - booked(state, card.device)


def coming(state: State, device: str, settings: Settings) -> int:
    """The bytes that are being released, and will be back."""
    there = [it for it in on_card(state, device) if it.phase == "releasing"]
    return sum(it.booked for it in there if not lost(state, it, settings))


def lost(state: State, tenant: Tenant, settings: Settings) -> bool:
    """Whether nobody can say if a release that is overdue has ended: its server is down, no sensor sees the card."""
    if tenant.phase != "releasing" or not down(state, tenant.name, settings):
        return False
    if state.looked_at < tenant.since + settings.barrier_seconds + settings.unload_limit:
        return False
    card = state.cards.get(tenant.device)
    return card is not None and (not card.measured or stale(state, card, settings))


def served(state: State, tenant: Tenant, rung: Rung, settings: Settings) -> int:
    """The bytes to book when a tenant that is there serves a rung.

    What loads on use serves any variant in place (ComfyUI with another picture size): it needs that variant's peak,
    and may keep what it holds of the one before.
    """
    if not tenant.on_use or tenant.rung is None or tenant.rung.variant == rung.variant:
        return tenant.booked
    return max(needs(state, rung, settings), tenant.booked if tenant.leases else tenant.holds)


def needs(state: State, rung: Rung, settings: Settings) -> int:
    """The bytes to book for a rung: as learned, or else as guessed."""
    footprint = state.footprints.get(rung.footprint)
    return (footprint.bytes(settings) if footprint else 0) or rung.bytes


def reload_seconds(state: State, rung: Rung, settings: Settings) -> float:
    """What loading a rung takes: as timed, or else as guessed from its bytes."""
    footprint = state.footprints.get(rung.footprint)
    timed = footprint.seconds if footprint else 0.0
    return timed or settings.load_start + needs(state, rung, settings) / settings.load_bytes_per_second


def ceiling(state: State, card: Card, rung: Rung, now: float, settings: Settings) -> int:
    """What a rung could have there once all that is ours and not pinned nor lost has gone; others stay.

    Bytes that a server of ours was asked to give back, and that others gave up a moment ago, count as free: they are
    waited for.
    """
    external = card.external - (card.lingering if now < card.lingering_until else 0)
    there = [it for it in on_card(state, card.device) if it.name != rung.tenant]
    stays = sum(it.booked for it in there if it.pinned or lost(state, it, settings))
    return card.largest - max(0, external) - stays


def loading(state: State, device: str) -> Tenant | None:
    """The tenant that is loaded on a card just now."""
    return next((it for it in on_card(state, device) if it.phase == "loading"), None)


def moving(state: State, device: str) -> bool:
    """Whether a tenant on a card is being loaded or released."""
    return any(it.phase in {"loading", "releasing"} for it in on_card(state, device))


def unsettled(state: State, device: str, settings: Settings) -> bool:
    """Whether what moves on a card will come to an end that is seen."""
    there = on_card(state, device)
    return any(it.phase in {"loading", "releasing"} and not lost(state, it, settings) for it in there)


def stale(state: State, card: Card, settings: Settings) -> bool:
    """Whether the sensor of a card has gone silent: then its last reading is a static budget."""
    return card.measured and state.looked_at - card.read_at > settings.stale_seconds


def known(state: State, card: Card, now: float, settings: Settings) -> bool:
    """Whether what is free on a card is known: it was seen since something last moved, and not long ago.

    A card that no sensor sees, or whose sensor went silent, is owned by its budget alone.
    """
    if not card.measured or stale(state, card, settings):
        return state.looked_at >= card.changed_at
    return card.read_at >= card.changed_at and now - card.read_at <= settings.fresh_seconds


def down(state: State, tenant: str, settings: Settings) -> bool:
    """Whether the server of a tenant does not answer."""
    server = state.servers.get(tenant.partition(":")[0])
    return server is not None and server.missed >= settings.missing_reports


def gigabytes(size: float) -> str:
    """Bytes for people: 9.1 GB."""
    return f"{size / 1e9:.1f} GB"
