"""What the cards held in the last hour, and what happened on them: looked at while there is something to see."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pointsman.core.happening import Ended, Happening, Relayed, Reloaded, Taught
from pointsman.core.ports import Clock
from pointsman.core.reply import Failed
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow

EVERY: Final = 2.0  # seconds between two looks
WATCHED: Final = 10.0  # seconds for which somebody who looked is thought to be there
# Seconds that a point stands for, and how many points are kept: ten minutes closely, an hour from further off.
LEVELS: Final = ((4.0, 150), (20.0, 180))
MOST_EVENTS: Final = 200
STATIC: Final = "static"
REFUSED: Final = frozenset({"no_room", "out_of_memory"})

EventKind = Literal["load", "release", "refusal"]
Look = Callable[[], Snapshot | None]
Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Held:
    """What one card held, in bytes: by tenant, by others, and how large it is."""

    device: str
    total: int
    others: int
    tenants: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """All of it."""
        return self.others + sum(self.tenants.values())


@dataclass(frozen=True, slots=True)
class Sample:
    """The cards at one moment, in seconds since the epoch."""

    at: float
    cards: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a card: a tenant was loaded or gave way, or a wish was refused."""

    at: float
    kind: EventKind
    tenant: str


class Track:
    """The last `most` points, each of so many `seconds`; of several samples in one, the fullest of each card stays."""

    def __init__(self, seconds: float, most: int) -> None:
        self.seconds = seconds
        self._kept: deque[tuple[int, Sample]] = deque(maxlen=most)

    @property
    def span(self) -> float:
        """How many seconds it reaches back."""
        return self.seconds * (self._kept.maxlen or 0)

    def add(self, sample: Sample) -> None:
        """Takes one more sample."""
        number = int(sample.at // self.seconds)
        if self._kept and self._kept[-1][0] == number:
            self._kept[-1] = (number, fullest(self._kept[-1][1], sample))
        else:
            self._kept.append((number, sample))

    def since(self, at: float) -> list[Sample]:
        """The points since then, oldest first."""
        return [sample for _, sample in self._kept if sample.at >= at]


class CardHistory:
    """Looks at the cards every two seconds while somebody watches or something is loaded; else it does nothing.

    `look` reads what the owner of the cards knows, None where there is none. `clock` gives seconds since the epoch.
    """

    def __init__(self, look: Look, *, clock: Clock = time.time, sleep: Sleep = asyncio.sleep) -> None:
        self._look = look
        self._clock = clock
        self._sleep = sleep
        self._tracks = tuple(Track(seconds, most) for seconds, most in LEVELS)
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._before = Snapshot((), (), ())
        self._watched_at = -math.inf
        self._task: asyncio.Task[None] | None = None

    @property
    def at_rest(self) -> bool:
        """Whether there is nothing to look for."""
        watched = self._clock() - self._watched_at < WATCHED
        return not watched and not self._before.tenants and not self._before.queue

    def take(self) -> None:
        """Looks once."""
        found = self._look()
        if found is None:
            return
        at = self._clock()
        self._events.extend(between(self._before, found, at))
        self._before = found
        if found.cards:
            sample = Sample(at, tuple(held_by(it, found.tenants) for it in found.cards))
            for track in self._tracks:
                track.add(sample)

    def samples(self, span: float) -> Sequence[Sample]:
        """What was held in the last `span` seconds, as closely as it is kept."""
        track = next((it for it in self._tracks if it.span >= span), self._tracks[-1])
        return track.since(self._clock() - span)

    def events(self, span: float) -> Sequence[Event]:
        """What happened in the last `span` seconds, oldest first."""
        since = self._clock() - span
        return [it for it in self._events if it.at >= since]

    def loads(self, tenant: str) -> int:
        """How often the tenants whose names begin so were loaded, as far back as is known."""
        return sum(it.kind == "load" and it.tenant.startswith(tenant) for it in self._events)

    def watched(self) -> None:
        """Says that somebody watches; to be said again while that is so."""
        self._watched_at = self._clock()
        self.wake()

    def happened(self, happening: Happening) -> None:
        """Is told what happens in the router: a refusal is noted, and work that may need the card is looked after."""
        if isinstance(happening, Taught | Reloaded):
            return
        if isinstance(happening, Ended) and isinstance(happening.outcome, Failed):
            self._refused(happening.outcome.code, "")
        elif isinstance(happening, Relayed):
            self._refused(happening.code, happening.model)
        self.wake()

    def wake(self) -> None:
        """Begins to look, unless that goes on already."""
        if self._task is None and self._look() is not None:
            self._task = asyncio.create_task(self._run(), name="pointsman card history")

    async def close(self) -> None:
        """Looks no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while True:
                self.take()
                await self._sleep(EVERY)
                self.take()
                if self.at_rest:
                    return
        finally:
            self._task = None

    def _refused(self, code: str, model: str) -> None:
        if code in REFUSED:
            self._events.append(Event(self._clock(), "refusal", model))


def amount_of(now: TenantNow) -> int:
    """What a tenant holds: what was measured stands before what its server reports, and that before what is booked."""
    return next((it for it in (now.measured, now.reported) if it is not None), now.booked)


def ours_on(now: CardNow) -> int:
    """What our tenants hold of a card, by what was seen of it."""
    return now.booked if now.source == STATIC else max(0, now.used - now.external)


def held_by(card: CardNow, tenants: Sequence[TenantNow]) -> Held:
    """One card as it is kept: its tenants together hold what was seen to be ours, however much each is booked for."""
    amounts = {it.name: amount_of(it) for it in tenants if it.device == card.device and it.phase != "cold"}
    ours, claimed = ours_on(card), sum(amounts.values())
    if claimed > ours:
        amounts = {name: amount * ours // claimed for name, amount in amounts.items()}
    elif ours > claimed:
        return Held(card.device, card.total, card.external + ours - claimed, amounts)
    return Held(card.device, card.total, card.external, amounts)


def between(before: Snapshot, after: Snapshot, at: float) -> list[Event]:
    """What happened between two looks."""
    then = {it.name: it.phase for it in before.tenants}
    now = {it.name: it.phase for it in after.tenants}
    coming, going = frozenset({"loading", "resident"}), frozenset({"releasing", "cold"})
    events = [
        Event(at, "release", name) for name, phase in then.items() if phase in coming and now.get(name, "cold") in going
    ]
    return events + [
        Event(at, "load", name) for name, phase in now.items() if phase in coming and then.get(name, "cold") in going
    ]


def fullest(one: Sample, other: Sample) -> Sample:
    """The time of the first, and of each card the look at which it held most."""
    known = {it.device: it for it in one.cards}
    for it in other.cards:
        if it.device not in known or it.used >= known[it.device].used:
            known[it.device] = it
    return Sample(one.at, tuple(known.values()))
