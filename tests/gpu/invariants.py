"""The twelve invariants of a card, checked at every action and between any two steps."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

from tests.gpu.scene import GB, Scene

from pointsman.core.errors import PointsmanError
from pointsman.gpu import ledger
from pointsman.gpu.ladder import choose
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import Plan
from pointsman.gpu.seen import seen
from pointsman.gpu.state import Action, Load, Release, State
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.want import Lease

# The longest use; with it goes how long anybody may have to wait.
LONGEST_USE = 40.0


class Asked:
    """A wish, and what became of it."""

    def __init__(self, ticket: Ticket, at: float, ahead: int) -> None:
        self.ticket = ticket
        self.at = at
        self.ahead = ahead
        self.lease: Lease | None = None
        self.error: PointsmanError | None = None
        self.cancelled = False
        self.over = False
        self.ended = 0
        self.granted_at = 0.0
        self.finish = asyncio.Event()
        self.out_of_memory = False
        self.task: asyncio.Task[None] | None = None


class Invariants:
    """What holds whatever happens; the machine makes it happen."""

    steps = 0
    happened: ClassVar[Counter[str]] = Counter()
    loop: asyncio.AbstractEventLoop
    scene: Scene
    asked: list[Asked]
    others: list[tuple[str, int, int]]
    outside_at: float
    troubled_at: float
    faulty: bool
    broken: list[BaseException]

    def open(self) -> list[Asked]:
        """The wishes that are not over."""
        return [it for it in self.asked if not it.over]

    def over(self, state: State) -> dict[str, int]:
        return {
            it.device: max(0, ledger.booked(state, it.device) + it.external - it.largest) for it in state.cards.values()
        }

    def check_ledger(self, over: dict[str, int], state: State, action: Action) -> None:
        """1: booked + external <= total - margin: no action of ours makes it more, releasing bytes count."""
        after = self.over(state)
        for device, size in after.items():
            assert size <= over[device], f"invariant 1: {action} over-commits {device} by {size:,}"

    def check_action(self, state: State, action: Action) -> None:
        if isinstance(action, Release):
            tenant = state.tenants[action.tenant]
            assert not tenant.leases, f"invariant 2: {action.tenant} is in use and was released"
        if isinstance(action, Load):
            self.check_load(state, action)

    def check_load(self, state: State, action: Load) -> None:
        there = ledger.on_card(state, action.device)
        assert all(it.phase != "loading" for it in there), "invariant 8: two loads on one card"
        tenant = state.tenants.get(action.rung.tenant)
        assert tenant is None or tenant.phase == "cold", "invariant 8: a second load of one tenant"
        if action.job:
            job = next(it for it in state.queue if it.id == action.job)
            asked = next(it for it in self.asked if it.ticket.id == action.job)
            assert not asked.cancelled, "invariant 10: a cancelled wish started a load"
            assert action.rung in job.want.ladder, "invariant 9: a load that nobody wished for"
            if job.want.kind == "image":
                assert not action.rung.tenant.startswith("ollama"), "invariant 9: a picture loads the chat model"
        card = state.cards[action.device]
        if not ledger.stale(state, card, self.scene.settings) and card.read_at > self.outside_at + 1e-6:
            # 11: after a look, no spike of others' makes us take what is not there.
            real = self.scene.cards.cards[action.device]
            # A server that is silent takes nothing; when it speaks again, a look comes before its next lease.
            on_use = [it for it in there if it.on_use and not self.scene.backends[it.server].silent]
            grows = sum(max(0, it.booked - self.held(it.name)) for it in on_use)
            need = ledger.needs(state, action.rung, self.scene.settings)
            fits = real.used + grows + need <= card.largest
            assert fits, f"invariant 11: {action} over-commits the real card, of which {real.used:,} are used"

    def held(self, tenant: str) -> int:
        seat = self.scene.backends[tenant.partition(":")[0]].seats.get(tenant)
        return seat.bytes if seat is not None else 0

    def check_evictions(self, after: State, actions: tuple[Action, ...], now: float) -> None:
        """5: what was evicted for a wish frees enough for it."""
        for action in actions:
            job = next((it for it in after.queue if isinstance(action, Release) and it.id == action.job), None)
            if job is None:
                continue
            found = choose(Moment(after, now, self.scene.settings), job)
            ways = {"here", "load", "coming", "loading"}
            # None: the next look decides.
            enough = found is None or (isinstance(found, Plan) and found.way in ways)
            assert enough, f"invariant 5: {action} was evicted in vain: {found}"

    def watch_unloads(self, backend: Any) -> None:
        unload = backend.unload

        async def watched(tenant: str, *, deep: bool = False) -> None:
            names = list(backend.seats) if backend.loads_on_use else [tenant]
            users = [it for it in names if it in backend.seats and backend.seats[it].users]
            if users:
                self.broken.append(
                    AssertionError(f"invariant 2: {users} are in use, and their server was asked to release")
                )
            await unload(tenant, deep=deep)

        backend.unload = watched

    def every_wish_ends_once(self) -> None:
        """3: waiting + in use + over = submitted, each of them once."""
        state = self.scene.arbiter.state
        waiting = {it.id for it in state.queue}
        granted = set(state.grants)
        assert not waiting & granted
        for asked in self.asked:
            assert asked.ended <= 1, "invariant 3: a wish ended twice"
            name = asked.ticket.id
            if asked.over and not asked.out_of_memory:
                assert name not in waiting | granted, f"invariant 3: {name} is over and still counted"
            elif not asked.over:
                assert name in (granted if asked.lease else waiting), f"invariant 3: {name} was lost"
        leases = {lease for it in state.tenants.values() for lease in it.leases}
        assert leases == {it.job for it in state.grants.values() if it.rung.tenant}

    def what_can_never_fit_is_refused_at_once(self) -> None:
        """6: a wish that no empty card could serve does not wait."""
        state, now = self.scene.arbiter.state, self.scene.time.now
        for asked in self.open():
            ladder = asked.ticket.want.ladder
            most = max((it.largest for it in state.cards.values()), default=0)
            never = all(it.tenant and ledger.needs(state, it, self.scene.settings) > most for it in ladder)
            if never and most:
                assert asked.lease or now - asked.at <= 5.0, "invariant 6: an infeasible wish waits"

    def nobody_starves(self) -> None:
        """4: who fits the empty card waits no longer than aging and the uses of those before it take."""
        now = self.scene.time.now
        for asked in self.open():
            since = max(asked.at, self.troubled_at)
            if asked.lease or self.faulty or self.others or self.scene.time.skew:
                continue
            each = LONGEST_USE + 20.0
            bound = self.scene.settings.aging + each * (asked.ahead + self.scene.settings.most_passes + 1)
            assert now - since <= bound, f"invariant 4: {asked.ticket.want} has waited for {now - asked.at:.0f} s"

    def looking_twice_changes_nothing(self) -> None:
        """12: reconciling with what servers and sensor say is idempotent, foreign loads and all."""
        arbiter = self.scene.arbiter
        if self.scene.cards.hung:
            return
        now = arbiter._now()
        sight = self.loop.run_until_complete(arbiter._looker.look(arbiter.state, busy=True))
        once = seen(arbiter.state, sight, now, self.scene.settings)
        twice = seen(once, sight, now, self.scene.settings)
        assert twice == once, f"invariant 12: the second look changes {different(once, twice)}"

    def all_is_well_again(self) -> None:
        """7: no lease is left, and the ledger is what the servers hold."""
        stuck = [it.ticket.want for it in self.open()]
        assert not stuck, f"invariants 3 and 4: after everything was healed these still wait: {stuck}"
        state = self.scene.arbiter.state
        assert not state.grants, "invariant 7: a leaked lease"
        assert not state.queue
        for tenant in state.tenants.values():
            assert not tenant.leases, f"invariant 7: {tenant.name} has a leaked lease"
            assert tenant.phase in {"cold", "resident"}, f"invariant 7: {tenant.name} is stuck as {tenant.phase}"
            if not tenant.on_use:
                real = self.held(tenant.name)
                there = tenant.phase == "resident"
                assert there == (real > 0), f"invariant 7: {tenant.name} {tenant.phase} holds {real:,}"
                assert not there or tenant.booked >= real, f"invariant 7: {tenant.name} books less than it holds"
        for card in state.cards.values():
            ours = sum(it.holds for it in ledger.on_card(state, card.device))
            real = self.scene.cards.cards[card.device].used
            assert abs(card.external - max(0, real - ours)) < GB // 10, "invariant 7: others are not as seen"
        Invariants.happened.update(it["kind"] for it in self.scene.events)


def different(one: State, other: State) -> list[str]:
    """What two states differ in."""
    found = [f"{name}: {it} / {other.tenants[name]}" for name, it in one.tenants.items() if it != other.tenants[name]]
    found += [f"{name}: {it} / {other.cards[name]}" for name, it in one.cards.items() if it != other.cards[name]]
    return found or [f"{one} / {other}"]
