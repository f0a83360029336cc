"""Preloading: what is probably wanted soon is loaded before it is asked for, where that costs nobody more."""

from __future__ import annotations

from pointsman.gpu import eviction, ledger
from pointsman.gpu.ladder import best_plan, trouble
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import Plan
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Action, Hint, Job, Load, Release, State


def preloads(state: State, now: float, settings: Settings) -> tuple[Action, ...]:
    """The load, or the releases that make room for it, of the likeliest hint; nothing while anybody waits.

    One preload at a time, none for ten minutes after one in vain.
    """
    if state.queue or now - state.wasted_at < settings.wasted_window:
        return ()
    if any(it.preloaded for it in state.tenants.values()):
        return ()
    for hint in sorted(state.hints, key=lambda it: -it.probability):
        if hint.probability >= settings.hint_probability:
            actions = for_hint(Moment(state, now, settings), hint)
            if actions:
                return actions
    return ()


def for_hint(moment: Moment, hint: Hint) -> tuple[Action, ...]:
    """What one hint asks for; nothing when it is there already, or would cost somebody more than it gains."""
    rung = hint.want.best
    tenant = moment.state.tenants.get(rung.tenant)
    if tenant is None or tenant.on_use or trouble(moment, rung):
        return ()  # what is loaded when it is used cannot be loaded before
    found = best_plan(moment, rung, Job("", hint.want, hint.at))
    if found is None or found.way not in {"load", "evict"}:
        return ()
    state = moment.state
    card = state.cards[found.device]
    if ledger.moving(state, found.device) or not ledger.known(state, card, moment.now, moment.settings):
        return ()
    if found.way == "load":
        return (Load(rung, found.device),)
    return evictions(moment, found, hint)


def evictions(moment: Moment, found: Plan, hint: Hint) -> tuple[Action, ...]:
    """The releases for a hint, when each tenant that goes is worth less a byte than what comes."""
    now, settings = moment.now, moment.settings
    seconds = ledger.reload_seconds(moment.state, found.rung, settings)
    gain = hint.probability * seconds / max(1, ledger.needs(moment.state, found.rung, settings))
    residency = settings.min_residency
    if any(eviction.score(it, now, settings) >= gain or now - it.since < residency for it in found.evict):
        return ()
    return tuple(Release(it.name, f"{found.rung.tenant} is probably wanted soon") for it in found.evict)
