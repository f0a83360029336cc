"""Every route has its scope in the one table, and a key that lacks it is told so in its caller's language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from pointsman.config.server import Key, Server
from pointsman.core.access import Bearer
from pointsman.core.errors import ScopeMissing
from pointsman.http.gate import Gate
from pointsman.http.scopes import ADMIN, MESSAGE, READ, TABLE, USE, entry_for, entry_of, is_open, needs

KEYS = {
    "user": Key(key=SecretStr("use-key"), scopes=("use",)),
    "screen": Key(key=SecretStr("read-key"), scopes=("read",)),
    "boss": Key(key=SecretStr("admin-key"), scopes=("use", "read", "admin")),
}
FILLED = {"{decision_id}": "abc", "{name:path}": "library/qwen3:14b", "{digest}": "sha256:0"}


def filled(path: str) -> str:
    for part, value in FILLED.items():
        path = path.replace(part, value)
    return path


@pytest.fixture(scope="module")
def locked(start_once: Any) -> Any:
    """A gateway with three keys."""
    return start_once(gate=Gate.of(Server(keys=KEYS)), teachable=True)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in app.routes
        if hasattr(route, "path")
        for method in getattr(route, "methods", None) or {"GET"}
    ]


def test_every_route_of_the_gateway_is_in_the_table(gateway: Any) -> None:
    routes = routes_of(gateway.app)
    assert len(routes) > 10
    missing = [it for it in routes if it[0] != "HEAD" and it not in TABLE and not is_open(it[1])]
    assert missing == [], "give each a scope in http/scopes.py"


def test_a_path_that_routes_take_with_a_lines_end_is_no_other_path() -> None:
    assert entry_of("POST", "/v1/chat/completions\n") is MESSAGE
    assert entry_of("POST", "/v1/gpu/free\n") is ADMIN


def test_a_route_that_is_not_in_the_table_is_for_admins(start: Any, post: Any) -> None:
    locked = start(gate=Gate.of(Server(keys=KEYS)))
    locked.app.add_api_route("/v1/new", lambda: {"new": True}, methods=["POST"])
    assert entry_of("POST", "/v1/new") is None
    for key, status in (("use-key", 403), ("read-key", 403), ("admin-key", 200)):
        assert post(locked, "/v1/new", b"", f"Authorization: Bearer {key}").status == status


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
def test_a_key_opens_what_its_scopes_say(locked: Any, post: Any, method: str, path: str) -> None:
    needed = TABLE[method, path].scope
    for name, key in KEYS.items():
        bearer = f"Authorization: Bearer {key.key.get_secret_value()}"
        reply = post(locked, filled(path), b"{}", bearer, method=method)
        if needed is None or needed in key.scopes:
            assert reply.status not in {401, 403}, (name, reply)
            continue
        assert reply.status == 403
        error = json.loads(reply.body)["error"]
        said = error if path.startswith("/api/") else error["message"]
        assert said.startswith(f"this needs a key with the scope {needed}, and {name} has {', '.join(key.scopes)}")
        assert f"add {needed} to server.keys.{name}.scopes" in said
        if not path.startswith("/api/"):
            assert error["code"] == "scope_missing"


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/v1/nothing", "GET", 404), ("/v1/chat/completions", "GET", 405)]
)
def test_what_goes_nowhere_says_so_to_any_key(locked: Any, post: Any, path: str, method: str, status: int) -> None:
    assert post(locked, path, b"", "Authorization: Bearer use-key", method=method).status == status
    assert post(locked, path, b"", method=method).status == 401


def test_paths_with_ids_in_them_are_found() -> None:
    assert entry_of("GET", "/v1/decisions/a.b") == READ
    assert entry_of("POST", "/v1/decisions/a/correction") == ADMIN
    assert entry_of("GET", "/v1/models/library/qwen3:14b") == USE
    assert entry_of("HEAD", "/api/version") == USE
    assert entry_of("POST", "/v1/chat/completions") == MESSAGE
    for method, path in (
        ("POST", "/v1/decisions/a"),
        ("GET", "/v1/decisions/a/b"),
        ("PUT", "/v1/models"),
        ("GET", "/V1/gpu"),
    ):
        assert entry_of(method, path) is None


def test_without_an_application_what_is_unknown_is_for_admins() -> None:
    assert entry_for({"type": "http", "method": "GET", "path": "/x"}) == ADMIN


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/pictures/abc.png"])
def test_some_paths_are_open(locked: Any, post: Any, path: str) -> None:
    assert is_open(path)
    assert b"scope" not in (reply := post(locked, path, b"", method="GET")).body
    assert reply.status != 401


@pytest.mark.parametrize("path", ["/healthz/", "/healthz/x", "/v1/pictures", "/v1/picturesx", "/V1/pictures/x"])
def test_and_what_looks_like_them_is_not(locked: Any, post: Any, path: str) -> None:
    assert post(locked, path, b"", method="GET").status == 401


def test_a_handler_can_ask_for_more_than_its_route_says() -> None:
    def request(bearer: object) -> HTTPConnection:
        return HTTPConnection({"type": "http", "state": {"pointsman_bearer": bearer}})

    needs(request(Bearer("boss", frozenset({"use", "admin"}))), "admin")
    for bearer in (Bearer("user", frozenset({"use"})), None):
        with pytest.raises(ScopeMissing):
            needs(request(bearer), "admin")
