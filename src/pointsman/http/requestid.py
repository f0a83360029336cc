"""Gives every request an id that its answer and all its lines in the log carry, and writes its one line at the end."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.core.ports import Clock
from pointsman.observe.request import CURRENT, Request
from pointsman.observe.requestlines import logger, write

HEADER: Final = b"x-request-id"
TRACE: Final = {b"traceparent": "traceparent", b"tracestate": "tracestate"}
SAFE: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,64}")
HUNG_UP: Final = 499  # as nginx has it: the caller went away before the answer began
LONGEST: Final = 120
# An id has to be another each time, and is no secret: the system is asked once, not for each.
DRAWN: Final = random.Random()
# What people and programs ask for; the page's own files and probes are many, and say little.
ASKED: Final = ("/v1/", "/api/")


class RequestIds:
    """ASGI middleware, the outermost: a request's own x-request-id is kept where it is short and safe.

    `answered` is told the path and the status of each answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answered: Callable[[str, int], None] | None = None,
        new_id: Callable[[], str] = lambda: f"{DRAWN.getrandbits(64):016x}",
        clock: Clock = time.perf_counter,
    ) -> None:
        self._app = app
        self._answered = answered
        self._new_id = new_id
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._clock(), HUNG_UP
        request = self._request(scope)
        header = (HEADER, request.id.encode("ascii"))

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        token = CURRENT.set(request)
        try:
            await self._app(scope, receive, marked)
        finally:
            self._end(scope, request, status, self._clock() - began)
            CURRENT.reset(token)

    def _request(self, scope: Scope) -> Request:
        given, trace = b"", {}
        for name, value in scope["headers"]:
            if name == HEADER:
                given = value
            elif name in TRACE:
                trace[TRACE[name]] = value.decode("latin-1")
        return Request(given.decode("ascii") if SAFE.fullmatch(given) else self._new_id(), trace)

    def _end(self, scope: Scope, request: Request, status: int, seconds: float) -> None:
        path = scope["path"]
        if self._answered is not None:
            self._answered(path, status)
        level = logging.INFO if path.startswith(ASKED) else logging.DEBUG
        if logger.isEnabledFor(level):
            own = {"method": scope["method"], "path": shown(scope)}
            write(level, {**own, **request.told, "status": status, "ms": round(seconds * 1e3, 1)})
        request.over = True


def shown(scope: Scope) -> str:
    """The path as it is declared, without the ids and signatures in it; an unknown one as it came, cut."""
    declared = getattr(scope.get("route"), "path", "")
    return declared or scope["path"][:LONGEST]
