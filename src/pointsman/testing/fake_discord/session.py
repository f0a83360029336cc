"""A session at the gateway: what was told in it, so that it can be told again, and the connection that it has now."""

from __future__ import annotations

import asyncio
import json
import zlib
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSCloseCode, web

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, CHUNKS, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 8, 9, 10, 11
UNNOTICED: Final = frozenset({3, 4})  # presence and voice


class Connection:
    """One WebSocket, written to in order; compressed where the client asked for that."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.session: Session | None = None
        self.closing = 0
        self.silent = False
        self._request = request
        self._socket = socket
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._outgoing: asyncio.Queue[dict[str, Any] | int] = asyncio.Queue()
        self.writer = asyncio.create_task(self._write())

    def send(self, op: int, data: Any = None, sequence: int | None = None, event: str | None = None) -> None:
        """Sends a payload, behind all that are waiting."""
        if not self.silent:
            self._outgoing.put_nowait({"op": op, "d": data, "s": sequence, "t": event})

    def close(self, code: int) -> None:
        """Ends the connection with a code, when all is sent."""
        self._outgoing.put_nowait(code)

    def abort(self) -> None:
        """Ends the connection without a word; what is waiting is not sent."""
        self.writer.cancel()
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _write(self) -> None:
        with suppress(ConnectionError, RuntimeError):
            while True:
                payload = await self._outgoing.get()
                if isinstance(payload, int):
                    self.closing = payload
                    await self._socket.close(code=payload)
                    return
                text = json.dumps(payload, separators=(",", ":"))
                if self._zlib is None:
                    await self._socket.send_str(text)
                else:
                    data = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                    await self._socket.send_bytes(data)


class Session:
    """What a client is told, one after the other; it goes on while there is no connection."""

    def __init__(self, number: str, intents: int, shard: tuple[int, int]) -> None:
        self.id = number
        self.intents = intents
        self.shard = shard
        self.told: list[tuple[str, Any]] = []
        self.connection: Connection | None = None
        self.resumable = True

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return len(self.told)

    def concerns(self, guild: str | None) -> bool:
        """Whether events of a server, or of direct conversations, are for this shard."""
        number, count = self.shard
        return (0 if guild is None else (int(guild) >> 22) % count) == number

    def tell(self, event: str, data: Any) -> None:
        """Tells an event, now or when the client is back."""
        self.told.append((event, data))
        if self.connection is not None:
            self.connection.send(DISPATCH, data, self.sequence, event)

    def again(self, connection: Connection, after: int) -> int:
        """Tells a client that is back what it has not seen; how much that was."""
        self.connection, connection.session = connection, self
        for number, (event, data) in enumerate(self.told[after:], after + 1):
            connection.send(DISPATCH, data, number, event)
        missed = self.sequence - after
        self.tell("RESUMED", {"_trace": []})
        return missed


NORMAL: Final = (WSCloseCode.OK, WSCloseCode.GOING_AWAY)
