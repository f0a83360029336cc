"""What the runs of the fake ComfyUI share, and the values that pass between its nodes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pointsman.testing.comfyui.memory import CardShare
from pointsman.testing.comfyui.mishaps import Mishaps
from pointsman.testing.comfyui.nodes import Models, NodeClass
from pointsman.testing.comfyui.pictures import Colour

Sleep = Callable[[float], Awaitable[object]]
Keep = Callable[[str, str, bytes], dict[str, str]]
"""Stores a picture (kind of folder, prefix, bytes) and says where, as the history names it."""

Find = Callable[[str], bytes | None]
"""The picture that a Load Image node names; None for none."""


class NodeFailed(Exception):
    """A node raised an exception of the type `kind`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Interrupted(Exception):
    """Somebody asked for the end of it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds: a step, every node, and bringing a GB to the card."""

    step: float = 0.0
    node: float = 0.0
    gigabyte: float = 0.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """A latent picture, or a finished one: so many of a size, in colours that come from what was asked for."""

    width: int
    height: int
    batch: int
    colours: tuple[Colour, ...] = ()


@dataclass(slots=True)
class World:
    """The card, the files, what was computed before, and how to fail; `now` is in milliseconds.

    `working` is how many bytes computing takes for each megapixel.
    """

    share: CardShare
    models: Models
    classes: Mapping[str, NodeClass]
    mishaps: Mishaps
    pace: Pace
    working: int
    sleep: Sleep
    now: Callable[[], int]
    keep: Keep
    find: Find
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    cache: dict[str, Any] = field(default_factory=dict)

    async def nap(self, seconds: float) -> None:
        """Lets time pass. Raises Interrupted as soon as somebody asks for the end."""
        if seconds > 0:
            await first_of(self.sleep(seconds), self.interrupted.wait())
        else:
            await asyncio.sleep(0)
        if self.interrupted.is_set() and not self.mishaps.deaf:
            raise Interrupted

    async def stuck(self) -> None:
        """Waits for ever: until it is interrupted, if it listens, or the server closes. Raises Interrupted."""
        waits = [self.closing.wait()] if self.mishaps.deaf else [self.closing.wait(), self.interrupted.wait()]
        await first_of(*waits)
        raise Interrupted


async def first_of(*waits: Awaitable[object]) -> None:
    """Waits for the first of several, and gives the others up."""
    tasks = [asyncio.ensure_future(it) for it in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def colour_of(text: str) -> Colour:
    """A colour that changes with what was asked for."""
    digest = hashlib.sha256(text.encode()).digest()
    return digest[0], digest[1], digest[2]
