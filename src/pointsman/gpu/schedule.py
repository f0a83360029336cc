"""What to do next, as a pure function of the state: whom to grant, load, release or refuse."""

from __future__ import annotations

from pointsman.gpu import eviction, hints, ledger
from pointsman.gpu.ladder import choose
from pointsman.gpu.moment import Moment
from pointsman.gpu.order import clears, in_order, rank, reserves
from pointsman.gpu.placement import Plan
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Action, Card, Grant, Job, Load, Refuse, Release, State
from pointsman.gpu.transitions import apply


def schedule(state: State, now: float, settings: Settings) -> tuple[Action, ...]:
    """The actions to begin now, in order; each is to be applied with transitions.apply, and then carried out.

    Others' needs come first, then the wishes in the order of serving, then preloads. Calling it again after its
    actions were applied gives nothing until something happens or time passes.
    """
    turn = Turn(state, now, settings)
    for card in state.cards.values():
        turn.do(*relief(turn.state, card, now, settings))
    for job in in_order(turn.state, now, settings):
        turn.serve(job)
    turn.do(*hints.preloads(turn.state, now, settings))
    return tuple(turn.actions)


class Turn:
    """One pass: each action is applied to the state that the next decision sees."""

    def __init__(self, state: State, now: float, settings: Settings) -> None:
        self.state = state
        self.actions: list[Action] = []
        self._now = now
        self._settings = settings
        self._claimed: dict[str, int] = {}
        self._awaited: set[tuple[str, str]] = set()
        self._closed: frozenset[str] = frozenset()
        self._cleared: set[str] = set()

    def do(self, *actions: Action) -> None:
        """Takes actions."""
        for action in actions:
            self.state = apply(self.state, action, self._now, self._settings)
            self.actions.append(action)

    def serve(self, job: Job) -> None:
        """Decides on one wish, after all that are served before it."""
        waited = self._now - job.at
        if waited >= job.want.deadline:
            why = f"the card had no room for it in {job.want.deadline:.0f} s"
            self.do(Refuse(job.id, why, self._settings.retry_after))
            return
        found = choose(self._moment(), job)
        if self._unseen(job) and not (isinstance(found, Plan) and found.way == "here" and found.rung == job.want.best):
            return
        if isinstance(found, Refuse):
            self.do(found)
        elif found is not None:
            self._follow(job, found)

    def _unseen(self, job: Job) -> bool:
        """Whether the cards have not been seen since a wish came: a look is on its way, and a game may have begun."""
        if self._now - job.at > self._settings.fresh_seconds:
            return False
        cards = self.state.cards.values()
        return any(
            it.measured and it.read_at < job.at and not ledger.stale(self.state, it, self._settings) for it in cards
        )

    def _follow(self, job: Job, found: Plan) -> None:
        match found.way:
            case "here":
                if self._may_use(found):
                    self.do(Grant(job.id, found.rung, found.device))
            case "load":
                if self._quiet(found.device) and found.device not in self._cleared:
                    self.do(Load(found.rung, found.device, job.id))
                else:
                    self._claim(found)
            case "coming":
                self._claim(found)
            case "evict":
                self._evict(job, found)
            case "drain":
                self._drain(job, found)
            case "full" | "loading":
                pass

    def _evict(self, job: Job, found: Plan) -> None:
        if found.device in self._cleared or self._batched(job, found):
            return
        if (found.device, found.rung.tenant) in self._awaited:
            return  # room is being made for it already
        card = self.state.cards[found.device]
        ready = ledger.known(self.state, card, self._now, self._settings)
        if ready and ledger.loading(self.state, found.device) is None:
            why = f"{found.rung.serve or found.rung.tenant} needs the room"
            self.do(*(Release(it.name, why, job=job.id) for it in found.evict))
        self._claim(found)

    def _drain(self, job: Job, found: Plan) -> None:
        """The first wish on a card that has let enough go before it: nobody else begins what is in its way."""
        if not job.want.evicts:
            return
        if found.device in self._cleared or not reserves(job, self._now, self._settings):
            return
        self._cleared.add(found.device)
        self._claim(found)
        closed = {it.name for it in found.evict}
        if clears(job, self._now, self._settings):
            closed |= {it.name for it in ledger.on_card(self.state, found.device)}
        self._closed |= closed - {found.rung.tenant}

    def _claim(self, found: Plan) -> None:
        """Keeps room for a tenant, once: its next wish waits for the same room."""
        if (found.device, found.rung.tenant) in self._awaited:
            return
        self._awaited.add((found.device, found.rung.tenant))
        self._claimed[found.device] = self._claimed.get(found.device, 0) + found.need

    def _moment(self) -> Moment:
        return Moment(self.state, self._now, self._settings, self._claimed, self._closed)

    def _quiet(self, device: str) -> bool:
        """Whether a load may begin: nothing else moves on the card, and what is free has been seen since."""
        card = self.state.cards[device]
        moving = ledger.unsettled(self.state, device, self._settings)
        return not moving and ledger.known(self.state, card, self._now, self._settings)

    def _may_use(self, found: Plan) -> bool:
        """Whether a use may begin: what takes its memory only now needs a quiet card, as a load does."""
        tenant = self.state.tenants.get(found.rung.tenant)
        if tenant is not None and found.need:
            return self._quiet(found.device) and found.device not in self._cleared
        if tenant is None or not tenant.on_use or tenant.leases:
            return True
        return tenant.holds >= self._settings.back_share * tenant.booked or self._quiet(found.device)

    def _batched(self, job: Job, found: Plan) -> bool:
        """Whether others in the queue could use now what would be evicted: a few of them go first."""
        if reserves(job, self._now, self._settings):
            return False
        names = {it.name for it in found.evict}
        for other in self.state.queue:
            if other.id != job.id and rank(other, self._now, self._settings) <= rank(job, self._now, self._settings):
                theirs = choose(self._moment(), other)
                if isinstance(theirs, Plan) and theirs.way == "here" and theirs.rung.tenant in names:
                    return True
        return False


def relief(state: State, card: Card, now: float, settings: Settings) -> tuple[Release, ...]:
    """Who gives way when others need the room: idle tenants that free enough, or all of them.

    For a game they give up their caches too.
    """
    if not card.measured or card.low < settings.pressure_samples:
        return ()
    if any(it.phase == "releasing" for it in ledger.on_card(state, card.device)):
        return ()
    short = card.margin - (card.total - card.reserved - card.used)
    there = [it for it in ledger.on_card(state, card.device) if it.holds > 0]
    idle = [
        it
        for it in there
        if it.idle and not it.pinned and not eviction.in_use_beside(state, it) and it.stuck_until <= now
    ]
    chosen = eviction.cheapest(idle, short, now, settings, size=lambda it: it.holds)
    why = card.holders or "other programs need the room"
    return tuple(Release(it.name, why, card.game) for it in (idle if chosen is None else chosen))


def clear_out(state: State, why: str, *, device: str = "", tenant: str = "", deep: bool = True) -> tuple[Release, ...]:
    """The releases of all that is idle, on one card or on all, or of one tenant; only by its name of a pinned one."""
    idle = [it for _, it in sorted(state.tenants.items()) if it.idle and not eviction.in_use_beside(state, it)]
    chosen = [it for it in idle if device in {"", it.device} and (it.name == tenant if tenant else not it.pinned)]
    return tuple(Release(it.name, why, deep) for it in chosen)
