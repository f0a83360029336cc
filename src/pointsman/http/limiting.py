"""Refuses a request over its limits before any work begins, and counts what came of one that passed."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import ExitStack

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.core.errors import LimitReached
from pointsman.core.usage import Usage
from pointsman.http.errors import Problem
from pointsman.http.heads import header
from pointsman.http.intake import refuse
from pointsman.http.limits import Limits
from pointsman.http.scopes import STATE_KEY, Entry, entry_of

ROUTED = b"x-pointsman-decision-id"  # the router tells the tokens of such an answer
STREAMS = (b"text/event-stream", b"application/x-ndjson")


class LimitGuard:
    """ASGI middleware that asks the limits for what the table of routes counts; the key is known by then."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Passes the request on, or answers it with 429."""
        entry = entry_of(scope["method"], scope["path"]) if scope["type"] == "http" and self._limits else None
        if entry is None or not entry.counts:
            return self._app(scope, receive, send)
        return self._counted(entry, scope, receive, send)

    async def _counted(self, entry: Entry, scope: Scope, receive: Receive, send: Send) -> None:
        await self._limits.ready()
        name = scope["state"][STATE_KEY]
        answer = CountedAnswer(send, self._limits, name, scope)
        with ExitStack() as passing:
            try:
                passing.enter_context(self._limits.passing(name, picture=entry.counts == "picture"))
            except LimitReached as error:
                await refuse(Problem.of(error), scope, receive, send, self._limits.headers(name))
                return
            try:
                await self._app(scope, receive, answer)
            finally:
                answer.count()


class CountedAnswer:
    """An ASGI send that adds what is left of the limits, and counts the tokens of an answer that is not routed."""

    def __init__(self, send: Send, limits: Limits, name: str, scope: Scope) -> None:
        self._send = send
        self._limits = limits
        self._name = name
        length = header(scope, b"content-length")
        self._asked = int(length) if length.isdecimal() and len(length) < 16 else 0
        self._usage: Usage | None = None
        self._streamed = False

    async def __call__(self, message: Message) -> None:
        """Sends on."""
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            routed = any(name.lower() == ROUTED for name, _ in headers)
            if 200 <= message["status"] < 300 and not routed and self._limits.counts_tokens(self._name):
                self._usage = Usage()
                kinds = [value for name, value in headers if name.lower() == b"content-type"]
                self._streamed = any(kind.startswith(STREAMS) for kind in kinds)
            headers += [(name.encode(), value.encode()) for name, value in self._limits.headers(self._name).items()]
            message = {**message, "headers": headers}
        elif self._usage is not None and message["type"] == "http.response.body":
            self._usage.saw(message.get("body", b""))
            if not message.get("more_body", False):
                self.count()  # before the caller, who has it all then, asks again
        await self._send(message)

    def count(self) -> None:
        """Counts what was seen, also of an answer that broke off; once."""
        usage, self._usage = self._usage, None
        if usage is not None:
            self._limits.tokens(self._name, usage.tokens(self._asked, streamed=self._streamed))
