"""Pages of other sites: none by default, those that are named, and never with a browser's cookies."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from pointsman.config.server import Key, Server
from pointsman.http.gate import Gate

CHAT = "https://chat.example"
BEARER = "Authorization: Bearer sesame"


def gate(*origins: str, locked: bool = True) -> Gate:
    return Gate.of(Server(keys={"page": Key(key=SecretStr("sesame"))} if locked else {}, origins=origins))


def preflight(post: Any, gateway: Any, origin: str, *extra: str, path: str = "/v1/chat/completions") -> Any:
    asks = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,x-stainless-os")
    return post(gateway, path, b"", f"Origin: {origin}", *asks, *extra, method="OPTIONS")


def marks(reply: Any) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name.startswith("access-control")}


def test_by_default_no_page_is_let_in(start: Any, post: Any) -> None:
    gateway = start(key="sesame")
    refused = preflight(post, gateway, CHAT)
    assert (refused.status, marks(refused)) == (401, {})
    answered = post(gateway, "/v1/models", b"", f"Origin: {CHAT}", BEARER, method="GET")
    assert (answered.status, marks(answered)) == (200, {})


def test_a_named_page_may_ask_and_read(start: Any, post: Any) -> None:
    gateway = start(gate=gate(CHAT, "http://localhost:3000"))
    welcome = preflight(post, gateway, CHAT)
    assert (welcome.status, welcome.body) == (204, b"")
    assert marks(welcome) == {
        "access-control-allow-origin": CHAT,
        "access-control-allow-methods": "GET, HEAD, POST, DELETE",
        "access-control-allow-headers": "authorization,x-stainless-os",
        "access-control-max-age": "600",
    }
    assert welcome.headers["vary"] == "Origin"
    for path, bearer, status in (
        ("/v1/models", BEARER, 200),
        ("/v1/models", "X: y", 401),
        ("/v1/nothing", BEARER, 404),
    ):
        reply = post(gateway, path, b"", f"Origin: {CHAT}", bearer, method="GET")
        assert reply.status == status
        assert marks(reply) == {"access-control-allow-origin": CHAT, "access-control-expose-headers": "*"}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://chat.example", f"{CHAT}:444", f"{CHAT}.evil.example", "null", "", "*"]
)
def test_no_other_page_is(start: Any, post: Any, origin: str) -> None:
    gateway = start(gate=gate(CHAT))
    refused = preflight(post, gateway, origin)
    assert (refused.status, marks(refused), refused.headers["vary"]) == (401, {}, "Origin")
    reply = post(gateway, "/v1/models", b"", f"Origin: {origin}", BEARER, method="GET")
    assert (marks(reply), reply.headers["vary"]) == ({}, "Origin")


def test_two_origins_are_none(start: Any, post: Any) -> None:
    assert marks(preflight(post, start(gate=gate(CHAT)), CHAT, f"Origin: {CHAT}")) == {}


def test_every_page_may_where_all_are_named_and_none_brings_cookies(start: Any, post: Any) -> None:
    gateway = start(gate=gate("*"))
    for origin in ("https://any.example", "null"):
        found = marks(preflight(post, gateway, origin, "Cookie: pointsman_page=x"))
        assert found["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in found
        assert (
            post(gateway, "/v1/models", b"", f"Origin: {origin}", "Cookie: pointsman_page=x", method="GET").status
            == 401
        )


def test_without_a_key_a_named_page_may_and_no_other(start: Any, post: Any) -> None:
    gateway = start(gate=gate(CHAT, locked=False))
    assert post(gateway, "/v1/models", b"", f"Origin: {CHAT.upper()}", method="GET").status == 200
    assert post(gateway, "/v1/models", b"", "Origin: https://evil.example", method="GET").status == 403


def test_a_browser_that_asks_for_a_private_address_is_told(start: Any, post: Any) -> None:
    found = marks(preflight(post, start(gate=gate(CHAT)), CHAT, "Access-Control-Request-Private-Network: true"))
    assert found["access-control-allow-private-network"] == "true"


def test_what_no_header_can_hold_is_not_repeated(start: Any, post: Any) -> None:
    asks = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-\xe9")
    reply = post(start(gate=gate(CHAT)), "/v1/models", b"", f"Origin: {CHAT}", *asks, method="OPTIONS")
    assert marks(reply)["access-control-allow-headers"] == "authorization, content-type"


def test_an_options_request_that_is_no_preflight_is_an_ordinary_one(start: Any, post: Any) -> None:
    reply = post(start(gate=gate(CHAT)), "/v1/models", b"", f"Origin: {CHAT}", BEARER, method="OPTIONS")
    assert reply.status == 405
