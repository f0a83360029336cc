"""Whatever people send, the answer is an error in the caller's dialect or a reply, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.http.errors import Problem, to_json
from pointsman.stores.memory import MemoryStore

CHAT = "/v1/chat/completions"
USER = {"role": "user", "content": "hey!"}


def error_of(reply: Any) -> dict[str, Any]:
    parsed = json.loads(reply.body)
    assert set(parsed) == {"error"}
    assert set(parsed["error"]) == {"message", "type", "param", "code"}
    assert parsed["error"]["message"]
    return dict(parsed["error"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty"),
        (b"  \n", "the body is empty"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"[]", "a list, not an object"),
        (b"null", "null, not an object"),
        (b"7", "a number, not an object"),
        (b'"text"', "text, not an object"),
        (b"true", "true or false, not an object"),
        (b'{"text": "\xff"}', "not UTF-8 at byte 10"),
        (b'{"text": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"text": NaN}', "NaN is not a JSON number"),
        (b'{"text": 1' + b"0" * 5000 + b"}", "not JSON"),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"\x1f\x8b\x08\x00", "not UTF-8"),
        (b"\x00", "not JSON"),
    ],
)
@pytest.mark.parametrize("path", [CHAT, "/v1/route"])
def test_a_body_that_is_no_json_object(gateway: Any, post: Any, path: str, body: bytes, words: str) -> None:
    reply = post(gateway, path, body)
    assert reply.status == 400
    assert words in error_of(reply)["message"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hey"}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": ["hey"]}, "messages.0"),
        ({"messages": [{"role": "system", "content": "a"}]}, "messages"),
        ({"messages": [{"content": "a"}]}, "messages.0.role"),
        ({"messages": [{"role": 1, "content": "a"}]}, "messages.0.role"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "messages.0.role"),
        ({"messages": [USER, {"role": "user"}]}, "messages.1.content"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": {}}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": ["a"]}]}, "messages.0.content.0"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "smell"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.content.0.text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 1}]}]},
            "messages.0.content.0.image_url",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages.0.content.0.image_url.url",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
            "messages.0.content.0.input_audio.data",
        ),
        ({"model": None}, "model"),
        ({"model": 4}, "model"),
        ({"n": 9}, "n"),
        ({"n": 0}, "n"),
        ({"n": "1"}, "n"),
        ({"temperature": "warm"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": -1}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"max_tokens": 2**40}, "max_tokens"),
        ({"max_completion_tokens": "many"}, "max_completion_tokens"),
        ({"seed": 2**64}, "seed"),
        ({"stop": 1}, "stop"),
        ({"stop": ["a", 1]}, "stop"),
        ({"stop": ""}, "stop"),
        ({"stop": ["a"] * 17}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
        ({"response_format": "json"}, "response_format"),
        ({"user": 5}, "user"),
    ],
)
def test_a_wrong_field_is_named(gateway: Any, post: Any, change: dict[str, Any], field: str) -> None:
    reply = post(gateway, CHAT, json.dumps({"model": "auto", "messages": [USER], **change}).encode())
    assert reply.status == 400
    assert error_of(reply)["param"] == field
    assert gateway.model.asked == []


def test_null_means_not_given(gateway: Any, post: Any) -> None:
    nothing = dict.fromkeys(
        ("n", "temperature", "top_p", "max_tokens", "seed", "stop", "stream", "stream_options", "user")
    )
    assert post(gateway, CHAT, json.dumps({"model": "auto", "messages": [USER], **nothing}).encode()).status == 200


ODD_TEXTS = {
    "empty": "",
    "whitespace": " \t\n\u3000",
    "nul": "draw\0a cat\0",
    "lone surrogate": "\ud800 draw \udfff",
    "right to left": "\u202eارسم لي قطة",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 3,
    "mixed": "draw 猫 für мама",
    "control": "\x01\x02\x1b[31m",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "megabyte": "draw " + "x" * 1_000_000,
    "megabyte of surrogates": "\ud83d" * 170_000,
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_any_text_gets_a_decision_and_a_reply(gateway: Any, post: Any, text: str) -> None:
    decided = post(
        gateway, "/v1/route", json.dumps({"text": text, "history": [{"role": "user", "text": text}]}).encode()
    )
    assert decided.status == 200
    json.loads(decided.body.decode("utf-8"))
    for stream in (False, True):
        said = [{"role": "system", "content": text}, {"role": "user", "content": [{"type": "text", "text": text}]}]
        asked = {"model": "auto", "messages": said, "user": text, "stream": stream}
        reply = post(gateway, CHAT, json.dumps(asked).encode())
        assert reply.status == 200
        assert reply.headers["x-pointsman-decision-id"]
        reply.body.decode("utf-8")


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "é" * 5000, "\u202e", "a\r\nx-evil: 1"])
def test_what_people_sent_can_be_repeated_in_an_error(gateway: Any, post: Any, text: str) -> None:
    for asked in ({"model": text}, {"model": "auto", "messages": [{"role": text, "content": ""}]}):
        reply = post(gateway, CHAT, json.dumps({"messages": [USER], **asked}).encode())
        assert reply.status in {400, 404}
        error_of(reply)
        assert "x-evil" not in reply.headers


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/v1/", "/v1/models/", "/V1/route", "/v1/%00", "/%ff"])
def test_an_unknown_path_is_not_found(gateway: Any, post: Any, path: str) -> None:
    reply = post(gateway, path, b"", method="GET")
    assert reply.status == 404
    error_of(reply)


@pytest.mark.parametrize(("method", "path", "allow"), [("GET", CHAT, "POST"), ("DELETE", "/v1/models", "GET")])
def test_a_wrong_method_is_said_with_the_right_one(gateway: Any, post: Any, method: str, path: str, allow: str) -> None:
    reply = post(gateway, path, b"", method=method)
    assert reply.status == 405
    assert reply.headers["allow"] == allow
    assert error_of(reply)["code"] == "method_not_allowed"


class Broken(MemoryStore):
    """A store that fails in a way nobody foresaw."""

    async def note(self, decision: object, message: object) -> None:
        del decision, message
        raise ZeroDivisionError("secret detail")


@pytest.mark.parametrize("stream", [False, True])
def test_a_mistake_of_ours_tells_only_a_number(
    start: Any,
    post: Any,
    caplog: pytest.LogCaptureFixture,
    stream: bool,
) -> None:
    gateway = start(store=Broken())
    reply = post(gateway, CHAT, json.dumps({"model": "auto", "messages": [USER], "stream": stream}).encode())
    error = error_of(reply)
    assert reply.status == 500
    assert (error["type"], error["code"]) == ("server_error", "internal_error")
    number = error["message"].split("number ")[1].split()[0]
    assert f"internal error {number}: POST {CHAT}" in caplog.text
    assert "secret detail" in caplog.text
    assert b"secret detail" not in reply.body


def test_the_cure_ends_the_message() -> None:
    assert Problem("broken", 400, "c", cure="mend it").to_dict()["error"]["message"] == "broken (cure: mend it)"


def test_any_text_can_be_encoded() -> None:
    assert to_json({"a": "\ud800é"}) == '{"a":"?é"}'.encode()
