"""Server-sent events: how a reply travels while it is being made."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from pointsman.http.errors import Problem, to_json
from pointsman.http.streamed import UNBUFFERED, Streamed

DONE = b"data: [DONE]\n\n"
PING = b": still here\n\n"
STREAM_HEADERS = {"content-type": "text/event-stream; charset=utf-8", **UNBUFFERED}


def frame(content: Mapping[str, Any]) -> bytes:
    """One event that carries JSON."""
    return b"data: " + to_json(content) + b"\n\n"


def comment(text: str) -> bytes:
    """A line that clients pass over, and people who look at the stream can read."""
    return f": {' '.join(text.split())}\n\n".encode("utf-8", "replace")


class EventStream(Streamed):
    """An answer made of frames; however it ends, its last frames are valid, and `close` is called."""

    def __init__(
        self, frames: AsyncGenerator[bytes], headers: Mapping[str, str], close: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(frames, {**STREAM_HEADERS, **headers}, close)

    def last(self, problem: Problem) -> bytes:
        """The problem as OpenAI's clients know it, and the end."""
        return frame(problem.to_dict()) + DONE
