"""Lets pages of other sites call, where they are named: answers their browsers' questions, and theirs alone."""

from __future__ import annotations

from collections.abc import Awaitable, Collection
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.config.server import ANYWHERE

METHODS: Final = "GET, HEAD, POST, DELETE"
ALWAYS: Final = "authorization, content-type"
SHOWN: Final = "*"  # of our headers; none of them is about the caller's browser
MAX_AGE: Final = "600"  # seconds that a browser need not ask again
LONGEST: Final = 2_000


class Origins(Protocol):
    """Knows the pages that may call, as they are now."""

    origins: Collection[str]


class Cors:
    """ASGI middleware that answers preflights of the pages that are allowed, and marks answers as theirs to read.

    It never lets a browser send cookies along: who calls shows a key in a header, which no other page can.
    """

    def __init__(self, app: ASGIApp, allowed: Origins) -> None:
        self._app = app
        self._allowed = allowed

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answers a preflight, or passes the request on."""
        if scope["type"] != "http" or not self._allowed.origins:
            return self._app(scope, receive, send)
        return self._crossing(scope, receive, send)

    async def _crossing(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        given = headers.getlist("origin")
        name = allowed_as(given[0], self._allowed.origins) if len(given) == 1 else ""
        marks = [(b"vary", b"Origin")]
        if name:
            marks += [(b"access-control-allow-origin", name.encode("latin-1", "replace"))]
        if name and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await send({"type": "http.response.start", "status": 204, "headers": marks + preflight(headers)})
            await send({"type": "http.response.body", "body": b""})
            return
        if name:
            marks.append((b"access-control-expose-headers", SHOWN.encode()))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *marks]}
            await send(message)

        await self._app(scope, receive, marked)


def allowed_as(origin: str, allowed: Collection[str]) -> str:
    """What an answer says of who may read it; "" where the page is not allowed."""
    if origin.lower() in allowed:
        return origin
    return ANYWHERE if ANYWHERE in allowed else ""


def preflight(headers: Headers) -> list[tuple[bytes, bytes]]:
    """What a browser may send: our methods, and the headers that it asks for."""
    wanted = headers.get("access-control-request-headers", "")[:LONGEST]
    named = wanted if wanted and all("!" <= letter <= "~" or letter == " " for letter in wanted) else ALWAYS
    found = [
        (b"access-control-allow-methods", METHODS.encode()),
        (b"access-control-allow-headers", named.encode()),
        (b"access-control-max-age", MAX_AGE.encode()),
    ]
    if headers.get("access-control-request-private-network") == "true":
        found.append((b"access-control-allow-private-network", b"true"))
    return found
