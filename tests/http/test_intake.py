"""Bodies that do not come: silence ends a request, and so does a trickle; a slow line does not."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import weakref
from typing import Any

import pytest

from pointsman.http.gate import Gate
from pointsman.http.intake import Intake


class Caller:
    """Sends `parts` with pauses, as an ASGI receive; the pauses are of the event loop's own clock."""

    def __init__(self, *parts: tuple[float, bytes]) -> None:
        self._parts = list(parts)
        self.sent: list[Any] = []
        self.waited = 0.0

    async def receive(self) -> Any:
        pause, part = self._parts.pop(0) if self._parts else (3600.0, b"")
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

    async def send(self, message: Any) -> None:
        self.sent.append(message)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    del scope
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def answer(caller: Caller, seconds: float) -> Any:
    gate = Gate(body_timeout=seconds)
    scope = {"type": "http", "method": "POST", "path": "/v1/route", "headers": []}
    await Intake(echo, gate, asyncio.Event())(scope, caller.receive, caller.send)
    return caller.sent[0]["status"]


async def test_a_body_in_pieces_is_put_together() -> None:
    caller = Caller((0, b"a"), (0.01, b"b"), (0, b"c"))
    assert await answer(caller, 5) == 200
    assert caller.sent[1]["body"] == b"abc"


@pytest.mark.parametrize("parts", [(), ((0, b"{"), (3600.0, b"}"))])
async def test_silence_ends_a_request(parts: tuple[tuple[float, bytes], ...]) -> None:
    caller = Caller(*parts)
    assert await answer(caller, 0.02) == 408
    error = json.loads(caller.sent[1]["body"])["error"]
    assert error["code"] == "request_timeout"
    assert "raise server.body_timeout" in error["message"]


async def test_a_trickle_ends_it_too() -> None:
    assert await answer(Caller(*[(0.01, b"x")] * 1000), 0.1) == 408


async def test_a_slow_line_does_not() -> None:
    assert await answer(Caller(*[(0.01, b"x" * 100)] * 20), 0.1) == 200


async def test_a_request_is_forgotten_without_a_search_for_circles() -> None:
    caller, answers = Caller((0, b"a")), list[Any]()

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        answers.append(weakref.ref(send))
        await echo(scope, receive, send)

    gc.disable()
    try:
        scope = {"type": "http", "method": "POST", "path": "/v1/route", "headers": []}
        serving = asyncio.create_task(Intake(noting, Gate(), asyncio.Event())(scope, caller.receive, caller.send))
        await serving
        del serving, scope
        for _ in range(5):  # who watched for a hang-up is told that there is nothing to watch for
            await asyncio.sleep(0)
        assert [it() for it in answers] == [None]
    finally:
        gc.enable()


def test_on_the_wire_it_is_told_and_closed(start: Any) -> None:
    gateway = start(gate=Gate(body_timeout=0.05))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        received = b"".join(iter(lambda: wire.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b'{"error":"the body did not come' in received
