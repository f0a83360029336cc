"""Limits on the wire: who asks too much is told so in their language before anything is done, and what is left."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI, RateLimitError

from pointsman.config.server import Server
from pointsman.http.gate import Gate
from pointsman.stores.memory import MemoryStore

CHAT, ROUTE = "/v1/chat/completions", "/v1/route"


def limited(limits: dict[str, Any] | None = None, *, store: Path | None = None, **keys: dict[str, Any]) -> Gate:
    named = {name: {"key": f"{name}-key", "limits": it} for name, it in keys.items()}
    return Gate.of(Server.model_validate({"limits": limits or {}, "keys": named}), store=store)


def ask(post: Any, gateway: Any, path: str = CHAT, key: str = "phone", **more: Any) -> Any:
    data = {"model": "auto", "messages": [{"role": "user", "content": "tell me more"}], "text": "tell me more", **more}
    return post(gateway, path, json.dumps(data).encode(), f"Authorization: Bearer {key}-key")


def test_a_message_too_many_is_told_with_its_time_and_nothing_is_done(start: Any, post: Any) -> None:
    gateway = start(gate=limited(phone={"messages": "2/1h"}, desk={}))
    for left in ("1", "0"):
        reply = ask(post, gateway)
        assert reply.status == 200
        assert reply.headers["x-ratelimit-limit-requests"] == "2"
        assert reply.headers["x-ratelimit-remaining-requests"] == left
        assert reply.headers["x-ratelimit-reset-requests"].startswith("1h0m")
    decided, asked = len(gateway.words.judged), len(gateway.model.asked)
    for path in (CHAT, ROUTE, "/v1/embeddings"):
        refused = ask(post, gateway, path)
        assert refused.status == 429
        error = json.loads(refused.body)["error"]
        assert (error["type"], error["code"], error["param"]) == ("requests", "rate_limit_exceeded", None)
        assert error["message"].startswith("the key phone may have 2 messages in 1h0m0s, and has used 2; there is more")
        assert 3600 <= int(refused.headers["retry-after"]) <= 3640
        assert refused.headers["x-ratelimit-remaining-requests"] == "0"
    assert (len(gateway.words.judged), len(gateway.model.asked)) == (decided, asked)
    assert ask(post, gateway, key="desk").status == 200
    assert post(gateway, "/v1/models", b"", "Authorization: Bearer phone-key", method="GET").status == 200


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/api/embed"])
def test_ollamas_callers_are_told_in_a_sentence(start: Any, post: Any, path: str) -> None:
    gateway = start(gate=limited(phone={"messages": "1/1h"}))
    assert ask(post, gateway).status == 200
    refused = ask(post, gateway, path)
    assert (refused.status, list(json.loads(refused.body))) == (429, ["error"])
    assert "has used 1; there is more at" in json.loads(refused.body)["error"]


def test_a_refusal_needs_no_body(start: Any, post: Any) -> None:
    gateway = start(gate=limited(phone={"messages": "1/1h"}, desk={}))
    assert ask(post, gateway).status == 200
    lines = ("Authorization: Bearer phone-key", "Expect: 100-continue", "Content-Length: 5000000")
    assert post(gateway, CHAT, b"", *lines).status == 429


def test_without_keys_everybody_shares_the_limits(start: Any, post: Any) -> None:
    gateway = start(gate=limited({"messages": "1/1h"}))
    assert ask(post, gateway).headers["x-ratelimit-remaining-requests"] == "0"
    assert "all callers together may have 1 messages" in json.loads(ask(post, gateway).body)["error"]["message"]


def test_without_limits_nothing_is_said_of_them(gateway: Any, post: Any) -> None:
    assert not [name for name in ask(post, gateway).headers if name.startswith("x-ratelimit")]


@pytest.mark.parametrize("model", ["auto", "tiny"])
@pytest.mark.parametrize("stream", [False, True])
def test_tokens_are_counted_after_a_reply_routed_or_by_name(start: Any, post: Any, model: str, stream: bool) -> None:
    gateway = start(gate=limited(phone={"tokens": "1000/1d"}))
    more: dict[str, Any] = {"stream_options": {"include_usage": True}} if stream else {}
    first = ask(post, gateway, model=model, stream=stream, **more)
    assert b'"prompt_tokens":7' in first.body.replace(b" ", b"")
    assert ask(post, gateway, ROUTE).headers["x-ratelimit-remaining-tokens"] == str(1000 - 7 - 3)


def test_a_budget_that_is_spent_closes(start: Any, post: Any) -> None:
    gateway = start(gate=limited(phone={"tokens": "5/1d"}))
    assert ask(post, gateway).status == 200
    refused = ask(post, gateway)
    assert refused.status == 429
    assert "5 tokens in 1d0h0m0s" in json.loads(refused.body)["error"]["message"]


def test_a_stream_without_counts_is_guessed(start: Any, post: Any) -> None:
    gateway = start(gate=limited(phone={"tokens": "1000/1d"}))
    ask(post, gateway, model="tiny", stream=True)
    left = int(ask(post, gateway, ROUTE).headers["x-ratelimit-remaining-tokens"])
    assert 900 < left < 990


def test_as_many_at_once_as_may_be(start: Any, post: Any) -> None:
    gateway = start(gate=limited(phone={"at_once": 1}, desk={}), script=("<hold>",))
    waiting = threading.Thread(target=ask, args=(post, gateway), kwargs={"model": "tiny"})
    waiting.start()
    assert gateway.model.speaking.wait(20)
    refused = ask(post, gateway, ROUTE)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert ask(post, gateway, ROUTE, key="desk").status == 200
    gateway.stopping()
    waiting.join()


def test_what_was_used_outlives_a_restart(start: Any, post: Any, tmp_path: Path) -> None:
    given = {"messages": "3/1h", "tokens": "100/1d"}
    first = start(gate=limited(store=tmp_path / "p.db", phone=given))
    ask(post, first)
    first.stop()
    second = start(gate=limited(store=tmp_path / "p.db", phone=given), store=MemoryStore())
    reply = ask(post, second, ROUTE)
    assert reply.headers["x-ratelimit-remaining-requests"] == "1"
    assert reply.headers["x-ratelimit-remaining-tokens"] == "90"


def test_the_official_client_sees_a_rate_limit(start: Any) -> None:
    gateway = start(gate=limited(phone={"messages": "1/1h"}))
    with OpenAI(base_url=f"{gateway.url}/v1", api_key="phone-key", max_retries=0) as client:
        turns: Any = [{"role": "user", "content": "tell me more"}]
        raw = client.chat.completions.with_raw_response.create(model="auto", messages=turns)
        assert raw.headers["x-ratelimit-remaining-requests"] == "0"
        with pytest.raises(RateLimitError) as caught:
            client.chat.completions.create(model="auto", messages=turns)
    assert caught.value.code == "rate_limit_exceeded"
    assert int(caught.value.response.headers["retry-after"]) > 3000
