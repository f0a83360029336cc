"""An answer that is sent piece by piece while it is made, and says why where it breaks off."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pointsman.core.errors import PointsmanError, Unreachable
from pointsman.http.errors import Problem, crash

log = logging.getLogger("pointsman.http")

UNBUFFERED: Final = {
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx, and Open WebUI behind it, would otherwise hold the reply back
}


class Streamed(Response):
    """Sends the bytes among `pieces` as they come; however it ends, the pieces are closed and `close` is called.

    What breaks off ends with what `last` makes of the problem; None leaves it without its end, so that nobody takes it
    for whole.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[Any],
        headers: Mapping[str, str],
        close: Callable[[], Awaitable[None]] | None = None,
        *,
        status: int = 200,
    ) -> None:
        self._pieces = pieces
        self._close = close
        self.status_code = status
        self.background = None
        self.init_headers(dict(headers))

    def last(self, problem: Problem) -> bytes | None:  # noqa: ARG002 - whoever can say it in his format does
        """How an answer ends that breaks off for this reason."""
        return None

    def sent(self, piece: bytes) -> None:
        """Is told of each piece before it goes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it; a cancelled answer says so before it ends, in case somebody still reads."""
        del receive
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for piece in self._pieces:
                if isinstance(piece, bytes):
                    self.sent(piece)
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
            if self._close is not None:  # the pieces cannot do that: when they were never asked for, none has run
                await self._close()

    async def _break_off(self, send: Send, problem: Problem) -> None:
        last = self.last(problem)
        if last is not None:
            await end(send, last)


async def end(send: Send, last: bytes) -> None:
    """Sends the last bytes of an answer."""
    await send({"type": "http.response.body", "body": last, "more_body": False})
