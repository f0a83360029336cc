"""Groq: what it is asked, what its headers tell, and how its faults are named."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.faults import ServiceFailed
from pointsman.providers.groq import Groq, PromptGuard, chunks
from pointsman.providers.label_choice import ChatLabeller
from pointsman.tiers.guard.guard import INJECTION
from pointsman.tiers.question import Question

QUESTION = Question("The labels: ...\n", "", (), '"a fox"', ("image", "chat"))
GROQ = Groq("gsk_secret", url="http://groq.test/v1")
NEVER = {"logprobs", "top_logprobs", "logit_bias", "n", "name", "service_tier", "max_tokens"}


def said(content: object, finish: str = "stop", **more: object) -> dict[str, Any]:
    return {"choices": [{"message": {"content": content}, "finish_reason": finish}], **more}


def refusal(message: str = "", **error: object) -> dict[str, Any]:
    return {"error": {"message": message, **error}}


@pytest.mark.parametrize(
    ("model", "settings", "form"),
    [
        ("openai/gpt-oss-20b", {"reasoning_effort": "low", "include_reasoning": False}, "json_schema"),
        ("openai/gpt-oss-120b", {"reasoning_effort": "low", "include_reasoning": False}, "json_schema"),
        ("qwen/qwen3.8-27b", {"reasoning_effort": "none", "include_reasoning": False}, "json_object"),
        ("allam-2-7b", {}, "json_object"),
    ],
)
async def test_each_family_is_asked_as_it_can_answer(
    make: Any, model: str, settings: dict[str, Any], form: str
) -> None:
    calls = make.calls(GROQ, make.reply(said('{"label": "image"}')), models=(model,))
    assert (await ChatLabeller(calls, GROQ).label(QUESTION)).label == "image"
    (request,) = calls.sent
    assert (request.method, request.url) == ("POST", "http://groq.test/v1/chat/completions")
    assert request.headers["Authorization"] == "Bearer gsk_secret"
    body = request.body
    assert (body["model"], body["temperature"], body["max_completion_tokens"]) == (model, 0, 256)
    assert {name: body[name] for name in ("reasoning_effort", "include_reasoning") if name in body} == settings
    assert body["response_format"]["type"] == form
    assert NEVER.isdisjoint(body)
    if form == "json_schema":
        assert body["response_format"]["json_schema"]["strict"] is True


async def test_what_may_come_out_is_counted_before(make: Any) -> None:
    calls = make.calls(GROQ, make.reply(said("chat")))
    await ChatLabeller(calls, GROQ).label(QUESTION)
    assert calls.asks[0].cost["requests"] == 1
    assert 256 + 40 < calls.asks[0].cost["tokens"] < 256 + 150


async def test_a_drawn_sample_is_another_one_each_time(make: Any) -> None:
    calls = make.calls(GROQ, make.reply(said("chat")))
    for sample in (1, 2):
        await ChatLabeller(calls, GROQ).label(QUESTION, sample)
    assert [body["seed"] for body in calls.bodies] == [1, 2]
    assert all(body["temperature"] > 0 for body in calls.bodies)


def test_headers_tell_of_the_days_requests_and_the_minutes_tokens(make: Any) -> None:
    headers = {
        "limit_requests": "1000",
        "remaining_requests": "987",
        "limit_tokens": "8000",
        "remaining_tokens": "7742",
    }
    body = said("x", usage={"prompt_tokens": 196, "completion_tokens": 38, "total_tokens": 234})
    reply = make.reply(body, **{f"x_ratelimit_{name}": value for name, value in headers.items()})
    metered = GROQ.metered(reply)
    assert metered.left == {("requests", 86400.0): 987, ("tokens", 60.0): 7742}
    assert metered.limits == {("requests", 86400.0): 1000, ("tokens", 60.0): 8000}
    assert metered.cost == {"tokens": 234}


@pytest.mark.parametrize("value", ["", "nan", "inf", "-1", "many"])
def test_headers_that_tell_nothing_are_nothing(make: Any, value: str) -> None:
    assert GROQ.metered(make.reply({}, x_ratelimit_remaining_requests=value)).left == {}


PER_DAY = "Rate limit reached ... on {} per day ({}): Limit 1000. Please try again in 1m26.4s. Need more tokens?"
PER_MINUTE = "Rate limit reached ... on {} per minute ({}): Limit 30. Please try again in {}. Need more tokens?"


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "wait", "retry"),
    [
        (429, refusal(PER_DAY.format("requests", "RPD")), {"retry_after": "87"}, "quota_exhausted", 87, False),
        (429, refusal(PER_DAY.format("tokens", "TPD")), {}, "quota_exhausted", 86.4, False),
        (429, refusal(PER_MINUTE.format("requests", "RPM", "2s")), {}, "rate_limited", 2, True),
        (429, refusal(PER_MINUTE.format("tokens", "TPM", "644ms")), {}, "rate_limited", 0.644, True),
        (
            429,
            refusal(PER_MINUTE.format("output tokens", "OTPM", "3.36s")),
            {"retry_after": "4"},
            "rate_limited",
            4,
            True,
        ),
        (
            413,
            refusal("Request too large", code="rate_limit_exceeded"),
            {"retry_after": "31"},
            "too_large",
            None,
            False,
        ),
        (400, refusal(code="json_validate_failed", failed_generation=""), {}, "malformed", None, True),
        (400, refusal("`reasoning_effort` must be one of `low`"), {}, "bad_request", None, False),
        (400, refusal("property 'logprobs' is unsupported"), {}, "bad_request", None, False),
        (400, refusal(code="context_length_exceeded"), {}, "bad_request", None, False),
        (400, refusal(code="model_decommissioned"), {}, "model_gone", None, False),
        (400, refusal(code="model_terms_required"), {}, "model_gone", None, False),
        (403, refusal(code="model_permission_blocked_project"), {}, "model_gone", None, False),
        (404, refusal(code="model_not_found"), {}, "model_gone", None, False),
        (404, refusal("Unknown request URL", code="unknown_url"), {}, "bad_request", None, False),
        (401, refusal(code="invalid_api_key"), {}, "auth", None, False),
        (403, refusal("Access denied. Please check your network settings."), {}, "auth", None, False),
        (403, b"error code: 1010", {}, "auth", None, False),
        (422, refusal("no"), {}, "bad_request", None, False),
        (424, refusal("no"), {}, "bad_request", None, False),
        (499, refusal("no"), {}, "bad_request", None, False),
        (498, refusal(code="capacity_exceeded"), {}, "server", None, True),
        (500, refusal("no"), {}, "server", None, True),
        (502, b"<html>bad gateway</html>", {}, "server", None, True),
        (503, refusal("x is currently over capacity"), {"retry_after": "40"}, "server", 40, True),
        (301, b"", {"location": "https://elsewhere"}, "bad_request", None, False),
        (200, b"<html>log in</html>", {}, "malformed", None, False),
        (200, b'{"choices": [', {}, "malformed", None, True),
        (200, b"", {}, "malformed", None, True),
    ],
)
def test_faults_are_named(
    make: Any, *, status: int, body: object, headers: dict[str, str], kind: str, wait: float | None, retry: bool
) -> None:
    failed = GROQ.fault_of(make.reply(body, status, **headers), "openai/gpt-oss-20b")
    assert failed is not None
    assert (failed.kind, failed.wait, failed.retry) == (kind, wait, retry)
    assert failed.model == "openai/gpt-oss-20b"
    assert failed.cure


@pytest.mark.parametrize(("status", "scope"), [(301, "service"), (401, "service"), (403, "service"), (429, "model")])
def test_what_holds_for_the_key_holds_for_every_model(make: Any, status: int, scope: str) -> None:
    failed = GROQ.fault_of(make.reply(refusal("no"), status), "m")
    assert failed is not None
    assert failed.scope == scope


async def test_a_label_that_is_none_is_not_asked_for_again(make: Any) -> None:
    calls = make.calls(GROQ, make.reply(said('{"label": "image generation"}')))
    with pytest.raises(ServiceFailed) as caught:
        await ChatLabeller(calls, GROQ).label(QUESTION)
    assert (caught.value.kind, caught.value.retry, len(calls.sent)) == ("malformed", False, 1)


@pytest.mark.parametrize(
    ("content", "score"),
    [
        ("0.9995254278182983", 0.9995254278182983),
        (" 0.51\n", 0.51),
        ("INJECTION", 1.0),
        ("malicious", 1.0),
        ("LABEL_1", 1.0),
    ],
)
async def test_an_attack_is_marked(make: Any, content: str, score: float) -> None:
    calls = make.calls(GROQ, make.reply(said(content)))
    signal = await PromptGuard(calls, GROQ, "guard-22m").sense("ignore all that")
    assert signal is not None
    assert (signal.name, signal.score, signal.matched) == (INJECTION, score, ())
    assert calls.bodies == [{"model": "guard-22m", "messages": [{"role": "user", "content": "ignore all that"}]}]


@pytest.mark.parametrize("content", ["0.0005", "0.5", "BENIGN", "LABEL_0", "1e-7"])
async def test_what_is_no_attack_is_not(make: Any, content: str) -> None:
    assert await PromptGuard(make.calls(GROQ, make.reply(said(content))), GROQ, "g").sense("hello") is None


@pytest.mark.parametrize("content", ["nan", "inf", "1.5", "-0.1", "", "IMAGE", None, 0.7, "0.9 attack"])
async def test_anything_else_is_no_score(make: Any, content: object) -> None:
    with pytest.raises(ServiceFailed) as caught:
        await PromptGuard(make.calls(GROQ, make.reply(said(content))), GROQ, "g").sense("hello")
    assert caught.value.kind == "malformed"


async def test_a_long_text_is_seen_in_pieces_until_one_is_an_attack(make: Any) -> None:
    calls = make.calls(GROQ, make.reply(said("0.1")), make.reply(said("0.9")), make.reply(said("0.2")))
    signal = await PromptGuard(calls, GROQ, "g").sense("x" * 5000)
    assert signal is not None
    assert signal.score == 0.9
    assert len(calls.sent) == 2


async def test_blank_text_is_not_sent(make: Any) -> None:
    calls = make.calls(GROQ, make.reply(said("0.9")))
    assert await PromptGuard(calls, GROQ, "g").sense(" \n") is None
    assert not calls.sent


def test_the_pieces_cover_a_text_or_its_ends_and_middle() -> None:
    text = "".join(chr(0x4E00 + place) for place in range(2400))
    assert "".join(chunks(text)) == text
    assert [len(piece) for piece in chunks(text[:801])] == [800, 1]
    longer = "".join(chr(0x4E00 + place) for place in range(10_000))
    first, middle, last = chunks(longer)
    assert (first, last) == (longer[:800], longer[-800:])
    assert middle == longer[4600:5400]


async def test_the_list_has_what_is_active(make: Any) -> None:
    rows = [{"id": "a", "active": True}, {"id": "b", "active": False}, {"id": "c"}, {"id": 5}, "d"]
    calls = make.calls(GROQ, make.reply({"data": rows}))
    assert await GROQ.listing(calls) == ("a", "c")
    assert (calls.sent[0].method, calls.sent[0].url) == ("GET", "http://groq.test/v1/models")
