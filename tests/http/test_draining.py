"""The way to the end: what is on its way may finish, nothing new begins, and load balancers hear of it."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

from tests.http.test_disconnect import request

from pointsman.http.draining import Drain

JSON = {"model": "auto", "messages": [{"role": "user", "content": "tell me"}]}


def test_new_work_is_refused_in_the_callers_dialect_and_what_is_open_is_answered(start: Any, post: Any) -> None:
    gateway = start(script=("Once", "<hold>"))
    app = gateway.app
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto", stream=True))
        assert gateway.model.speaking.wait(20)
        assert app.state.drain.running == 1
        app.state.draining.set()
        for path in ("/v1/chat/completions", "/api/chat", "/v1/route"):
            answer = post(gateway, path, json.dumps(JSON).encode())
            assert answer.status == 503
            assert answer.headers["retry-after"] == "5"
            said = json.loads(answer.body)["error"]
            assert "takes nothing new" in (said if path.startswith("/api/") else said["message"])
        ready = post(gateway, "/readyz", b"", method="GET")
        assert (ready.status, json.loads(ready.body)["error"]["code"]) == (503, "not_ready")
        assert b"is stopping" in ready.body
        assert post(gateway, "/healthz", b"", method="GET").status == 200
        assert wire.recv(1)


async def test_it_waits_until_the_last_has_ended_or_the_time_is_over() -> None:
    drain = Drain()
    assert await drain.over(0.0)
    drain.entered()
    drain.entered()
    waiting = asyncio.create_task(drain.over(60.0))
    await asyncio.sleep(0)
    drain.left()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    drain.left()
    assert await waiting
    drain.entered()
    assert not await drain.over(0.001)
    hurried = asyncio.create_task(drain.over(60.0))
    await asyncio.sleep(0)
    drain.hurry()
    assert not await hurried
