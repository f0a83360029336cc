"""A bare pass-through, the least that a gateway of the same parts could be: Starlette in front, aiohttp behind."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


def create(upstream: str) -> Starlette:
    """The application; it does not look at what it passes on."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            app.state.session = session
            yield

    async def chat(request: Request) -> Response:
        body = await request.body()
        headers = {"content-type": "application/json"}
        session: aiohttp.ClientSession = request.app.state.session
        response = await session.post(f"{upstream}/chat/completions", data=body, headers=headers)
        kind = response.headers["content-type"]
        if not kind.startswith("text/event-stream"):
            async with response:
                return Response(await response.read(), response.status, media_type=kind)

        async def pieces() -> AsyncGenerator[bytes]:
            async with response:
                async for piece in response.content.iter_any():
                    yield piece

        return StreamingResponse(pieces(), response.status, media_type=kind)

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    # uvicorn takes the faster loop and parser where they are installed; "plain" is what it brings by itself.
    plain: dict[str, Any] = {"loop": "asyncio", "http": "h11"} if sys.argv[3:] == ["plain"] else {}
    uvicorn.run(
        create(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False, **plain
    )
