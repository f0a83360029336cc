"""Our own policy: the schedule that the gateway runs, driven by a simulated card instead of a real one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pointsman.gpu import ledger, transitions
from pointsman.gpu.backend import Loaded
from pointsman.gpu.reading import Reading
from pointsman.gpu.schedule import schedule
from pointsman.gpu.seen import seen
from pointsman.gpu.settings import Settings
from pointsman.gpu.sight import Sight
from pointsman.gpu.simulate.policies.stages import own_work
from pointsman.gpu.simulate.scene import SMALL, tenant_of
from pointsman.gpu.simulate.trace import Event
from pointsman.gpu.simulate.world import Request, World
from pointsman.gpu.state import Action, Card, Grant, Load, Refuse, Release, State, margin_of
from pointsman.gpu.want import Rung, Want

DEVICE: Final = "gpu0"
ON_USE: Final = "comfyui"
# An actor that acts so often without time passing would do so for ever.
MOST_STEPS: Final = 1000
NEVER: Final = float("inf")
# A chat's client or the classifier says so long before a request what is coming, and so often it is right.
HINT_LEAD: Final = 4.0
HINT_RIGHT: Final = 0.7


class Pointsman:
    """Does what the arbiter does with `schedule`: looks, tells the state, carries out what comes of it."""

    def __init__(self, world: World, settings: Settings | None = None) -> None:
        self.world = world
        self.settings = settings or Settings()
        total = world.scene.card
        card = Card(DEVICE, total, margin=margin_of(total), source="simulated")
        self.state = State(cards={DEVICE: card})
        for server in sorted({name.partition(":")[0] for name in world.sizes}):
            self.state = transitions.serving(self.state, server, on_use=server == ON_USE)
        self._requests: dict[str, Request] = {}
        self._next_look = NEVER
        self._still = False
        self._sight = Sight(-NEVER)
        world.changed = self.noticed
        self.look()

    # What happens

    def arrived(self, request: Request) -> None:
        """A wish."""
        self.awake()
        job = str(request.number)
        self._requests[job] = request
        self.state = transitions.submitted(self.state, job, self.want(request.event), self.world.now, self.settings)
        self.step()
        self.look()  # the arbiter looks at once when somebody comes
        self.step()

    def want(self, event: Event) -> Want:
        """What the gateway would wish for: the model, and for a chat the small one where that has no room."""
        tenant, sizes = tenant_of(event), self.world.sizes
        ladder = [Rung(tenant, sizes[tenant])]
        if event.kind == "chat" and sizes[SMALL] < sizes[tenant]:
            ladder.append(Rung(SMALL, sizes[SMALL], note="a smaller model"))
        return Want("chat" if event.kind == "chat" else "image", tuple(ladder))

    def look(self) -> None:
        """What the probe and the servers would say now."""
        now, world = self.world.now, self.world
        reading = Reading(DEVICE, world.scene.card, min(world.wanted, world.scene.card), "simulated", now)
        reports: dict[str, Sequence[Loaded]] = {
            server: [
                Loaded(name, held.bytes, held.bytes)
                for name, held in sorted(world.held.items())
                # Both servers tell what they hold of a model that is still being loaded.
                if held.phase in {"loading", "resident"} and name.startswith(f"{server}:")
            ]
            for server in self.state.servers
        }
        before = like(self.state)
        self.saw(Sight(now, (reading,), reports))
        self._still = like(self.state) == before

    def saw(self, sight: Sight) -> None:
        """A look is taken in."""
        self._sight = sight
        self.state = seen(self.state, sight, sight.at, self.settings)
        self.state = transitions.swept(self.state, sight.at, self.settings)

    # What is done

    def step(self) -> None:
        """Carries out what the schedule says until it says nothing more, and looks again after a while."""
        for _ in range(MOST_STEPS):
            actions = schedule(self.state, self.world.now, self.settings)
            if not actions:
                break
            self._still = False
            for action in actions:
                self.state = transitions.apply(self.state, action, self.world.now, self.settings)
            for action in actions:
                self.carry_out(action)
        else:
            raise AssertionError("the schedule acts without end")
        self.plan()

    def carry_out(self, action: Action) -> None:
        """Begins an action on the simulated card."""
        match action:
            case Load(rung=rung, job=job):
                if self.on_use(rung.tenant):
                    self.world.at(self.world.now, lambda: self.loaded(rung.tenant))
                else:
                    self.world.load(rung.tenant, lambda: self.loaded(rung.tenant), request=self._requests.get(job))
            case Release(tenant=tenant):
                if self.world.phase(tenant) == "resident":
                    self.world.release(tenant, lambda: None)
                self.world.at(self.world.now, lambda: self.unloaded(tenant))
            case Grant(job=job, rung=rung):
                self.begin(job, rung)
            case Refuse(job=job):
                self.world.refuse(self._requests.pop(job))

    def on_use(self, tenant: str) -> bool:
        """Whether a tenant's server loads it when it is used."""
        return self.state.servers[tenant.partition(":")[0]].on_use

    def loaded(self, tenant: str) -> None:
        """A load is over."""
        self.state = transitions.loaded(self.state, tenant, self.world.now, self.settings)
        self.step()

    def unloaded(self, tenant: str) -> None:
        """A server has answered to a release; its memory comes back later."""
        self.state = transitions.unloaded(self.state, tenant, self.world.now)
        self.step()

    def begin(self, job: str, rung: Rung) -> None:
        """Uses a lease: where the server loads on use, that comes first."""
        request = self._requests[job]
        if self.world.phase(rung.tenant) == "cold" and self.on_use(rung.tenant):
            self.world.load(rung.tenant, lambda: self.run(job, request, rung), request=request)
        else:
            self.run(job, request, rung)

    def run(self, job: str, request: Request, rung: Rung) -> None:
        """The work."""
        work = own_work(self.world, request)
        lesser = rung.tenant != work.tenant
        seconds = self.world.scene.timing.small_answer(request.event) if lesser else work.seconds

        def ran() -> None:
            self.world.answer(self._requests.pop(job), degraded=lesser)
            self.state = transitions.given_back(self.state, job, self.world.now, self.settings)
            self.step()

        self.world.run(rung.tenant, seconds, ran, request)

    # Looking

    def plan(self) -> None:
        """Looks again soon while memory moves, in a second else, and not at all while nothing can come of it."""
        if self.quiet():
            return
        moving = ledger.moving(self.state, DEVICE)
        due = self._sight.at + (self.settings.look_moving if moving else self.settings.look_seconds)
        if due < self._next_look:
            self._next_look = due
            self.world.at(due, self.tick)

    def tick(self) -> None:
        """A look that was planned."""
        if self.world.now < self._next_look:
            return  # another was made sooner
        self._next_look = NEVER
        self.look()
        self.step()

    def quiet(self) -> bool:
        """Whether the last look showed nothing new, and nothing waits for time to pass."""
        state = self.state
        card = state.cards[DEVICE]
        waits = state.queue or state.hints or ledger.moving(state, DEVICE)
        settling = card.low or card.withheld or card.lingering or any(it.preloaded for it in state.tenants.values())
        return not (waits or settling) and self._still

    def awake(self) -> None:
        """Makes up for the looks that were left out, which all showed the same: the last of them, and some before."""
        if self._next_look < NEVER:
            return
        every, stride = self.settings.look_seconds, self.settings.calm_seconds / 2
        last = self._sight.at + every * math.floor((self.world.now - self._sight.at) / every)
        # Each look puts off the time from which the card counts as calm, as long as it has not come.
        while self.state.cards[DEVICE].calm_at > self._sight.at and last - self._sight.at > stride:
            self.again(self._sight.at + stride)
        if last > self._sight.at:
            self.again(last)

    def again(self, at: float) -> None:
        """A look that showed what the one before it did."""
        readings = tuple(replace(it, at=at) for it in self._sight.readings)
        self.saw(replace(self._sight, at=at, readings=readings))

    def noticed(self) -> None:
        """Others took or gave back memory: that is seen at the next look."""
        self.awake()
        if self._next_look == NEVER:
            self._next_look = self._sight.at + self.settings.look_seconds
            self.world.at(self._next_look, self.tick)


def like(state: State) -> State:
    """The state without what every look changes and nobody minds: times of looks, and counters that are full."""
    cards = {name: replace(card, read_at=0.0, calm_at=0.0) for name, card in state.cards.items()}
    tenants = {name: replace(it, missing=it.missing > 1) if it.missing else it for name, it in state.tenants.items()}
    return replace(state, cards=cards, tenants=tenants, looked_at=0.0)


class Hinted(Pointsman):
    """The same with a hint before each request: up to 4 s before it, and in 3 of 10 for the other kind."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        chat, image = (next((it for it in world.trace if it.kind == kind), None) for kind in ("chat", "image"))
        others: dict[str, Event] = {
            "chat": image or Event(0, "image", steps=8),
            "image": chat or Event(0, "chat", tokens=1),
        }
        for event in world.trace:
            if event.kind == "external":
                continue
            lead, right = world.chance.uniform(0, HINT_LEAD), world.chance.random() < HINT_RIGHT
            want = self.want(event if right else others.get(event.kind, event))
            world.at(event.t - lead, lambda want=want: self.hint(want))  # type: ignore[misc]

    def hint(self, want: Want) -> None:
        """Something is probably wanted soon."""
        self.awake()
        self.state = transitions.hinted(self.state, want, HINT_RIGHT, self.world.now, self.settings)
        self.step()
