"""Passes a request on to the server of its model, and the answer back as it comes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.errors import ModelFailed
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Status
from pointsman.engine.router import Router
from pointsman.http.ollama.stream import LineStream

Pieces = AsyncGenerator[Opened | bytes | Status, None]
MOST: Final = 32_000_000  # bytes of an answer that is read here: a list, or vectors


async def passed(router: Router, place: Place, forward: Forward, *, key: str = "") -> Response:
    """The server's own answer, byte by byte. Raises what `Router.relay` raises before its beginning."""
    pieces = router.relay(place, forward, key=key)
    try:
        opened = await opening(pieces)
    except BaseException:
        await pieces.aclose()
        raise
    return LineStream(rest(pieces), pieces.aclose, {}, status=opened.status, media_type=opened.media_type)


async def whole(router: Router, place: Place, forward: Forward, *, key: str = "") -> tuple[int, Any]:
    """The server's answer, read: its status, and its JSON, None where it is none. Raises what `Router.relay` does."""
    async with aclosing(router.relay(place, forward, key=key)) as pieces:
        opened = await opening(pieces)
        read = bytearray()
        async for piece in rest(pieces):
            read += piece
            if len(read) > MOST:
                raise ModelFailed(f"{place.server} answers with more than {MOST:,} bytes", cure="ask for less at once")
    try:
        return opened.status, json.loads(bytes(read))
    except (ValueError, RecursionError):
        return opened.status, None


async def opening(pieces: Pieces) -> Opened:
    """The beginning of an answer; notices of the waiting go unheard, as Ollama has no place for them."""
    async for piece in pieces:
        if isinstance(piece, Opened):
            return piece
    raise ModelFailed("the server gave no answer", cure="ask again; if it stays so, the server's log says more")


async def rest(pieces: Pieces) -> AsyncGenerator[bytes, None]:
    """What follows the beginning."""
    async for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
