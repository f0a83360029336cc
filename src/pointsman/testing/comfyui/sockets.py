"""The WebSockets of the fake ComfyUI: one for each client, the newest."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSMsgType, web

from pointsman.testing.comfyui.execution import preview_frame
from pointsman.testing.comfyui.mishaps import Mishaps
from pointsman.testing.comfyui.prompts import Prompts

FEATURES: Final = {
    "supports_preview_metadata": True,
    "max_upload_size": 104_857_600,
    "extension": {"manager": {"supports_v4": True}},
}


class Sockets:
    """Sends events to clients; `at` is the node that a client's prompt is at."""

    def __init__(self, mishaps: Mishaps, prompts: Prompts, at: Callable[[str], str]) -> None:
        self.opened = 0
        self._mishaps = mishaps
        self._prompts = prompts
        self._at = at
        self._open: dict[str, web.WebSocketResponse] = {}
        self._requests: dict[str, web.Request] = {}
        self._knows: dict[str, bool] = {}

    @property
    def clients(self) -> tuple[str, ...]:
        """Who is connected."""
        return tuple(self._open)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, until it ends."""
        if self._mishaps.take("refuse_sockets"):
            return web.Response(status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        client = request.query.get("clientId") or uuid.uuid4().hex
        self.opened += 1
        self._open[client], self._requests[client], self._knows[client] = socket, request, False
        first = True
        try:
            await self._prompts.notify()
            await self.tell("status", {"status": self._prompts.status, "sid": client}, client)
            if node := self._at(client):
                await self.tell("executing", {"node": node}, client)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._said(client, message.data, first=first)
                    first = False
        finally:
            # Whichever is there now, as the real one does it: that of a client who was quick to come back, too.
            self._open.pop(client, None)
            await self._prompts.notify()
        return socket

    async def tell(self, kind: str, data: Mapping[str, Any], client: str | None = None) -> None:
        """Sends an event to a client, or to all."""
        if client is not None and kind in self._mishaps.drop_socket_at:
            self._mishaps.drop_socket_at.remove(kind)
            self.drop(client)
        if self._mishaps.lose_events:
            return
        for name in [client] if client is not None else list(self._open):
            if (socket := self._open.get(name)) is not None:
                with suppress(ConnectionError, RuntimeError):
                    await socket.send_str(json.dumps({"type": kind, "data": data}))

    async def show(self, picture: bytes, about: Mapping[str, Any], progress: dict[str, Any], client: str) -> None:
        """Sends a preview and the progress: before it to those who asked for metadata, after it to others."""
        metadata = self._knows.get(client, False)
        frame = preview_frame(picture, about, metadata=metadata)
        if not metadata:
            await self.tell("progress", progress, client)
        if (socket := self._open.get(client)) is not None and not self._mishaps.lose_events:
            with suppress(ConnectionError, RuntimeError):
                await socket.send_bytes(frame)
        if metadata:
            await self.tell("progress", progress, client)

    def drop(self, client: str) -> None:
        """Ends a connection without a word."""
        request = self._requests.get(client)
        if request is not None and request.transport is not None:
            request.transport.abort()

    async def close(self) -> None:
        """Ends all connections."""
        for client in list(self._open):
            self.drop(client)

    async def _said(self, client: str, text: str, *, first: bool) -> None:
        with suppress(ValueError, AttributeError):
            said = json.loads(text)
            if first and said.get("type") == "feature_flags":
                self._knows[client] = bool(said["data"].get("supports_preview_metadata"))
                await self.tell("feature_flags", FEATURES, client)
