"""How long it takes that one tenant of a card makes room for another, out of what the card's trace says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

NOBODY: Final = "nobody"
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Swap:
    """A tenant was loaded, in `seconds` from when the first that had to go for it was told to.

    `was` is the largest of those that went, NOBODY where there was room.
    """

    was: str
    now: str
    seconds: float


@dataclass(slots=True)
class Coming:
    """What is under way for a wish: since when, and the largest that goes for it."""

    since: float
    was: str = NOBODY
    size: int = -1


class Swaps:
    """Puts releases and loads together by the wish that both were for; holds at most 200 of either."""

    def __init__(self) -> None:
        self._going: dict[str, Coming] = {}
        self._loading: dict[str, Coming] = {}

    def __call__(self, event: Mapping[str, Any]) -> Swap | None:
        """The swap that an event of the trace ends, if it ends one."""
        kind, tenant, wish = event["kind"], event["tenant"], event.get("id", "")
        match kind:
            case "release" if wish:
                going = self._going.setdefault(wish, Coming(event["t"]))
                if event["bytes"] > going.size:
                    going.was, going.size = tenant, event["bytes"]
            case "load":
                self._loading[tenant] = self._going.pop(wish, Coming(event["t"]))
            case "loaded" if (coming := self._loading.pop(tenant, None)) is not None:
                return Swap(coming.was, tenant, max(0.0, event["t"] - coming.since))
            case "load_failed" | "oom":
                self._loading.pop(tenant, None)
            case "refuse" | "back":
                self._going.pop(wish, None)
        for held in (self._going, self._loading):
            if len(held) > MOST:
                del held[next(iter(held))]
        return None
