"""SearXNG, the search engine that people host themselves, by its JSON API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.core.loopback import is_here
from pointsman.core.ports import Clock
from pointsman.core.search import Hit, hit_of, hits_of
from pointsman.providers.remote.told import stated_wait, told
from pointsman.providers.remote.wire import Reply, Request, Wire

NAME: Final = "searxng"
# Its limiter takes who sends none of these for a bot.
HEADERS: Final = {"Accept": "application/json, text/html;q=0.5", "Accept-Language": "en,*;q=0.5"}
SAFE: Final = {"off": "0", "moderate": "1", "strict": "2"}
# "auto": the language of the query; without it the Accept-Language of this program would count.
LANGUAGE: Final = "auto"
MOST_BODY: Final = 2_000_000
# The limiter lets one address ask for JSON four times an hour.
LIMITED_SECONDS: Final = 300.0
# Names without a dot, and these, are in the owner's own network.
OWN: Final = (".local", ".lan", ".home", ".internal", ".home.arpa")

JSON_OFF: Final = (
    "add `json` to `search.formats` in its settings.yml, beside `html`, and restart it; "
    "where that is so already, something in front of it refuses us"
)
LIMITER: Final = (
    "in its settings.yml set `server: limiter: false`, or name this machine's address in its limiter.toml, "
    "under [botdetection.ip_lists] pass_ip"
)
IS_IT_RUNNING: Final = "is it running? `searxng` in the configuration says where it is looked for"
NOT_IT: Final = "is `searxng` the address of a SearXNG, with the path that it is served under?"
UPSTREAM: Final = "the engines that it asks refuse it: enable others in its settings.yml, or wait"


class Searxng:
    """Asks the SearXNG at `url`, for at most `seconds`; `safe` is how much is left out that is not for everybody.

    It may be at a private address: its owner wrote that down. Results that are no web addresses are dropped.
    Source: https://docs.searxng.org/dev/search_api.html
    """

    name = NAME

    def __init__(
        self,
        url: str,
        *,
        seconds: float = 10.0,
        safe: str = "moderate",
        language: str = LANGUAGE,
        now: Clock = time.time,
    ) -> None:
        self._url = f"{url.rstrip('/').removesuffix('/search')}/search"
        self._seconds = seconds
        self._given = {"format": "json", "safesearch": SAFE[safe], "language": language, "pageno": "1"}
        self._now = now
        self._wire = Wire(NAME, directly=is_own(url))

    async def search(self, query: str, count: int) -> tuple[Hit, ...]:
        """At most `count` pages, best first; none when nothing was found. Raises ServiceFailed."""
        reply = await self._asked(query)
        body = reply.json()
        if reply.status != HTTPStatus.OK:
            raise self._refused(reply)
        if not isinstance(body, dict) or not isinstance(rows := body.get("results"), list):
            what = "answered with a page in place of JSON" if is_page(reply) else "gave no list of results"
            raise fault("malformed", what, NOT_IT)
        hits = hits_of((row_of(row) for row in rows), count)
        if not hits and (silent := unresponsive(body)):
            raise fault("server", f"found nothing, and of its engines did not answer: {silent}", UPSTREAM)
        return hits

    async def check(self) -> None:
        """Whether it would answer a search; none of its engines is asked for that. Raises ServiceFailed."""
        reply = await self._asked("")
        # It looks at the form that is asked for before it misses the query.
        if reply.status != HTTPStatus.BAD_REQUEST or not isinstance(reply.json(), dict):
            raise self._refused(reply) if reply.status != HTTPStatus.OK else fault("malformed", "is no SearXNG", NOT_IT)

    async def _asked(self, query: str) -> Reply:
        url = f"{self._url}?{urlencode({'q': query, **self._given}, errors='replace')}"
        try:
            return await self._wire.send(Request("GET", url, HEADERS, most_body=MOST_BODY), self._seconds)
        except ServiceFailed as error:
            error.cure = error.cure or (IS_IT_RUNNING if error.kind == "server" else NOT_IT)
            raise

    async def close(self) -> None:
        """Closes the connections."""
        await self._wire.close()

    def _refused(self, reply: Reply) -> ServiceFailed:
        match reply.status:
            case HTTPStatus.FORBIDDEN:
                return fault("bad_request", "refused to answer in JSON (403)", JSON_OFF)
            case HTTPStatus.TOO_MANY_REQUESTS:
                wait = stated_wait(reply, told(reply), self._now())
                return fault("rate_limited", "its limiter takes us for a bot (429)", LIMITER, wait or LIMITED_SECONDS)
            case status if 300 <= status < 400:
                # So answers the limiter, too, where it thinks that no browser asks.
                return fault("bad_request", f"sends us elsewhere ({status})", f"{NOT_IT} If so: {LIMITER}")
            case status if status >= 500:
                return fault("server", f"failed ({status})", "see its log")
            case status:
                return fault("bad_request", f"refused the search ({status})", NOT_IT)


def row_of(row: Any) -> Hit | None:
    """A hit from a row of its results; None for what is none."""
    if not isinstance(row, Mapping):
        return None
    return hit_of(row.get("title"), row.get("url"), row.get("content"), row.get("publishedDate"))


def unresponsive(body: Mapping[str, Any]) -> str:
    """Its engines that did not answer, and why, in words; "" when all did."""
    pairs = body.get("unresponsive_engines")
    told_of = [pair for pair in pairs if isinstance(pair, list) and pair] if isinstance(pairs, list) else []
    names = [f"{pair[0]!s:.40}" + (f" ({pair[1]!s:.60})" if len(pair) > 1 else "") for pair in told_of]
    return ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")


def is_page(reply: Reply) -> bool:
    """Whether an answer is HTML."""
    return "html" in reply.headers.get("content-type", "") or reply.body[:100].lstrip().startswith(b"<")


def is_own(url: str) -> bool:
    """Whether an address is in the owner's own network, so that no proxy leads there."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    try:
        return ip_address(host).is_private
    except ValueError:
        return is_here(url) or "." not in host or host.endswith(OWN)


def fault(kind: FaultKind, what: str, cure: str, wait: float | None = None) -> ServiceFailed:
    """That a search did not succeed, and what its owner can do about it."""
    return ServiceFailed(kind, what, service=NAME, cure=cure, wait=wait, retry=False)
