"""A reply that nobody waits for is not made any further."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from pointsman.http.gate import Gate
from pointsman.http.sse import EventStream


def request(model: str, *, stream: bool) -> bytes:
    body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": "tell me"}]}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("script", [("<hold>",), ("Once", "<hold>")], ids=["before the first word", "in the middle"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["auto", "tiny"])
def test_hanging_up_stops_the_model(start: Any, model: str, script: Any, http: str, stream: bool) -> None:
    gateway = start(script=script, http=http)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request(model, stream=stream))
        assert gateway.model.speaking.wait(20)
        if stream and len(script) == 2:
            assert wire.recv(1)
    assert gateway.model.closed.wait(20)


def test_the_record_says_that_the_caller_went_away(start: Any) -> None:
    gateway = start(script=("<hold>",))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto", stream=False))
        assert gateway.model.speaking.wait(20)
    assert gateway.model.closed.wait(20)
    gateway.stop()
    (outcome,) = gateway.store._outcomes.values()
    assert "went away" in outcome.error


def test_a_silent_model_does_not_look_dead(start: Any) -> None:
    gateway = start(script=("Once", "<hold>"), ping=0.001)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto", stream=True))
        received = b""
        while received.count(b": still here\n\n") < 3:
            received += wire.recv(65536)
    assert b'"content":"Once"' in received


def test_a_model_that_takes_long_to_begin_gets_its_stream_started(start: Any) -> None:
    gateway = start(script=("<hold>",), ping=0.001)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto", stream=True))
        received = b""
        while b": still here" not in received:
            received += wire.recv(65536)
    assert received.startswith(b"HTTP/1.1 200")


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
    assert b"the server is stopping" in received
    assert received.startswith(b"HTTP/1.1 200" if stream else b"HTTP/1.1 503")
    assert (b"data: [DONE]" in received) == stream
    assert gateway.model.closed.is_set()


async def test_a_stream_that_never_began_is_closed_too() -> None:
    closed: list[str] = []

    async def frames() -> AsyncGenerator[bytes]:
        yield b""

    async def close() -> None:
        closed.append("closed")

    async def send(message: object) -> None:
        raise ConnectionResetError(message)

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    with pytest.raises(ConnectionResetError):
        await EventStream(frames(), {}, close)({"method": "POST", "path": "/"}, receive, send)
    assert closed == ["closed"]


def test_who_stays_and_reads_nothing_is_taken_for_gone(start: Any) -> None:
    gateway = start(script=(*("word " * 20_000,) * 200, "<hold>"), gate=Gate(write_timeout=0.2))
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(20)
        wire.connect(("127.0.0.1", gateway.port))
        wire.sendall(request("auto", stream=True))
        assert gateway.model.closed.wait(20)  # though nobody has hung up


def test_who_reads_slowly_gets_it_all(start: Any) -> None:
    gateway = start(script=("word " * 20_000,) * 20, gate=Gate(write_timeout=5.0))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request("auto", stream=True))
        received = b""
        while not received.endswith(b"0\r\n\r\n"):
            received += wire.recv(16_384)
    assert received.count(b"word ") == 400_000
    assert not gateway.model.closed.is_set()
