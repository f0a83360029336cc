"""Keys never come out again: not in a log at its most talkative, not in an error, an answer, or on the page's form."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from pointsman.config.server import Server
from pointsman.dashboard.door import Door
from pointsman.http.gate import Gate

MAIN, PHONE, WRONG, ELSEWHERE = "hunter2-main", "hunter2-phone", "hunter2-wrong", "hunter2-elsewhere"
SECRET = "hunter2"  # which all of them begin with


@pytest.fixture
def locked(start: Any) -> Any:
    keys = {"phone": {"key": PHONE, "scopes": ["use"], "limits": {"messages": "40/1h"}}}
    return start(gate=Gate.of(Server.model_validate({"key": MAIN, "keys": keys, "max_body": 5_000})))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, by whomever."""
    with caplog.at_level(logging.DEBUG):
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "pointsman", "pointsman.http", "asyncio", "aiohttp"):
            logging.getLogger(name).setLevel(logging.DEBUG)
            logging.getLogger(name).propagate = True
        yield caplog
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "pointsman", "pointsman.http", "asyncio", "aiohttp"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def everything(log: pytest.LogCaptureFixture) -> str:
    return "\n".join(f"{it.getMessage()} {it.__dict__} {it.exc_text}" for it in log.records)


def headers_with(key: str) -> list[tuple[str, ...]]:
    """Where callers put keys, rightly and wrongly."""
    return [
        (f"Authorization: Bearer {key}",),
        (f"Authorization: Basic {key}",),
        (f"Authorization: {key}",),
        (f"X-Api-Key: {key}", f"Api-Key: {key}", f"Cookie: pointsman_page={key}"),
        (f"Authorization: Bearer {key}", f"Authorization: Bearer {key}"),
    ]


@pytest.mark.parametrize("key", [MAIN, PHONE, WRONG])
def test_no_key_comes_out_wherever_it_was_put(
    locked: Any, post: Any, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], key: str
) -> None:
    said = {
        "model": "auto",
        "messages": [{"role": "user", "content": "hello"}],
        "text": "hello",
        "api_key": key,
        "key": key,
    }
    answers = []
    for headers in headers_with(key):
        for path in ("/v1/chat/completions", "/v1/route", "/api/chat", "/v1/gpu/free", "/v1/config/reload"):
            bodies = (json.dumps(said).encode(), f'{{"api_key": "{key}"'.encode(), key.encode() * 1_000)
            answers += [post(locked, path, body, *headers) for body in bodies]
        for query in (f"api_key={key}", f"key={key}", key):
            paths = ("/v1/models", "/v1/quota", "/healthz", "/v1/pictures/x.png", "/openapi.json", "/")
            answers += [post(locked, f"{path}?{query}", b"", *headers, method="GET") for path in paths]
    out = "".join(f"{it.status} {it.headers} {it.body!r}" for it in answers)
    assert {it.status for it in answers} >= ({200, 401} if key == WRONG else {200, 400, 401, 413})
    assert SECRET not in out
    printed = capfd.readouterr()
    assert SECRET not in everything(log) + printed.out + printed.err


def test_a_crash_does_not_log_who_asked(start: Any, post: Any, log: pytest.LogCaptureFixture) -> None:
    gateway = start(key=MAIN, script=(RuntimeError("broken"),))
    body = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}).encode()
    reply = post(gateway, f"/v1/chat/completions?key={MAIN}", body, f"Authorization: Bearer {MAIN}")
    assert reply.status == 500
    assert "RuntimeError" in log.text
    assert SECRET not in everything(log) + str(reply)


async def test_the_form_does_not_repeat_what_was_typed() -> None:
    async def nothing(*_: Any) -> None:
        raise AssertionError

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": f"key={WRONG}&next={ELSEWHERE}".encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    gate = Gate.of(Server.model_validate({"key": MAIN}))
    door = Door(nothing, page=nothing, keys=gate.keys, host_allowed=lambda _: True)
    headers = [(b"host", b"127.0.0.1"), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "POST", "path": "/login", "query_string": b"", "headers": headers}
    await door(scope, receive, send)
    assert sent[0]["status"] == 401
    assert SECRET not in str(sent)


def test_what_guards_the_keys_does_not_show_them() -> None:
    gate = Gate.of(Server.model_validate({"key": MAIN, "keys": {"phone": {"key": PHONE}}}))
    assert SECRET not in f"{gate!r} {gate.keys!r} {vars(gate.keys)} {gate.limits!r} {vars(gate.limits)}"
