"""Posts to one server by the shortest way through aiohttp: its connections and its parser, without its sessions.

A session makes an address, headers, a request, timers and a task for every call; all that is the same every time here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from pointsman.core.waiting import within

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader

LENGTH: Final = "content-length"
NEVER: Final = frozenset("\r\n\0")
SWITCHED: Final = 101  # the one answer below 200 that no other follows


class Releasable(Protocol):
    """What an answer comes over."""

    def release(self) -> object:
        """Lets others have it, where the answer was read to its end."""
        ...

    def close(self) -> None:
        """Closes it."""
        ...


class OtherInside(Exception):
    """This aiohttp is another inside than is known here; nothing was sent."""


class Silent(Protocol):
    """What can be told that nothing comes any more."""

    def set_exception(self, exc: BaseException) -> None:
        """Raises this where somebody waits for it."""
        ...


class Patience:
    """Raises TimeoutError in whoever waits for more than `seconds`: one timer for all waits of an answer."""

    __slots__ = ("_loop", "_seconds", "_since", "_timer", "waits_for")

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, waits_for: Silent | None = None) -> None:
        self._loop = loop
        self._seconds = seconds
        self._since = loop.time()
        self._timer: asyncio.TimerHandle | None = loop.call_later(seconds, self._late)
        self.waits_for = waits_for

    def begins(self, waits_for: Silent) -> None:
        """Somebody begins to wait for something; `waits_for` is None again when it is there."""
        self._since = self._loop.time()
        self.waits_for = waits_for

    def ends(self) -> None:
        """Nobody will wait any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        left = self._seconds if self.waits_for is None else self._since + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._late)
        elif self.waits_for is not None:
            self._timer = None
            self.waits_for.set_exception(TimeoutError())


class Kept:
    """A connection that others can have when an answer is read to its end."""

    __slots__ = ("_connection", "_transport")

    def __init__(self, connection: Connection, transport: asyncio.Transport) -> None:
        self._connection = connection
        self._transport = transport

    def release(self) -> None:
        """Lets others have it, unless the request is still on its way: theirs would stand behind it."""
        if self._transport.get_write_buffer_size():
            self._connection.close()
        else:
            self._connection.release()

    def close(self) -> None:
        """Closes it."""
        self._connection.close()


class Answer:
    """An answer as far as its head; its bytes follow."""

    __slots__ = ("_content", "_over", "_patience", "headers", "status")

    def __init__(
        self, status: int, headers: Mapping[str, str], content: StreamReader, over: Releasable, patience: Patience
    ) -> None:
        self.status = status
        self.headers = headers
        self._content = content
        self._over = over
        self._patience = patience

    async def readany(self) -> bytes:
        """Some bytes; none at the end. Raises TimeoutError, and what aiohttp does."""
        patience = self._patience
        patience.begins(self._content)
        piece = await self._content.readany()
        patience.waits_for = None
        return piece

    def close(self) -> None:
        """Closes its connection, unless it was read to its end."""
        self._patience.ends()
        if self._content.at_eof():
            self._over.release()
        else:
            self._over.close()


class Posting:
    """What all requests to the server at `url` have in common, in a `session` whose connections they take.

    Raises OtherInside.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> None:
        address = URL(url)
        self._loop = asyncio.get_running_loop()
        self._timeout = session.timeout
        self._connector: aiohttp.BaseConnector = session.connector  # type: ignore[assignment] # an open one has one
        # A request that is never sent: a connector finds connections by one, and it knows what aiohttp's own sessions
        # add to the headers that are given.
        try:
            self._like = aiohttp.ClientRequest(
                "POST", address, headers={**session.headers, **headers}, loop=self._loop, session=session
            )
        except (AttributeError, TypeError) as error:
            raise OtherInside from error
        self._head = head_of(self._like.headers)

    async def send(self, address: str, data: bytes, seconds: float) -> Answer:
        """The answer to `data`, as far as its head; the server may say nothing for so many `seconds`, also after it.

        Raises OtherInside, TimeoutError, and what aiohttp's sessions do.
        """
        patience = Patience(self._loop, seconds)
        connection: Connection | None = None
        try:
            connection = await within(seconds, self._connected())
            target = URL(address).raw_path_qs.encode()
            asked = b"POST %b%b%d\r\n\r\n%b" % (target, self._head, len(data), data)
            protocol, transport = begun(connection)
            transport.write(asked)
            message, content = await self._head_of(protocol, patience)
            kept = Kept(connection, transport)
            content.on_eof(kept.release)  # others can have it as soon as the last byte is here
            return Answer(message.code, message.headers, content, kept, patience)
        except BaseException:
            patience.ends()
            if connection is not None:
                connection.close()
            raise

    async def _connected(self) -> Connection:
        try:
            return await self._connector.connect(self._like, [], self._timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {self._like.url}") from error
        except (AttributeError, TypeError) as error:
            raise OtherInside from error

    async def _head_of(self, protocol: ResponseHandler, patience: Patience) -> tuple[RawResponseMessage, StreamReader]:
        patience.waits_for = protocol
        while True:
            try:
                message, content = await protocol.read()
            except HttpProcessingError as error:
                raise aiohttp.ClientResponseError(
                    self._like.request_info, (), status=error.code, message=error.message, headers=error.headers
                ) from error
            if not 100 <= message.code < 200 or message.code == SWITCHED:
                patience.waits_for = None
                return message, content


def begun(connection: Connection) -> tuple[ResponseHandler, asyncio.Transport]:
    """The two ends of a connection that a request may be written to. Raises OtherInside, ServerDisconnectedError."""
    try:
        protocol, transport = connection.protocol, connection.transport
        if protocol is not None and transport is not None:
            protocol.set_response_params(read_until_eof=True)
            return protocol, transport
    except (AttributeError, TypeError) as error:
        raise OtherInside from error
    raise aiohttp.ServerDisconnectedError


def head_of(headers: Mapping[str, str]) -> bytes:
    """The lines behind the address, up to the length of the body. Raises ValueError for what no line can hold."""
    lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() != LENGTH]
    if not NEVER.isdisjoint("".join(lines)):
        raise ValueError("a header has the end of a line in it")
    return "\r\n".join([" HTTP/1.1", *lines, "Content-Length: "]).encode()
