"""Whatever a service answers: it is read, or it is a fault with a name, and nothing private is repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pointsman.core.faults import TREATMENTS, ServiceFailed
from pointsman.providers.cloudflare import Cloudflare
from pointsman.providers.groq import Groq
from pointsman.providers.huggingface import HuggingFace
from pointsman.providers.openai_server import OpenAiServer
from pointsman.providers.remote.asking import Ask, Service
from pointsman.providers.remote.durations import LONGEST
from pointsman.providers.remote.rules import GENERAL
from pointsman.providers.remote.told import told
from pointsman.providers.remote.wire import Reply
from pointsman.tiers.question import Question

SECRET: Final = "zq-private-7731"
TEXT: Final = f"draw {SECRET}"
QUESTION = Question("The labels: ...\n", "", (), json.dumps(TEXT), ("image", "chat"))
OPTIONS = {"image": "a picture", "chat": "talk"}

GROQ, CLOUDFLARE = Groq(SECRET), Cloudflare(SECRET, SECRET)
HF, SERVER = HuggingFace(SECRET), OpenAiServer("lab", "http://127.0.0.1/v1", SECRET)
WAYS: list[tuple[Service, Callable[[], Ask[Any]]]] = [
    (GROQ, lambda: GROQ.label("m", QUESTION, sample=0, form="json_schema")),
    (GROQ, lambda: GROQ.attack("m", TEXT)),
    (CLOUDFLARE, lambda: CLOUDFLARE.decision("m", TEXT, OPTIONS, plain=False)),
    (CLOUDFLARE, lambda: CLOUDFLARE.label("m", QUESTION, sample=1, form="text")),
    (CLOUDFLARE, lambda: CLOUDFLARE.vectors("m", [TEXT], None)),
    (CLOUDFLARE, lambda: CLOUDFLARE.sentiment("m", TEXT)),
    (HF, lambda: HF.compared("m", TEXT, list(OPTIONS), "{}")),
    (HF, lambda: HF.vectors("m", [TEXT, TEXT], 2)),
    (HF, lambda: HF.sentiment("m", TEXT)),
    (SERVER, lambda: SERVER.label("m", QUESTION, sample=0, form="json_object")),
    (SERVER, lambda: SERVER.decision("m", TEXT, OPTIONS, plain=True)),
    (SERVER, lambda: SERVER.vectors("m", [TEXT], 3)),
]

NAMES = st.sampled_from(
    [
        *("error", "errors", "message", "code", "type", "status", "detail", "success", "retryDelay", "estimated_time"),
        *("result", "response", "choices", "answers", "data", "usage", "content", "label", "score", "labels", "scores"),
        *("probabilities", "intent", "embedding", "index", "logprobs", "token", "logprob", "top_logprobs", "metadata"),
        *("finish_reason", "X-RateLimit-Reset", "image", "chat", "model", "total_tokens", "neurons"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([SECRET, "image", "chat", "rate_limit_exceeded", "json_schema", "try again in 3s", 10**300, 4006])
    | st.text(max_size=20)
)
JSON = st.recursive(
    SCALARS, lambda parts: st.lists(parts, max_size=4) | st.dictionaries(NAMES, parts, max_size=5), max_leaves=20
)
STATUSES = st.sampled_from(
    [200, 201, 204, 301, 400, 401, 402, 403, 404, 405, 408, 410, 413, 422, 429, 498, 500, 503, 529]
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("retry-after", "retry-after-ms", "date", "ratelimit", "ratelimit-policy", "cf-ai-neurons"),
            *("x-ratelimit-remaining-requests", "x-ratelimit-limit-tokens"),
        ]
    ),
    st.text(max_size=30)
    | st.sampled_from(["5", "1e9", "nan", "-1", "Mon, 23 Nov 2026 10:00:00 GMT", '"api";r=0;t=55']),
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


def answered(service: Service, ask: Ask[Any], reply: Reply) -> ServiceFailed | None:
    """The fault that a reply is, or that reading it brings."""
    for amount in service.metered(reply).cost.values():
        assert 0 <= amount < float("inf")
    failed = service.fault_of(reply, "m")
    if failed is None:
        try:
            ask.read(reply)
        except ServiceFailed as fault:
            failed = fault
    return failed


@pytest.mark.parametrize("way", WAYS)
@given(body=BODIES, status=STATUSES, headers=HEADERS)
@example(body=b"[" * 100_000, status=200, headers={})
@example(body=b'{"error":' * 50_000, status=429, headers={})
@example(body=b'{"result": {"data": [[1e400]]}}', status=200, headers={})
@example(body=b'[[1, "a"]]', status=200, headers={})
@example(body=b"9" * 5000, status=500, headers={})
def test_nothing_but_a_fault_is_ever_raised(
    way: tuple[Service, Callable[[], Ask[Any]]], body: bytes, status: int, headers: dict[str, str]
) -> None:
    service, ask = way
    failed = answered(service, ask(), Reply(status, headers, body, 0.1))
    if not 200 <= status < 300:
        assert failed is not None
    if failed is not None:
        assert failed.kind in TREATMENTS
        assert failed.cure
        assert failed.wait is None or 0 <= failed.wait <= LONGEST
        assert SECRET not in str(failed)
        assert len(str(failed)) < 250


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "body", [b'{"error": "%s"}', b'["%s"]', b"%s", b'{"choices": [{"message": {"content": "%s"}}]}']
)
@pytest.mark.parametrize("status", [200, 400, 403, 429, 500])
def test_large_bodies_are_read_as_small_ones_are(
    way: tuple[Service, Callable[[], Ask[Any]]], body: bytes, status: int
) -> None:
    service, ask = way
    replies = [Reply(status, {}, body % (SECRET.encode() * times)) for times in (1, 70_000)]
    small, large = (answered(service, ask(), reply) for reply in replies)
    assert small is not None
    assert large is not None
    assert (small.kind, small.scope) == (large.kind, large.scope)
    assert SECRET not in str(large)


@given(status=st.integers(100, 999), body=BODIES)
def test_the_general_rules_leave_nothing_out(status: int, body: bytes) -> None:
    said = told(Reply(status, {}, body))
    assert any(rule.fits(said) for rule in GENERAL)


@pytest.mark.parametrize(
    ("status", "text", "kind", "scope"),
    [
        (402, "this model requires a subscription, upgrade for access", "model_gone", "model"),
        (403, "this model requires a subscription, upgrade for access", "model_gone", "model"),
        (402, "payment required", "quota_exhausted", "service"),
    ],
)
def test_that_one_model_is_for_subscribers_says_nothing_of_the_others(
    status: int, text: str, kind: str, scope: str
) -> None:
    failed = SERVER.fault_of(Reply(status, {}, json.dumps({"error": text}).encode()), "m")
    assert failed is not None
    assert (failed.kind, failed.scope) == (kind, scope)


def test_what_a_refusal_quotes_is_not_what_it_says() -> None:
    quoted = {"error": {"message": "Failed", "failed_generation": "no such model", "input": "per day"}}
    assert told(Reply(400, {}, json.dumps(quoted).encode())).text == "failed"
