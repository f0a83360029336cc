"""Which rung serves a wish: the best one that can be had in time, or none, with the reason in words."""

from __future__ import annotations

from pointsman.gpu import ledger
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import Plan, cards_of, plan
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, Job, Refuse, State
from pointsman.gpu.want import Rung


def choose(moment: Moment, job: Job) -> Plan | Refuse | None:
    """How a wish is best served now; None while that is not known because the cards have not been looked at.

    The first rung that can be had within the wish's patience, or else the one that can be had soonest; a lower one
    only where it is worth it. A rung counts as long as it fits beside what others hold.
    """
    if not job.want.loads:
        return as_it_is(moment, job)
    if (found := going_on(moment, job)) is not None:
        return found
    plans: list[Plan] = []
    for rung in job.want.ladder:
        found = best_plan(moment, rung, job)
        if found is None and undecided(moment, rung):
            return None
        if found is not None and (not plans or worth_it(found, plans[0], moment.settings)):
            plans.append(found)
            if in_time(found, job, moment.now, moment.settings):
                return found
    if plans:
        return min(plans, key=lambda it: it.seconds)
    return refusal(moment, job)


def going_on(moment: Moment, job: Job) -> Plan | None:
    """The rung that answered a moment ago, where it can go on at once; the best, where that is in memory as well."""
    if job.want.prefers:
        for rung in (job.want.best, *job.want.ladder):
            if rung.tenant and (rung == job.want.best or rung.footprint == job.want.prefers):
                found = best_plan(moment, rung, job)
                if found is not None and found.way == "here":
                    return found
    return None


def as_it_is(moment: Moment, job: Job) -> Plan | Refuse:
    """The first rung that is in memory, or needs none; a refusal where there is none, as nothing is loaded for it."""
    for rung in job.want.ladder:
        found = best_plan(moment, rung, job)
        if found is not None and found.way in {"here", "full", "loading"}:
            return found
    return Refuse(job.id, f"{job.want.best.tenant} is not in memory", moment.settings.retry_after)


def best_plan(moment: Moment, rung: Rung, job: Job | None) -> Plan | None:
    """The soonest way to a rung over all cards that may hold it, and of equal ones the card with most room."""
    if not rung.tenant:
        return Plan(rung, "", "here", 0.0)
    if trouble(moment, rung):
        return None
    state = moment.state
    plans = [(plan(moment, rung, it, job), it) for it in cards_of(state, rung)]
    ways = [(found.seconds, -ledger.room(state, card), card.device, found) for found, card in plans if found]
    return min(ways, key=lambda it: it[:3])[3] if ways else None


def worth_it(lower: Plan, best: Plan, settings: Settings) -> bool:
    """Whether a lower rung is so much sooner than the best one that somebody would want it.

    For a model that is there, and only busy or still loading, nobody else is sent away.
    """
    if best.way in {"full", "loading"} and lower.way in {"evict", "drain"}:
        return False
    return lower.seconds <= settings.step_down_share * best.seconds


def in_time(found: Plan, job: Job, now: float, settings: Settings) -> bool:
    """Whether a plan ends within the wish's patience; what is nearly done is waited for in any case."""
    patience = job.want.patience
    return found.seconds <= max(patience - (now - job.at), settings.patience_grace * patience)


def undecided(moment: Moment, rung: Rung) -> bool:
    """Whether a card that might hold the rung has not been seen for a while, so that the next look decides."""
    state = moment.state
    if not rung.tenant or trouble(moment, rung):
        return False
    if not state.cards:
        return state.looked_at == float("-inf")
    possible = [it for it in cards_of(state, rung) if fits_alone(state, it, rung, moment.settings)]
    return any(not ledger.known(state, it, moment.now, moment.settings) for it in possible)


def trouble(moment: Moment, rung: Rung) -> str:
    """Why a rung's tenant cannot be loaded just now, whatever room there is; "" when nothing is known against it."""
    tenant = moment.state.tenants.get(rung.tenant)
    there = tenant is not None and tenant.phase in {"resident", "loading"}
    if tenant is not None and there and tenant.rung is not None and tenant.rung.variant == rung.variant:
        return ""
    if tenant is not None and moment.now < tenant.failed_until:
        return tenant.failure
    if ledger.down(moment.state, rung.tenant, moment.settings):
        return f"{rung.tenant.partition(':')[0]} does not answer"
    return ""


def refusal(moment: Moment, job: Job) -> Refuse | None:
    """Why none of its rungs can be had; None while memory moves, because then others' part of it is not known."""
    state, settings = moment.state, moment.settings
    reasons: list[str] = []
    failed: list[str] = []
    waits: list[float] = []
    for rung in job.want.ladder:
        why = trouble(moment, rung)
        if why:
            failed.append(rung.tenant)
            tenant = state.tenants.get(rung.tenant)
            waits.append(max(1.0, tenant.failed_until - moment.now) if tenant else settings.failed_seconds)
        else:
            cards = cards_of(state, rung)
            large = [it for it in cards if fits_alone(state, it, rung, settings)]
            if any(ledger.unsettled(state, it.device, settings) for it in large):
                return None
            why = no_room(state, rung, cards, settings)
        if why not in reasons:
            reasons.append(why)
    # Room is worth asking for again when a game may have ended; a server, as soon as it may be asked.
    if len(failed) == len(job.want.ladder):
        return Refuse(job.id, "; ".join(reasons), min(waits), failed[0])
    return Refuse(job.id, "; ".join(reasons), settings.retry_after)


def fits_alone(state: State, card: Card, rung: Rung, settings: Settings) -> bool:
    """Whether an empty card could hold a rung."""
    return ledger.needs(state, rung, settings) <= card.largest


def no_room(state: State, rung: Rung, cards: list[Card], settings: Settings) -> str:
    """Why a rung fits on no card, in words: what it needs, and who holds the rest."""
    need = ledger.needs(state, rung, settings)
    name = rung.serve or rung.tenant
    if not cards:
        where = " or ".join(rung.devices) if rung.devices else "no graphics card"
        return f"{name} needs {ledger.gigabytes(need)}, and {where} is {'not ' if rung.devices else ''}seen"
    card = max(cards, key=lambda it: it.largest - it.external)
    if not fits_alone(state, card, rung, settings):
        return f"{name} needs {ledger.gigabytes(need)}, more than the {ledger.gigabytes(card.largest)} of the card"
    holding = [card.holders or "others hold some"] if card.external else []
    there = ledger.on_card(state, card.device)
    holding += [f"{it.name} is pinned with {ledger.gigabytes(it.booked)}" for it in there if it.pinned]
    lost = [it for it in there if ledger.lost(state, it, settings)]
    holding += [
        f"{it.server} does not answer, so that the {ledger.gigabytes(it.booked)} of {it.name} are not known to be free"
        for it in lost
    ]
    free = max(0, card.largest - card.external)
    who = " and ".join(holding) or f"only {ledger.gigabytes(free)} are left"
    return f"{name} needs {ledger.gigabytes(need)} of {ledger.gigabytes(card.total)}, and {who}"
