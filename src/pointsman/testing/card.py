"""A fake card: its memory is really taken, given back late, and never over-committed without being counted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Process, Reading

GIB: Final = 1024**3


class CardOutOfMemory(Exception):
    """More memory was asked for than is free, as cudaMalloc fails."""


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes of an owner; `until` is when they are free again, infinite while they are in use."""

    owner: str
    bytes: int
    until: float = float("inf")


class FakeCard:
    """One card that fake servers and fake games share; also the probe that looks at it.

    Memory given back with a delay stays used until the clock has passed it. `most_used` is the high-water mark.
    Set `blind` for a sensor that does not answer.
    """

    source = "fake"

    def __init__(self, total: int, clock: Clock, *, device: str = "gpu0", reserved: int = 0) -> None:
        self.total = total
        self.device = device
        self.reserved = reserved
        self.blind = False
        self.most_used = 0
        self._clock = clock
        self._held: dict[int, Held] = {}
        self._numbers = itertools.count(1)

    def take(self, owner: str, size: int) -> int:
        """Takes memory and returns its number. Raises CardOutOfMemory when there is too little."""
        if size > self.free:
            raise CardOutOfMemory(f"{owner} wanted {size:,} bytes, {self.free:,} are free")
        number = next(self._numbers)
        self._held[number] = Held(owner, size)
        self.most_used = max(self.most_used, self.used)
        return number

    def give_back(self, number: int, *, after: float = 0.0) -> None:
        """Gives memory back, in so many seconds from now."""
        held = self._held.get(number)
        if held is not None:
            self._held[number] = Held(held.owner, held.bytes, min(held.until, self._clock() + after))

    def held_by(self, owner: str) -> int:
        """The bytes of an owner, with those that are not back yet."""
        return sum(it.bytes for it in self._now() if it.owner == owner)

    @property
    def used(self) -> int:
        """The bytes that are taken, or not back yet."""
        return sum(it.bytes for it in self._now())

    @property
    def free(self) -> int:
        """The bytes that can be taken."""
        return self.total - self.reserved - self.used

    def _now(self) -> list[Held]:
        now = self._clock()
        self._held = {number: it for number, it in self._held.items() if it.until > now}
        return list(self._held.values())

    async def sample(self) -> Sequence[Reading]:
        """What a driver would say."""
        if self.blind:
            return ()
        owners = sorted({it.owner for it in self._now()})
        processes = tuple(Process(1000 + n, owner, self.held_by(owner)) for n, owner in enumerate(owners))
        return (
            Reading(self.device, self.total, self.used, self.source, self._clock(), self.reserved, "Fake", processes),
        )

    async def close(self) -> None:
        """Nothing is open."""
