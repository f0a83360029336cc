"""A model in a fake Ollama's memory, and the settings that say how it gets there."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.testing.card import GIB
from pointsman.testing.ollama.models import OllamaFile

INSTANT: Final = math.inf


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things go: bytes a second from the disk, seconds that a start takes, seconds until memory is back.

    `piece` is how long each piece of a reply takes, `pull` each step of a download. Nothing takes time by itself;
    REAL is how it is on a good machine.
    """

    load: float = INSTANT
    start: float = 0.0
    release: float = 0.0
    piece: float = 0.0
    pull: float = 0.0


REAL: Final = Pace(load=2e9, start=1.0, release=0.8, piece=0.01, pull=0.1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Ollama's settings: OLLAMA_MAX_LOADED_MODELS, _NUM_PARALLEL, _MAX_QUEUE, _CONTEXT_LENGTH, _KEEP_ALIVE.

    `target` is LLAMA_ARG_FIT_TARGET in bytes, which stays free on the card; `around` what a process takes there
    besides, which /api/ps does not tell.
    """

    loaded: int = 3
    parallel: int = 1
    queue: int = 512
    context: int = 0
    keep_alive: float = 300.0
    target: int = GIB // 2
    around: int = 400_000_000


@dataclass(slots=True, eq=False)
class Runner:
    """A model in memory: `size` bytes, `on_card` of them on the card; `duration` is its keep-alive in seconds."""

    file: OllamaFile
    options: Mapping[str, Any]
    context: int
    size: int
    on_card: int
    predicted: int
    duration: float
    slots: asyncio.Semaphore
    expires: float = math.inf
    users: int = 0
    held: int | None = None
    loading: bool = True
    load_seconds: float = 0.0


@dataclass(slots=True)
class Counts:
    """What was done, in numbers: loads begun, reloads for other options, loads dropped, evictions, spills."""

    loads: int = 0
    reloads: int = 0
    aborted: int = 0
    evictions: int = 0
    spills: int = 0
    evicted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Room:
    """What of a card is free for a model, in bytes, and what of it the model may not take."""

    free: int
    around: int
    target: int

    def placed(self, file: OllamaFile, size: int, layers: int | None) -> int:
        """The bytes of a model that go on the card: whole layers, as many as are asked for, or as fit."""
        each = size // (file.layers + 1)
        if layers is not None and layers >= 0:
            return size if layers > file.layers else layers * each
        room = self.free - self.around - self.target
        return size if size <= room else max(0, room // each) * each


def owner_of(file: OllamaFile) -> str:
    """Who holds a model's memory, as the card tells it."""
    return f"ollama:{file.name.removesuffix(':latest')}"
