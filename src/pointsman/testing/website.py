"""A few web sites on loopback for tests: pages, redirects, and what servers do to programs that read them."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from aiohttp import web

from pointsman.testing.hostile_pages import HOSTILE_PAGES

HERE: Final = "127.0.0.1"
# A name whose server is on this machine, as a test sees it; the site knows no other.
HOST: Final = "site.test"
BOMB_BYTES: Final = 16_000_000
CHUNK: Final = 64_000
# Stands for no Content-Type until the headers are sent: aiohttp would put its own there.
UNTOLD: Final = "untold/untold"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that came: with which Host, for which path, with which headers (names in lower case)."""

    host: str
    path: str
    headers: Mapping[str, str]


class Names:
    """A resolver for tests: each name's answers in turn, the last for good; `asked` are the names, in order.

    What it does not know raises OSError, as a name does that does not exist.
    """

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers: dict[str, Sequence[Sequence[str]]] = {HOST: [[HERE]], **answers}
        self.asked: list[str] = []

    def add(self, name: str, *answers: Sequence[str]) -> None:
        """What a name stands for when it is asked for the first time, the second, and so on."""
        self.answers[name] = answers

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses. Raises OSError."""
        del port
        self.asked.append(host)
        if host not in self.answers:
            raise OSError(f"no such name: {host}")
        turns = self.answers[host]
        return turns[min(Counter(self.asked)[host], len(turns)) - 1]


class Website:
    """Sites on loopback as an async context manager; every name leads to the same pages.

    `visits` are the requests in order, `visited` is set by the first. `hold` keeps back the second half of a slow page
    until it is set.
    """

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.hold = asyncio.Event()
        self.visited = asyncio.Event()
        self.sent = 0
        self.port = 0
        self._handlers: dict[str, Handler] = {}
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        for name, html in HOSTILE_PAGES.items():
            self.page(f"/hostile/{name}", html)

    def url(self, path: str = "/", host: str = HOST) -> str:
        """The address of a page."""
        return f"http://{host}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(without_untold)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, HERE, 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._closing.set()
        self.hold.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def page(
        self,
        path: str,
        body: str | bytes,
        kind: str | None = "text/html; charset=utf-8",
        *,
        status: int = 200,
        **headers: str,
    ) -> None:
        """A page; `kind` is its Content-Type as it is sent (None: none), further headers by name with _ for -."""
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(request: web.Request) -> web.StreamResponse:
            del request
            response = web.Response(body=data, status=status, headers=named)
            response.headers["Content-Type"] = kind or UNTOLD
            return response

        self._handlers[path] = answer

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """A page that sends on; `to` as it is written into Location ("": no such header)."""
        self.page(path, b"", status=status, **({"Location": to} if to else {}))

    def bomb(self, path: str, *, encoding: str = "gzip") -> None:
        """A page of some 16 kB that unpacks to 16 MB."""
        words = b"<p>" + b"a" * (BOMB_BYTES - 3)
        packed = gzip.compress(words, mtime=0) if encoding == "gzip" else zlib.compress(words)
        self.page(path, packed, Content_Encoding=encoding)

    def endless(self, path: str, *, kind: str = "text/html") -> None:
        """A page that never ends; `sent` counts its bytes."""

        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": kind})
            await response.prepare(request)
            while not self._closing.is_set():
                await response.write(b"<p>more</p>" * (CHUNK // 11))
                self.sent += CHUNK
            return response

        self._handlers[path] = answer

    def slow(self, path: str) -> None:
        """A page whose second half comes when `hold` is set."""

        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/html"})
            await response.prepare(request)
            await response.write(b"<p>the first half")
            await self.hold.wait()
            await response.write(b" and the second</p>")
            return response

        self._handlers[path] = answer

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.visited.set()
        self.visits.append(Visit(request.host, request.path_qs, headers))
        handler = self._handlers.get(request.path)
        return await handler(request) if handler else web.Response(status=404, text="not found")


async def without_untold(request: web.Request, response: web.StreamResponse) -> None:
    """Takes the header out that stands for none."""
    del request
    if response.headers.get("Content-Type") == UNTOLD:
        del response.headers["Content-Type"]
