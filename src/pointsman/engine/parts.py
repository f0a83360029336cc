"""What a router is made of, which of it is in force, and when what was in force before is closed."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from pointsman.core.category import Catalogue
from pointsman.core.message import Message
from pointsman.core.plan import Abilities
from pointsman.core.tool import Toolset
from pointsman.engine.asked import Asked
from pointsman.engine.decisionlog import DecisionLog
from pointsman.engine.execute import Executor
from pointsman.engine.passages import Passages
from pointsman.engine.persons import Keeper, Persons
from pointsman.engine.teaching import Categorise, Teaching
from pointsman.tiers.cascade import Cascade

logger = logging.getLogger(__name__)

Define = Callable[..., Toolset]
"""Makes a toolset of a Python function."""


class Closable(Protocol):
    """Something that holds connections, files or memory."""

    async def close(self) -> None:
        """Lets go of them."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a configuration decides about a router.

    `abilities` says what a plan may use, `foresee` finds a category without asking anybody outside, `define` makes
    tools of functions, `passages` opens what embeds texts. `keeper` gives where memories are kept (None where they are
    switched off), `persons` who knows all that is kept of people. `owns` are closed with it, in order; what two sets of
    parts have in common stands in both as one `Shared`. Without `owns`, the executor, the services and the log are
    closed.
    """

    catalogue: Catalogue
    cascade: Cascade
    log: DecisionLog
    executor: Executor
    abilities: Callable[[], Abilities]
    chance: random.Random
    teaching: Teaching = None  # type: ignore[assignment] # made here where none is given
    services: Asked | None = None
    foresee: Categorise | None = None
    define: Define | None = None
    passages: Callable[[], Passages] | None = None
    keeper: Callable[[], Keeper | None] | None = None
    persons: Callable[[], Persons] | None = None
    owns: Sequence[Closable] | None = None

    def __post_init__(self) -> None:
        if self.teaching is None:
            object.__setattr__(self, "teaching", Teaching(self.log, self.catalogue, self._categorise))

    async def close(self) -> None:
        """Lets go of models and files."""
        owned = self.owns if self.owns is not None else (self.executor, self.services, self.log)
        async with AsyncExitStack() as closing:  # closes the rest, too, when one of them fails
            for it in reversed(owned):
                if it is not None:
                    closing.push_async_callback(it.close)

    async def _categorise(self, message: Message) -> str:
        return (await self.cascade.decide(message)).category


class Shared:
    """Something that several sets of parts have in common, closed when the last of them lets go."""

    def __init__(self, it: Closable) -> None:
        self._it = it
        self._holders = 1

    def hold(self) -> None:
        """Takes one more holder."""
        self._holders += 1

    async def close(self) -> None:
        """Lets go, for one holder."""
        self._holders -= 1
        if self._holders == 0:
            await self._it.close()


class InForce:
    """The parts in force. Those before are closed when their last use has ended; none is closed under a reply."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._uses: dict[int, int] = {}
        self._before: dict[int, Parts] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def use(self) -> Use:
        """The parts in force, for `with`; they stay open until the end of the use."""
        return Use(self)

    def begun(self) -> Parts:
        """The parts in force, in use once more."""
        name = id(self.parts)
        self._uses[name] = self._uses.get(name, 0) + 1
        return self.parts

    def ended(self, parts: Parts) -> None:
        """One use of them less; those that are not in force any more are closed with the last."""
        name = id(parts)
        self._uses[name] -= 1
        if not self._uses[name]:
            del self._uses[name]
            self._retire(name)

    def swap(self, parts: Parts) -> None:
        """Puts others in force, for whatever begins from now on."""
        self._before[id(self.parts)], before = self.parts, self.parts
        self.parts = parts
        if id(before) not in self._uses:
            self._retire(id(before))

    async def close(self) -> None:
        """Closes all, whether in use or not."""
        while self._before:
            await self._before.popitem()[1].close()
        await asyncio.gather(*self._closing)
        await self.parts.close()

    def _retire(self, name: int) -> None:
        parts = self._before.pop(name, None)
        if parts is not None:
            task = asyncio.ensure_future(closed(parts))
            self._closing.add(task)  # held, as the loop holds tasks weakly
            task.add_done_callback(self._closing.discard)


class Use:
    """One use of the parts in force: a class, as every message has one and a `contextmanager` takes thrice as long."""

    __slots__ = ("_force", "_parts")

    def __init__(self, force: InForce) -> None:
        self._force = force

    def __enter__(self) -> Parts:
        self._parts = self._force.begun()
        return self._parts

    def __exit__(self, *_: object) -> None:
        self._force.ended(self._parts)


async def closed(parts: Parts) -> None:
    """Closes parts that are not in force any more; what fails is logged, as nobody waits for it."""
    try:
        await parts.close()
    except Exception:
        logger.exception("not all of the configuration before was closed in order")
