"""Streams that are silent, stopped or left: nothing but JSON on a line, and no work for nobody."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from pointsman.core.errors import ModelFailed
from pointsman.core.relay import Opened
from pointsman.http.ollama.passing import opening, rest
from pointsman.http.ollama.stream import LineStream


def request(model: str, *, stream: bool = True) -> bytes:
    body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": "tell me"}]}).encode()
    return f"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("script", [("<hold>",), ("Once", "<hold>")], ids=["before the first word", "in the middle"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["auto", "tiny"])
def test_hanging_up_stops_the_model(start: Any, model: str, script: Any, stream: bool) -> None:
    gateway = start(script=script)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request(model, stream=stream))
        assert gateway.model.speaking.wait(20)
        if stream and len(script) == 2:
            assert wire.recv(1)
    assert gateway.model.closed.wait(20)


@pytest.mark.parametrize("script", [("<hold>",), ("Once", "<hold>")])
def test_a_silent_model_is_told_by_empty_pieces(start: Any, script: Any) -> None:
    """Clients read every line as JSON, so there are no comments and no blank lines."""
    gateway = start(script=script, ping=0.001)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto"))
        received = b""
        while received.count(b'"content":""') < 3:
            received += wire.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    lines = [it for it in body.split(b"\r\n") if it.startswith(b"{")][:3]
    assert all(json.loads(line)["done"] is False for line in lines)


@pytest.mark.parametrize("stream", [False, True])
def test_stopping_ends_open_replies_with_a_word(start: Any, stream: bool) -> None:
    gateway = start(script=("Once", "<hold>"))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto", stream=stream))
        assert gateway.model.speaking.wait(20)
        stopper = threading.Thread(target=gateway.stop)
        gateway.stopping()
        stopper.start()
        received = b"".join(iter(lambda: wire.recv(65536), b""))
        stopper.join()
    assert b'{"error":"the server is stopping (cure: try again in a moment)"}' in received
    assert received.startswith(b"HTTP/1.1 200" if stream else b"HTTP/1.1 503")
    assert gateway.model.closed.is_set()


class Told:
    """What a response sent."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.closed = 0

    async def send(self, message: Any) -> None:
        self.messages.append(message)

    async def receive(self) -> Any:
        raise AssertionError("nothing is read")

    async def close(self) -> None:
        self.closed += 1

    @property
    def body(self) -> bytes:
        return b"".join(it.get("body", b"") for it in self.messages)

    @property
    def complete(self) -> bool:
        return not self.messages[-1].get("more_body", False)


async def broken(*parts: bytes) -> Any:
    for part in parts:
        yield part
    raise ModelFailed("it broke")


@pytest.mark.parametrize(
    ("parts", "kind", "body", "complete"),
    [
        ((b'{"a":1}\n',), "application/x-ndjson", b'{"a":1}\n{"error":"it broke"}\n', True),
        ((b'{"a":',), "application/x-ndjson; charset=utf-8", b'{"a":\n{"error":"it broke"}\n', True),
        ((b'{"a":',), "application/json", b'{"a":', False),
    ],
    ids=["between lines", "in a line", "in one object"],
)
async def test_what_breaks_off_says_why_or_has_no_end(
    parts: tuple[bytes, ...], kind: str, body: bytes, complete: bool
) -> None:
    told = Told()
    stream = LineStream(broken(*parts), told.close, {}, media_type=kind)
    await stream({"method": "POST", "path": "/api/chat"}, told.receive, told.send)
    assert (told.body, told.complete, told.closed) == (body, complete, 1)


async def test_a_stream_that_never_began_is_closed_too() -> None:
    told = Told()

    async def gone(message: object) -> None:
        raise ConnectionResetError(message)

    await LineStream(broken(b"x"), told.close, {})({"method": "POST", "path": "/"}, told.receive, told.send)
    with pytest.raises(ConnectionResetError):
        await LineStream(broken(b"x"), told.close, {})({"method": "POST", "path": "/"}, told.receive, gone)
    assert told.closed == 2


async def test_an_answer_without_a_beginning_is_none() -> None:
    async def pieces(*given: Any) -> Any:
        for it in given:
            yield it

    with pytest.raises(ModelFailed, match="no answer"):
        await opening(pieces())
    begun = pieces(Opened(200), b"a", b"b")
    assert (await opening(begun)).status == 200
    assert [it async for it in rest(begun)] == [b"a", b"b"]
