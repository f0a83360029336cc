"""Small steps from a state to the next one, which the transitions are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pointsman.gpu import ledger
from pointsman.gpu.footprints import Footprint
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, State, Tenant
from pointsman.gpu.want import Rung

V = TypeVar("V")
LONG_AGO: Final = float("-inf")


def rate_now(tenant: Tenant, now: float, settings: Settings) -> float:
    """The uses a second of a tenant, those of long ago forgotten."""
    return tenant.rate * math.exp(-max(0.0, now - tenant.rate_at) / settings.rate_decay)


def learned(state: State, key: str, footprint: Footprint) -> State:
    """With a footprint as it is known now."""
    return replace(state, footprints=with_key(state.footprints, key, footprint))


def too_small(state: State, rung: Rung, size: int, settings: Settings) -> State:
    """So many bytes were not enough: 15 % more are booked from now on, and never more than a card can hold."""
    most = max((it.largest for it in state.cards.values()), default=size)
    key = rung.footprint
    return learned(state, key, state.footprints.get(key, Footprint()).ran_out(size, most, settings))


def changed(state: State, device: str, now: float) -> State:
    """Our tenants began or ended to take memory of a card: older readings of it say nothing."""
    card = state.cards.get(device)
    return state if card is None else with_card(state, replace(card, changed_at=now))


def unmeasurable(state: State, device: str) -> State:
    """What is loaded on a card just now cannot be measured there: something else moves at the same time."""
    for tenant in ledger.on_card(state, device):
        if tenant.phase == "loading" and tenant.before is not None:
            state = with_tenant(state, replace(tenant, before=None))
    return state


def in_place(state: State, tenant: Tenant, rung: Rung, settings: Settings) -> Tenant:
    """A tenant that serves a rung: where it loads on use, in whatever variant, with that one's bytes booked."""
    if not tenant.on_use or tenant.rung is None or tenant.rung.variant == rung.variant:
        return tenant
    return replace(tenant, rung=rung, booked=ledger.served(state, tenant, rung, settings), kept=tenant.holds)


def lingers(state: State, device: str, size: int, now: float, settings: Settings) -> State:
    """Bytes that a server of ours gave up are not back yet: they are others' until they are, and waited for."""
    card = state.cards.get(device)
    if card is None or size <= 0:
        return state
    size += card.lingering if now < card.lingering_until else 0
    return with_card(state, replace(card, lingering=size, lingering_until=now + settings.linger_seconds))


def with_tenant(state: State, tenant: Tenant) -> State:
    """With a tenant as it is now."""
    return replace(state, tenants=with_key(state.tenants, tenant.name, tenant))


def with_card(state: State, card: Card) -> State:
    """With a card as it is now."""
    return replace(state, cards=with_key(state.cards, card.device, card))


def with_key(mapping: Mapping[str, V], key: str, value: V) -> Mapping[str, V]:
    """A mapping with one more, or another, value."""
    return MappingProxyType({**mapping, key: value})


def without_key(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A mapping with one value less."""
    return MappingProxyType({it: value for it, value in mapping.items() if it != key})
