"""The one who makes every change of the state: takes in what happened, and begins what the schedule decides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from pointsman.core.errors import ModelFailed, OutOfMemory, PointsmanError
from pointsman.core.ports import Clock
from pointsman.gpu import transitions
from pointsman.gpu.backend import Backend
from pointsman.gpu.carrier import Carrier
from pointsman.gpu.desk import Desk
from pointsman.gpu.eviction import in_use_beside
from pointsman.gpu.footprints import Footprint
from pointsman.gpu.schedule import clear_out, schedule
from pointsman.gpu.seen import seen
from pointsman.gpu.settings import Settings
from pointsman.gpu.sight import Sight
from pointsman.gpu.state import Action, Grant, Load, Refuse, Release, State
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.trace import Trace
from pointsman.gpu.want import Want

logger = logging.getLogger(__name__)

# A schedule that never comes to rest would be a fault of ours; each action changes the state, and few are due at once.
MOST_ROUNDS = 100

Post = Callable[[Callable[[], None]], None]


class Owner:
    """Holds the state. None of its methods waits; what servers answer later comes in through `post`.

    `hurry` is set when a look is wanted soon; `moves` counts how often memory began or ended to move, the last time
    at `moved_at`; `asked_at` is when somebody last asked for anything.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        *,
        now: Clock,
        settings: Settings,
        carrier: Carrier,
        trace: Trace,
        post: Post,
    ) -> None:
        self.state = State()
        for it in backends.values():
            self.state = transitions.serving(self.state, it.name, on_use=it.loads_on_use)
        self.desk = Desk()
        self.hurry = asyncio.Event()
        self.moves = 0
        self.moved_at = float("-inf")
        self.asked_at = float("-inf")
        self._now = now
        self._settings = settings
        self._carrier = carrier
        self._trace = trace
        self._post = post

    def remember(self, footprints: Mapping[str, Footprint]) -> None:
        """What was learned before the last restart; the tenants are known by their names again."""
        self.asked_at = self._now()
        self.state = replace(self.state, footprints={**footprints})
        for key in footprints:
            self.state = transitions.introduced(self.state, key.rpartition("@")[0], self._settings)

    def introduce(self, names: Iterable[str]) -> None:
        """Tenants are known by their names before anybody asks for them."""
        for name in names:
            self.state = transitions.introduced(self.state, name, self._settings)

    def turn(self) -> None:
        """Begins what is due, and tells everybody how it stands."""
        now = self._now()
        leases = self.state.grants.keys()
        self.state = transitions.swept(self.state, now, self._settings)
        for job in leases - self.state.grants.keys():
            self.desk.tickets.pop(job, None)  # its holder crashed
        for _ in range(MOST_ROUNDS):
            actions = schedule(self.state, now, self._settings)
            if not actions:
                break
            self._begin(actions, now)
        else:
            raise RuntimeError(f"the schedule does not come to rest: {actions}")
        self.desk.tell(self.state, now, self._settings)

    def _begin(self, actions: Iterable[Action], now: float) -> None:
        for action in actions:
            before = self.state
            self.state = transitions.apply(before, action, now, self._settings)
            match action:
                case Load(rung=rung):
                    self._moved(now)
                    self._trace.load(now, action, self.state.tenants[rung.tenant])
                    self._carrier.load(action, partial(self._answered, action))
                case Release(tenant=tenant):
                    self._moved(now)
                    self._trace.release(now, action, before.tenants[tenant])
                    self._unload(tenant, deep=action.deep)
                case Grant():
                    job = next(it for it in before.queue if it.id == action.job)
                    self._trace.grant(now, job, self.desk.grant(self.state, job, action, now), action)
                case Refuse():
                    self._trace.event(now, "refuse", action.tenant, id=action.job, why=action.why)
                    self.desk.refuse(action)

    def _unload(self, tenant: str, *, deep: bool) -> None:
        self._carrier.unload(tenant, deep=deep, ended=lambda error: self._post(lambda: self._unloaded(tenant, error)))

    def _answered(self, action: Load, error: PointsmanError | None) -> None:
        self._post(partial(self._loaded, action, error))

    def _moved(self, now: float) -> None:
        """Memory began or ended to move: what is seen from now on counts, and is wanted soon."""
        self.moves += 1
        self.moved_at = now
        self.hurry.set()

    def submit(self, ticket: Ticket) -> None:
        """A wish came."""
        if ticket.id not in self.desk.tickets:
            return
        now = self.asked_at = self._now()
        if len(self.state.queue) >= self._settings.most_waiting:
            self._trace.event(now, "refuse", id=ticket.id, why=(why := f"{len(self.state.queue)} wait already"))
            self.desk.refuse(Refuse(ticket.id, why, self._settings.retry_after))
            return
        self.state = transitions.submitted(self.state, ticket.id, ticket.want, now, self._settings)
        self._trace.wish(now, self.state.queue[-1])
        for rung in ticket.want.ladder:
            server = rung.tenant.partition(":")[0]
            if rung.tenant and server not in self.state.servers:
                why = f"no server named {server} is set up"
                self.desk.errors[rung.tenant] = ModelFailed(why, cure=f"configure {server}, or use another model")
                self.state = transitions.failing(self.state, rung.tenant, why, float("inf"))
        self.hurry.set()

    def hint(self, want: Want, probability: float) -> None:
        """Something is probably wanted soon."""
        now = self.asked_at = self._now()
        if want.best.tenant.partition(":")[0] in self.state.servers:
            self.state = transitions.hinted(self.state, want, probability, now, self._settings)
            self.hurry.set()

    def given_back(self, ticket: Ticket) -> None:
        """A wish was taken back, or its lease ended."""
        self.desk.tickets.pop(ticket.id, None)
        now = self._now()
        self._trace.back(now, self.state.grants.get(ticket.id))
        self.state = transitions.cancelled(self.state, ticket.id)
        self.state = transitions.given_back(self.state, ticket.id, now, self._settings, last=ticket.last)

    def ran_out(self, ticket: Ticket, done: Callable[[], None]) -> None:
        """A use ran out of memory; `done` is called when what is idle has gone."""
        now = self._now()
        grant = self.state.grants.get(ticket.id)
        before = self.state
        self.state = transitions.ran_out(self.state, ticket.id, now, self._settings)
        self.given_back(ticket)
        names: frozenset[str] = frozenset()
        if grant is not None and grant.rung.tenant:
            self._learn(before)
            self._trace.event(now, "oom", grant.rung.tenant, id=ticket.id)
            names = self._clear_out(grant.device, f"{grant.rung.tenant} ran out of memory", now)
        self.desk.watch(names, self._patience(now), done)

    def _patience(self, now: float) -> float:
        """Until when a release is awaited: on a card that nobody sees, one of a dead server never ends."""
        return now + self._settings.barrier_seconds + self._settings.unload_limit

    def _clear_out(self, device: str, why: str, now: float) -> frozenset[str]:
        actions = clear_out(self.state, why, device=device)
        self._begin(actions, now)
        return frozenset(it.tenant for it in actions)

    def free(self, tenant: str, done: asyncio.Future[int], *, deep: bool) -> None:
        """Somebody asked for the memory; `done` gets the bytes that were seen back."""
        now = self.asked_at = self._now()
        actions = clear_out(self.state, "it was asked for", tenant=tenant, deep=deep)
        held = {it.tenant: self.state.tenants[it.tenant].holds for it in actions}
        used = {it.device: it.used for it in self.state.cards.values() if it.measured}
        self._begin(actions, now)

        def tell() -> None:
            back = sum(max(0, size - self.state.cards[it].used) for it, size in used.items())
            gone = sum(size for name, size in held.items() if self.state.tenants[name].phase != "releasing")
            if not done.done():
                done.set_result(min(gone, back) if used else gone)

        self.desk.watch(frozenset(held), self._patience(now), tell)

    def _loaded(self, action: Load, error: PointsmanError | None) -> None:
        name = action.rung.tenant
        now, before = self._now(), self.state
        self._moved(now)
        if error is None:
            self.state = transitions.loaded(self.state, name, now, self._settings)
            self._trace.event(now, "loaded", name, seconds=round(now - before.tenants[name].since, 3))
            self._learn(before)
            return
        oom = isinstance(error, OutOfMemory)
        logger.warning("%s could not be loaded: %s", name, error.message)
        self.desk.errors[name] = error
        self._trace.event(now, "oom" if oom else "load_failed", name, id=action.job)
        self.state = transitions.load_failed(
            self.state, name, now, self._settings, failure=error.message, out_of_memory=oom, job=action.job
        )
        self._learn(before)
        if in_use_beside(self.state, self.state.tenants[name]):
            self._unloaded(name, None)  # asking its server would hit the lease of another that it holds
        else:
            self._unload(name, deep=True)
        if oom:
            self._clear_out(action.device, f"{name} ran out of memory", now)

    def _unloaded(self, tenant: str, error: PointsmanError | None) -> None:
        now = self._now()
        self._moved(now)
        if error is not None:
            logger.warning("%s was not given back in order: %s", tenant, error.message)
        self.state = transitions.unloaded(self.state, tenant, now)

    def _learn(self, before: State) -> None:
        for key, footprint in self.state.footprints.items():
            if before.footprints.get(key) != footprint:
                self._carrier.keep(key, footprint)

    def seen(self, sight: Sight, moves: int) -> None:
        """A look ended; `moves` is how often memory had moved when it began."""
        if moves != self.moves and sight.at >= self.moved_at:
            self.hurry.set()  # of what it shows nobody knows whether it was before or after what happened just then
            return
        now, before = self._now(), self.state
        self.state = seen(before, sight, now, self._settings)
        self._trace.looked(now, before, self.state)
        self._learn(before)
