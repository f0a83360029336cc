"""POST /v1/ask: every event of a reply on a line of its own, whatever happens on the way."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from pointsman.config.server import Allowance, Key, Server
from pointsman.core.decision import COMMAND, Decision
from pointsman.core.errors import ModelFailed
from pointsman.core.eventcodec import event_from_dict
from pointsman.core.message import Attachment, Turn
from pointsman.core.reply import Decided, Done, Failed, Text
from pointsman.http.gate import Gate
from pointsman.http.limits import draws

USE, BOSS = "Authorization: Bearer use-key", "Authorization: Bearer admin-key"
DOT = "data:image/png;base64,AA=="


def ask(gateway: Any, post: Any, content: object, *headers: str) -> Any:
    return post(gateway, "/v1/ask", json.dumps(content).encode(), *headers)


def lines(body: bytes) -> list[dict[str, Any]]:
    """The lines of an answer; each is whole."""
    assert body.endswith(b"\n")
    return [json.loads(line) for line in unchunked(body).splitlines()]


def unchunked(body: bytes) -> bytes:
    whole, rest = b"", body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        whole, rest = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole


def locked(start: Any, *, limits: Allowance | None = None, **settings: Any) -> Any:
    keys = {
        "user": Key(key=SecretStr("use-key"), scopes=("use",), limits=limits or Allowance()),
        "boss": Key(key=SecretStr("admin-key"), scopes=("use", "read", "admin")),
    }
    return start(gate=Gate.of(Server(keys=keys)), **settings)


def test_a_reply_is_told_event_by_event(gateway: Any, post: Any) -> None:
    reply = ask(gateway, post, {"text": "tell me", "unknown": "passes"})
    assert (reply.status, reply.headers["content-type"]) == (200, "application/x-ndjson")
    events = [event_from_dict(it) for it in lines(reply.body)]
    decided, *texts, done = events
    assert isinstance(decided, Decided)
    assert texts == [Text("Hello"), Text(" from"), Text(" the model")]
    assert isinstance(done, Done)
    assert (done.model, done.prompt_tokens, done.completion_tokens, done.footer) == ("tiny", 7, 3, "a very small model")
    assert reply.headers["x-pointsman-decision-id"] == decided.decision.id
    assert reply.headers["x-pointsman-category"] == "general_chat"


def test_the_conversation_reaches_tiers_and_model(gateway: Any, post: Any) -> None:
    content = {
        "text": "and this?",
        "history": [
            {"role": "system", "text": "Be short."},
            {"role": "user", "text": "this", "attachments": [{"media_type": "image/png", "url": DOT}]},
        ],
        "attachments": [{"media_type": "image/png", "url": DOT, "name": "dot.png"}],
        "origin": {"surface": "discord", "user": "1", "guild": "2", "channel": "3", "session": "4"},
        "local": True,
        "options": {"max_tokens": 5},
    }
    assert ask(gateway, post, content).status == 200
    (message,) = gateway.words.judged
    assert message.history == (
        Turn("system", "Be short."),
        Turn("user", "this", attachments=(Attachment("image/png", DOT),)),
    )
    assert message.attachments == (Attachment("image/png", DOT, "dot.png"),)
    assert (message.origin.owner, message.origin.guild, message.origin.session) == ("discord:1", "2", "4")
    assert message.local
    ((_, options),) = gateway.model.asked
    assert options.max_tokens == 5


def test_what_cannot_be_decided_is_an_error(gateway: Any, post: Any) -> None:
    reply = ask(gateway, post, {"text": "x", "command": {"category": "nonsense"}})
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["param"]) == (400, "command.category")


def test_a_model_that_breaks_off_ends_the_stream_with_why(start: Any, post: Any) -> None:
    gateway = start(script=("Once", ModelFailed("it broke", cure="ask again")))
    *_, last = lines(ask(gateway, post, {"text": "tell me"}).body)
    failed = event_from_dict(last)
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.cure, failed.code) == ("it broke", "ask again", "model_failed")


def test_what_nobody_foresaw_ends_it_with_a_number(start: Any, post: Any, caplog: pytest.LogCaptureFixture) -> None:
    gateway = start(script=("Once", RuntimeError("a secret")))
    *_, last = lines(ask(gateway, post, {"text": "tell me"}).body)
    failed = event_from_dict(last)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.http_status) == ("internal_error", 500)
    assert "a secret" not in failed.cause
    assert failed.cause.rpartition(" ")[2] in caplog.text


@pytest.mark.parametrize("script", [("<hold>",), ("Once", "<hold>")], ids=["before the first word", "in the middle"])
def test_hanging_up_stops_the_work(start: Any, script: Any) -> None:
    gateway = start(script=script)
    body = b'{"text": "tell me"}'
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        assert gateway.model.speaking.wait(20)
    assert gateway.model.closed.wait(20)


def test_a_silent_reply_says_that_it_lives(start: Any) -> None:
    gateway = start(script=("Once", "<hold>"), ping=0.001)
    body = b'{"text": "tell me"}'
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        received = b""
        while received.count(b'{"event":"ping"}\n') < 3:
            received += wire.recv(65536)
    assert b'"delta":"Once"' in received


def test_a_server_that_stops_says_so(start: Any) -> None:
    gateway = start(script=("Once", "<hold>"))
    body = b'{"text": "tell me"}'
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        received = b""
        while b"Once" not in received:
            received += wire.recv(65536)
        gateway.stopping()
        while not received.endswith(b"0\r\n\r\n"):
            received += wire.recv(65536)
    failed = event_from_dict(lines(received.partition(b"\r\n\r\n")[2])[-1])
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.code) == ("the server is stopping", "unreachable")


@pytest.mark.parametrize("claim", [{"surface": "discord"}, {"user": "somebody"}, {"guild": "5"}, {"user": "key:boss"}])
def test_only_an_admin_speaks_for_others(start: Any, post: Any, claim: Any) -> None:
    gateway = locked(start)
    refused = ask(gateway, post, {"text": "tell me", "origin": claim}, USE)
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (403, "scope_missing")
    assert gateway.words.judged == []
    assert ask(gateway, post, {"text": "tell me", "origin": claim}, BOSS).status == 200


def test_a_key_speaks_for_itself_whatever_a_page_says(start: Any, post: Any) -> None:
    gateway = locked(start)
    claim = {"session": "s", "channel": "c", "direct": True, "user": "key:user", "surface": "http"}
    for origin in ({}, claim):
        said = ask(gateway, post, {"text": "tell me", "origin": origin}, USE, "x-openwebui-user-id: boss")
        assert said.status == 200
    assert [(it.origin.owner, it.origin.key) for it in gateway.words.judged] == [("http:key:user", "user")] * 2
    assert ask(gateway, post, {"text": "tell me"}, BOSS).status == 200
    assert gateway.words.judged[-1].origin.owner == "local"


def test_it_counts_as_a_message(start: Any, post: Any) -> None:
    gateway = locked(start, limits=Allowance(messages=("1/1h",)))
    assert ask(gateway, post, {"text": "tell me"}, USE).status == 200
    refused = ask(gateway, post, {"text": "tell me"}, USE)
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (429, "rate_limit_exceeded")


def test_and_what_is_drawn_as_a_picture(start: Any, post: Any) -> None:
    gateway = locked(start, limits=Allowance(pictures=("1/1h",)))
    first, second = (lines(ask(gateway, post, {"text": "draw a fox"}, USE).body)[-1] for _ in range(2))
    assert first.get("code") != "rate_limit_exceeded"
    assert (second["event"], second["code"]) == ("failed", "rate_limit_exceeded")
    assert second["retry_after"] > 0


def test_in_the_shadow_only_a_command_draws() -> None:
    guessed = Decision("a", "image_generation", "image", 1.0, "patterns", (), mode="shadow")
    assert not draws(guessed)
    assert draws(replace(guessed, tier=COMMAND))
    assert draws(replace(guessed, mode="full"))
