"""The way to the end: nothing new is begun, what is on its way may finish."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman.core.errors import Unreachable
from pointsman.http.errors import Problem
from pointsman.http.intake import refuse

WORK: Final = ("/v1/", "/api/")
"""Where the paths begin whose requests are work; the page and its socket are not waited for."""
RETRY_AFTER: Final = 5.0


class Drain:
    """How many requests are on their way, and whether new ones are taken."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self._running = 0
        self._changed = asyncio.Event()
        self._hurry = False

    @property
    def running(self) -> int:
        """How many requests are on their way."""
        return self._running

    def hurry(self) -> None:
        """Has `over` wait no longer."""
        self._hurry = True
        self._changed.set()

    async def over(self, seconds: float) -> bool:
        """Waits until nothing is on its way any more, for so many seconds; whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                while self._running and not self._hurry:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return not self._running

    def entered(self) -> None:
        """A request begins."""
        self._running += 1

    def left(self) -> None:
        """One has ended."""
        self._running -= 1
        self._changed.set()


class Draining:
    """ASGI middleware that counts requests, and refuses new ones from when draining begins."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or answers it with 503."""
        if scope["type"] != "http" or not scope["path"].startswith(WORK):
            await self._app(scope, receive, send)
        elif self._drain.begun.is_set():
            error = Unreachable("the server is stopping, and takes nothing new", cure="try again in a moment")
            await refuse(stopping(error), scope, receive, send)
        else:
            self._drain.entered()
            try:
                await self._app(scope, receive, send)
            finally:
                self._drain.left()


def stopping(error: Unreachable) -> Problem:
    """The problem with the time after which another server may be there."""
    return Problem(error.message, error.http_status, error.code, error.cure, retry_after=RETRY_AFTER)
