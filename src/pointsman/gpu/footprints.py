"""What tenants take, and how long they load: learned from what was seen, kept by whoever keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from pointsman.gpu.settings import Settings


@dataclass(frozen=True, slots=True)
class Footprint:
    """What was learned of a rung: bytes, newest first, and the seconds of its loads.

    `cold` are loads of what this computer had not read before, `warm` those of files that it still had in memory.
    """

    samples: tuple[int, ...] = ()
    cold: tuple[float, ...] = ()
    warm: tuple[float, ...] = ()

    def bytes(self, settings: Settings) -> int:
        """The largest of the last ones, each older one a little less; 0 where nothing was measured."""
        return max((int(it * settings.footprint_decay**age) for age, it in enumerate(self.samples)), default=0)

    @property
    def seconds(self) -> float:
        """What loading it again takes: the middle one of the warm loads, or of the cold; 0 where none was timed."""
        times = sorted(self.warm or self.cold)
        return times[len(times) // 2] if times else 0.0

    def measured(self, size: int, settings: Settings) -> Footprint:
        """With one more measurement."""
        return replace(self, samples=(size, *self.samples)[: settings.footprint_samples])

    def timed(self, seconds: float, settings: Settings, *, warm: bool) -> Footprint:
        """With one more load."""
        if warm:
            return replace(self, warm=(seconds, *self.warm)[: settings.footprint_samples])
        return replace(self, cold=(seconds, *self.cold)[: settings.footprint_samples])

    def ran_out(self, booked: int, most: int, settings: Settings) -> Footprint:
        """After running out of memory with so much booked: 15 % more, and never more than a card can hold."""
        return self.measured(min(most, int(booked * (1 + settings.out_of_memory_share))), settings)


class FootprintStore(Protocol):
    """Keeps footprints when the process ends."""

    async def read(self) -> Mapping[str, Footprint]:
        """All of them, by the keys of their rungs. Raises StoreError."""
        ...

    async def keep(self, key: str, footprint: Footprint) -> None:
        """Keeps one. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Lets go of files."""
        ...


@dataclass(slots=True)
class MemoryFootprints:
    """Keeps them for as long as the process lives."""

    kept: dict[str, Footprint] = field(default_factory=dict)

    async def read(self) -> Mapping[str, Footprint]:
        """All of them."""
        return dict(self.kept)

    async def keep(self, key: str, footprint: Footprint) -> None:
        """Keeps one."""
        self.kept[key] = footprint

    async def close(self) -> None:
        """Nothing is open."""
