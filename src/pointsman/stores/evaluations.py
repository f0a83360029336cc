"""Evaluations that were run from the page, in figures: each in short, and the last one whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pointsman.stores.shelf import MemoryShelf, SqliteShelf

RUNS: Final = "evaluations"
LATEST: Final = "evaluation"
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation in short: when (seconds since the epoch), of which file, of `n` messages, and its shares."""

    at: float
    name: str
    n: int
    accuracy: float | None
    path_error: float | None
    ece: float | None


@dataclass(frozen=True, slots=True)
class Latest:
    """The last one: in short, and all of its figures, as `pointsman eval --json` prints them."""

    run: Run
    result: Mapping[str, Any]


class Evaluations:
    """Keeps them on a shelf, which several processes may share; no text of a message is among them."""

    def __init__(self, shelf: SqliteShelf | MemoryShelf) -> None:
        self._shelf = shelf

    async def runs(self) -> Sequence[Run]:
        """Every one that is kept, oldest first; what is damaged is left out. Raises StoreError."""
        return [made for it in listed(await self._shelf.read(RUNS)) if (made := run_of(it))]

    async def latest(self) -> Latest | None:
        """The last one. Raises StoreError."""
        said = parsed(await self._shelf.read(LATEST))
        if not isinstance(said, dict) or not isinstance(said.get("result"), dict):
            return None
        run = run_of(said.get("run"))
        return Latest(run, said["result"]) if run else None

    async def keep(self, latest: Latest) -> None:
        """Keeps one more; the oldest goes where there are too many. Raises StoreError."""

        def put(text: str) -> tuple[str, None]:
            return json.dumps([*listed(text), asdict(latest.run)][-MOST:]), None

        whole = json.dumps({"run": asdict(latest.run), "result": latest.result})
        await self._shelf.change(RUNS, put)
        await self._shelf.change(LATEST, lambda _: (whole, None))

    async def close(self) -> None:
        """Lets go of the file."""
        await self._shelf.close()


def parsed(text: str) -> Any:
    """What stands on the shelf; None where it is damaged."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def listed(text: str) -> list[Any]:
    """The runs as they stand there; none where it is no list."""
    said = parsed(text)
    return said if isinstance(said, list) else []


def run_of(said: object) -> Run | None:
    """A run as it was kept; None where it is none."""
    if not isinstance(said, dict):
        return None
    try:
        shares = [None if said[name] is None else float(said[name]) for name in ("accuracy", "path_error", "ece")]
        return Run(float(said["at"]), str(said["name"]), int(said["n"]), *shares)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
