"""Where a router keeps what is people's own, as far as it knows of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from pointsman.core.memories import Circle, Full, Kept, Memory, Scope
from pointsman.core.message import Origin


class Keeper(Protocol):
    """Where memories are kept."""

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None) -> Kept | Full:
        """Keeps a text, unless it is known or there are too many. Raises InvalidInput, StoreError."""
        ...

    async def listed(self, circles: Sequence[Circle], limit: int, *, owner: str = "") -> tuple[list[Memory], int]:
        """The latest, and how many there are. Raises StoreError."""
        ...

    async def find(self, memory_id: str, circles: Sequence[Circle]) -> Memory | None:
        """One by its id. Raises StoreError."""
        ...

    async def forget(self, ids: Iterable[str], owner: str) -> list[Memory]:
        """Takes out those that are the owner's, and returns them. Raises StoreError."""
        ...


class Persons(Protocol):
    """All that is kept of single people."""

    async def export(self, owner: str) -> Mapping[str, Any]:
        """All of it. Raises BadField, StoreError."""
        ...

    async def erase(self, owner: str) -> Mapping[str, Any]:
        """Erases all of it, and says how much that was. Raises BadField, StoreError."""
        ...
