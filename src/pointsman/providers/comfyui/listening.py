"""One WebSocket to ComfyUI, read frame by frame."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self

from pointsman.providers.comfyui import frames
from pointsman.providers.comfyui.frames import FEATURES, Frame
from pointsman.providers.remote.wire import proxy_for

if TYPE_CHECKING:
    from types import SimpleNamespace

    import aiohttp

# A preview has 40 kB; what is larger than this is nothing that anybody needs while a picture is drawn.
MOST_FRAME: Final = 16_000_000
CLOSE_SECONDS: Final = 2.0


class ConnectionLost(Exception):
    """The WebSocket ended; what it would have said is in the history and the queue."""


def session_for(url: str) -> aiohttp.ClientSession:
    """Connections for the WebSockets of the server at `url`, which follow no redirect.

    A redirect would take the client to whatever the server names, on this machine too; aiohttp follows them for
    WebSockets and has no argument against it.
    """
    import aiohttp

    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(refuse)
    return aiohttp.ClientSession(proxy=proxy_for(url), trace_configs=[tracing])


async def refuse(_session: aiohttp.ClientSession, _: SimpleNamespace, told: aiohttp.TraceRequestRedirectParams) -> None:
    """Ends a request that is sent elsewhere. Raises WSServerHandshakeError, as for any answer that is no WebSocket."""
    import aiohttp

    answer = told.response
    answer.close()
    raise aiohttp.WSServerHandshakeError(
        answer.request_info, answer.history, status=answer.status, message="redirected", headers=answer.headers
    )


class Socket:
    """The events that ComfyUI sends to one client."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._receiving: asyncio.Task[aiohttp.WSMessage] | None = None

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str, seconds: float) -> Self:
        """Connects, over what `session_for` made, and asks for previews that say whose they are."""
        import aiohttp

        async with asyncio.timeout(seconds):
            socket = await session.ws_connect(
                url, max_msg_size=MOST_FRAME, timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
            )
        try:
            async with asyncio.timeout(seconds):
                await socket.send_json(FEATURES)
        except BaseException:
            await socket.close()
            raise
        return cls(socket)

    async def next(self, waiting: asyncio.Future[None]) -> Frame | None:
        """The next frame, or None once `waiting` is over; frames that say nothing are left out.

        Raises ConnectionLost.
        """
        import aiohttp

        while True:
            if self._receiving is None:
                self._receiving = asyncio.ensure_future(self._socket.receive())
            both: set[asyncio.Future[Any]] = {self._receiving, waiting}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not self._receiving.done():
                return None
            receiving, self._receiving = self._receiving, None
            if receiving.exception() is not None:
                raise ConnectionLost
            message = receiving.result()
            frame: Frame | None = None
            if message.type is aiohttp.WSMsgType.TEXT:
                frame = frames.of_text(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                frame = frames.of_bytes(message.data)
            elif message.type not in {aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG}:
                raise ConnectionLost
            if frame is not None:
                return frame

    async def close(self) -> None:
        """Closes the connection; never raises."""
        receiving, self._receiving = self._receiving, None
        if receiving is not None:
            receiving.cancel()
            await asyncio.wait({receiving})
        await self._socket.close()
