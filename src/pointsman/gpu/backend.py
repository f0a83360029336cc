"""The seam to the servers that hold models in a card's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pointsman.gpu.want import Rung


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a server says of a tenant that it holds: bytes on the card, and all its bytes (more when it spilled)."""

    tenant: str
    on_card: int
    size: int
    variant: str = ""
    device: str = ""

    @property
    def spilled(self) -> bool:
        """Whether a part of it lies in the computer's memory, so that it is many times slower."""
        return self.on_card < self.size


class Backend(Protocol):
    """A server that loads tenants whose names begin with its `name` and a colon.

    Every call ends by itself: each has its own time limit. Errors are those of core/errors.py: OutOfMemory when
    the card is full, Unreachable when nobody answers, ModelFailed for the rest.
    """

    name: str
    loads_on_use: bool
    """Whether nothing can be loaded before it is used (ComfyUI); `load` then does nothing."""

    async def load(self, rung: Rung, device: str) -> None:
        """Brings a rung into memory; returns when it is there. It survives the one who asked: never cancelled."""
        ...

    async def unload(self, tenant: str, *, deep: bool = False) -> None:
        """Asks for the memory back and returns: it is free when the probe shows it. `deep` gives up caches too."""
        ...

    async def loaded(self) -> Sequence[Loaded]:
        """What it holds now, whoever loaded it. Raises Unreachable."""
        ...
