"""What Ollama's clients are refused, each in its dialect, with the status that they go by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import ollama
import pytest

HELLO = [{"role": "user", "content": "hi"}]
AUTO = {"model": "auto"}
CHAT = "/api/chat"
GENERATE = "/api/generate"
BAD: list[tuple[str, dict[str, Any], str]] = [
    (CHAT, {}, "model is required"),
    (CHAT, {"model": 3}, "model is a number"),
    (CHAT, {**AUTO, "messages": "hi"}, "messages is text"),
    (CHAT, {**AUTO, "messages": [{"role": "wizard", "content": "x"}]}, "no role is called 'wizard'"),
    (CHAT, {**AUTO, "messages": [{"role": "system", "content": "x"}]}, "no message is by the user"),
    (CHAT, {**AUTO, "messages": [{**HELLO[0], "images": ["?"]}]}, "messages.0.images.0 is not base64"),
    (CHAT, {**AUTO, "messages": [{**HELLO[0], "images": ["https://a.example/x.png"]}]}, "is not base64"),
    (CHAT, {**AUTO, "messages": [{**HELLO[0], "images": "AAAA"}]}, "messages.0.images is text"),
    (CHAT, {**AUTO, "messages": HELLO, "stream": "yes"}, "stream is text"),
    (CHAT, {**AUTO, "messages": HELLO, "format": "xml"}, "invalid format"),
    (CHAT, {**AUTO, "messages": HELLO, "think": "extreme"}, "think is none of"),
    (CHAT, {**AUTO, "messages": HELLO, "options": {"temperature": 9}}, "options.temperature is out of range"),
    (CHAT, {**AUTO, "messages": HELLO, "options": [1]}, "options is a list"),
    (CHAT, {**AUTO, "messages": HELLO, "tools": [{"type": "smell"}]}, "no tool is of the type 'smell'"),
    (CHAT, {**AUTO, "messages": HELLO, "tools": [{"function": {"name": ""}}]}, "a tool has no name"),
    (GENERATE, {**AUTO, "prompt": "def f(", "suffix": ")"}, "'auto' does not support insert"),
    (GENERATE, {"model": "tiny", "prompt": "def f(", "suffix": ")"}, "'tiny' does not support insert"),
    (GENERATE, {**AUTO, "prompt": ["x"]}, "prompt is a list"),
    ("/api/embed", {"model": "tiny", "input": "x"}, "'tiny' does not support embeddings"),
    ("/api/embed", {**AUTO, "input": [1]}, "invalid input type"),
    ("/api/show", {}, "model is required"),
    ("/api/pull", {}, "model is required"),
    ("/api/pull", {"model": "x"}, "no Ollama is set up"),
]
CHANGES: list[Callable[[ollama.Client], object]] = [
    lambda client: client.delete("tiny"),
    lambda client: client.copy("tiny", "other"),
    lambda client: client.create("other", from_="tiny"),
    lambda client: client.push("tiny"),
]


@pytest.mark.parametrize(("path", "body", "said"), BAD)
def test_a_request_that_cannot_be_served(gateway: Any, path: str, body: dict[str, Any], said: str) -> None:
    reply = httpx.post(f"{gateway.url}{path}", json=body)
    assert reply.status_code == 400
    assert reply.json().keys() == {"error"}
    assert said in reply.json()["error"]


@pytest.mark.parametrize("path", [CHAT, GENERATE, "/api/embed", "/api/embeddings", "/api/show"])
def test_a_model_that_nobody_has_is_refused_in_ollamas_own_words(gateway: Any, path: str) -> None:
    reply = httpx.post(f"{gateway.url}{path}", json={"model": "nobody"})
    assert (reply.status_code, reply.json()) == (404, {"error": "model 'nobody' not found"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", CHAT), ("POST", "/api/tags"), ("DELETE", "/api/version"), ("POST", "/"), ("GET", "/api/embed")],
)
def test_a_wrong_method(gateway: Any, method: str, path: str) -> None:
    assert httpx.request(method, f"{gateway.url}{path}").status_code == 405


def test_what_is_done_at_ollama_itself_says_so(gateway: Any) -> None:
    with ollama.Client(gateway.url) as client:
        for call in CHANGES:
            with pytest.raises(ollama.ResponseError, match="do that at Ollama itself") as refused:
                call(client)
            assert refused.value.status_code == 501
    assert httpx.head(f"{gateway.url}/api/blobs/sha256:00").status_code == 501


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object(gateway: Any, body: bytes) -> None:
    reply = httpx.post(f"{gateway.url}{CHAT}", content=body)
    assert reply.status_code == 400
    assert isinstance(reply.json()["error"], str)
