"""A fake SearXNG on loopback: its JSON API with the formats that are switched on, its limiter, its engines' failures.

Built from https://docs.searxng.org/dev/search_api.html and from how its source orders the checks (October 2026).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from aiohttp import web

from pointsman.core.ports import Clock

FORMATS: Final = ("html", "json", "csv", "rss")
# The limiter's share for one address that asks for anything but HTML: so many in an hour.
API_MOST: Final = 4
API_SECONDS: Final = 3600.0
FORBIDDEN: Final = (
    "<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>\n<h1>Forbidden</h1>\n<p>You don&#39;t have the "
    "permission to access the requested resource. It is either read-protected or not readable by the server.</p>\n"
)
PAGE: Final = "<!DOCTYPE html><html><head><title>SearXNG</title></head><body><main id=results></main></body></html>"

Spoilt = Literal["", "html", "cut", "list", "no_results", "elsewhere", "broken", "huge"]
"""How an answer is spoilt: a page in place of JSON, half of it, another shape, a redirect, 500, far too long."""
Find = Callable[[str], Sequence[Any]]
"""What it finds for a query: rows with url, title, content; whatever else is sent as it is."""


class FakeSearxng:
    """A SearXNG as an async context manager; `url` is what a user would configure.

    `formats` are those under search.formats, `limiter` is server.limiter. `unresponsive` are engines that fail, with
    their reason. `hold` keeps answers back until it is set. What was asked is in `asked`, the headers in `headers`.
    """

    def __init__(
        self,
        find: Find | Sequence[Any] = (),
        *,
        formats: Sequence[str] = ("html", "json"),
        limiter: bool = False,
        clock: Clock = time.time,
    ) -> None:
        self.find: Find = find if callable(find) else lambda _: find
        self.formats = tuple(formats)
        self.limiter = limiter
        self.unresponsive: list[tuple[str, str]] = []
        self.spoilt: Spoilt = ""
        self.hold: asyncio.Event | None = None
        self.asked: list[Mapping[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""
        self._clock = clock
        self._api_calls: deque[float] = deque()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/search", self._search)
        app.router.add_route("*", "/", self._search)
        app.router.add_get("/healthz", self._healthz)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        del request
        return web.Response(text="OK")

    async def _search(self, request: web.Request) -> web.StreamResponse:
        posted = await request.post()
        form = {**request.query, **{name: str(value) for name, value in posted.items()}}
        self.asked.append(form)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self.limiter and (limited := self._limited(request)):
            return limited
        wanted = form.get("format", "html")
        wanted = wanted if wanted in FORMATS else "html"
        if wanted not in self.formats:
            return web.Response(status=403, text=FORBIDDEN, content_type="text/html")
        if not form.get("q") and wanted == "json":
            return web.json_response({"error": "No query"}, status=400)
        if wrong := self._wrong(form):
            return web.json_response({"error": wrong}, status=400)
        if self.hold is not None:
            await self.hold.wait()
        if wanted != "json":
            return web.Response(text=PAGE, content_type="text/html")
        return self._answer(form["q"])

    def _limited(self, request: web.Request) -> web.Response | None:
        """What its limiter says: of who looks like a program, and of who asks for JSON too often."""
        headers = request.headers
        if (
            "text/html" not in headers.get("Accept", "")
            or not {"gzip", "deflate"} & {it.strip() for it in headers.get("Accept-Encoding", "").split(",")}
            or not headers.get("Accept-Language", "").strip()
            or headers.get("User-Agent", "").lower().startswith(("python-requests", "curl", "wget", "python-urllib"))
        ):
            return web.Response(status=429, text="Too Many Requests")
        now = self._clock()
        while self._api_calls and now - self._api_calls[0] > API_SECONDS:
            self._api_calls.popleft()
        self._api_calls.append(now)
        too_many = len(self._api_calls) > API_MOST
        return web.Response(status=429, text="Too Many Requests") if too_many else None

    def _wrong(self, form: Mapping[str, str]) -> str:
        """Which parameter has a value that it does not take."""
        if form.get("safesearch", "0") not in {"0", "1", "2"}:
            return 'Invalid value "{safesearch}" for parameter safesearch'.format(**form)
        if not form.get("pageno", "1").isdecimal() or form.get("pageno") == "0":
            return 'Invalid value "{pageno}" for parameter pageno'.format(**form)
        return ""

    def _answer(self, query: str) -> web.Response:
        body = json.dumps(self._found(query))
        match self.spoilt:
            case "html":
                return web.Response(text=PAGE, content_type="text/html")
            case "cut":
                return web.Response(text=body[: len(body) // 2], content_type="application/json")
            case "list":
                return web.json_response([])
            case "no_results":
                return web.json_response({"query": query})
            case "elsewhere":
                return web.Response(status=302, headers={"Location": "/"})
            case "broken":
                return web.Response(status=500, text="Internal Server Error")
            case "huge":
                return web.json_response({"query": query, "results": [], "suggestions": ["x" * 3_000_000]})
        return web.Response(text=body, content_type="application/json")

    def _found(self, query: str) -> dict[str, Any]:
        rows = [completed(row, place) for place, row in enumerate(self.find(query), 1)]
        return {
            "query": query,
            "results": rows,
            "answers": [],
            "corrections": [],
            "infoboxes": [],
            "suggestions": [],
            "unresponsive_engines": sorted([name, why] for name, why in self.unresponsive),
        }


def completed(row: Any, place: int) -> Any:
    """A row with all that SearXNG sends beside what a test cares for; what is no row stays as it is."""
    if not isinstance(row, Mapping):
        return row
    try:
        parts = list(urlsplit(str(row.get("url", ""))))
    except ValueError:
        parts = []
    usual: dict[str, Any] = {
        "content": "",
        "engine": "duckduckgo",
        "template": "default.html",
        "parsed_url": parts,
        "engines": ["duckduckgo"],
        "positions": [place],
        "publishedDate": None,
        "score": 1.0 / place,
        "category": "general",
    }
    return {**usual, **row}


def result(number: int = 1, **other: Any) -> dict[str, Any]:
    """A row for tests."""
    url = f"https://site{number}.example/page"
    return {"url": url, "title": f"Title {number}", "content": f"Content {number}.", **other}
