"""What others hold of a card: seen bytes that are not ours, who they are, and when they need the room."""

from __future__ import annotations

from dataclasses import replace

from pointsman.gpu import ledger
from pointsman.gpu.changes import with_card
from pointsman.gpu.reading import Process, Reading
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, State

# Less than this in others' hands is not worth a word.
WORTH_NAMING = 100_000_000
# While others hold nine tenths of what they held, they have not given it up.
STILL = 0.9


def looked_at(state: State, reading: Reading, settings: Settings) -> State:
    """A card as the reading shows it; what others hold of it is reckoned later, by `attributed`."""
    card = state.cards.get(reading.device) or Card(
        reading.device, reading.total, external=settings.reserve_on(reading.device), read_at=float("-inf")
    )
    if reading.at < card.read_at:
        return state
    card = replace(
        card,
        total=reading.total,
        reserved=reading.reserved,
        margin=settings.margin_on(reading.device, reading.total),
        name=reading.name,
        source=reading.source,
        used=reading.used,
        read_at=reading.at,
    )
    return with_card(state, card)


def attributed(state: State, reading: Reading, now: float, settings: Settings, *, new: bool) -> State:
    """What is not ours, and whether others need more; `new` says that it is not a reading seen before.

    While our tenants load or are released, what they hold is not known; then others are taken to hold what they did,
    or all that is above our bookings where that is more.
    """
    card = state.cards[reading.device]
    if reading.at < card.changed_at:
        return state  # it is older than what began or ended since, and says nothing of it
    ours = ledger.on_card(state, card.device)
    if ledger.moving(state, card.device):
        external = max(card.external, reading.used - sum(it.booked for it in ours))
    else:
        external = max(0, reading.used - sum(it.holds for it in ours))
    external = max(external, settings.reserve_on(card.device))
    before = card.external - card.lingering + card.withheld
    lingering = min(card.lingering, external) if now < card.lingering_until else 0
    game = external >= settings.game_bytes and (
        card.game
        or external - lingering - card.external >= settings.game_bytes
        or any(is_game(it, settings) for it in reading.processes)
    )
    low = reading.free < card.margin and external > 0
    card = replace(
        card,
        lingering=lingering,
        game=game,
        low=card.low + new if low else 0,
        holders=holders(reading, external, settings),
    )
    return with_card(state, calmed(card, external, before, now, settings))


def calmed(card: Card, external: int, before: int, now: float, settings: Settings) -> Card:
    """After others needed the room, what they give up is withheld for a while: they may take it again.

    `before` is what they held, or was withheld for them, at the last reading.
    """
    net = external - card.lingering
    calm_at = card.calm_at
    if card.low >= settings.pressure_samples:
        calm_at = now + settings.calm_seconds
    if now >= calm_at:
        return replace(card, external=external, withheld=0, calm_at=calm_at)
    if net >= STILL * before:
        calm_at = now + settings.calm_seconds
    return replace(card, external=external, withheld=max(0, before - net), calm_at=calm_at)


def holders(reading: Reading, external: int, settings: Settings) -> str:
    """Who the others are, in words: the largest of them where the driver tells, with its bytes; "" for a trifle."""
    if external < WORTH_NAMING:
        return ""
    others = [it for it in reading.processes if it.bytes and not is_ours(it, settings)]
    largest = max(others, key=lambda it: it.bytes or 0, default=None)
    if largest is not None and (largest.bytes or 0) * 2 >= external:
        return f"{largest.name} holds {ledger.gigabytes(largest.bytes or 0)}"
    return f"other programs hold {ledger.gigabytes(external)}"


def is_ours(process: Process, settings: Settings) -> bool:
    """Whether it is a server that we ask."""
    return any(word in process.name.lower() for word in settings.own_programs)


def is_game(process: Process, settings: Settings) -> bool:
    """Whether it draws, and holds a game's bytes."""
    return process.kind != "compute" and (process.bytes or 0) >= settings.game_bytes and not is_ours(process, settings)
