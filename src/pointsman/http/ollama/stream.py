"""How lines of JSON travel while they are made."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Final

from pointsman.http.errors import Problem
from pointsman.http.ollama.replies import failure
from pointsman.http.streamed import UNBUFFERED, Streamed

NDJSON: Final = "application/x-ndjson"


class LineStream(Streamed):
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
        self._whole = True  # whether the last line has its end
        self._lined = media_type.startswith(NDJSON)
        more = UNBUFFERED if self._lined else {}
        super().__init__(pieces, {"content-type": media_type, **more, **headers}, close, status=status)

    def sent(self, piece: bytes) -> None:
        """Knows whether a line is begun."""
        self._whole = piece.endswith(b"\n")

    def last(self, problem: Problem) -> bytes | None:
        """The problem on a line of its own."""
        if not self._lined:
            return None
        return failure(problem) if self._whole else b"\n" + failure(problem)
