"""The fake Cloudflare: an account's neurons, decision models, vectors, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import numpy as np
import pytest
from multidict import CIMultiDictProxy
from yarl import URL

from pointsman.testing.clouds import FakeCloudflare, Trouble
from pointsman.testing.clouds.cloudflare_models import ACCOUNT

CLEF = "@cf/cloudflare/clef-flash"
SMALL = "@cf/baai/bge-small-en-v1.5"
M3 = "@cf/baai/bge-m3"
QUESTION = {
    "type": "choice",
    "instructions": "Which kind of help?",
    "criteria": {"image_generation": "Pictures", "web_search": "Fresh facts", "general_chat": "The rest"},
}
DECISION = {"model": "clef-flash", "state": "draw me a red fox", "questions": {"intent": QUESTION}}


class Time:
    now = 1_795_300_000.0 // 86_400 * 86_400  # midnight

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def cloud(time: Time) -> AsyncIterator[FakeCloudflare]:
    async with FakeCloudflare(clock=time) as started:
        yield started


Reply = tuple[int, Any, "CIMultiDictProxy[str]"]


async def ask(
    fake: FakeCloudflare, model: str, body: dict[str, Any], *, account: str = ACCOUNT, key: str = "", path: str = ""
) -> Reply:
    url = f"{fake.url}/accounts/{account}/ai/{path or f'run/{model}'}"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key or fake.key}"}) as session,
        session.post(URL(url, encoded=True), json=body) as response,
    ):
        return response.status, await response.json(), response.headers


async def test_a_decision_in_its_envelope(cloud: FakeCloudflare) -> None:
    status, body, headers = await ask(cloud, CLEF, DECISION)
    assert (status, body["success"]) == (200, True)
    answer = body["result"]["answers"]["intent"]
    assert answer["choice"] == "image_generation"
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert float(headers["cf-ai-neurons"]) == pytest.approx(cloud.neurons.spent, abs=0.01)
    assert cloud.requests[0].json == DECISION


async def test_slashes_may_be_encoded(cloud: FakeCloudflare) -> None:
    assert (await ask(cloud, quote(CLEF, safe=""), DECISION))[0] == 200
    assert cloud.requests[0].path.endswith(f"/ai/run/{CLEF}")


async def test_what_decides_is_asked_about_the_state(time: Time) -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def decide(text: str, options: Any) -> dict[str, float]:
        asked.append((text, tuple(options)))
        return {"web_search": 0.6, "general_chat": 0.4}

    async with FakeCloudflare(clock=time, decide=decide) as cloud:
        _, body, _ = await ask(cloud, CLEF, DECISION)
    assert asked == [("draw me a red fox", ("image_generation", "web_search", "general_chat"))]
    shares = {"image_generation": 0.0, "web_search": 0.6, "general_chat": 0.4}
    assert body["result"]["answers"]["intent"]["probabilities"] == shares


async def test_several_questions_of_each_type(cloud: FakeCloudflare) -> None:
    questions = {
        "intent": QUESTION,
        "attack": {"type": "noul", "instructions": "Is it an attack?"},
        "hard": {"type": "score", "instructions": "How hard?", "criteria": {"0": "easy", "1": "hard"}},
    }
    cloud.decide = lambda _text, options: options[-1]
    _, body, _ = await ask(cloud, CLEF, {**DECISION, "questions": questions})
    answers = body["result"]["answers"]
    assert answers["attack"]["probability"] == pytest.approx(0.03)
    assert answers["hard"]["score"] == "1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": ""}, "state"),
        ({"questions": {}}, "questions"),
        ({"questions": {"a": {**QUESTION, "instructions": " "}}}, "questions.a.instructions"),
        ({"questions": {"a": {**QUESTION, "criteria": {"one": "x"}}}}, "questions.a.criteria"),
        ({"questions": {"a": {**QUESTION, "type": "text"}}}, "questions.a.type"),
        ({"questions": {str(i): QUESTION for i in range(65)}}, "questions"),
        ({"questions": {"a": {**QUESTION, "criteria": {str(i): "x" for i in range(256)}}}}, "questions.a.criteria"),
    ],
)
async def test_questions_that_cannot_be_answered(cloud: FakeCloudflare, change: dict[str, Any], words: str) -> None:
    status, body, _ = await ask(cloud, CLEF, {**DECISION, **change})
    assert (status, body["errors"][0]["code"]) == (422, 5012)
    assert words in body["errors"][0]["message"]
    assert cloud.refused.bad_request == 1
    assert cloud.neurons.spent == 0


async def test_a_text_beyond_the_context(cloud: FakeCloudflare) -> None:
    status, body, _ = await ask(cloud, CLEF, {**DECISION, "state": "word " * 25_000})
    assert (status, body["errors"][0]["code"]) == (413, 5021)
    assert cloud.refused.too_large == 1


async def test_neurons_come_back_after_24_hours(cloud: FakeCloudflare, time: Time) -> None:
    cloud.neurons.spend(9_999.9)
    time.now += 23 * 3600
    assert (await ask(cloud, CLEF, DECISION))[0] == 200  # the one that uses the last
    status, body, headers = await ask(cloud, CLEF, DECISION)
    assert (status, body["errors"][0]["code"]) == (429, 4006)
    assert "used up your daily free allocation" in body["errors"][0]["message"]
    assert "retry-after" not in headers
    assert cloud.refused.over_quota == 1
    time.now += 3600
    assert (await ask(cloud, CLEF, DECISION))[0] == 200


@pytest.mark.parametrize(("hour", "back"), [(0, 24), (5, 5)])
async def test_or_at_an_hour_of_the_day(time: Time, hour: float, back: int) -> None:
    async with FakeCloudflare(clock=time, reset_hour=hour, quota_code=3036) as cloud:
        cloud.neurons.spend(10_000)
        assert (await ask(cloud, CLEF, DECISION))[1]["errors"][0]["code"] == 3036
        time.now += back * 3600 - 1
        assert (await ask(cloud, CLEF, DECISION))[0] == 429
        time.now += 1
        assert (await ask(cloud, CLEF, DECISION))[0] == 200


async def test_vectors_of_texts_that_share_words_are_near(cloud: FakeCloudflare) -> None:
    texts = ["draw a red fox", "draw a red fox, please", "what is the weather"]
    _, body, _ = await ask(cloud, SMALL, {"text": texts, "pooling": "cls"})
    assert (body["result"]["shape"], body["result"]["pooling"]) == ([3, 384], "cls")
    near = np.array(body["result"]["data"])
    assert near[0] @ near[1] > 0.8 > 0.3 > near[0] @ near[2]
    _, again, _ = await ask(cloud, SMALL, {"text": texts[0]})
    assert again["result"]["pooling"] == "mean"
    assert abs(near[0] @ np.array(again["result"]["data"][0])) < 0.3
    _, m3, _ = await ask(cloud, M3, {"text": texts, "truncate_inputs": True})
    assert m3["result"]["shape"] == [3, 1024]


@pytest.mark.parametrize(
    ("model", "body", "status", "code"),
    [
        (SMALL, {"text": ["x"] * 101}, 400, 5006),
        (SMALL, {"text": ["x"], "truncate_inputs": True}, 400, 5006),
        (SMALL, {"text": ["x"], "pooling": "max"}, 400, 5006),
        (SMALL, {}, 400, 5006),
        (M3, {"text": ["word " * 1000] * 60}, 400, 3030),
        ("@cf/qwen/qwen3-embedding-0.6b", {"queries": ["x"] * 33}, 400, 5006),
        ("@cf/meta/llama-3.1-8b-instruct", {"messages": []}, 410, 5028),
        ("@cf/moonshotai/kimi-k2.6", {"messages": []}, 403, 5035),
        ("@cf/nobody/nothing", {}, 400, 5007),
        ("@cf/meta/llama-3.2-3b-instruct", {}, 400, 5006),
    ],
)
async def test_what_is_refused(cloud: FakeCloudflare, model: str, body: dict[str, Any], status: int, code: int) -> None:
    got, said, _ = await ask(cloud, model, body)
    assert (got, said["success"], said["errors"][0]["code"]) == (status, False, code)


async def test_who_may_ask(cloud: FakeCloudflare) -> None:
    assert (await ask(cloud, CLEF, DECISION, key="wrong"))[0] == 401
    status, body, _ = await ask(cloud, CLEF, DECISION, account="f" * 32)
    assert (status, body["errors"][0]["code"]) == (400, 7003)
    assert (await ask(cloud, CLEF, DECISION, path="runs/clef"))[1]["errors"][0]["code"] == 7000
    cloud.scoped = False
    status, body, _ = await ask(cloud, CLEF, DECISION)
    assert (status, body["errors"][0]["code"]) == (403, 10_000)
    assert cloud.refused.auth == 2


CHAT = {"messages": [{"role": "user", "content": 'Message: "draw a fox"\n\none of: image_generation, general_chat.'}]}
SCHEMA = {"type": "object", "properties": {"label": {"enum": ["image_generation", "general_chat"]}}}
FORM = {"response_format": {"type": "json_schema", "json_schema": SCHEMA}}


async def test_a_chat_model_names_a_label_and_some_keep_to_a_schema(cloud: FakeCloudflare) -> None:
    _, body, _ = await ask(cloud, "@cf/meta/llama-3.2-3b-instruct", {**CHAT, "max_tokens": 8})
    assert body["result"]["response"] == "image_generation"
    status, body, _ = await ask(cloud, "@cf/meta/llama-3.2-3b-instruct", {**CHAT, **FORM})
    assert (status, body["errors"][0]["code"]) == (400, 5025)
    _, body, _ = await ask(cloud, "@cf/meta/llama-3.3-70b-instruct-fp8-fast", {**CHAT, **FORM})
    assert body["result"]["response"] == {"label": "image_generation"}
    status, body, _ = await ask(cloud, "@cf/meta/llama-3.3-70b-instruct-fp8-fast", {**CHAT, **FORM, "max_tokens": 2})
    assert (status, body["errors"][0]["code"]) == (400, 5024)


async def test_a_model_that_thinks_says_nothing_in_few_tokens(cloud: FakeCloudflare) -> None:
    gemma = {**CHAT, "model": "@cf/google/gemma-4-26b-a4b-it", "max_tokens": 8}
    _, body, _ = await ask(cloud, "", gemma, path="v1/chat/completions")
    assert body["choices"][0]["message"]["content"] == ""
    told = {**gemma, "chat_template_kwargs": {"enable_thinking": False}}
    _, body, _ = await ask(cloud, "", told, path="v1/chat/completions")
    assert body["choices"][0]["message"]["content"] == "image_generation"


async def test_a_busy_model_refuses_or_lets_wait(time: Time) -> None:
    held = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await held.wait()

    async with FakeCloudflare(clock=time, capacity=1, sleep=sleep) as cloud:
        cloud.troubles.script(Trouble("slow_first_byte"))
        first = asyncio.create_task(ask(cloud, CLEF, DECISION))
        await cloud.until(lambda: cloud.places_taken == 1 or first.done())
        status, body, _ = await ask(cloud, CLEF, {**DECISION, "options": {"rejectIfBusy": True}})
        assert (status, body["errors"][0]["code"]) == (429, 3040)
        assert cloud.refused.busy == 1
        others = [asyncio.create_task(ask(cloud, CLEF, DECISION)) for _ in range(3)]
        await cloud.until(lambda: cloud.in_flight == 4)
        assert not any(call.done() for call in others)
        held.set()
        assert [(await call)[0] for call in (first, *others)] == [200] * 4


async def test_calls_a_minute(time: Time) -> None:
    async with FakeCloudflare(clock=time, rates={"Text Generation": 2}) as cloud:
        assert [(await ask(cloud, CLEF, DECISION))[0] for _ in range(3)] == [200, 200, 429]
        assert cloud.refused.by_limit == {"rate": 1}
        assert (await ask(cloud, SMALL, {"text": ["x"]}))[0] == 200


async def test_contexts_are_ranked_and_feelings_told(cloud: FakeCloudflare) -> None:
    contexts = [{"text": "the weather of today"}, {"text": "draw a picture"}]
    _, body, _ = await ask(cloud, "@cf/baai/bge-reranker-base", {"query": "draw a fox", "contexts": contexts})
    assert [row["id"] for row in body["result"]["response"]] == [1, 0]
    _, body, _ = await ask(cloud, "@cf/huggingface/distilbert-sst-2-int8", {"text": "this is terrible"})
    assert body["result"][0]["label"] == "NEGATIVE"
    assert body["result"][0]["score"] > 0.5


async def test_the_second_page_of_models_is_empty(cloud: FakeCloudflare) -> None:
    url = f"{cloud.url}/accounts/{ACCOUNT}/ai/models/search"
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer cf_test"}) as session:
        pages = []
        for page in ("1", "2"):
            async with session.get(url, params={"search": "clef", "page": page}) as response:
                pages.append([row["name"] for row in (await response.json())["result"]])
    assert pages == [[CLEF, "@cf/cloudflare/clef-omni", "@cf/cloudflare/clef"], []]
