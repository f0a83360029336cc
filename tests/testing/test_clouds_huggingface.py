"""The fake Hugging Face: a month's credit, a window of calls, models that are not ready or gone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import numpy as np
import pytest
from multidict import CIMultiDictProxy

from pointsman.testing.clouds import FakeHuggingFace

BART = "facebook/bart-large-mnli"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
LABELS = ["creating a picture", "ordinary conversation", "looking up facts on the web"]
ZERO_SHOT = {"inputs": "draw a fox", "parameters": {"candidate_labels": LABELS}}


class Time:
    now = datetime(2026, 11, 30, 23, 50, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def hub(time: Time) -> AsyncIterator[FakeHuggingFace]:
    async with FakeHuggingFace(clock=time) as started:
        yield started


Reply = tuple[int, Any, "CIMultiDictProxy[str]"]


async def ask(fake: FakeHuggingFace, path: str, body: Any = None, *, key: str = "hf_test") -> Reply:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.request("POST" if body else "GET", fake.url + path, json=body) as response,
    ):
        return response.status, await response.json(), response.headers


async def infer(fake: FakeHuggingFace, model: str, body: Any, task: str = "") -> Reply:
    return await ask(fake, f"/hf-inference/models/{model}{task}", body)


async def test_labels_come_sorted(hub: FakeHuggingFace) -> None:
    hub.decide = lambda _text, options: dict(zip(options, (0.2, 0.7, 0.1), strict=True))
    _, body, _ = await infer(hub, BART, ZERO_SHOT)
    assert [row["label"] for row in body] == [LABELS[1], LABELS[0], LABELS[2]]
    assert [row["score"] for row in body] == [0.7, 0.2, 0.1]
    hub.legacy = True
    _, body, _ = await infer(hub, BART, ZERO_SHOT)
    assert body == {"sequence": "draw a fox", "labels": [LABELS[1], LABELS[0], LABELS[2]], "scores": [0.7, 0.2, 0.1]}


async def test_one_vector_is_flat_and_several_are_not(hub: FakeHuggingFace) -> None:
    task = "/pipeline/feature-extraction"
    _, one, _ = await infer(hub, MINILM, {"inputs": "draw a fox"}, task)
    _, many, _ = await infer(hub, MINILM, {"inputs": ["draw a fox", "draw a red fox", "what now"]}, task)
    assert np.array(one).shape == (384,)
    assert one == many[0]
    rows = np.array(many)
    assert rows[0] @ rows[1] > 0.7 > 0.3 > rows[0] @ rows[2]
    long = {"inputs": "word " * 900, "truncate": False}
    assert (await infer(hub, MINILM, long, task))[0] == 413
    assert (await infer(hub, MINILM, {**long, "truncate": True}, task))[0] == 200


async def test_classes_are_nested(hub: FakeHuggingFace) -> None:
    _, body, _ = await infer(hub, "distilbert/distilbert-base-uncased-finetuned-sst-2-english", {"inputs": "awful"})
    assert [row["label"] for row in body[0]] == ["NEGATIVE", "POSITIVE"]


async def test_the_credit_comes_back_with_the_month(hub: FakeHuggingFace, time: Time) -> None:
    await infer(hub, BART, ZERO_SHOT)
    assert hub.spent == pytest.approx(3 * hub.price)
    hub.spend(hub.credit)
    status, body, _ = await infer(hub, BART, ZERO_SHOT)
    assert status == 402
    assert "depleted your monthly included credits" in body["error"]
    assert (hub.refused.over_quota, hub.refused.by_limit["credit"]) == (1, 1)
    time.now += 600
    assert (await infer(hub, BART, ZERO_SHOT))[0] == 200


async def test_a_window_of_calls(hub: FakeHuggingFace, time: Time) -> None:
    hub.window_calls = 2
    time.now += 10
    assert [(await infer(hub, BART, ZERO_SHOT))[0] for _ in range(2)] == [200, 200]
    status, _, headers = await infer(hub, BART, ZERO_SHOT)
    assert status == 429
    assert headers["ratelimit"] == '"api";r=0;t=290'
    assert headers["ratelimit-policy"] == '"fixed window";"api";q=2;w=300'
    assert hub.refused.by_limit["window"] == 1
    time.now += 290
    assert (await infer(hub, BART, ZERO_SHOT))[0] == 200


async def test_models_that_do_not_answer(hub: FakeHuggingFace) -> None:
    hub.loading[BART] = 20.0
    assert (await infer(hub, BART, ZERO_SHOT))[:2] == (
        503,
        {"error": f"Model {BART} is currently loading", "estimated_time": 20.0},
    )
    hub.deprecated.add(BART)
    assert (await infer(hub, BART, ZERO_SHOT))[0] == 410
    _, status, _ = await ask(hub, f"/api/models/{BART}?expand[]=inference")
    assert "inference" not in status
    assert (await infer(hub, "nobody/nothing", ZERO_SHOT))[0] == 400
    assert (await infer(hub, MINILM, {"inputs": "x"}, "/pipeline/zero-shot-classification"))[0] == 400
    assert hub.refused.model_gone == 3


async def test_who_may_ask(hub: FakeHuggingFace) -> None:
    assert (await ask(hub, "/v1/models", key="wrong"))[0] == 401
    hub.permitted = False
    assert (await ask(hub, "/v1/models"))[0] == 403
    assert hub.refused.auth == 2


async def test_the_router_chats_and_lists_what_it_serves(hub: FakeHuggingFace) -> None:
    _, models, _ = await ask(hub, "/v1/models")
    assert models["data"][0]["providers"][0]["supports_structured_output"] is True
    turns = [{"role": "user", "content": "draw a fox"}]
    schema = {"schema": {"properties": {"label": {"enum": ["image_generation", "general_chat"]}}}}
    body = {"messages": turns, "response_format": {"type": "json_schema", "json_schema": schema}}
    for suffix in ("", ":fastest", ":groq"):
        _, said, headers = await ask(hub, "/v1/chat/completions", {**body, "model": f"openai/gpt-oss-20b{suffix}"})
        assert json.loads(said["choices"][0]["message"]["content"]) == {"label": "image_generation"}
        assert said["model"] == "openai/gpt-oss-20b"
        assert headers["x-inference-provider"] == "groq"
    _, said, _ = await ask(hub, "/v1/chat/completions", {**body, "model": "nobody/nothing"})
    assert said["error"]["code"] == "model_not_found"
