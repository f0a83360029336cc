"""Passes a request on to a server that speaks OpenAI's language, and its answer back byte by byte."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Status
from pointsman.engine.router import Router
from pointsman.http.errors import Problem
from pointsman.http.ollama.passing import opening
from pointsman.http.sse import DONE, frame
from pointsman.http.streamed import UNBUFFERED, Streamed

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


class Passed(Streamed):
    """An answer of another server as it comes; only a stream of events can say in its format why it breaks off."""

    def __init__(self, opened: Opened, pieces: AsyncGenerator[Opened | bytes | Status]) -> None:
        self._events = opened.media_type.startswith(EVENTS)
        headers = {"content-type": opened.media_type, **(UNBUFFERED if self._events else {})}
        super().__init__(pieces, headers, status=opened.status)

    def last(self, problem: Problem) -> bytes | None:
        """The problem, behind an empty line, as the stream may have broken off inside of one."""
        return b"\n\n" + frame(problem.to_dict()) + DONE if self._events else None
