"""A connection that does not wait for ever for the head of a request, nor read one without end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from pointsman.http.errors import Problem
from pointsman.http.heads import MOST_BYTES, headers_too_large

CONNECTION: Final = "pointsman.connection"
"""Where a request's scope has its connection."""
HEAD_SECONDS: Final = 30.0
# What a parser has not understood as a whole yet; the application refuses what is complete and over MOST_BYTES.
MOST_UNREAD: Final = 2 * MOST_BYTES
LINGERS: Final = 2.0
CLOSING: Final = (
    b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
)


class Bounded(asyncio.Protocol):
    """Goes before a parser's protocol, and watches how long a head takes and how large it grows."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    cycle: Any
    flow: Any
    access_log: bool
    head_seconds = HEAD_SECONDS
    _unread = 0
    _refused = False
    _waiting: asyncio.TimerHandle | None = None
    _stop: Callable[[], None] | None = None
    _lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits for a head from now on."""
        super().connection_made(transport)
        self.access_log = False  # uvicorn's lines have the query in them, and callers put their keys there
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._came()
        self._lost = True
        super().connection_lost(exc)
        if self._stop is not None:
            self._stop()

    def when_lost(self, stop: Callable[[], None]) -> Callable[[], None]:
        """Has the one request that is worked on stopped when its caller hangs up, until what is returned is called."""
        self._stop = stop
        self.flow.resume_reading()  # a large body may have paused it, and the end of a connection is read, too
        if self._lost:
            stop()
        return self._done

    def _done(self) -> None:
        self._stop = None

    def data_received(self, data: bytes) -> None:
        """Has the parser read on; throws away what comes after a refusal."""
        if self._refused:
            return
        before = self.cycle
        super().data_received(data)
        # A new cycle is a head that is complete; another protocol is a WebSocket's.
        if self.cycle is not before and self.cycle is not None:
            self.cycle.scope[CONNECTION] = self
        if self.cycle is not before or self.transport.is_closing() or self.transport.get_protocol() is not self:
            self._came()
        elif before is None or before.response_complete:
            self._unread += len(data)
            if self._unread > MOST_UNREAD:
                self._refuse(headers_too_large())
            elif self._waiting is None:
                self._wait()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no request; h11 has a limit of its own for heads, and says so only in what it raises."""
        if getattr(sys.exc_info()[1], "error_status_hint", 400) == 431:
            self._refuse(headers_too_large())
        else:
            super().send_400_response(msg)  # type: ignore[misc]

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self._late)

    def _came(self) -> None:
        self._unread = 0
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        if self._unread:
            waited = f"the headers did not come in {self.head_seconds:g} s"
            self._refuse(Problem(waited, 408, "request_timeout", "send them faster"))
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        body = bytes(problem.response().body)
        phrase = HTTPStatus(problem.status).phrase.encode()
        self.transport.write(CLOSING % (problem.status, phrase, len(body), body))
        self._came()
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        # Who is still sending does not read; to close at once would take the answer away from them.
        self._refused = True
        self.transport.write_eof()
        self._waiting = self.loop.call_later(LINGERS, self.transport.close)


def bounded(*, head_seconds: float = HEAD_SECONDS, http: str = "auto") -> type[asyncio.Protocol]:
    """The HTTP protocol for uvicorn: httptools where it is installed, else (or for "h11") h11, with bounded heads.

    A head that has not come `head_seconds` after its connection or its first byte is answered with 408, one that is
    too large with 431.
    """
    return type("BoundedProtocol", (Bounded, parser_of(http)), {"head_seconds": head_seconds})


def parser_of(http: str) -> type[asyncio.Protocol]:
    """Uvicorn's own protocol."""
    if http != "h11":
        try:
            from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
        except ImportError:
            pass
        else:
            return HttpToolsProtocol
    from uvicorn.protocols.http.h11_impl import H11Protocol

    return H11Protocol
