"""What a router keeps of people: what they asked to be remembered, and all else, to be handed over or erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import InvalidInput
from pointsman.core.memories import Full, Kept, Memory, Scope, seen
from pointsman.core.message import Origin
from pointsman.engine.parts import InForce, Parts
from pointsman.engine.persons import Keeper, Persons

LISTED: Final = 1_000
IN_A_FILE: Final = "open the router with its store, which is a file (store.path)"


class Keeping:
    """The part of a router that keeps what is people's own."""

    _force: InForce

    async def memories(self, origin: Origin) -> Sequence[Memory]:
        """What the writer of a message asked to be remembered, the latest 1,000 first.

        Only what may be told on this occasion: where others read along, nothing that was said in private. Raises
        InvalidInput where memories are switched off, StoreError.
        """
        with self._force.use() as parts:
            found, _ = await keeper_of(parts).listed(seen(origin), LISTED, owner=origin.owner)
        return found

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None) -> Kept | Full:
        """Remembers something for the writer of a message, for those whom `scope` names, or as is usual there.

        Raises InvalidInput for a text that is empty or too long, or a scope that is none there; StoreError.
        """
        with self._force.use() as parts:
            return await keeper_of(parts).remember(text, origin, scope=scope)

    async def forget(self, ids: Sequence[str], origin: Origin) -> Sequence[Memory]:
        """Forgets those memories of the writer's that may be told on this occasion, and returns them.

        Raises InvalidInput where memories are switched off, StoreError.
        """
        with self._force.use() as parts:
            keeper, circles = keeper_of(parts), seen(origin)
            found = [await keeper.find(memory_id, circles) for memory_id in dict.fromkeys(ids)]
            return await keeper.forget([it.id for it in found if it is not None], origin.owner)

    async def export(self, owner: str) -> Mapping[str, Any]:
        """All that is kept of one person (`Origin.owner`). Raises BadField for nobody's name, StoreError."""
        with self._force.use() as parts:
            return await (await persons_of(parts)).export(owner)

    async def erase(self, owner: str) -> Mapping[str, Any]:
        """Erases all that `export` gives: memories, decisions, corrections; returns how much of each that was.

        Raises BadField for nobody's name, StoreError.
        """
        with self._force.use() as parts:
            return await (await persons_of(parts)).erase(owner)


def keeper_of(parts: Parts) -> Keeper:
    """Where memories are kept. Raises InvalidInput where nowhere."""
    keeper = parts.keeper() if parts.keeper else None
    if keeper is None:
        raise InvalidInput("nothing is remembered here", cure="set tools.memory.enabled to true")
    return keeper


async def persons_of(parts: Parts) -> Persons:
    """Who knows what is kept of people, once it is all kept. Raises InvalidInput where nobody does."""
    if parts.persons is None:
        raise InvalidInput("this router keeps nothing that would outlive it", cure=IN_A_FILE)
    await parts.log.recent(1)  # what is on its way to the file is there then, and is not written after an erasure
    return parts.persons()
