"""MCP servers that run already: over streamable HTTP, and over what was spoken before it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pointsman.core.errors import ToolFailed, Unreachable
from pointsman.core.message import Message
from pointsman.core.tool import Occasion
from pointsman.tools.mcp.toolset import McpTools
from pointsman.tools.mcp.ways import Address

HERE = Occasion(Message("hello"))
KEY = "Bearer hunter2222"
Receive = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[str]:
    """An ASGI app on loopback; its address."""
    import uvicorn

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


def demo(*, sse: bool = False) -> Any:
    """The sdk's server, behind a key."""
    from pointsman.testing.mcp_server import make_server

    server = make_server(trouble=True)
    app = server.sse_app() if sse else server.streamable_http_app()

    async def guarded(scope: Any, receive: Receive, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and headers.get(b"authorization") != KEY.encode():
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
            return
        await app(scope, receive, send)

    return guarded


@asynccontextmanager
async def connected(url: str, *, sse: bool = False, key: str = KEY) -> AsyncIterator[McpTools]:
    tools = McpTools("web", Address(url, {"Authorization": key}, sse), patience=30)
    try:
        yield tools
    finally:
        await tools.close()


@pytest.mark.parametrize("sse", [False, True])
async def test_calls(sse: bool) -> None:
    async with (
        serving(demo(sse=sse)) as place,
        connected(f"{place}/{'sse' if sse else 'mcp'}", sse=sse) as tools,
    ):
        by_name = {it.own: it for it in await tools.tools(HERE)}
        both = await asyncio.gather(by_name["echo"].call({"text": "hi"}), by_name["add"].call({"a": 1, "b": 2}))
        assert [it.text for it in both] == ["hi", "3"]
        with pytest.raises(ToolFailed, match="out of paper"):
            await by_name["fail"].call({})
        slow = asyncio.create_task(by_name["slow"].call({}))
        await by_name["echo"].call({"text": "x"})
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_a_wrong_key() -> None:
    async with serving(demo()) as place, connected(f"{place}/mcp", key="Bearer wrong-key") as tools:
        with pytest.raises(Unreachable, match="wants a key") as caught:
            await tools.tools(HERE)
    assert "headers" in caught.value.cure
    assert "wrong-key" not in str(caught.value)


async def test_a_wrong_path() -> None:
    async with serving(demo()) as place, connected(f"{place}/secret-path") as tools:
        with pytest.raises(Unreachable, match=r"answers 404") as caught:
            await tools.tools(HERE)
    assert "sse" in caught.value.cure
    assert "secret-path" not in str(caught.value)


async def test_nobody_there() -> None:
    async with connected("http://127.0.0.1:9/mcp") as tools:
        with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 cannot be reached") as caught:
            await tools.tools(HERE)
    assert "running" in caught.value.cure


async def test_one_that_was_started_again_is_found_again() -> None:
    async with serving(demo()) as place:
        port = int(place.rpartition(":")[2])
        tools = McpTools("web", Address(f"{place}/mcp", {"Authorization": KEY}), patience=30)
        echo = next(it for it in await tools.tools(HERE) if it.own == "echo")
    with pytest.raises(ToolFailed, match=r"did not start|ended"):
        await echo.call({"text": "is anybody there?"})
    tools._failed = None
    async with serving(demo(), port):
        assert (await echo.call({"text": "again"})).text == "again"
        await tools.close()
