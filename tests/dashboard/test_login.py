"""The key in a real browser, and what a page of another port gets from a real Socket.IO server behind the door."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import socketio  # type: ignore[import-untyped]
import uvicorn
from playwright.sync_api import BrowserContext, expect

from pointsman.core.access import SCOPES
from pointsman.dashboard.door import COOKIE, Door
from pointsman.http.keys import Keys
from pointsman.testing.live_server import LiveServer

SOCKET = "/_nicegui_ws/socket.io/"
POLL = f"{SOCKET}?EIO=4&transport=polling"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


async def hello(scope: Any, receive: Any, send: Any) -> None:
    del receive
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<link rel=icon href=data:,><p>the page"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A locked page whose Socket.IO server would answer every origin, as NiceGUI's does."""
    anybody = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    page = socketio.ASGIApp(anybody, hello, socketio_path=SOCKET)
    keys = Keys({"main": ("sesame", SCOPES)})
    door = Door(hello, page=page, keys=keys, host_allowed=lambda _: False, new_token=lambda: "token")
    listener = socket.create_server(("127.0.0.1", 0))
    server = LiveServer(uvicorn.Config(door, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
    thread.start()
    server.up.wait()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def ask(port: int, path: str, origin: str, **headers: str) -> tuple[int, str | None]:
    """The status, and the origin that may read the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Origin": origin, "Cookie": f"{COOKIE}=token", **headers})
    answered = connection.getresponse()
    connection.close()
    return answered.status, answered.headers["access-control-allow-origin"]


def test_the_form_lets_its_own_browser_in_and_no_page_of_another_port(browser: BrowserContext, port: int) -> None:
    ours, theirs = f"http://127.0.0.1:{port}", "http://127.0.0.1:1"
    page = browser.new_page()
    page.goto(ours)
    page.fill("#key", "wrong")
    page.press("#key", "Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not the key.")
    page.fill("#key", "sesame")
    page.press("#key", "Enter")
    expect(page.locator("p")).to_have_text("the page")
    page.close()
    assert ask(port, POLL, ours)[0] == 200
    assert ask(port, SOCKET + "?EIO=4&transport=websocket", ours, **UPGRADE)[0] == 101
    assert ask(port, POLL, theirs) == (403, None)
    assert ask(port, SOCKET + "?EIO=4&transport=websocket", theirs, **UPGRADE) == (403, None)
