"""Bodies over the limit, announced or not, are refused in a way that the caller can read."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

LIMIT = 1000


def chunked(size: int, piece: int = 300) -> bytes:
    pieces = [b"x" * min(piece, size - at) for at in range(0, size, piece)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("path", ["/v1/route", "/v1/chat/completions", "/v1/nothing"])
def test_an_announced_body_over_the_limit(start: Any, post: Any, http: str, path: str) -> None:
    reply = post(start(max_body=LIMIT, http=http), path, b"x" * (LIMIT + 1))
    assert reply.status == 413
    assert json.loads(reply.body)["error"]["code"] == "too_large"
    assert "send less, or raise server.max_body" in json.loads(reply.body)["error"]["message"]


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_a_chunked_body_is_counted(start: Any, post: Any, http: str) -> None:
    gateway = start(max_body=LIMIT, http=http)
    assert post(gateway, "/v1/route", chunked(LIMIT + 1), "Transfer-Encoding: chunked").status == 413
    assert post(gateway, "/v1/route", chunked(LIMIT), "Transfer-Encoding: chunked").status == 400


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("settings", [{"max_body": LIMIT}, {"key": "sesame"}])
def test_who_is_still_sending_gets_to_read_the_refusal(
    start: Any, post: Any, http: str, settings: dict[str, Any]
) -> None:
    reply = post(start(http=http, **settings), "/v1/route", b"x" * 5_000_000)
    assert reply.status in {401, 413}
    assert json.loads(reply.body)["error"]["message"]


def test_a_body_of_exactly_the_limit_is_read(start: Any, post: Any) -> None:
    body = json.dumps({"text": "draw"}).encode().ljust(LIMIT)
    assert post(start(max_body=LIMIT), "/v1/route", body).status == 200


def test_who_waits_for_leave_to_send_is_told_before_sending(start: Any) -> None:
    gateway = start(max_body=LIMIT)
    head = f"POST /v1/route HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {LIMIT + 1}\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(head.encode())
        assert wire.recv(12) == b"HTTP/1.1 413"


def test_who_hangs_up_in_the_middle_of_a_body_harms_nobody(start: Any, post: Any) -> None:
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(b"POST /v1/route HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
    assert post(gateway, "/v1/route", b'{"text": "draw"}').status == 200


@pytest.mark.parametrize(
    "request_line", [b"POST", b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET  \r\n\r\n"]
)
def test_what_is_no_http_harms_nobody(start: Any, post: Any, request_line: bytes) -> None:
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(request_line)
        wire.shutdown(socket.SHUT_WR)
        assert b" 200 " not in wire.recv(100)
    assert post(gateway, "/healthz", b"", method="GET").status == 200
