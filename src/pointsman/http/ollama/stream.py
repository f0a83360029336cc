"""How lines of JSON travel while they are made."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pointsman.core.errors import PointsmanError, Unreachable
from pointsman.http.errors import Problem, crash
from pointsman.http.ollama.replies import failure
from pointsman.http.sse import UNBUFFERED, end

log = logging.getLogger("pointsman.http")

NDJSON: Final = "application/x-ndjson"


class LineStream(Response):
    """An answer made of pieces; where it breaks off, its last line says why, and `close` is called in any case.

    What is of another `media_type` than lines is left without its end, so that nobody takes it for whole.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        close: Callable[[], Awaitable[None]],
        headers: Mapping[str, str],
        *,
        status: int = 200,
        media_type: str = NDJSON,
    ) -> None:
        self._pieces = pieces
        self._close = close
        self._whole = True  # whether the last line has its end
        self._lined = media_type.startswith(NDJSON)
        self.status_code = status
        self.background = None
        self.init_headers({"content-type": media_type, **(UNBUFFERED if self._lined else {}), **headers})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends every piece as soon as it is there."""
        del receive
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for part in self._pieces:
                self._whole = part.endswith(b"\n")
                await send({"type": "http.response.body", "body": part, "more_body": True})
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
            await self._close()  # the pieces cannot do that: when they were never asked for, none of them has run

    async def _break_off(self, send: Send, problem: Problem) -> None:
        if self._lined:
            await end(send, failure(problem) if self._whole else b"\n" + failure(problem))
