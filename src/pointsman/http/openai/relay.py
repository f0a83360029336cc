"""Passes a request on to a server that speaks OpenAI's language, and its answer back byte by byte."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pointsman.core.errors import PointsmanError, Unreachable
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Status
from pointsman.engine.router import Router
from pointsman.http.errors import Problem, crash
from pointsman.http.ollama.passing import opening
from pointsman.http.sse import DONE, UNBUFFERED, end, frame

log = logging.getLogger("pointsman.http")

EVENTS: Final = "text/event-stream"


async def passed(router: Router, place: Place, path: str, data: dict[str, Any], *, key: str = "") -> Response:
    """The server's own answer to a request, in which only the model's name is another. Raises as `Router.relay`."""
    pieces = router.relay(place, Forward(path, {**data, "model": place.model}), key=key)
    try:
        opened = await opening(pieces)
    except BaseException:
        await pieces.aclose()
        raise
    return Passed(opened, pieces)


class Passed(Response):
    """An answer of another server as it comes; one that breaks off in the middle of a stream ends with the reason."""

    def __init__(self, opened: Opened, pieces: AsyncGenerator[Opened | bytes | Status]) -> None:
        self._pieces = pieces
        self._streamed = opened.media_type.startswith(EVENTS)
        self.status_code = opened.status
        self.background = None
        self.init_headers({"content-type": opened.media_type, **(UNBUFFERED if self._streamed else {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the bytes; what is no stream is left without its end when it breaks off, so that nobody trusts it."""
        del receive
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for piece in self._pieces:
                if isinstance(piece, bytes):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await end(send, b"")
        except asyncio.CancelledError:
            await self._break_off(send, Problem.of(Unreachable("the server is stopping", cure="try again in a moment")))
            raise
        except PointsmanError as error:
            await self._break_off(send, Problem.of(error))
        except Exception:
            number = secrets.token_hex(4)
            log.exception("internal error %s: %s %s", number, scope["method"], scope["path"])
            await self._break_off(send, crash(number))
        finally:
            await self._pieces.aclose()

    async def _break_off(self, send: Send, problem: Problem) -> None:
        if self._streamed:
            # It may have broken off inside a line, which an empty one ends.
            await end(send, b"\n\n" + frame(problem.to_dict()) + DONE)
