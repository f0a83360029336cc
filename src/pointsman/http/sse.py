"""Server-sent events: how a reply travels while it is being made."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pointsman.core.errors import Unreachable
from pointsman.http.errors import Problem, crash, to_json

log = logging.getLogger("pointsman.http")

DONE = b"data: [DONE]\n\n"
PING = b": still here\n\n"
# nginx, and Open WebUI behind it, would otherwise hold the reply back.
UNBUFFERED = {"cache-control": "no-store", "x-accel-buffering": "no"}
STREAM_HEADERS = {"content-type": "text/event-stream; charset=utf-8", **UNBUFFERED}


def frame(content: Mapping[str, Any]) -> bytes:
    """One event that carries JSON."""
    return b"data: " + to_json(content) + b"\n\n"


def comment(text: str) -> bytes:
    """A line that clients pass over, and people who look at the stream can read."""
    return f": {' '.join(text.split())}\n\n".encode("utf-8", "replace")


class EventStream(Response):
    """An answer made of frames; however it ends, its last frames are valid, and `close` is called."""

    def __init__(
        self, frames: AsyncGenerator[bytes], headers: Mapping[str, str], close: Callable[[], Awaitable[None]]
    ) -> None:
        self._frames = frames
        self._close = close
        self.status_code = 200
        self.background = None
        self.init_headers({**STREAM_HEADERS, **headers})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends every frame; a cancelled stream says so before it ends, in case somebody still reads."""
        del receive
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for part in self._frames:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await end(send, b"")
        except asyncio.CancelledError:
            stopping = Unreachable("the server is stopping", cure="try again in a moment")
            await end(send, frame(Problem.of(stopping).to_dict()) + DONE)
            raise
        except Exception:
            number = secrets.token_hex(4)
            log.exception("internal error %s: %s %s", number, scope["method"], scope["path"])
            await end(send, frame(crash(number).to_dict()) + DONE)
        finally:
            await self._frames.aclose()
            await self._close()  # the frames cannot do that: when they were never asked for, none of them has run


async def end(send: Send, last: bytes) -> None:
    """Sends the last bytes of an answer."""
    await send({"type": "http.response.body", "body": last, "more_body": False})
