"""Everything that can happen to a card, at random, and the twelve invariants that hold through all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.gpu.invariants import Asked, Invariants
from tests.gpu.scene import CLOUD, GB, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene
from tests.gpu.wishes import BIG_IMAGE, RUNGS, WISHES, use

from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Action
from pointsman.gpu.want import Rung, Want
from pointsman.testing.scripted_backend import Fault

SHORT_LIMITS = Settings(load_limit=30.0, unload_limit=5.0, longest_lease=1e6)


class CardMachine(Invariants, RuleBasedStateMachine):
    """Wishes, games, servers and sensors that misbehave, on a stepped clock."""

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
        asked.task = asyncio.ensure_future(use(self.scene, asked, uses))

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

    @invariant()
    def all_hold(self) -> None:
        """Between any two steps."""
        if hasattr(self, "asked"):
            Invariants.steps += 1
            self.every_wish_ends_once()
            self.what_can_never_fit_is_refused_at_once()
            self.nobody_starves()
            self.looking_twice_changes_nothing()

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
