"""One card as discrete events: memory that is taken and comes back late, one run at a time, and others' memory."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pointsman.gpu.simulate.measure import Answered, Tally
from pointsman.gpu.simulate.scene import Scene
from pointsman.gpu.simulate.trace import Event

Do = Callable[[], None]

# A game's memory grows in steps of so many seconds.
RAMP_STEP: Final = 1.0
# Long after the last event everything must have been answered; a policy that is still at it never will be.
PATIENCE: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Request:
    """A chat or a picture that somebody waits for."""

    number: int
    event: Event

    @property
    def at(self) -> float:
        """When it came."""
        return self.event.t


@dataclass(slots=True)
class Held:
    """What a tenant takes of the card."""

    bytes: int
    phase: Literal["loading", "resident", "releasing"]


@dataclass(slots=True, eq=False)
class Run:
    """Work of a tenant: `left` seconds on a card that has room for it, at `slower` times as long just now."""

    tenant: str
    left: float
    done: Do
    request: int
    since: float = 0.0
    slower: float = 1.0
    spilled: bool = False
    caught: bool = False


class World:
    """The card and its clock. A policy calls `load`, `release`, `run` and `answer`; what it gives is called later.

    Memory counts from the moment a load begins until a release is over. Where more is wanted than there is, the run
    that goes on is slowed down, whoever came first: that is how drivers that move memory out of the card behave, and
    how servers that put layers on the CPU do. The card computes one run at a time, in the order in which they came;
    loads go on beside it.
    """

    def __init__(self, scene: Scene, trace: Sequence[Event], chance: random.Random) -> None:
        self.scene = scene
        self.trace = trace
        self.chance = chance
        self.sizes = scene.sizes(trace)
        self.now = 0.0
        self.tally = Tally()
        self.external = 0
        self.held: dict[str, Held] = {}
        self.changed: Do = lambda: None
        self._heap: list[tuple[float, int, Do]] = []
        self._numbers = itertools.count()
        self._waiting: deque[Run] = deque()
        self._run: Run | None = None
        self._runs = itertools.count()  # a finish that was put off is told by its number
        self._current = -1
        self._cached: dict[str, int] = {}
        self._squeezed_since: float | None = None
        self._touched: dict[int, dict[str, int]] = {}

    # Time

    def at(self, when: float, do: Do) -> None:
        """Does something at a time; things of one time in the order in which they were asked for."""
        heapq.heappush(self._heap, (max(when, self.now), next(self._numbers), do))

    def play(self, trace: Sequence[Event], arrived: Callable[[Request], None]) -> None:
        """Plays a trace until everything that was asked has been answered."""
        asked = 0
        for event in trace:
            if event.kind == "external":
                self._grow(event)
            else:
                self.at(event.t, lambda request=Request(asked, event): arrived(request))  # type: ignore[misc]
                asked += 1
        last = max((event.t for event in trace), default=0.0)
        while self.tally.answered + self.tally.refused < asked and self._heap:
            self.now, _, do = heapq.heappop(self._heap)
            if self.now > last + PATIENCE:
                break
            do()
        self.tally.asked = asked
        self._squeeze()

    # Memory

    @property
    def wanted(self) -> int:
        """The bytes that everybody together wants of the card."""
        return self.external + sum(it.bytes for it in self.held.values())

    @property
    def short(self) -> int:
        """How many of them it does not have; 0 or less when it has room."""
        return self.wanted - self.scene.card

    def phase(self, tenant: str) -> str:
        """Where a tenant stands; "cold" when it holds nothing."""
        return self.held[tenant].phase if tenant in self.held else "cold"

    def load(self, tenant: str, done: Do, *, extra: float = 0.0, request: Request | None = None) -> None:
        """Begins to bring a tenant onto the card, for a request or for nobody's; takes `extra` seconds more."""
        size = self.sizes[tenant]
        seconds = self.scene.timing.load(size, cached=tenant in self._cached) + extra
        self._remember(tenant, size)
        self.held[tenant] = Held(size, "loading")
        if request is not None:
            self._touch(request, tenant)
        self.tally.loads += 1
        self.tally.overcommits += self.short > 0
        self.tally.resident = max(self.tally.resident, self.wanted - self.external)
        self._memory_changed()
        self.at(self.now + seconds, lambda: self._loaded(tenant, done))

    def _loaded(self, tenant: str, done: Do) -> None:
        self.held[tenant].phase = "resident"
        done()

    def release(self, tenant: str, done: Do) -> None:
        """Begins to give a tenant's memory back."""
        self.held[tenant].phase = "releasing"
        self.at(self.now + self.scene.timing.freed(tenant), lambda: self._released(tenant, done))

    def _released(self, tenant: str, done: Do) -> None:
        del self.held[tenant]
        self._memory_changed()
        done()

    def _remember(self, tenant: str, size: int) -> None:
        """The system keeps the files that were read last, as far as its memory goes."""
        self._cached.pop(tenant, None)
        self._cached[tenant] = size
        while sum(self._cached.values()) > self.scene.timing.page_cache_bytes:
            del self._cached[next(iter(self._cached))]

    def _grow(self, event: Event) -> None:
        """Others take memory, in steps, and give all of it back at once."""
        steps = max(1, int(min(event.ramp, event.seconds) / RAMP_STEP))
        taken = 0
        for step in range(steps):
            part = event.bytes * (step + 1) // steps - taken
            taken += part
            self.at(event.t + step * RAMP_STEP, lambda part=part: self._others(part))  # type: ignore[misc]
        self.at(event.t + event.seconds, lambda: self._others(-event.bytes))

    def _others(self, part: int) -> None:
        self.external += part
        self._memory_changed()
        self.changed()

    def _memory_changed(self) -> None:
        self._squeeze()
        if self._run is not None:
            self._pace(self._run)

    def _squeeze(self) -> None:
        """Counts the time in which more is wanted than there is: then others run slower too."""
        if self._squeezed_since is not None:
            self.tally.squeezed += self.now - self._squeezed_since
        self._squeezed_since = self.now if self.short > 0 else None

    # Work

    def run(self, tenant: str, seconds: float, done: Do, request: Request) -> None:
        """Puts work at the end of the card's queue."""
        self._touch(request, tenant)
        self._waiting.append(Run(tenant, seconds, done, request.number))
        if self._run is None:
            self._next()

    def _next(self) -> None:
        self._run = self._waiting.popleft() if self._waiting else None
        if self._run is not None:
            self._run.since = self.now
            self._run.spilled = self.short > 0
            self._pace(self._run)

    def _pace(self, run: Run) -> None:
        """Notes what is done, and puts the end where it now is."""
        run.left -= (self.now - run.since) / run.slower
        run.since = self.now
        run.slower = self.scene.timing.slower(self.short, self.wanted - self.external)
        run.caught = run.caught or (run.slower > 1 and not run.spilled)
        self._current = number = next(self._runs)
        self.at(self.now + max(0.0, run.left) * run.slower, lambda: self._finish(number))

    def _finish(self, number: int) -> None:
        if number != self._current or self._run is None:
            return
        run, self._run = self._run, None
        if run.spilled:
            self.tally.spilled.add(run.request)
        elif run.caught:
            self.tally.caught.add(run.request)
        self._next()
        run.done()

    # Answers

    def _touch(self, request: Request, tenant: str) -> None:
        """Notes what a tenant holds on the card for a request: loaded for it, or computing for it."""
        held = self.held[tenant].bytes if tenant in self.held else 0
        self._touched.setdefault(request.number, {})[tenant] = held

    def answer(self, request: Request, touched: int | None = None, *, degraded: bool = False) -> None:
        """A request is answered; without a figure, it `touched` what was loaded for it or computed for it."""
        kind = request.event.kind
        measured = sum(self._touched.pop(request.number, {}).values())
        touched = measured if touched is None else touched
        self.tally.add(Answered(kind, self.now - request.at, touched, degraded))

    def refuse(self, request: Request) -> None:
        """A request will not be answered."""
        del request
        self.tally.refused += 1
