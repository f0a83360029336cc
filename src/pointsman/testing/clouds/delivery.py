"""Sends an answer over a real connection, and troubles of the connection with it."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.faults import AnyTrouble, StreamTrouble, Trouble
from pointsman.testing.clouds.spoiling import bomb, headers_of, spoilt

PIECES: Final = 10
CHUNK: Final = b" " * 65_536
AT_ONCE: Final = struct.pack("ii", 1, 0)  # SO_LINGER without waiting: closing then sends a reset

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends answers; `closing` is set when the fake closes, which ends what hangs."""

    name: str
    sleep: Sleep
    closing: asyncio.Event

    async def send(
        self, request: web.Request, asked: Asked, answer: Answer, trouble: AnyTrouble | None
    ) -> web.StreamResponse:
        """Sends the answer with the trouble."""
        if isinstance(trouble, Trouble):
            answer = spoilt(answer, trouble, asked)
            match trouble.kind:
                case "hang":
                    await self.closing.wait()
                    return reset(request)
                case "slow_first_byte":
                    await self.sleep(trouble.pause)
                case "reset_before_headers":
                    return reset(request)
                case "trickle" | "reset_mid_body" | "cut_short" | "huge" | "gzip_bomb":
                    with suppress(ConnectionError):  # the client had enough
                        return await self._badly(request, answer, trouble, asked.at)
                    return reset(request)
        headers = headers_of(answer, asked.at, self.name)
        if answer.events:
            stream_trouble = trouble if isinstance(trouble, StreamTrouble) else None
            with suppress(ConnectionError):
                return await self._stream(request, answer, headers, stream_trouble)
            return reset(request)
        return web.Response(body=answer.data, status=answer.status, headers=headers)

    async def _badly(self, request: web.Request, answer: Answer, trouble: Trouble, now: float) -> web.StreamResponse:
        data = answer.data
        response = web.StreamResponse(status=answer.status, headers=headers_of(answer, now, self.name))
        half = data[: len(data) // 2]
        match trouble.kind:
            case "trickle":
                response.content_length = len(data)
                await response.prepare(request)
                size = max(1, -(-len(data) // PIECES))
                for start in range(0, len(data), size):
                    await self.sleep(trouble.pause)
                    await response.write(data[start : start + size])
            case "huge":
                await response.prepare(request)
                await response.write(data)
                for _ in range(-(-trouble.amount // len(CHUNK))):
                    await response.write(CHUNK)
            case "gzip_bomb":
                response.headers["content-encoding"] = "gzip"
                packed = await asyncio.to_thread(bomb, trouble.amount)  # the first takes a quarter of a second
                response.content_length = len(packed)
                await response.prepare(request)
                await response.write(packed)
            case _:
                response.content_length = len(data)
                await response.prepare(request)
                await response.write(half)
                return reset(request) if trouble.kind == "reset_mid_body" else hang_up(request, response)
        return response

    async def _stream(
        self, request: web.Request, answer: Answer, headers: Mapping[str, str], trouble: StreamTrouble | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=headers)
        response.content_type = "text/event-stream"
        await response.prepare(request)
        said = 0
        for event in answer.events:
            if trouble and says(event):
                if said >= trouble.after and trouble.kind in {"break", "hang", "error"}:
                    return await self._broken(request, response, trouble)
                if said >= trouble.after and trouble.kind == "slow":
                    await self.sleep(trouble.seconds)
                said += 1
            await response.write(written(event))
        if not trouble or trouble.kind != "no_done":
            await response.write(b"data: [DONE]\n\n")
        return response

    async def _broken(
        self, request: web.Request, response: web.StreamResponse, trouble: StreamTrouble
    ) -> web.StreamResponse:
        if trouble.kind == "error":
            error = {"message": "The server had an error while processing your request", "type": "server_error"}
            await response.write(written({"error": {**error, "param": None, "code": None}}))
            return response
        if trouble.kind == "hang":
            await self.closing.wait()
        return reset(request)


def says(event: Mapping[str, Any]) -> bool:
    """Whether an event of a stream holds text, or a piece of a call."""
    deltas = [choice.get("delta", {}) for choice in event.get("choices", ())]
    return any(delta.get("content") or delta.get("tool_calls") for delta in deltas)


def written(event: Mapping[str, Any]) -> bytes:
    """An event as a stream carries it."""
    return f"data: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


def reset(request: web.Request) -> web.StreamResponse:
    """Resets the connection (a real TCP RST) instead of going on."""
    if request.transport is not None:
        opened = request.transport.get_extra_info("socket")
        if opened is not None and not request.transport.is_closing():
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        request.transport.abort()
    return web.Response()


def hang_up(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Sends what was written and closes the connection, whatever was announced."""
    if request.transport is not None:
        request.transport.close()
    return response
