"""Searching the web: the engines in their order, the next one where one fails, and what was found a moment ago."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final, Protocol

from pointsman.core.errors import PointsmanError, ToolFailed
from pointsman.core.ports import Clock
from pointsman.core.search import Hit
from pointsman.tools.web.fresh import Fresh

CACHE_SECONDS: Final = 600.0
# Six hits take some 3 kB.
MOST_KEPT: Final = 256
# Engines cut what is longer, and nobody types it.
MOST_QUERY: Final = 400


class Search(Protocol):
    """A search engine, or whatever finds pages."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    async def search(self, query: str, count: int) -> Sequence[Hit]:
        """At most `count` pages, best first; none when nothing was found. Raises PointsmanError."""
        ...

    async def close(self) -> None:
        """Lets go of its connections and threads."""
        ...


class Searches:
    """Asks engines in their order until one answers; what was found is used again for `cache` seconds."""

    def __init__(
        self, engines: Sequence[Search], *, cache: float = CACHE_SECONDS, clock: Clock = time.monotonic
    ) -> None:
        self.names = tuple(engine.name for engine in engines)
        self._engines = tuple(engines)
        self._kept: Fresh[tuple[str, int], tuple[Hit, ...]] = Fresh(cache, MOST_KEPT, clock=clock)

    async def search(self, query: str, count: int) -> tuple[Hit, ...]:
        """At most `count` pages; none when an engine answered and found nothing. Raises ToolFailed when none did."""
        query = " ".join(query.split())[:MOST_QUERY].strip()
        key = (query.casefold(), count)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        failures: list[PointsmanError] = []
        for engine in self._engines:
            try:
                hits = tuple(await engine.search(query, count))
            except PointsmanError as error:
                failures.append(error)
                continue
            if hits:  # what is not there yet may be there in a minute
                self._kept.put(key, hits)
            return hits
        raise all_failed(failures)

    async def close(self) -> None:
        """Closes the engines."""
        async with AsyncExitStack() as closing:  # closes the rest, too, when one of them fails
            for engine in self._engines:
                closing.push_async_callback(engine.close)


def all_failed(failures: Sequence[PointsmanError]) -> ToolFailed:
    """That no engine answered, each with its cause and what its owner can do."""
    if not failures:
        return ToolFailed("no search engine is set up", cure=SET_UP)
    causes = "; ".join(error.message for error in failures)
    cures = [error.cure for error in failures if error.cure]
    return ToolFailed(f"the web could not be searched: {causes}", cure="; ".join(dict.fromkeys(cures)))


SET_UP: Final = (
    "write the address of a SearXNG as tools.web_search.searxng, or tools.web_search.ddgs: true with "
    "pip install 'pointsman[search]'"
)
