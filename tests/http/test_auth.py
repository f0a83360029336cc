"""The key, and without one the names that we answer to."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from pointsman.http.auth import is_near, is_private


@pytest.fixture(scope="module")
def locked(start_once: Any) -> Any:
    """A gateway with a key."""
    return start_once(key="sesame")


@pytest.mark.parametrize("header", ["Bearer sesame", "bearer sesame", "BEARER  sesame "])
def test_the_key_opens(locked: Any, post: Any, header: str) -> None:
    assert post(locked, "/v1/models", b"", f"Authorization: {header}", method="GET").status == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer sesam", "Bearer sesame!", "Basic sesame", "sesame", "Bearer \xe9"]
)
@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/openapi.json", "/", "/healthz/"])
def test_nothing_else_does(locked: Any, post: Any, header: str, path: str) -> None:
    for extra in ([f"Authorization: {header}"], []):
        reply = post(locked, path, b"", *extra, method="GET")
        assert reply.status == 401
        assert reply.headers["www-authenticate"] == "Bearer"
        assert json.loads(reply.body)["error"]["type"] == "authentication_error"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "[fe80::1%25eth0]", "192.168.1.9:80", "pointsman:8080",
     "host.docker.internal:8080", "nas.local", "box.lan.", "a.localhost", ""],
)  # fmt: skip
def test_private_names_are_answered(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example.", "1.2.3", "[evil.example]"],
)
def test_names_that_the_web_can_hold_are_not(host: str) -> None:
    assert not is_private(host)


def test_without_a_key_a_public_name_is_refused_and_with_one_it_is_served(start: Any) -> None:
    def status(port: int, **headers: str) -> int:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/v1/models", headers={"Host": "evil.example", **headers})
        answered = connection.getresponse().status
        connection.close()
        return answered

    assert status(start().port) == 403
    assert status(start(key="sesame").port, Authorization="Bearer sesame") == 200


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:3000", "http://localhost", "https://LOCALHOST:1", "http://[::1]:8080", "http://192.168.1.9",
     "http://100.64.0.7", "http://[fe80::1]", "http://[::ffff:127.0.0.1]", "https://nas.local", "http://pointsman",
     "http://8.8.8.8:8080"],
)  # fmt: skip
def test_pages_of_this_machine_and_its_networks_are_near(origin: str) -> None:
    assert is_near(origin, "8.8.8.8:8080")


@pytest.mark.parametrize(
    "origin",
    ["null", "", "https://evil.example", "http://127.0.0.1.evil.example", "http://8.8.8.8", "http://[::ffff:8.8.8.8]",
     "http://[2001:4860:4860::8888]", "file://", "https://", "ext://abcdefgh", "http://[bad", "http://[evil.example]",
     "http://localhost@evil.example", "evil.example", "http://localhost http://evil.example"],
)  # fmt: skip
def test_pages_of_the_web_are_not(origin: str) -> None:
    assert not is_near(origin, "127.0.0.1:8080")


@pytest.mark.parametrize("path", ["/v1/route", "/v1/chat/completions", "/v1/nothing"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_without_a_key_pages_of_the_web_cannot_ask(gateway: Any, post: Any, path: str, origin: str) -> None:
    body = json.dumps({"text": "draw", "model": "auto", "messages": [{"role": "user", "content": "draw"}]}).encode()
    reply = post(gateway, path, body, f"Origin: {origin}", "Content-Type: text/plain")
    assert reply.status == 403
    error = json.loads(reply.body)["error"]
    assert error["code"] == "host_not_allowed"
    assert "set server.key" in error["message"]
    assert gateway.words.judged == []


def test_one_near_origin_does_not_cover_for_another(gateway: Any, post: Any) -> None:
    near, foreign = "Origin: http://localhost", "Origin: https://evil.example"
    assert post(gateway, "/v1/models", b"", near, method="GET").status == 200
    assert post(gateway, "/v1/models", b"", near, foreign, method="GET").status == 403


def test_with_a_key_the_origin_does_not_matter(start: Any, post: Any) -> None:
    bearer = ("Authorization: Bearer sesame", "Origin: https://chat.example")
    assert post(start(key="sesame"), "/v1/models", b"", *bearer, method="GET").status == 200
