"""What every request passes first: its size is bounded, and its work stops when nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.core.errors import InputTooLarge, Unreachable
from pointsman.core.waiting import within
from pointsman.http.connection import CONNECTION
from pointsman.http.errors import NO_HEADERS, Problem, crash
from pointsman.http.heads import header, headers
from pointsman.http.jsonbody import BODY

log = logging.getLogger("pointsman.http")

# A caller who is still sending does not read; what is too much is thrown away up to here, so that the
# answer arrives before the connection closes.
DRAINED: Final = 64_000_000
DRAIN_SECONDS: Final = 20.0
SLOWEST: Final = 1_000  # bytes a second that a body has to bring which takes longer than a caller may be silent


class Bounds(Protocol):
    """How much of a body is read, and how long it may take; as it is now."""

    max_body: int
    body_timeout: float
    write_timeout: float


class Intake:
    """ASGI middleware: reads the body, runs the work, and cancels it when the caller hangs up or `stopping` is set.

    `bounds` say how large a body may be, and how long its caller may be silent. An exception that nobody foresaw
    becomes a 500 with a number, and its traceback goes to the log under that number.
    """

    def __init__(
        self,
        app: ASGIApp,
        bounds: Bounds,
        stopping: asyncio.Event,
        new_number: Callable[[], str] = lambda: secrets.token_hex(4),
    ) -> None:
        self._app = app
        self._bounds = bounds
        self._stopping = stopping
        self._new_number = new_number
        self._running: set[Work] = set()
        self._minding: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await self._read(scope, receive)
        if not isinstance(body, bytes):
            if isinstance(body, TooMuch):
                await refuse(self._too_large(), scope, body.unread, send)
            if isinstance(body, TooSlow):
                await refuse(self._too_slow(), scope, None, send)
            return
        answer = Answer(send, self._bounds.write_timeout)
        try:
            await self._work(scope, body, receive, answer)
        except Exception:
            number = self._new_number()
            log.exception("internal error %s: %s %s", number, scope["method"], scope["path"])
            if not answer.started:
                await crash(number).response(path=scope["path"])(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | TooMuch | TooSlow | None:
        """The body; None when the caller hung up before its end."""
        announced = header(scope, b"content-length")
        if announced.isdecimal() and int(announced[:20]) > self._bounds.max_body:
            return TooMuch(receive)
        parts: list[bytes] = []
        size, silence = 0, self._bounds.body_timeout
        began, left = time.monotonic(), silence
        while True:
            try:
                message = await within(min(silence, left), receive())
            except TimeoutError:
                return TooSlow()
            if message["type"] == "http.disconnect":
                return None
            part: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(part)
            if size > self._bounds.max_body:
                return TooMuch(receive if more else None)
            if not more:
                return b"".join([*parts, part]) if parts else part
            parts.append(part)
            left = began + silence + size / SLOWEST - time.monotonic()

    def _too_large(self) -> Problem:
        message = f"the body is larger than {self._bounds.max_body} bytes"
        return Problem.of(InputTooLarge(message, cure="send less, or raise server.max_body"))

    def _too_slow(self) -> Problem:
        waited = f"the body did not come: {self._bounds.body_timeout:g} s without any of it, or less than 1 kB a second"
        return Problem(waited, 408, "request_timeout", "send it faster, or raise server.body_timeout")

    async def _work(self, scope: Scope, body: bytes, receive: Receive, answer: Answer) -> None:
        """Runs the application, and stops it when the caller hangs up or the server ends."""
        work = answer.work = Work(answer)
        self._running.add(work)
        leave = watched(scope, receive, work)
        self._mind_the_end()
        scope[BODY] = body
        try:
            await self._app(scope, replay(body, answer), answer)
        except asyncio.CancelledError:
            if not work.taken_back():
                raise
        finally:
            work.over = True
            answer.work = None  # the two would hold each other, and the whole request, until Python looks for circles
            self._running.discard(work)
            leave()
        if self._stopping.is_set() and not answer.started:
            stopping = Unreachable("the server is stopping", cure="try again in a moment")
            await Problem.of(stopping).response(path=scope["path"])(scope, receive, answer)

    def _mind_the_end(self) -> None:
        """Has what runs stopped when the server ends: one task for all requests."""
        if self._minding is None or self._minding.done():
            self._minding = asyncio.create_task(self._at_the_end())

    async def _at_the_end(self) -> None:
        await self._stopping.wait()
        for work in tuple(self._running):
            work.stop()


@dataclass(frozen=True, slots=True)
class TooMuch:
    """A body over the limit, and where the rest of it comes from (None when it is all there)."""

    unread: Receive | None


@dataclass(frozen=True, slots=True)
class TooSlow:
    """A body that its caller does not send."""


class Work:
    """One request that is being worked on, in the task that made this; it is stopped once, and not when it is over."""

    def __init__(self, answer: Answer) -> None:
        self.over = False
        self._answer = answer
        self._task = asyncio.current_task()
        self._stopped = False

    def stop(self, *_: object) -> None:
        """Cancels it, unless the caller has the whole answer already."""
        if not (self.over or self._stopped or self._answer.complete) and self._task is not None:
            self._stopped = True
            self._task.cancel()

    def taken_back(self) -> bool:
        """Whether it was we who cancelled it, upon which the task goes on; somebody else's cancellation stays."""
        return self._stopped and self._task is not None and self._task.uncancel() == 0


class Answer:
    """An ASGI send that knows whether the answer has begun, and whether it is complete.

    A caller who takes nothing for `patience` seconds, and stays, is taken for gone: the card would wait for him.
    """

    def __init__(self, send: Send, patience: float) -> None:
        self._send = send
        self._patience = patience
        self._gone = False
        self.started = False
        self.complete = False
        self.work: Work | None = None
        self._completed: asyncio.Event | None = None  # made for who waits for it, as hardly anybody does

    async def __call__(self, message: Message) -> None:
        """Sends on; what a caller who is gone would get is left out."""
        self.started = True
        if self._gone:
            return
        try:
            await within(self._patience, self._send(message))
        except TimeoutError:
            self._gone = True
            if self.work is not None:
                self.work.stop()
            return
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.complete = True
            if self._completed is not None:
                self._completed.set()

    async def completed(self) -> None:
        """Returns when the answer is complete."""
        if not self.complete:
            self._completed = self._completed or asyncio.Event()
            await self._completed.wait()


def replay(body: bytes, answer: Answer) -> Receive:
    """An ASGI receive that gives the body once; what it says after that is only that the answer is complete."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        await answer.completed()
        return {"type": "http.disconnect"}

    return receive


def watched(scope: Scope, receive: Receive, work: Work) -> Callable[[], None]:
    """Stops the work when its caller hangs up, until what is returned is called."""
    connection = scope.get(CONNECTION)
    if connection is not None:
        return connection.when_lost(work.stop)  # type: ignore[no-any-return] # a task would take 20 us of every request
    gone = asyncio.create_task(hang_up(receive))
    gone.add_done_callback(work.stop)
    return gone.cancel  # type: ignore[return-value]


async def hang_up(receive: Receive) -> None:
    """Returns when the caller is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(
    problem: Problem, scope: Scope, unread: Receive | None, send: Send, extra: Mapping[str, str] = NO_HEADERS
) -> None:
    """Answers a request whose body nobody will read, in a way that the answer still arrives.

    `unread` gives the rest of the body; None when there is none.
    """
    response = problem.response({"connection": "close", **extra}, scope["path"])
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    if unread is not None and not headers(scope, b"expect"):  # who expects 100 Continue has not sent anything yet
        await drain(unread)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def drain(receive: Receive) -> None:
    """Throws away what a caller is still sending, up to a bound."""
    thrown = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while thrown < DRAINED:
                message = await receive()
                thrown += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
