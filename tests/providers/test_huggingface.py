"""Hugging Face: what it is asked, both shapes of its answers, what calls cost, and how its faults are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pointsman.core.faults import ServiceFailed
from pointsman.providers.huggingface import HuggingFace, ZeroShotOracle, labels_of
from pointsman.providers.label_choice import ChatLabeller
from pointsman.providers.remote.embeddings import MOST_BODY as MOST_VECTORS
from pointsman.providers.remote.embeddings import RemoteEmbedder
from pointsman.providers.remote.wire import Reply, Request
from pointsman.tiers.question import Question

HF = HuggingFace("hf_secret", url="http://hf.test", hub="http://hub.test")
BART = "facebook/bart-large-mnli"
MINI = "sentence-transformers/all-MiniLM-L6-v2"
OPTIONS = {"image_generation": "Wants a picture ...", "web_search": "Needs fresh facts ..."}
ROWS = [{"label": "web search", "score": 0.7}, {"label": "image generation", "score": 0.3}]


@pytest.mark.parametrize(
    "body", [ROWS, [ROWS], {"sequence": "x", "labels": ["web search", "image generation"], "scores": [0.7, 0.3]}]
)
async def test_every_shape_of_a_comparison_is_read(make: Any, body: object) -> None:
    calls = make.calls(HF, make.reply(body), models=(BART,))
    shares = await ZeroShotOracle(calls, HF).shares("who won", OPTIONS)
    assert shares.model == BART
    assert shares.shares == pytest.approx({"image_generation": 0.3, "web_search": 0.7})
    (request,) = calls.sent
    assert request.url == f"http://hf.test/hf-inference/models/{BART}"
    assert request.body == {
        "inputs": "who won",
        "parameters": {
            "candidate_labels": ["image generation", "web search"],
            "hypothesis_template": "This message asks for {}.",
            "multi_label": False,
        },
    }


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        ROWS[:1],
        [{"label": "web search", "score": 0.7}, {"label": "web search", "score": 0.3}],
        [{"label": "web search", "score": -0.7}, {"label": "image generation", "score": 1.7}],
        [{"label": "web search", "score": 0.2}, {"label": "image generation", "score": 0.3}],
        [{"label": "web search", "score": "0.7"}, {"label": "image generation", "score": "0.3"}],
        {"labels": ["web search"], "scores": [0.7, 0.3]},
        {"labels": "web search", "scores": "0.7"},
        b'[{"label": "web search", "score": NaN}, {"label": "image generation", "score": 0.3}]',
    ],
)
async def test_a_comparison_that_makes_no_sense_is_refused(make: Any, body: object) -> None:
    with pytest.raises(ServiceFailed) as caught:
        await ZeroShotOracle(make.calls(HF, make.reply(body)), HF).shares("who won", OPTIONS)
    assert caught.value.kind == "malformed"


def test_no_two_labels_are_alike() -> None:
    names = ["web_search", "web search", "a", "b"]
    assert labels_of(names, {"a": "one thing", "b": "one thing"}) == {
        "web_search": "web search",
        "web search": "web search 2",
        "a": "one thing",
        "b": "b",
    }


@pytest.mark.parametrize(
    ("texts", "inputs", "body"),
    [
        (["a"], "a", [0.3] * 384),
        (["a"], "a", [[0.3] * 384]),
        (["a", "b"], ["a", "b"], [[0.3] * 384, [0.4] * 384]),
    ],
)
async def test_a_text_by_itself_may_get_its_vector_by_itself(
    make: Any, texts: list[str], inputs: object, body: object
) -> None:
    calls = make.calls(HF, make.reply(body))
    embedder = RemoteEmbedder(calls, HF, MINI)
    assert (await embedder.embed(texts)).shape == (len(texts), 384)
    assert embedder.fingerprint == f"huggingface/{MINI}/own/384"
    assert calls.bodies == [{"inputs": inputs, "normalize": True, "truncate": True}]
    assert calls.sent[0].url.endswith(f"/hf-inference/models/{MINI}/pipeline/feature-extraction")


@pytest.mark.parametrize("body", [[], [[]], [[[0.3] * 384]], [[0.0] * 384], [["x"] * 384], {"a": 1}, [None]])
async def test_what_is_no_vector_is_refused(make: Any, body: object) -> None:
    with pytest.raises(ServiceFailed) as caught:
        await RemoteEmbedder(make.calls(HF, make.reply(body)), HF, MINI).embed(["a"])
    assert caught.value.kind == "malformed"


async def test_many_texts_go_in_batches_and_come_back_in_order(make: Any) -> None:
    rows = np.eye(384)[:70]
    calls = make.calls(HF, *(make.reply(rows[start : start + 32].tolist()) for start in (0, 32, 64)))
    found = await RemoteEmbedder(calls, HF, MINI).embed([str(place) for place in range(70)])
    assert np.array_equal(found, rows.astype(np.float32))
    assert [len(body["inputs"]) for body in calls.bodies] == [32, 32, 6]


async def test_no_texts_have_no_vectors(make: Any) -> None:
    calls = make.calls(HF, make.reply([]))
    assert (await RemoteEmbedder(calls, HF, MINI).embed([])).shape == (0, 384)
    assert not calls.sent


@pytest.mark.parametrize(("model", "first", "named"), [(MINI, 384, "384"), ("new/model", 5, "any")])
async def test_vectors_of_another_length_live_somewhere_else(make: Any, model: str, first: int, named: str) -> None:
    replies = [make.reply([[1.0] * length]) for length in (first, 6, first)]
    embedder = RemoteEmbedder(make.calls(HF, *replies), HF, model)
    places = [embedder.fingerprint]
    for _ in replies:
        await embedder.embed(["a"])
        places.append(embedder.fingerprint)
    here = f"huggingface/{model}/own/{named}"
    assert places == [here, here, f"huggingface/{model}/own/6", here]


async def test_vectors_of_two_lengths_in_one_call_are_refused(make: Any) -> None:
    calls = make.calls(HF, make.reply([[1.0] * 5] * 32), make.reply([1.0] * 6))
    with pytest.raises(ServiceFailed, match="6 dimensions, not 5"):
        await RemoteEmbedder(calls, HF, "new/model").embed(["a"] * 33)


async def test_vectors_may_take_more_room_than_other_answers(make: Any) -> None:
    calls = make.calls(HF, make.reply([[1.0] * 5]))
    await RemoteEmbedder(calls, HF, "new/model").embed(["a"])
    assert calls.sent[0].most_body == MOST_VECTORS > Request("GET", "").most_body


async def test_chat_goes_through_the_router(make: Any) -> None:
    question = Question("...", "", (), '"a fox"', ("image", "chat"))
    calls = make.calls(HF, make.reply({"choices": [{"message": {"content": '{"label":"chat"}'}}]}))
    assert (await ChatLabeller(calls, HF).label(question)).label == "chat"
    assert calls.sent[0].url == "http://hf.test/v1/chat/completions"


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "wait", "scope"),
    [
        (400, {"error": "Model not supported by provider hf-inference"}, {}, "model_gone", None, "model"),
        (400, {"error": {"message": "x", "code": "model_not_supported"}}, {}, "model_gone", None, "model"),
        (404, {"error": {"message": "x", "code": "model_not_found"}}, {}, "model_gone", None, "model"),
        (404, b"Not Found", {}, "model_gone", None, "model"),
        (410, {"error": "The requested model is deprecated and no longer supported"}, {}, "model_gone", None, "model"),
        (410, {"error": "https://api-inference.x is no longer supported."}, {}, "bad_request", None, "service"),
        (402, {"error": "You have depleted your monthly included credits."}, {}, "quota_exhausted", None, "service"),
        (401, {"error": "Invalid username or password."}, {}, "auth", None, "service"),
        (403, {"error": "... does not have sufficient permissions ..."}, {}, "auth", None, "service"),
        (429, {"error": "Too Many Requests"}, {"ratelimit": '"api";r=0;t=55'}, "rate_limited", 55, "service"),
        (413, {"error": "`inputs` must have less than 256 tokens."}, {"retry_after": "9"}, "too_large", None, "model"),
        (422, {"error": "`inputs` must have less than 256 tokens."}, {}, "too_large", None, "model"),
        (503, {"error": "Model x is currently loading", "estimated_time": 20.0}, {}, "server", 20, "model"),
        (503, {"error": "Model too busy"}, {}, "server", None, "model"),
        (504, b"<html>", {}, "server", None, "service"),
    ],
)
def test_faults_are_named(
    make: Any, *, status: int, body: object, headers: dict[str, str], kind: str, wait: float | None, scope: str
) -> None:
    failed = HF.fault_of(make.reply(body, status, **headers), BART)
    assert failed is not None
    assert (failed.kind, failed.wait, failed.scope) == (kind, wait, scope)


def test_limits_are_read_where_headers_tell(make: Any) -> None:
    headers = {"ratelimit": '"api";r=12;t=55', "ratelimit_policy": '"fixed window";"api";q=500;w=300'}
    metered = HF.metered(make.reply([], **headers))
    assert (metered.left, metered.limits) == ({("requests", 300.0): 12}, {("requests", 300.0): 500})


@pytest.mark.parametrize(
    ("reply", "dollars"),
    [
        (Reply(200, {}, b"[]", seconds=2.0), 0.00024),
        (Reply(200, {}, b'{"usage": {"total_tokens": 300}}', seconds=2.0), 0.0003),
        (Reply(402, {}, b"{}", seconds=2.0), 0.0),
    ],
)
def test_money_is_counted_by_seconds_or_tokens(reply: Reply, dollars: float) -> None:
    assert HF.metered(reply).cost == {"dollars": pytest.approx(dollars)}


async def test_the_list_has_what_is_live_and_what_the_router_serves(make: Any) -> None:
    live = {"id": BART, "inferenceProviderMapping": {"hf-inference": {"status": "live"}}}
    gone = {"id": MINI, "inferenceProviderMapping": {"other": {"status": "live"}}}
    chat = {"data": [{"id": "openai/gpt-oss-20b"}]}
    calls = make.calls(HF, make.reply({"name": "sample"}), make.reply(live), make.reply(gone), make.reply(chat))
    assert await HF.listing(calls, [BART, MINI]) == (BART, "openai/gpt-oss-20b")
    assert calls.sent[0].url == "http://hub.test/api/whoami-v2"
    assert calls.sent[0].headers["Authorization"].startswith("Bearer ")
    assert calls.sent[1].url.startswith(f"http://hub.test/api/models/{BART}?expand[]=inference")


async def test_a_token_that_nobody_knows_is_refused_before_lists_that_are_for_everybody(make: Any) -> None:
    calls = make.calls(HF, make.reply({"error": "Invalid credentials in Authorization header"}, 401), make.reply([]))
    with pytest.raises(ServiceFailed) as caught:
        await HF.listing(calls, [BART])
    assert (caught.value.kind, len(calls.sent)) == ("auth", 1)
