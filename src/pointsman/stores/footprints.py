"""Learned footprints that outlive the process, as one text on a shelf."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from pointsman.gpu.footprints import Footprint
from pointsman.stores.shelf import MemoryShelf, SqliteShelf

KEY: Final = "footprints"


class ShelfFootprints:
    """Keeps footprints (gpu.footprints.FootprintStore) on a shelf, which several processes may share."""

    def __init__(self, shelf: SqliteShelf | MemoryShelf) -> None:
        self._shelf = shelf

    async def read(self) -> Mapping[str, Footprint]:
        """All of them, by the keys of their rungs, but for what is damaged. Raises StoreError."""
        return {key: made for key, said in parsed(await self._shelf.read(KEY)).items() if (made := footprint_of(said))}

    async def keep(self, key: str, footprint: Footprint) -> None:
        """Keeps one; the others stay. Raises StoreError."""

        def put(text: str) -> tuple[str, None]:
            return json.dumps({**parsed(text), key: asdict(footprint)}, sort_keys=True), None

        await self._shelf.change(KEY, put)

    async def close(self) -> None:
        """Lets go of the file."""
        await self._shelf.close()


def parsed(text: str) -> dict[str, Any]:
    """What the shelf holds; nothing where it holds no object."""
    try:
        said = json.loads(text or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def footprint_of(said: object) -> Footprint | None:
    """A footprint as it was kept; None where it is none."""
    if not isinstance(said, dict):
        return None
    try:
        samples = tuple(int(it) for it in said.get("samples") or ())
        cold, warm = (tuple(float(it) for it in said.get(name) or ()) for name in ("cold", "warm"))
    except (TypeError, ValueError, OverflowError):
        return None
    if not all(0 < it < float("inf") for it in (*samples, *cold, *warm)):
        return None  # nothing takes no bytes, or no time
    return Footprint(samples, cold, warm)
