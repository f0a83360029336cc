"""The straight way: a caller's request goes to a model's server as it is, and the answer back byte by byte."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Final, Protocol

from pointsman.core.errors import PointsmanError
from pointsman.core.ports import Clock
from pointsman.core.relay import Forward, Opened
from pointsman.core.reply import Done, Event, Raw
from pointsman.core.usage import Usage

logger = logging.getLogger(__name__)

GOOD: Final = 200
EVENTS: Final = "text/event-stream"
WHOLE: Final = "application/json"
MOST_HELD: Final = 4_000_000  # bytes of an answer that is no stream
ANSWERED: Final = b'"choices"'


class Asked(Protocol):
    """What the long way is, where the straight one cannot be gone."""

    def __call__(self) -> AsyncGenerator[Event, None]:
        """The events of a reply, ended by Done."""
        ...


async def straight(
    pieces: AsyncGenerator[Opened | bytes, None],
    forward: Forward,
    done: Done,
    otherwise: Asked,
    clock: Clock,
) -> AsyncGenerator[Event, None]:
    """What a server answers, as Raw, and `done` with its counts; the long way where there is no good answer at once.

    Nothing is asked twice of which a byte is out. Raises what the server's connection does after that, and what the
    long way does.
    """
    began, usage, streams = clock(), Usage(), bool(forward.body.get("stream"))
    kind = EVENTS if streams else WHOLE
    async with aclosing(pieces):
        first = await beginning(pieces, kind, streams=streams)
        if first:
            usage.saw(first)
            yield Raw(first, kind)
            async for piece in pieces:
                if isinstance(piece, bytes):
                    usage.saw(piece)
                    yield Raw(piece, kind)
            read, written = usage.counts() or (0, usage.pieces if streams else 0)
            yield replace(done, seconds=clock() - began, prompt_tokens=read, completion_tokens=written)
            return
    async with aclosing(otherwise()) as events:
        async for event in events:
            yield event


async def beginning(pieces: AsyncGenerator[Opened | bytes, None], kind: str, *, streams: bool) -> bytes:
    """The first bytes of a good answer, all of them where it is no stream; none where it is no good one."""
    read = bytearray()
    try:
        async for piece in pieces:
            if isinstance(piece, Opened):
                if piece.status != GOOD or not piece.media_type.startswith(kind):
                    return b""
                continue
            if streams:
                return piece
            read += piece
            if len(read) > MOST_HELD:
                return b""
    except PointsmanError as error:
        logger.info("the long way is gone: %s", error.message)
        return b""
    return bytes(read) if ANSWERED in read else b""
