"""Passes a request on to a server that speaks OpenAI's language, and its answer back byte by byte."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Status
from pointsman.engine.router import Router
from pointsman.http.errors import NO_HEADERS, Problem
from pointsman.http.ollama.passing import opening
from pointsman.http.sse import DONE, frame
from pointsman.http.streamed import UNBUFFERED, Streamed

EVENTS: Final = "text/event-stream"
# An answer that is no stream is of little use before its end; larger ones, such as many vectors, are not held here.
WHOLE: Final = 1_000_000  # bytes
Pieces = AsyncGenerator[Opened | bytes | Status, None]


async def passed(router: Router, place: Place, path: str, data: dict[str, Any], *, key: str = "") -> Response:
    """The server's own answer to a request, in which only the model's name is another. Raises as `Router.relay`."""
    return await answer_of(router.relay(place, Forward(path, {**data, "model": place.model}), key=key))


async def answer_of(pieces: Pieces, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """A server's own answer, with our `headers`: whole where it is short and no stream, else as it comes."""
    try:
        opened = await opening(pieces)
        headers = {"content-type": opened.media_type, **headers}
        if opened.media_type.startswith(EVENTS):
            return Passed(pieces, {**headers, **UNBUFFERED}, status=opened.status, events=True)
        first = bytearray()
        async for piece in pieces:
            if isinstance(piece, bytes):
                first += piece
            if len(first) > WHOLE:
                return Passed(behind(bytes(first), pieces), headers, pieces.aclose, status=opened.status)
    except BaseException:
        await pieces.aclose()
        raise
    return Response(bytes(first), opened.status, headers)


async def behind(first: bytes, pieces: Pieces) -> AsyncGenerator[bytes | Opened | Status, None]:
    """What was read already, and then the rest."""
    yield first
    async for piece in pieces:
        yield piece


class Passed(Streamed):
    """An answer of another server as it comes; only a stream of events can say in its format why it breaks off."""

    def __init__(
        self,
        pieces: Pieces,
        headers: Mapping[str, str],
        close: Callable[[], Awaitable[None]] | None = None,
        *,
        status: int,
        events: bool = False,
    ) -> None:
        self._events = events
        super().__init__(pieces, headers, close, status=status)

    def last(self, problem: Problem) -> bytes | None:
        """The problem, behind an empty line, as the stream may have broken off inside of one."""
        return b"\n\n" + frame(problem.to_dict()) + DONE if self._events else None
