"""What guards the gateway follows the configuration while it runs, and never opens to a network."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import Request

from pointsman.config.server import Server
from pointsman.http.gate import Gate

KEY = {"keys": {"phone": {"key": "thyme", "scopes": ["use", "read"]}}}


def server(**given: Any) -> Server:
    return Server.model_validate(given)


def ask(post: Any, gateway: Any, path: str = "/v1/quota", key: str = "thyme", body: bytes = b"") -> int:
    return int(post(gateway, path, body, f"Authorization: Bearer {key}", method="POST" if body else "GET").status)


def test_it_all_changes_from_one_request_to_the_next(start: Any, post: Any) -> None:
    gate = Gate.of(server(key="sesame"))
    gateway = start(gate=gate)
    assert (ask(post, gateway), ask(post, gateway, key="sesame")) == (401, 200)
    gate.become(server(**KEY, max_body=9))
    assert (ask(post, gateway), ask(post, gateway, key="sesame")) == (200, 401)
    assert ask(post, gateway, "/v1/route", body=b'{"text": "draw a fox"}') == 413
    gate.become(server())
    assert ask(post, gateway, key="anything") == 200


def test_a_gateway_that_others_reach_is_never_without_a_key(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate.of(server(host="0.0.0.0", **KEY))  # noqa: S104 - that is what it is about
    gate.become(server())
    assert gate.keys.locked
    assert "the keys stay until a restart" in caplog.text
    gate.become(server(key="sesame"))
    assert gate.keys.bearer(gate.keys.digest("thyme")) is None


def test_who_asks_is_left_in_the_state_of_the_request(start: Any, post: Any) -> None:
    async def who(request: Request) -> dict[str, Any]:
        return {"key": request.state.pointsman_key, "may": sorted(request.state.pointsman_bearer.scopes)}

    for gate, header, said in (
        (
            Gate.of(server(key="sesame")),
            "Authorization: Bearer sesame",
            {"key": "main", "may": ["admin", "read", "use"]},
        ),
        (Gate.of(server()), "X: y", {"key": "", "may": ["admin", "read", "use"]}),
    ):
        gateway = start(gate=gate)
        gateway.app.add_api_route("/who", who)
        assert json.loads(post(gateway, "/who", b"", header, method="GET").body) == said
