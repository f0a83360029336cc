"""The straight way: a caller's request goes to a model's server as it is, and the answer back byte by byte."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.ports import Clock
from pointsman.core.relay import Forward, Opened
from pointsman.core.reply import Done, Event, Failed, Raw
from pointsman.core.usage import Usage

logger = logging.getLogger(__name__)

GOOD: Final = 200
EVENTS: Final = "text/event-stream"
WHOLE: Final = "application/json"
MOST_HELD: Final = 4_000_000  # bytes of an answer that is no stream
ANSWERED: Final = b'"choices"'

Pieces = AsyncGenerator[Opened | bytes, None]


class Straight:
    """A good answer of a model's own server, of which the `first` bytes are here: all of them where it is no stream."""

    __slots__ = ("_began", "_clock", "_first", "_model", "_pieces")

    def __init__(self, model: str, first: bytes, pieces: Pieces | None, clock: Clock, began: float) -> None:
        self._model = model
        self._first = first
        self._pieces = pieces
        self._clock = clock
        self._began = began

    async def told(self, decision: Decision) -> AsyncGenerator[Event, None]:
        """It as Raw, ended by Done with its counts; closing this closes it. An error that we can name is a Failed."""
        usage, pieces = Usage(), self._pieces
        usage.saw(self._first)
        kind = WHOLE if pieces is None else EVENTS
        try:
            yield Raw(self._first, kind)
            if pieces is not None:
                async for piece in pieces:
                    if isinstance(piece, bytes):
                        usage.saw(piece)
                        yield Raw(piece, kind)
            read, written = usage.counts() or (0, usage.pieces if pieces is not None else 0)
            seconds = self._clock() - self._began
            yield Done(decision, self._model, seconds, prompt_tokens=read, completion_tokens=written)
        except PointsmanError as error:
            yield Failed.of(error, decision)
        finally:
            await self.close()

    async def close(self) -> None:
        """Lets go of the server; a second call does nothing."""
        if self._pieces is not None:
            await self._pieces.aclose()


async def begun(model: str, pieces: Pieces, forward: Forward, clock: Clock) -> Straight | None:
    """The answer to a request, as soon as it can be said that it is a good one; None where it is none, and closed.

    Then nothing of it is out, and the model may be asked another way.
    """
    began, streams, first, goes_on = clock(), bool(forward.body.get("stream")), b"", False
    try:
        first = await beginning(pieces, EVENTS if streams else WHOLE, streams=streams)
        goes_on = bool(first) and streams
    except PointsmanError as error:
        logger.info("the long way is gone: %s", error.message)
    finally:
        if not goes_on:
            await pieces.aclose()
    return Straight(model, first, pieces if goes_on else None, clock, began) if first else None


async def beginning(pieces: Pieces, kind: str, *, streams: bool) -> bytes:
    """The first bytes of a good answer, all of them where it is no stream; none where it is no good one."""
    read = bytearray()
    async for piece in pieces:
        if isinstance(piece, Opened):
            if piece.status != GOOD or not piece.media_type.startswith(kind):
                return b""
        elif streams:
            return piece
        else:
            read += piece
            if len(read) > MOST_HELD:
                return b""
    return bytes(read) if ANSWERED in read else b""
