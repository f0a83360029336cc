"""Heads that are too large, too long or too slow, with both parsers: a clear answer, and nobody else is hurt."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any, cast

import pytest

from pointsman.http.connection import HEAD_SECONDS, Bounded
from pointsman.http.heads import LONGEST_TARGET, MOST_BYTES, MOST_FIELDS

BOTH = pytest.mark.parametrize("http", ["h11", "httptools"])


@pytest.fixture(scope="module", params=["h11", "httptools"])
def parsed(start_once: Any, request: Any) -> Any:
    """A gateway with each of the parsers."""
    return start_once(http=request.param)


def told(reply: Any) -> tuple[int, str]:
    return reply.status, json.loads(reply.body)["error"]["code"]


@pytest.mark.parametrize("size", [MOST_BYTES, 64_000, 65_536, 200_000, 3_000_000])
def test_headers_that_are_too_large(parsed: Any, post: Any, size: int) -> None:
    reply = post(parsed, "/v1/models", b"", f"X-Filler: {'x' * size}", method="GET")
    assert told(reply) == (431, "headers_too_large")
    assert "old cookies" in json.loads(reply.body)["error"]["message"]
    assert reply.headers["connection"] == "close"
    assert post(parsed, "/healthz", b"", method="GET").status == 200


def test_headers_that_are_too_many(parsed: Any, post: Any) -> None:
    assert told(post(parsed, "/v1/models", b"", *["X: y"] * MOST_FIELDS, method="GET")) == (431, "headers_too_large")
    assert post(parsed, "/v1/models", b"", *["X: y"] * (MOST_FIELDS - 4), method="GET").status == 200


def test_headers_of_a_usual_size_pass(parsed: Any, post: Any) -> None:
    assert post(parsed, "/v1/models", b"", f"Cookie: {'x' * (MOST_BYTES - 200)}", method="GET").status == 200


@pytest.mark.parametrize("path", ["/v1/models/{}", "/v1/models?x={}", "/api/tags?x={}"])
def test_an_address_that_is_too_long(parsed: Any, post: Any, path: str) -> None:
    reply = post(parsed, path.format("x" * LONGEST_TARGET), b"", method="GET")
    assert reply.status == 414
    assert b"the address is longer than 8192 bytes" in reply.body


def test_a_head_without_an_end_is_cut_off_while_it_comes(parsed: Any, post: Any) -> None:
    with socket.create_connection(("127.0.0.1", parsed.port), timeout=20) as wire:
        wire.sendall(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        for _ in range(40):
            wire.sendall(b"X-Filler: " + b"x" * 8_000 + b"\r\n")
        assert wire.recv(65536).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
        assert wire.recv(65536) == b""
    assert post(parsed, "/healthz", b"", method="GET").status == 200


@BOTH
@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for_for_ever(start: Any, http: str, first: bytes) -> None:
    gateway = start(http=http, head_seconds=0.1)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        if first:
            wire.sendall(first)
            assert wire.recv(65536).startswith(b"HTTP/1.1 200 OK")
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        received = b"".join(iter(lambda: wire.recv(65536), b""))
    assert b"HTTP/1.1 408 Request Timeout\r\n" in received
    assert b"the headers did not come in 0.1 s" in received


@BOTH
def test_who_says_nothing_at_all_is_let_go(start: Any, http: str) -> None:
    gateway = start(http=http, head_seconds=0.1)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        assert wire.recv(100) == b""


class Timer:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def call_later(self, seconds: float, callback: object) -> Timer:
        assert seconds == HEAD_SECONDS
        assert callable(callback)
        self.timers.append(Timer())
        return self.timers[-1]


class Cycle:
    response_complete = False

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}


class Parser(asyncio.Protocol):
    """Takes a request to be complete where its bytes end in a line that is empty."""

    cycle: Cycle | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self.cycle = Cycle()


class Watched(Bounded, Parser):
    """A connection without a network."""

    def __init__(self) -> None:
        self.clock = Loop()
        self.loop = cast("Any", self.clock)

    def is_closing(self) -> bool:
        return False

    def get_protocol(self) -> object:
        return self


def test_only_a_head_is_waited_for_and_neither_a_body_nor_an_answer() -> None:
    watched = Watched()
    watched.connection_made(cast("Any", watched))
    timers = watched.clock.timers
    assert [it.cancelled for it in timers] == [False]
    watched.data_received(b"GET / HT")
    assert [it.cancelled for it in timers] == [False]
    watched.data_received(b"TP/1.1\r\n\r\n")
    watched.data_received(b"a body" * 100_000)
    assert [it.cancelled for it in timers] == [True]
    assert watched.cycle is not None
    watched.cycle.response_complete = True
    watched.data_received(b"GET / HTTP/1.1\r\n\r\n")
    assert len(timers) == 1
    watched.cycle.response_complete = True
    watched.data_received(b"GET / HT")
    assert [it.cancelled for it in timers] == [True, False]
    watched.connection_lost(None)
    assert [it.cancelled for it in timers] == [True, True]
