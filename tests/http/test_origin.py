"""Who asks, as headers and the guard of the keys tell it."""

from __future__ import annotations

from starlette.requests import Request

from pointsman.core.message import Origin
from pointsman.http.origin import key_of, origin_of, task_of


def test_a_pages_headers_count_before_the_body() -> None:
    headers = {"x-openwebui-user-id": " u1 ", "x-openwebui-chat-id": "c" * 300, "x-openwebui-task": "tags"}
    assert origin_of(headers, "me", key="laptop") == Origin("http", user="u1", session="c" * 256, key="laptop")
    assert origin_of({}, "me") == Origin("http", user="me")
    assert (task_of(headers), task_of({})) == ("tags", "")


def test_the_key_is_the_one_that_the_guard_found() -> None:
    assert key_of(Request({"type": "http", "state": {"pointsman_key": "laptop"}})) == "laptop"
    assert key_of(Request({"type": "http"})) == ""
