"""Answers that come in pieces: server-sent events, read as they arrive."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pointsman.core.faults import ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers.remote.sse import MARK, Event, Parser
from pointsman.providers.remote.wire import KEEPALIVE_SECONDS, MOST_BODY, USER_AGENT, Reply, Request, proxy_for

if TYPE_CHECKING:
    import aiohttp

# A chat is worth more patience than a label; a server that is there takes a connection in milliseconds.
CONNECT_SECONDS: Final = 5.0
# What an answer begins with that is no stream, whatever its headers say: JSON, or a page. No line of a stream does.
WHOLE: Final = (b"{", b"[", b"<")
IS_IT_RUNNING: Final = "is the server running? `url` in the configuration says where it is looked for"
CHECK_CERTIFICATE: Final = "is `url` right? A certificate of your own goes to where the system keeps those it trusts"
BE_PATIENT: Final = "is its model still loading, or is it busy? A larger `timeout` waits longer"


class Events:
    """The events of an answer, one at a time."""

    def __init__(self, pieces: Pieces, first: bytes) -> None:
        self._pieces = pieces
        self._parser = Parser()
        self._ready = self._parsed(first)
        self._ended = not first

    @property
    def ready(self) -> bool:
        """Whether the next event is here already."""
        return bool(self._ready)

    def taken(self) -> Event | None:
        """The next event, where it is here already."""
        return self._ready.popleft() if self._ready else None

    async def next(self, seconds: float) -> Event | None:
        """The next event; None at the end.

        Raises ServiceFailed when there is none within `seconds`, comments not counted: they say that a proxy lives,
        not that anybody works. Raises it, too, when the connection breaks, or an event is too long.
        """
        if self._ready:
            return self._ready.popleft()
        with failures_of(self._pieces.server, seconds):
            async with asyncio.timeout(seconds):
                while not self._ready and not self._ended:
                    piece = await self._pieces.next()
                    self._ended = not piece
                    self._ready = self._parsed(piece) if piece else deque(self._parser.end())
        return self._ready.popleft() if self._ready else None

    def _parsed(self, piece: bytes) -> deque[Event]:
        try:
            return deque(self._parser.feed(piece))
        except ValueError as error:
            raise too_much(self._pieces.server, str(error)) from None


class Pieces:
    """The bytes of an answer of `server`, as they arrive."""

    def __init__(self, response: aiohttp.ClientResponse, server: str) -> None:
        self.server = server
        self._response = response

    async def next(self) -> bytes:
        """Some bytes; none at the end."""
        piece = await self._response.content.readany()
        await asyncio.sleep(0)  # an answer that never pauses does not keep other messages waiting
        return piece

    async def beginning(self) -> bytes:
        """The first bytes, up to one at least that is no white space; none when there is no such byte."""
        parts = b""
        while piece := await self.next():
            parts = (parts + piece).removeprefix(MARK).lstrip()
            if parts:
                break
        return parts

    async def rest(self, first: bytes, most: int) -> bytes:
        """The whole body, which begins with `first`. Raises ServiceFailed when it has more than `most` bytes."""
        parts, size = [first], len(first)
        while size <= most and (piece := await self.next()):
            parts.append(piece)
            size += len(piece)
        if size > most:
            raise too_much(self.server, f"an answer of more than {most:,} bytes")
        return b"".join(parts)


class Streams:
    """Asks the server at `url` for answers that come in pieces, over connections of its own that are kept open.

    Redirects are not followed: they would take the key to another place. Proxies are taken from HTTP_PROXY and
    HTTPS_PROXY, as other programs do, but never for what runs on this machine.
    """

    def __init__(self, url: str, *, clock: Clock = time.monotonic, most_body: int = MOST_BODY) -> None:
        self.server = urlsplit(url).netloc
        self._proxy = proxy_for(url)
        self.clock = clock
        self._most_body = most_body
        self._session: aiohttp.ClientSession | None = None

    def open(self, request: Request, seconds: float) -> Asking:
        """The answer, for `async with`: its events, or all of it where it is an error, JSON or a page.

        Leaving closes the connection unless the answer has been read to its end, which tells the server to stop.
        Raises ServiceFailed, kind server, when it has not begun within `seconds`, or the connection breaks.
        """
        return Asking(self, request, seconds)

    async def send(self, request: Request) -> aiohttp.ClientResponse:
        """The answer as far as its head; whoever asks closes it. Raises what aiohttp does."""
        return await self._opened().request(
            request.method, request.url, headers=request.headers, json=request.body, allow_redirects=False
        )

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def begun(self, response: aiohttp.ClientResponse, seconds: Callable[[], float]) -> Reply | Events:
        """What an answer begins as; `seconds` tells how long it took to be all there."""
        pieces = Pieces(response, self.server)
        good = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
        first = await pieces.beginning() if good else b""
        if good and not first.startswith(WHOLE):
            return Events(pieces, first)
        body = await pieces.rest(first, self._most_body)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, headers, body, seconds())

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                # No limit on connections: a chat that waited for one would look like a server that is silent.
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),  # a server of models knows nobody by them, and looking costs 20 us
                proxy=self._proxy,
            )
        return self._session


class Asking:
    """A request on its way, and its answer while that is read; a class, as a generator costs a reply 10 us more."""

    def __init__(self, streams: Streams, request: Request, seconds: float) -> None:
        self._streams = streams
        self._request = request
        self._seconds = seconds
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> Reply | Events:
        clock = self._streams.clock
        began = clock()
        try:
            with failures_of(self._streams.server, self._seconds):
                async with asyncio.timeout(self._seconds):
                    self._response = await self._streams.send(self._request)
                    return await self._streams.begun(self._response, lambda: clock() - began)
        except BaseException:
            await self.__aexit__()
            raise

    async def __aexit__(self, *_: object) -> None:
        if self._response is not None:
            self._response.close()


def failures_of(server: str, seconds: float) -> Failing:
    """What goes wrong inside on the way to a server and back, as ServiceFailed; `seconds` is the limit set there."""
    return Failing(server, seconds)


class Failing:
    """Tells errors in our words when it is left; as a class it takes a fifth of a `contextmanager`, several a reply."""

    __slots__ = ("_as_seen", "_seconds", "_server")

    def __init__(
        self, server: str, seconds: float, as_seen: Callable[[ServiceFailed], Exception] = lambda fault: fault
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._as_seen = as_seen

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None and (fault := failure_of(error, self._server, self._seconds)) is not None:
            raise self._as_seen(fault) from None


def failure_of(error: BaseException, server: str, seconds: float) -> ServiceFailed | None:
    """An error on the way to a server and back in our words; None for one that is none of that."""
    import aiohttp

    match error:
        case aiohttp.ServerTimeoutError():
            # Who takes no connection, or no TLS where the server speaks plain HTTP, does not a moment later either.
            return failed(server, f"took no connection within {CONNECT_SECONDS:g} s", IS_IT_RUNNING, retry=False)
        case TimeoutError():
            return failed(server, f"was silent for {seconds:g} s", BE_PATIENT, retry=False)
        case aiohttp.ClientConnectorCertificateError():
            return failed(server, "its certificate is not trusted", CHECK_CERTIFICATE, retry=False)
        case aiohttp.ClientConnectorError():
            # asyncio's own words hold the whole address, and every one of them where there are several.
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            return failed(server, f"cannot be reached: {why or type(error.os_error).__name__}", IS_IT_RUNNING)
        case aiohttp.ClientError() | OSError() | ValueError():
            return failed(server, f"the connection broke ({type(error).__name__})", IS_IT_RUNNING)
    return None


def failed(server: str, what: str, cure: str, *, retry: bool = True) -> ServiceFailed:
    """That a server was not reached, or was lost on the way."""
    return ServiceFailed("server", what, service=server, cure=cure, retry=retry, scope="service")


def too_much(server: str, what: str) -> ServiceFailed:
    """That a server sent more than is read."""
    cure = "is `url` that of an OpenAI-compatible API? No chat is that long"
    return ServiceFailed("malformed", f"sent {what}", service=server, cure=cure, retry=False)
