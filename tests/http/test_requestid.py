"""Every answer carries an id: the caller's own where that is short and safe."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.http.conftest import Scripted, Words, make_router

from pointsman.http.app import create_app
from pointsman.http.requestid import RequestIds
from pointsman.observe.privacy import Privacy
from pointsman.observe.request import CURRENT, current
from pointsman.observe.requestlines import RequestLines
from pointsman.stores.memory import MemoryStore

Header = tuple[bytes, bytes]


class App:
    """An application that says what it was told to, and notes the request that it saw."""

    def __init__(self, status: int | None = 200, error: Exception | None = None) -> None:
        self.status = status
        self.error = error
        self.seen: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen = current()
        if self.status is not None:
            await send({"type": "http.response.start", "status": self.status, "headers": [(b"x-own", b"1")]})
            await send({"type": "http.response.body", "body": b""})
        if self.error:
            raise self.error


async def asked(app: Any, headers: Sequence[Header] = (), path: str = "/v1/route", **more: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody reads")

    scope = {"type": "http", "method": "POST", "path": path, "headers": list(headers), **more}
    await RequestIds(app, new_id=lambda: "made-1", clock=iter([1.0, 1.25]).__next__)(scope, receive, send)
    return sent


@pytest.mark.parametrize("given", ["a", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "A.b_c:d/e+f=", "x" * 64])
async def test_a_safe_id_is_kept_and_echoed(given: str) -> None:
    app = App()
    start, _ = await asked(app, [(b"x-request-id", given.encode())])
    assert start["headers"] == [(b"x-own", b"1"), (b"x-request-id", given.encode())]
    assert app.seen.id == given


@pytest.mark.parametrize(
    "given", [b"", b"x" * 65, b"a b", b"a\nb", b"a\r\nset-cookie: x", b"\xff", b'"', b"<script>", b"a,b"]
)
async def test_any_other_is_replaced(given: bytes) -> None:
    app = App()
    start, _ = await asked(app, [(b"x-request-id", given)])
    assert start["headers"][-1] == (b"x-request-id", b"made-1")
    assert app.seen.id == "made-1"


async def test_the_callers_trace_is_kept_for_who_wants_it() -> None:
    app = App()
    await asked(app, [(b"traceparent", b"00-1-2-01"), (b"tracestate", b"a=b"), (b"cookie", b"no")])
    assert app.seen.trace == {"traceparent": "00-1-2-01", "tracestate": "a=b"}


async def test_afterwards_it_is_nobodys_request_any_more() -> None:
    app = App(error=ValueError("?"))
    with pytest.raises(ValueError, match=r"\?"):
        await asked(app)
    assert app.seen.over
    assert CURRENT.get() is None


async def test_what_is_no_request_passes() -> None:
    passed = []

    async def app(scope: Any, *_: Any) -> None:
        passed.append((scope["type"], current()))

    await asked(app, type="websocket")
    assert passed == [("websocket", None)]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "pointsman.requests")
    return caplog


def only(log: pytest.LogCaptureFixture) -> Any:
    (line,) = [it for it in log.records if it.name == "pointsman.requests"]
    return line


class Route:
    path = "/v1/decisions/{decision_id}"


async def test_there_is_one_line_with_what_became_of_it(log: pytest.LogCaptureFixture) -> None:
    await asked(App(404), path="/v1/decisions/abc", route=Route())
    line = only(log)
    assert (line.levelno, line.method, line.path, line.status, line.ms) == (20, "POST", Route.path, 404, 250.0)


async def test_a_caller_who_went_away_has_one_too(log: pytest.LogCaptureFixture) -> None:
    await asked(App(None), path="/api/" + "x" * 500)
    line = only(log)
    assert (line.status, len(line.path)) == (499, 120)


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/_nicegui/x.js", "/"])
async def test_probes_and_the_pages_files_are_for_debugging(path: str, log: pytest.LogCaptureFixture) -> None:
    await asked(App(), path=path)
    line = only(log)
    assert line.levelno == logging.DEBUG


def test_every_answer_of_the_gateway_has_one(start: Any, post: Any) -> None:
    gateway = start(key="sesame")
    for path, body, extra, status in (
        ("/v1/route", b'{"text": "hey! you"}', ["Authorization: Bearer sesame"], 200),
        ("/v1/route", b"{}", [], 401),
        ("/v1/route", b"{", ["Authorization: Bearer sesame"], 400),
        ("/v1/nowhere", b"", ["Authorization: Bearer sesame"], 404),
        ("/api/nowhere", b"", ["Authorization: Bearer sesame"], 404),
    ):
        reply = post(gateway, path, body, "X-Request-ID: mine-1", *extra)
        assert (reply.status, reply.headers["x-request-id"]) == (status, "mine-1")


@pytest.mark.parametrize("stream", [False, True])
def test_a_reply_is_one_line_with_its_decision(stream: bool, log: pytest.LogCaptureFixture) -> None:
    router = make_router(Scripted(), Words(), MemoryStore())
    router.watch(RequestLines(Privacy("hash")))
    body = {"model": "auto", "stream": stream, "messages": [{"role": "user", "content": "what do foxes eat?"}]}
    with TestClient(create_app(router), base_url="http://127.0.0.1") as client:
        reply = client.post("/v1/chat/completions", json=body)
    line = only(log)
    assert (reply.status_code, line.decision) == (200, reply.headers["x-pointsman-decision-id"])
    assert (line.path, line.status, line.model, line.category) == ("/v1/chat/completions", 200, "tiny", "general_chat")
    assert re.fullmatch("[0-9a-f]{8}", line.text)
    assert "foxes" not in log.text
