"""What becomes of the state when something happens: pure functions from a state to the next one."""

from __future__ import annotations

from dataclasses import replace

from pointsman.gpu import ledger
from pointsman.gpu.changes import (
    LONG_AGO,
    changed,
    in_place,
    learned,
    rate_now,
    too_small,
    unmeasurable,
    with_card,
    with_key,
    with_tenant,
    without_key,
)
from pointsman.gpu.footprints import Footprint
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Action, Grant, Granted, Hint, Job, Load, Refuse, Release, Server, State, Tenant
from pointsman.gpu.want import Want


def apply(state: State, action: Action, now: float, settings: Settings) -> State:
    """The state when an action of the schedule has begun."""
    match action:
        case Load():
            return loading(state, action, now, settings)
        case Release():
            return releasing(state, action, now, settings)
        case Grant():
            return granted(state, action, now, settings)
        case Refuse(job=job):
            return cancelled(state, job)


def serving(state: State, name: str, *, on_use: bool = False) -> State:
    """A backend is there."""
    return replace(state, servers=with_key(state.servers, name, Server(name, on_use)))


def submitted(state: State, job: str, want: Want, now: float, settings: Settings) -> State:
    """A wish came. It ends the preloads that have not begun."""
    for rung in want.ladder:
        state = introduced(state, rung.tenant, settings)
        tenant = state.tenants.get(rung.tenant)
        if tenant is not None and tenant.rung is None:
            state = with_tenant(state, replace(tenant, rung=rung))
    hints = () if want.priority != "preload" else state.hints
    return replace(state, queue=(*state.queue, Job(job, want, now)), hints=hints)


def introduced(state: State, name: str, settings: Settings) -> State:
    """A tenant is known by name, so that it is recognised when its server holds it."""
    if not name or name in state.tenants:
        return state
    server = state.servers.get(name.partition(":")[0])
    tenant = Tenant(
        name,
        most_leases=settings.leases_of(name),
        pinned=name in settings.pinned,
        since=LONG_AGO,
        on_use=server is not None and server.on_use,
    )
    return with_tenant(state, tenant)


def hinted(state: State, want: Want, probability: float, now: float, settings: Settings) -> State:
    """Something is probably wanted soon: its tenant is dearer to evict, and may be loaded before it is asked for."""
    rung = want.best
    state = introduced(state, rung.tenant, settings)
    if rung.tenant:
        tenant = replace(state.tenants[rung.tenant], hint=probability, hint_until=now + settings.hint_seconds)
        state = with_tenant(state, tenant)
    others = tuple(it for it in state.hints if it.want.best.tenant != rung.tenant)
    return replace(state, hints=(*others, Hint(want, probability, now)))


def cancelled(state: State, job: str) -> State:
    """A wish left the queue: taken back, or refused."""
    return replace(state, queue=tuple(it for it in state.queue if it.id != job))


def failing(state: State, name: str, failure: str, until: float) -> State:
    """A tenant cannot be loaded before a time."""
    return with_tenant(state, replace(state.tenants[name], failure=failure, failed_until=until))


def loading(state: State, action: Load, now: float, settings: Settings) -> State:
    """A load began: its bytes are booked, and what the card held without it is kept for measuring."""
    rung = action.rung
    state = introduced(state, rung.tenant, settings)
    card = state.cards[action.device]
    others = sum(it.holds for it in ledger.on_card(state, action.device))
    tenant = replace(
        state.tenants[rung.tenant],
        phase="loading",
        device=action.device,
        rung=rung,
        booked=ledger.needs(state, rung, settings),
        since=now,
        reload_seconds=ledger.reload_seconds(state, rung, settings),
        before=card.used - others if card.measured else None,
        reported=None,
        measured=None,
        spilled=0,
        peak=0,
        kept=0,
        missing=0,
        unloaded_at=None,
        preloaded=not action.job,
        held_until=LONG_AGO,
        held_by="",
    )
    jobs = tuple(replace(it, cold=True) if it.id == action.job else it for it in state.queue)
    hints = tuple(it for it in state.hints if it.want.best.tenant != rung.tenant)
    return changed(replace(with_tenant(state, tenant), queue=jobs, hints=hints), action.device, now)


def loaded(state: State, name: str, now: float, settings: Settings) -> State:
    """A load ended well. How long it took is learned; what it took shows the next quiet reading."""
    tenant = state.tenants[name]
    if tenant.phase != "loading" or tenant.rung is None:
        return state
    key = tenant.rung.footprint
    if not tenant.on_use:
        footprint = state.footprints.get(key, Footprint())
        # What was loaded before is still in the computer's memory, most likely.
        state = learned(state, key, footprint.timed(max(0.1, now - tenant.since), settings, warm=tenant.loads > 0))
    seconds = ledger.reload_seconds(state, tenant.rung, settings)
    tenant = replace(
        tenant,
        phase="resident",
        since=now,
        reload_seconds=seconds,
        loads=tenant.loads + 1,
        failure="",
        failed_until=LONG_AGO,
    )
    return changed(with_tenant(state, tenant), tenant.device, now)


def load_failed(
    state: State, name: str, now: float, settings: Settings, *, failure: str, out_of_memory: bool = False, job: str = ""
) -> State:
    """A load failed: its bytes count until they are seen free. Out of memory is tried once more, with 15 % more."""
    tenant = state.tenants[name]
    if tenant.phase != "loading" or tenant.rung is None:
        return state
    again = False
    if out_of_memory:
        state = too_small(state, tenant.rung, tenant.booked, settings)
        again = all(it.tries == 0 for it in state.queue if it.id == job)
        jobs = tuple(replace(it, tries=it.tries + 1, cold=False) if it.id == job else it for it in state.queue)
        state = replace(state, queue=jobs)
    until = LONG_AGO if again else now + settings.failed_seconds
    tenant = replace(
        tenant, phase="releasing", since=now, failure=failure, failed_until=until, unloaded_at=None, preloaded=False
    )
    card = state.cards[tenant.device]
    # As if all of it had been there, so that the barrier sees it back as soon as it is gone.
    if tenant.before is not None:
        others = sum(it.holds for it in ledger.on_card(state, tenant.device) if it.name != name)
        peak = tenant.before + others + tenant.holds
        state = with_card(state, replace(card, baseline=max(peak, card.baseline or 0)))
    return changed(with_tenant(state, tenant), tenant.device, now)


def releasing(state: State, action: Release, now: float, settings: Settings) -> State:
    """The memory of a tenant was asked back: its bytes count until they are seen free."""
    tenant = state.tenants[action.tenant]
    hasty = bool(action.job) and now - tenant.since < settings.min_residency
    if hasty:
        recent = tuple(it for it in state.swaps if now - it < settings.swap_window)
        state = replace(state, swaps=(*recent, now))
    if tenant.preloaded:
        state = replace(state, wasted_at=now)
    jobs = tuple(
        replace(it, evicted=(*it.evicted, tenant.name)) if it.id == action.job and action.job else it
        for it in state.queue
    )
    card = state.cards.get(tenant.device)
    if card is not None and card.baseline is None:
        state = with_card(state, replace(card, baseline=card.used))
    state = unmeasurable(state, tenant.device)
    tenant = replace(tenant, phase="releasing", since=now, unloaded_at=None, deep=action.deep, preloaded=False)
    return changed(replace(with_tenant(state, tenant), queue=jobs), tenant.device, now)


def unloaded(state: State, name: str, now: float) -> State:
    """The server answered to a release, well or not: from now on the barrier runs."""
    tenant = state.tenants[name]
    if tenant.phase != "releasing" or tenant.unloaded_at is not None:
        return state
    return changed(with_tenant(state, replace(tenant, unloaded_at=now)), tenant.device, now)


def released(state: State, name: str, now: float) -> State:
    """The memory of a tenant is back, or counts as somebody else's."""
    tenant = state.tenants[name]
    cold = replace(
        tenant,
        phase="cold",
        device="",
        booked=0,
        since=now,
        reported=None,
        measured=None,
        spilled=0,
        peak=0,
        kept=0,
        before=None,
        missing=0,
        unloaded_at=None,
        preloaded=False,
    )
    state = with_tenant(state, cold)
    card = state.cards.get(tenant.device)
    if card is not None and not any(it.phase == "releasing" for it in ledger.on_card(state, tenant.device)):
        state = with_card(state, replace(card, baseline=None))
    return state


def granted(state: State, action: Grant, now: float, settings: Settings) -> State:
    """A wish got its lease; those who came before it and still wait were passed once more."""
    job = next(it for it in state.queue if it.id == action.job)
    want, rung = job.want, action.rung
    waiting = []
    earlier = True
    for it in state.queue:
        if it.id == job.id:
            earlier = False
        else:
            waiting.append(replace(it, passed=it.passed + 1) if earlier and rung.tenant else it)
    grant = Granted(job.id, rung, action.device, now, want.seconds, want.kind, want.holder)
    state = replace(state, queue=tuple(waiting), grants=with_key(state.grants, job.id, grant))
    if not rung.tenant:
        return state
    tenant = state.tenants[rung.tenant]
    rate = rate_now(tenant, now, settings) + 1 / settings.rate_decay
    tenant = in_place(state, tenant, rung, settings)
    tenant = replace(
        tenant, leases=tenant.leases | {job.id}, rate=rate, rate_at=now, preloaded=False, hint=0.0, used_at=now
    )
    return with_tenant(state, tenant)


def given_back(state: State, job: str, now: float, settings: Settings, *, last: bool = False) -> State:
    """A lease ended; a conversation's tenant is kept for its next turn, unless it was the last."""
    grant = state.grants.get(job)
    if grant is None:
        return state
    state = replace(state, grants=without_key(state.grants, job))
    tenant = state.tenants.get(grant.rung.tenant)
    if tenant is None:
        return state
    tenant = replace(tenant, leases=tenant.leases - {job}, used_at=now)
    if grant.holder:
        tenant = replace(tenant, held_until=now + (0.0 if last else settings.turn_hold), held_by=grant.holder)
    return with_tenant(state, tenant)


def ran_out(state: State, job: str, now: float, settings: Settings) -> State:
    """The holder of a lease ran out of memory: its footprint grows, and the lease ends."""
    grant = state.grants.get(job)
    if grant is None:
        return state
    state = given_back(state, job, now, settings)
    tenant = state.tenants.get(grant.rung.tenant)
    if tenant is None or tenant.phase == "cold":
        return state
    state = too_small(state, grant.rung, tenant.booked, settings)
    return with_tenant(state, replace(tenant, held_until=LONG_AGO))


def swept(state: State, now: float, settings: Settings) -> State:
    """What ends by itself: hints, preloads that nobody used, leases whose holders crashed."""
    for job in [it.job for it in state.grants.values() if now - it.at > settings.longest_lease]:
        state = given_back(state, job, now, settings)
    for tenant in list(state.tenants.values()):
        if tenant.preloaded and tenant.idle and now - tenant.since > settings.hint_seconds:
            state = replace(with_tenant(state, replace(tenant, preloaded=False)), wasted_at=now)
    if any(now - it.at > settings.hint_seconds for it in state.hints):
        state = replace(state, hints=tuple(it for it in state.hints if now - it.at <= settings.hint_seconds))
    return state
