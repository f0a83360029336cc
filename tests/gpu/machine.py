"""Everything that can happen to a card, at random, and the twelve invariants that hold through all of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.gpu.scene import CLOUD, GB, HUGE, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene

from pointsman.core.errors import PointsmanError
from pointsman.gpu import ledger
from pointsman.gpu.ladder import choose
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import Plan
from pointsman.gpu.seen import seen
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Action, Load, Release, State
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.want import Lease, Rung, Want
from pointsman.testing.scripted_backend import Fault, Seat

BIG_IMAGE = Rung("comfyui:large", 12 * GB, "", "large pictures")
RUNGS = (MAIN, SHORT, MIDDLE, TINY, IMAGE, BIG_IMAGE)
LADDERS = (
    (MAIN,),
    (MAIN, SHORT, TINY),
    (MAIN, MIDDLE, CLOUD),
    (MIDDLE,),
    (TINY,),
    (IMAGE,),
    (BIG_IMAGE, IMAGE),
    (HUGE,),
    (HUGE, TINY),
    (CLOUD,),
)
# The longest use; with it goes how long anybody may have to wait.
LONGEST_USE = 40.0
WISHES = st.builds(
    lambda ladder, priority, patience, holder, uses: (
        Want(
            "image" if ladder[0].tenant.startswith("comfyui") else "chat",
            ladder,
            priority,
            patience,
            seconds=min(uses, 10.0),
            holder=holder,
        ),
        uses,
    ),
    ladder=st.sampled_from(LADDERS),
    priority=st.sampled_from(["interactive", "interactive", "background", "preload"]),
    patience=st.sampled_from([5.0, 20.0, 300.0]),
    holder=st.sampled_from(["", "ann", "bob"]),
    uses=st.floats(0.5, LONGEST_USE),
)
SHORT_LIMITS = Settings(load_limit=30.0, unload_limit=5.0, longest_lease=1e6)


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


class CardMachine(RuleBasedStateMachine):
    """Wishes, games, servers and sensors that misbehave, on a stepped clock."""

    steps = 0
    happened: ClassVar[Counter[str]] = Counter()

    @initialize(cards=st.sampled_from([1, 1, 1, 2]), pinned=st.booleans())
    def begin(self, cards: int, pinned: bool) -> None:
        pins = frozenset({TINY.tenant}) if pinned else frozenset()
        settings = Settings(
            load_limit=SHORT_LIMITS.load_limit,
            unload_limit=SHORT_LIMITS.unload_limit,
            longest_lease=SHORT_LIMITS.longest_lease,
            pinned=pins,
            most_leases={"ollama": 2},
        )
        self.loop = asyncio.new_event_loop()
        self.scene = self.loop.run_until_complete(self._scene(settings, cards))
        self.asked: list[Asked] = []
        self.others: list[tuple[str, int, int]] = []
        self.outside_at = float("-inf")
        self.troubled_at = float("-inf")
        self.faulty = False
        self.broken: list[BaseException] = []
        owner = self.scene.arbiter._owner
        begin = owner._begin

        def checked(actions: Iterable[Action], now: float) -> None:
            try:
                actions = tuple(actions)
                for action in actions:
                    self.check_action(owner.state, action)
                    over = self.over(owner.state)
                    begin((action,), now)
                    self.check_ledger(over, owner.state, action)
                self.check_evictions(owner.state, actions, now)
            except BaseException as error:
                self.broken.append(error)
                story = [str(it) for it in self.scene.events[-25:]]
                story += [str(it) for it in owner.state.cards.values()]
                story += [str(it) for it in owner.state.tenants.values() if it.phase != "cold"]
                error.add_note("\n".join(story))
                raise

        owner._begin = checked  # type: ignore[method-assign]
        for backend in self.scene.backends.values():
            self.watch_unloads(backend)

    async def _scene(self, settings: Settings, cards: int) -> Scene:
        scene = Scene(settings=settings, cards=cards)
        await scene.arbiter.start()
        await scene.time.settle()
        return scene

    def do(self, seconds: float = 0.0) -> None:
        """Lets time pass."""
        self.loop.run_until_complete(self.scene.run(seconds))
        for task in (it.task for it in self.asked):
            if task is not None and task.done() and not task.cancelled() and task.exception() is not None:
                raise task.exception() or AssertionError
        if self.broken:
            raise self.broken[0]
        running = [it for it in self.scene.arbiter._carrier._tasks if not it.done()]
        assert len(running) >= 2, "the owner stopped"

    # What people do

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=4), wait=st.sampled_from([0.0, 0.3, 4.0, 12.0]))
    def ask(self, wishes: list[tuple[Want, float]], wait: float) -> None:
        for wish, uses in wishes:
            self.loop.run_until_complete(self._request(wish, uses))
        self.do(wait)

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=2), wait=st.sampled_from([1.0, 10.0, 40.0]))
    def ask_and_wait(self, wishes: list[tuple[Want, float]], wait: float) -> None:
        self.ask(wishes, wait)

    @rule(first=st.sampled_from([IMAGE, BIG_IMAGE]), then=st.sampled_from([MAIN, SHORT]), uses=st.floats(0.5, 5.0))
    def swap(self, first: Rung, then: Rung, uses: float) -> None:
        """Two that do not fit together, or just do."""
        self.ask([(Want("image", (first,)), uses)], 8.0)
        self.ask([(Want("chat", (then,)), uses)], 8.0)

    async def _request(self, wish: Want, uses: float) -> None:
        asked = Asked(self.scene.arbiter.request(wish), self.scene.time.now, len(self.open()))
        self.asked.append(asked)
        asked.task = asyncio.ensure_future(self._use(asked, uses))

    async def _use(self, asked: Asked, uses: float) -> None:
        """Waits for the lease, uses it, gives it back."""
        try:
            asked.lease = await asked.ticket.lease()
        except PointsmanError as error:
            asked.error = error
            asked.ended += 1
            asked.over = True
            return
        asked.granted_at = self.scene.time.now
        seat: Seat | None = None
        backend = self.scene.backends.get(asked.lease.rung.tenant.partition(":")[0])
        try:
            if backend is not None and backend.loads_on_use:
                await self.scene.time.sleep(uses % 3)  # the memory is taken some time after the lease was given
            if backend is not None:
                seat = backend.begin_use(asked.lease.rung, asked.lease.device)
        except PointsmanError:
            asked.out_of_memory = True
        timer = asyncio.ensure_future(self.scene.time.sleep(uses))
        stop = asyncio.ensure_future(asked.finish.wait())
        if not asked.out_of_memory:
            await asyncio.wait({timer, stop}, return_when=asyncio.FIRST_COMPLETED)
        timer.cancel()
        stop.cancel()
        if backend is not None and seat is not None:
            backend.end_use(seat)
        asked.over = True
        asked.ended += 1
        if asked.out_of_memory:
            await asked.ticket.ran_out()
        asked.ticket.give_back()

    def open(self) -> list[Asked]:
        return [it for it in self.asked if not it.over]

    @precondition(lambda self: any(it.lease for it in self.open()))
    @rule(data=st.data(), out_of_memory=st.sampled_from([False, False, False, True]))
    def finish(self, data: st.DataObject, out_of_memory: bool) -> None:
        asked = data.draw(st.sampled_from([it for it in self.open() if it.lease]))
        asked.out_of_memory = out_of_memory
        asked.finish.set()
        self.do()

    @precondition(lambda self: any(not it.lease for it in self.open()))
    @rule(data=st.data(), by_task=st.booleans())
    def cancel(self, data: st.DataObject, by_task: bool) -> None:
        asked = data.draw(st.sampled_from([it for it in self.open() if not it.lease]))
        asked.cancelled = True
        if by_task and asked.task is not None:
            asked.task.cancel()
            asked.over = True
            asked.ended += 1
        else:
            self.loop.call_soon(asked.ticket.give_back)
        self.do()

    @rule(rung=st.sampled_from(RUNGS), probability=st.floats(0.1, 1.0))
    def hint(self, rung: Rung, probability: float) -> None:
        self.scene.arbiter.hint(Want("preload", (rung,)), probability)
        self.do()

    @rule(tenant=st.sampled_from(["", MAIN.tenant, IMAGE.tenant]))
    def free(self, tenant: str) -> None:
        self.loop.create_task(self.scene.arbiter.free(tenant))
        self.do()

    @rule(seconds=st.sampled_from([0.05, 0.3, 1.0, 3.0, 7.0, 15.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self.do(seconds)

    # What others do

    def outside(self) -> None:
        self.troubled_at = self.scene.time.now
        self.outside_at = self.scene.arbiter._now()

    @rule(size=st.integers(1, 22 * 4), device=st.sampled_from(["gpu0", "gpu0", "gpu1"]))
    def game(self, size: int, device: str) -> None:
        card = self.scene.cards.cards.get(device)
        if card is not None and (taken := min(size * GB // 4, card.free)) > 0:
            self.others.append((device, card.take("elden.exe", taken), taken))
            self.outside()
        self.do()

    @precondition(lambda self: self.others)
    @rule(data=st.data())
    def game_over(self, data: st.DataObject) -> None:
        device, number, _ = data.draw(st.sampled_from(self.others))
        self.others = [it for it in self.others if it[1] != number or it[0] != device]
        self.scene.leave(number, device)
        self.troubled_at = self.scene.time.now
        self.do()

    @rule(rung=st.sampled_from([MAIN, SHORT, TINY, MIDDLE]), unknown=st.booleans())
    def somebody_else_loads(self, rung: Rung, unknown: bool) -> None:
        backend = self.scene.backends[rung.tenant.partition(":")[0]]
        tenant = f"{rung.tenant}-of-others" if unknown else rung.tenant
        state = self.scene.arbiter.state
        known = state.tenants.get(tenant)
        busy = backend.seats.get(tenant)
        if (known is not None and known.phase == "loading") or (busy is not None and busy.users) or backend.silent:
            return
        if rung.bytes <= self.scene.card.free:
            backend.take_behind_our_back(tenant, rung.bytes, "gpu0", variant=rung.variant)
            self.outside()
        self.do()

    @rule(rung=st.sampled_from([MAIN, SHORT, TINY, MIDDLE]))
    def somebody_else_drops(self, rung: Rung) -> None:
        backend = self.scene.backends[rung.tenant.partition(":")[0]]
        for name in [it for it, seat in backend.seats.items() if it.startswith(rung.tenant) and not seat.users]:
            backend.drop_behind_our_back(name)
        self.troubled_at = self.scene.time.now
        self.do()

    # What breaks

    @rule(
        name=st.sampled_from(["ollama", "comfyui", "llamacpp"]),
        faults=st.lists(st.sampled_from(["oom", "fail", "hang", "unreachable"]), min_size=1, max_size=2),
        unloading=st.booleans(),
    )
    def server_will_fail(self, name: str, faults: list[Fault], unloading: bool) -> None:
        backend = self.scene.backends[name]
        (backend.unload_faults if unloading else backend.faults).extend(faults)
        self.faulty = True
        self.troubled_at = self.scene.time.now

    @rule(name=st.sampled_from(["ollama", "comfyui", "llamacpp"]), seconds=st.sampled_from([0.0, 0.5, 3.0, 8.0, 60.0]))
    def memory_comes_back_late(self, name: str, seconds: float) -> None:
        self.scene.backends[name].back_after = seconds
        self.faulty = True
        self.troubled_at = self.scene.time.now

    @rule(name=st.sampled_from(["ollama", "comfyui", "llamacpp"]), more=st.floats(0.6, 1.3))
    def guesses_were_wrong(self, name: str, more: float) -> None:
        backend = self.scene.backends[name]
        for rung in RUNGS:
            if rung.tenant.startswith(name) and rung.tenant not in backend.seats:
                backend.sizes[rung.tenant] = int(rung.bytes * more)
        self.faulty = True
        self.outside()

    @rule(name=st.sampled_from(["ollama", "comfyui", "llamacpp"]), crash=st.booleans())
    def server_falls_silent(self, name: str, crash: bool) -> None:
        backend = self.scene.backends[name]
        if crash:
            backend.crash()
        backend.silent = True
        self.faulty = True
        self.troubled_at = self.scene.time.now
        self.do()

    @rule(name=st.sampled_from(["ollama", "comfyui", "llamacpp"]))
    def server_is_back(self, name: str) -> None:
        self.scene.backends[name].silent = False
        self.do()

    @rule(how=st.sampled_from(["blind", "stale", "hung", "well", "well"]))
    def sensor(self, how: str) -> None:
        for card in self.scene.cards.cards.values():
            card.blind = how == "blind"
        self.scene.cards.stale = how == "stale"
        self.scene.cards.hung = how == "hung"
        self.troubled_at = self.scene.time.now

    @rule(seconds=st.sampled_from([-3600.0, -5.0, 5.0, 100.0, 3600.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.scene.time.skew += seconds
        self.troubled_at = self.scene.time.now
        self.do()

    # What holds

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
            grows = sum(max(0, it.booked - self.held(it.name)) for it in there if it.on_use)
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

    @invariant()
    def all_hold(self) -> None:
        """Between any two steps."""
        if hasattr(self, "asked"):
            CardMachine.steps += 1
            self.every_wish_ends_once()
            self.what_can_never_fit_is_refused_at_once()
            self.nobody_starves()
            self.looking_twice_changes_nothing()

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

    def teardown(self) -> None:
        if not hasattr(self, "scene"):
            return
        try:
            self.heal()
            self.all_is_well_again()
        finally:
            self.loop.run_until_complete(self.scene.arbiter.close())
            self.loop.close()

    def heal(self) -> None:
        """Everything works again, others leave, and everybody finishes."""
        self.sensor("well")
        for backend in self.scene.backends.values():
            backend.silent = False
            backend.faults.clear()
            backend.unload_faults.clear()
            backend.back_after = 0.5
        for device, number, _ in self.others:
            self.scene.leave(number, device)
        self.others.clear()
        for _ in range(60):
            self.do(20.0)
            if not self.open():
                break
        # Nobody looks where nobody asks: a wish that needs no card wakes it.
        self.loop.run_until_complete(self._request(Want("chat", (CLOUD,)), 0.1))
        self.do(90.0)

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
        CardMachine.happened.update(it["kind"] for it in self.scene.events)


def different(one: State, other: State) -> list[str]:
    """What two states differ in."""
    found = [f"{name}: {it} / {other.tenants[name]}" for name, it in one.tenants.items() if it != other.tenants[name]]
    found += [f"{name}: {it} / {other.cards[name]}" for name, it in one.cards.items() if it != other.cards[name]]
    return found or [f"{one} / {other}"]
