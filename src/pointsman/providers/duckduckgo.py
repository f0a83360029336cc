"""Public search engines, asked by the ddgs library as a browser would: no key is needed, and nothing is promised."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pointsman.core.errors import MissingExtra
from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.core.search import Hit, hit_of, hits_of

NAME: Final = "ddgs"
EXTRA: Final = "search"
SAFE: Final = {"off": "off", "moderate": "moderate", "strict": "on"}
REGION: Final = "us-en"
# Threads cannot be stopped, and the library asks up to 8 engines, 2 at once: those that were given up end by
# themselves. With so many of them left no further one is started.
MOST_THREADS: Final = 4
CLOSING_SECONDS: Final = 5.0

Rows = Sequence[Mapping[str, Any]]
Look = Callable[[str, int], Rows]
"""Looks for a query, and brings at most so many rows with `title`, `href` and `body`; it may block."""

SELF_HOSTED: Final = "wait a few minutes; a SearXNG of your own (tools.web_search.searxng) is more reliable"
UPDATE: Final = "public engines change often: pip install --upgrade ddgs"


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look: rows, or an error."""

    rows: Rows = ()
    error: Exception | None = None


class Duckduckgo:
    """Asks public search engines in a thread, for at most `seconds`; what is asked goes to several of them.

    `look` stands for the library in tests.
    """

    name = NAME

    def __init__(
        self, *, seconds: float = 10.0, safe: str = "moderate", region: str = REGION, look: Look | None = None
    ) -> None:
        self._seconds = seconds
        self._look = look or partial(library, seconds=seconds, safe=SAFE[safe], region=region)
        self._under_way: set[Future[Looked]] = set()

    async def search(self, query: str, count: int) -> tuple[Hit, ...]:
        """At most `count` pages, best first. Raises ServiceFailed, and MissingExtra where ddgs is not installed."""
        looked = await self._looked(query, count)
        if looked.error is not None:
            raise reworded(looked.error, self._seconds) from None
        return hits_of((hit_of(row.get("title"), row.get("href"), row.get("body")) for row in looked.rows), count)

    async def close(self) -> None:
        """Waits a few seconds for the threads; one that takes longer keeps nobody from ending the program."""
        if self._under_way:
            await asyncio.wait({asyncio.wrap_future(it) for it in self._under_way}, timeout=CLOSING_SECONDS)

    async def _looked(self, query: str, count: int) -> Looked:
        if len(self._under_way) >= MOST_THREADS:
            raise fault("server", "is still busy with earlier searches", SELF_HOSTED, asked=False)
        future: Future[Looked] = Future()
        future.set_running_or_notify_cancel()
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        # No pool: one is waited for at the end of the program, however long its threads take.
        threading.Thread(target=self._work, args=(future, query, count), name="pointsman ddgs", daemon=True).start()
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise fault("server", f"no engine answered within {self._seconds:g} s", SELF_HOSTED) from None

    def _work(self, future: Future[Looked], query: str, count: int) -> None:
        try:
            future.set_result(Looked(self._look(query, count)))
        except Exception as error:  # noqa: BLE001 - a library that reads strangers' pages may raise anything
            future.set_result(Looked(error=error))


def library(query: str, count: int, *, seconds: float, safe: str, region: str) -> Rows:
    """What the ddgs library brings. Raises ImportError without it, and what it raises."""
    from ddgs import DDGS

    # It waits so long for each of its rounds, so that there is time for a second one.
    asker = DDGS(timeout=max(1, round(seconds / 2)))
    return asker.text(query, region=region, safesearch=safe, max_results=count)


def reworded(error: Exception, seconds: float) -> ServiceFailed | MissingExtra:
    """What the library raised, in our words: its own quote addresses, and with them the query."""
    if isinstance(error, ImportError):
        return MissingExtra(EXTRA, "searching with public engines (ddgs)")
    name, said = type(error).__name__, str(error).lower()
    if name == "RatelimitException" or "ratelimit" in said or "429" in said:
        return fault("rate_limited", "the public engines refuse us for now", SELF_HOSTED)
    if name == "TimeoutException" or "timed out" in said:
        return fault("server", f"no engine answered within {seconds:g} s", SELF_HOSTED)
    if "no results" in said:
        # An engine that refuses looks the same to it as one that finds nothing.
        return fault("malformed", "brought nothing: there may be nothing, or the engines refused it", SELF_HOSTED)
    if name == "DDGSException":
        return fault("server", "the public engines could not be reached, or refused it", SELF_HOSTED)
    return fault("malformed", f"could not read what the engines sent ({name})", UPDATE)


def fault(kind: FaultKind, what: str, cure: str, *, asked: bool = True) -> ServiceFailed:
    """That a search did not succeed."""
    return ServiceFailed(kind, what, service=NAME, cure=cure, retry=False, asked=asked)
