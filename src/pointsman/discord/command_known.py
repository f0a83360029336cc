"""What autocomplete offers: what can be chosen and what somebody had remembered, looked up once in a few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, Final, TypeVar

from discord.app_commands import Choice

from pointsman.core.errors import PointsmanError
from pointsman.core.memories import Memory
from pointsman.core.message import Origin
from pointsman.core.ports import Clock
from pointsman.discord.service import Known, Service

logger = logging.getLogger(__name__)

T = TypeVar("T")

FRESH: Final = 5.0  # seconds: somebody who types asks several times a second
PATIENCE: Final = 1.5  # seconds of the three that Discord waits
MOST: Final = 25  # suggestions that Discord takes
LONGEST: Final = 100  # characters of one
OWNERS: Final = 100  # whose memories are kept for a moment


class Fresh:
    """Answers that are good for a few seconds, each asked for by one at a time; what fails gives what was before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._going: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """What was answered under a key lately, or else now."""
        at, kept = self._kept.get(key, (0.0, otherwise))
        found: T = kept
        if key in self._kept and self._clock() - at < FRESH:
            return found
        if key not in self._going:
            self._going[key] = asyncio.create_task(self._ask(key, ask))
        try:
            # Whoever asked first may be gone while others wait for the same.
            found = await asyncio.wait_for(asyncio.shield(self._going[key]), PATIENCE)
        except (TimeoutError, PointsmanError) as error:
            logger.debug("nothing new to suggest: %s", error)
        return found

    def forget(self, key: Hashable) -> None:
        """Has it asked for anew the next time."""
        self._kept.pop(key, None)

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            found = await ask()
            while len(self._kept) >= OWNERS:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (self._clock(), found)
            return found
        finally:
            self._going.pop(key, None)


class Suggestions:
    """What the service offers to choose from, for autocomplete."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._fresh = Fresh(clock)

    async def known(self) -> Known:
        """What can be chosen; nothing where that cannot be found out."""
        return await self._fresh.get("known", self._service.known, Known())

    async def memories(self, origin: Origin) -> Sequence[Memory]:
        """A person's own memories, as far as they may be told on this occasion."""
        nothing: Sequence[Memory] = ()
        return await self._fresh.get(key_of(origin), lambda: self._service.memories(origin), nothing)

    def changed(self, origin: Origin) -> None:
        """Has a person's memories looked up anew."""
        self._fresh.forget(key_of(origin))


def key_of(origin: Origin) -> Hashable:
    """What a person's memories on an occasion are known by."""
    return origin.owner, origin.guild, origin.shared


def matching(names: Iterable[str], typed: str) -> list[Choice[str]]:
    """The names that hold what was typed, those that begin with it first."""
    wanted = typed.casefold().strip()
    found = [it for it in dict.fromkeys(names) if wanted in it.casefold() and 0 < len(it) <= LONGEST]
    found.sort(key=lambda it: not it.casefold().startswith(wanted))
    return [Choice(name=it, value=it) for it in found[:MOST]]


def named(pairs: Iterable[tuple[str, str]], typed: str) -> list[Choice[str]]:
    """Those of (name, value) whose name, or value, holds what was typed."""
    wanted = typed.casefold().strip()
    found = [(name, value) for name, value in pairs if wanted in name.casefold() or wanted == value.casefold()]
    return [Choice(name=line(name), value=value) for name, value in found[:MOST]]


def line(text: str) -> str:
    """A text as one suggestion shows it."""
    text = " ".join(text.split()) or "-"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
