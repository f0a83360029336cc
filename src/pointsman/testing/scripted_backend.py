"""A server of models on fake cards that does what a test says: late, wrong, hung, or behind our back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from pointsman.core.errors import ModelFailed, OutOfMemory, Unreachable
from pointsman.core.ports import Clock
from pointsman.gpu.backend import Loaded
from pointsman.gpu.reading import Reading
from pointsman.gpu.want import Rung
from pointsman.testing.card import CardOutOfMemory, FakeCard

Fault = Literal["oom", "fail", "hang", "unreachable"]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made: load, loaded, unload, unloaded, use or oom, when, and of which tenant."""

    at: float
    verb: str
    tenant: str


@dataclass(slots=True)
class Seat:
    """What a tenant has on a card: the numbers of its memory, and how much of it is in the computer's."""

    rung: Rung
    device: str
    numbers: list[int] = field(default_factory=list)
    bytes: int = 0
    spilled: int = 0
    users: int = 0


class FakeCards:
    """Several fake cards and the probe that looks at all of them.

    `stale` makes it show again and again what it showed last, `hung` never answer.
    """

    source = "fake"

    def __init__(self, *cards: FakeCard) -> None:
        self.cards = {it.device: it for it in cards}
        self.stale = False
        self.hung = False
        self.looks = 0
        self._last: Sequence[Reading] = ()

    async def sample(self) -> Sequence[Reading]:
        """What a driver would say."""
        self.looks += 1
        if self.hung:
            await asyncio.Event().wait()
        if not self.stale:
            self._last = [reading for it in self.cards.values() for reading in await it.sample()]
        return self._last

    async def close(self) -> None:
        """Nothing is open."""


class ScriptedBackend:
    """A `gpu.backend.Backend` whose memory is really taken from fake cards.

    `sizes` are the true bytes by tenant, where they differ from what a rung says; `load_seconds` and
    `unload_seconds` are what calls take, and memory comes back `back_after` seconds after an unload was answered
    (its name leaves the list at once, as with Ollama). `faults` are taken one a load, `unload_faults` one a release.
    `silent` makes it not answer at all. Memory of a tenant in use comes back when its use ends, as with ComfyUI.
    """

    def __init__(
        self,
        name: str,
        cards: FakeCards,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
        *,
        loads_on_use: bool = False,
        sizes: Mapping[str, int] | None = None,
        load_seconds: float = 2.0,
    ) -> None:
        self.name = name
        self.loads_on_use = loads_on_use
        self.sizes = dict(sizes or {})
        self.load_seconds = load_seconds
        self.unload_seconds = 0.1
        self.back_after = 0.5
        self.faults: list[Fault] = []
        self.unload_faults: list[Fault] = []
        self.silent = False
        self.log: list[Call] = []
        self.seats: dict[str, Seat] = {}
        self.loading: set[str] = set()
        self._cards = cards
        self._clock = clock
        self._sleep = sleep
        self._going: list[tuple[Seat, float]] = []

    async def load(self, rung: Rung, device: str) -> None:
        """Brings a rung into memory. Raises OutOfMemory, ModelFailed, Unreachable, or hangs, as scripted."""
        self._called("load", rung.tenant)
        await self._answer(self.faults)
        if self.loads_on_use:
            return
        self.loading.add(rung.tenant)
        try:
            await self._sleep(self.load_seconds)
            self._give_up(rung.tenant)
            self.seats[rung.tenant] = seat = Seat(rung, device)
            self._take(seat, self.sizes.get(rung.tenant, rung.bytes))
        finally:
            self.loading.discard(rung.tenant)
        self._called("loaded", rung.tenant)

    async def unload(self, tenant: str, *, deep: bool = False) -> None:
        """Lets go; where it loads on use, of everything, and of what is in use when that ends."""
        self._called("unload", tenant)
        await self._answer(self.unload_faults)
        await self._sleep(self.unload_seconds)
        for name in list(self.seats) if self.loads_on_use else [tenant]:
            self._give_up(name)
        self._called("unloaded", f"{tenant}{' deep' if deep else ''}")

    async def loaded(self) -> Sequence[Loaded]:
        """What it holds."""
        if self.silent:
            raise Unreachable(f"{self.name} does not answer", cure=f"start {self.name}")
        return tuple(
            Loaded(name, it.bytes, it.bytes + it.spilled, it.rung.variant, it.device)
            for name, it in self.seats.items()
            if it.bytes or it.spilled
        )

    @asynccontextmanager
    async def using(self, rung: Rung, device: str) -> AsyncIterator[None]:
        """A use of a tenant: where it loads on use, its memory is taken now. Raises OutOfMemory."""
        seat = self.begin_use(rung, device)
        try:
            yield
        finally:
            self.end_use(seat)

    def begin_use(self, rung: Rung, device: str) -> Seat:
        """A use begins."""
        seat = self.seats.get(rung.tenant)
        if seat is None:
            seat = self.seats[rung.tenant] = Seat(rung, device)
        size = self.sizes.get(rung.tenant, rung.bytes)
        if self.loads_on_use and seat.bytes < size:
            self._take(seat, size - seat.bytes)
        seat.users += 1
        self._called("use", rung.tenant)
        return seat

    def end_use(self, seat: Seat) -> None:
        """A use ends; what was given up meanwhile comes back now."""
        seat.users -= 1
        for going, after in [it for it in self._going if it[0] is seat and not seat.users]:
            self._going.remove((going, after))
            self._hand_back(seat, after)

    def take_behind_our_back(self, tenant: str, size: int, device: str, *, variant: str = "") -> None:
        """Somebody else makes it load something. Raises OutOfMemory."""
        seat = Seat(Rung(tenant, size, variant), device)
        self._give_up(tenant)
        self._take(seat, size)
        self.seats[tenant] = seat

    def drop_behind_our_back(self, tenant: str) -> None:
        """Somebody else, or its own timer, makes it let go."""
        self._give_up(tenant)

    def spill(self, tenant: str, size: int) -> None:
        """A part of a tenant goes to the computer's memory, as when a card is full."""
        seat = self.seats[tenant]
        rest = seat.bytes - size
        self._hand_back(seat, 0.0)
        seat.bytes = 0
        self._take(seat, rest)
        seat.spilled = size

    def crash(self) -> None:
        """The server ends: all its memory is free, and nobody answers."""
        for seat in [*self.seats.values(), *(it for it, _ in self._going)]:
            self._hand_back(seat, 0.0)
        self.seats.clear()
        self._going.clear()
        self.silent = True

    def calls(self, verb: str) -> list[str]:
        """The tenants of the calls of one kind, in order."""
        return [it.tenant for it in self.log if it.verb == verb]

    async def _answer(self, faults: list[Fault]) -> None:
        fault = faults.pop(0) if faults else "unreachable" if self.silent else None
        match fault:
            case "oom":
                raise OutOfMemory(f"{self.name} ran out of memory", cure="use a smaller model")
            case "fail":
                raise ModelFailed(f"{self.name} broke off", cure=f"look into the log of {self.name}")
            case "unreachable":
                raise Unreachable(f"{self.name} does not answer", cure=f"start {self.name}")
            case "hang":
                await asyncio.Event().wait()
            case None:
                pass

    def _take(self, seat: Seat, size: int) -> None:
        try:
            seat.numbers.append(self._cards.cards[seat.device].take(self.name, size))
        except CardOutOfMemory as error:
            if not seat.numbers:
                self.seats.pop(seat.rung.tenant, None)
            self._called("oom", seat.rung.tenant)
            raise OutOfMemory(str(error), cure="use a smaller model") from error
        seat.bytes += size

    def _give_up(self, tenant: str) -> None:
        seat = self.seats.get(tenant)
        if seat is None:
            return
        if seat.users:
            if not any(it[0] is seat for it in self._going):
                self._going.append((seat, self.back_after))
            if self.loads_on_use:
                return  # it is listed until the job ends
        else:
            self._hand_back(seat, self.back_after)
        del self.seats[tenant]

    def _hand_back(self, seat: Seat, after: float) -> None:
        for number in seat.numbers:
            self._cards.cards[seat.device].give_back(number, after=after)
        seat.numbers.clear()
        if self.seats.get(seat.rung.tenant) is seat and self.loads_on_use:
            seat.bytes = 0

    def _called(self, verb: str, tenant: str) -> None:
        self.log.append(Call(self._clock(), verb, tenant))
