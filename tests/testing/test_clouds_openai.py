"""OpenAI's own client talks to the fake, and each dialect words its errors as it does."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np
import openai
import pytest

from pointsman.providers.openai_labels import request_for
from pointsman.testing.clouds import FakeOpenAi, Trouble
from pointsman.testing.clouds.dialects import DIALECTS, DialectName
from pointsman.tiers.question import Question, quoted

TURNS: Any = [{"role": "user", "content": "one two three"}]
QUESTION = Question("The labels:\n", "", (), quoted("draw a fox", 80), ("image_generation", "general_chat"))


class Time:
    now = 1_795_300_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def fake(time: Time) -> AsyncIterator[FakeOpenAi]:
    async with FakeOpenAi(clock=time) as started:
        yield started


@pytest.fixture
async def client(fake: FakeOpenAi) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=fake.url, api_key=fake.key, max_retries=0) as opened:
        yield opened


async def test_the_official_client_chats(client: openai.AsyncOpenAI, fake: FakeOpenAi) -> None:
    said = await client.chat.completions.create(model="m", messages=TURNS)
    assert said.choices[0].message.content == "You said: one two three"
    assert said.choices[0].finish_reason == "stop"
    assert said.usage
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens
    assert fake.requests[0].bearer == fake.key
    assert fake.requests[0].json["messages"] == TURNS


async def test_the_official_client_streams(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="m", messages=TURNS, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [choice.delta.content for chunk in chunks for choice in chunk.choices if choice.delta.content]
    assert texts == ["You", " said:", " one", " two", " three"]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    plain = await client.chat.completions.create(model="m", messages=TURNS, stream=True)
    assert [chunk.usage async for chunk in plain] == [None] * 7


async def test_the_official_client_embeds_in_both_encodings(client: openai.AsyncOpenAI, fake: FakeOpenAi) -> None:
    texts = ["draw a fox", "draw a red fox", "what now"]
    packed = await client.embeddings.create(model="all-minilm", input=texts)
    assert fake.requests[-1].json["encoding_format"] == "base64"
    plain = await client.embeddings.create(model="all-minilm", input=texts, encoding_format="float")
    rows = np.array([row.embedding for row in packed.data])
    assert rows.shape == (3, 384)
    assert rows == pytest.approx(np.array([row.embedding for row in plain.data]), abs=1e-6)
    assert rows[0] @ rows[1] > 0.7 > 0.3 > rows[0] @ rows[2]
    small = await client.embeddings.create(model="text-embedding-3-small", input="x", dimensions=64)
    assert len(small.data[0].embedding) == 64


async def test_the_official_client_lists_models(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["m", "all-minilm", "text-embedding-3-small"]
    assert (await client.models.retrieve("m")).id == "m"


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        ("key_401", openai.AuthenticationError),
        ("model_404", openai.NotFoundError),
        ("format_400", openai.BadRequestError),
        ("length_400", openai.BadRequestError),
        ("minute_429", openai.RateLimitError),
        ("day_429", openai.RateLimitError),
        ("server_500", openai.InternalServerError),
        ("busy_503", openai.InternalServerError),
    ],
)
async def test_the_official_client_raises_its_own_errors(
    client: openai.AsyncOpenAI, fake: FakeOpenAi, problem: str, error: type[openai.APIStatusError]
) -> None:
    fake.troubles.set(Trouble("error", name=problem))
    with pytest.raises(error) as raised:
        await client.chat.completions.create(model="m", messages=TURNS)
    assert raised.value.status_code == int(problem[-3:])
    assert isinstance(raised.value.body, dict)


async def test_what_it_refuses_by_itself(client: openai.AsyncOpenAI, fake: FakeOpenAi) -> None:
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(model="gone", messages=TURNS)
    with pytest.raises(openai.BadRequestError):
        await client.chat.completions.create(model="m", messages=[])
    with pytest.raises(openai.BadRequestError):
        await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "word " * 9000}])
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="wrong").models.list()
    refused = fake.refused
    assert (refused.model_gone, refused.bad_request, refused.too_large, refused.auth) == (1, 1, 1, 1)


async def test_limits_of_a_minute_and_a_day(time: Time) -> None:
    async with (
        FakeOpenAi(clock=time, per_minute=2, per_day=3) as fake,
        openai.AsyncOpenAI(base_url=fake.url, api_key=fake.key, max_retries=0) as client,
    ):
        for _ in range(2):
            await client.chat.completions.create(model="m", messages=TURNS)
        with pytest.raises(openai.RateLimitError) as raised:
            await client.chat.completions.create(model="m", messages=TURNS)
        assert (raised.value.code, raised.value.response.headers["retry-after"]) == ("rate_limit_exceeded", "30")
        time.now += 60
        await client.chat.completions.create(model="m", messages=TURNS)
        with pytest.raises(openai.RateLimitError) as raised:
            await client.chat.completions.create(model="m", messages=TURNS)
        assert raised.value.code == "insufficient_quota"
        assert fake.refused.by_limit == {"minute": 1, "day": 1}
        time.now += 86_400
        await client.chat.completions.create(model="m", messages=TURNS)


async def test_a_question_gets_its_label_with_probabilities() -> None:
    shares = {"image_generation": 0.8, "general_chat": 0.2}
    async with FakeOpenAi(logprobs=True, decide=lambda _text, _options: shares) as fake:
        body = await post(fake, request_for(QUESTION, "m", logprobs=True))
        tokens = body["choices"][0]["logprobs"]["content"]
        assert "".join(token["token"] for token in tokens) == body["choices"][0]["message"]["content"]
        label = next(token for token in tokens if token["token"] == "image_generation")
        told = {token["token"]: math.exp(token["logprob"]) for token in label["top_logprobs"]}
        assert told == pytest.approx(shares)
        fake.logprobs = False
        body = await post(fake, request_for(QUESTION, "m", logprobs=True))
        assert "logprobs" not in body["choices"][0]


async def post(fake: FakeOpenAi, body: Any, path: str = "/chat/completions") -> Any:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {fake.key}"}) as session,
        session.post(fake.url + path, json=body) as response,
    ):
        text = await response.text()
        return json.loads(text) if text else None


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_form_of_answer_is_refused_in_the_words_of_the_server(dialect: DialectName) -> None:
    async with FakeOpenAi(dialect=dialect, formats=frozenset({"text"})) as fake:
        assert fake.url.endswith(DIALECTS[dialect].base)
        body = await post(fake, request_for(QUESTION, "m"))
        assert "response_format" in json.dumps(body)
        assert "choices" not in json.dumps(body)
        assert fake.refused.bad_request == 1
        said = await post(fake, {**request_for(QUESTION, "m"), "response_format": {"type": "text"}})
        assert said["choices"][0]["message"]["content"] == "image_generation"


@pytest.mark.parametrize(
    ("dialect", "shape"),
    [
        ("openai", {"error": {"message", "type", "param", "code"}}),
        ("mistral", None),
        ("gemini", [{"error": {"code", "message", "status", "details"}}]),
        ("nim", {"status", "title", "detail"}),
        ("cerebras", {"message", "type", "param", "code"}),
        ("openrouter", {"error": {"message", "code"}}),
        ("llamacpp", {"error": {"code", "message", "type"}}),
        ("lmstudio", {"error"}),
    ],
)
async def test_too_many_calls_in_each_dialect(dialect: DialectName, shape: Any) -> None:
    async with FakeOpenAi(dialect=dialect, per_minute=1, clock=lambda: 0.0) as fake:
        assert (await post(fake, {"model": "m", "messages": TURNS}))["object"] == "chat.completion"
        assert keys(await post(fake, {"model": "m", "messages": TURNS})) == shape
        assert fake.answered == {200: 1, 429: 1}


def keys(value: Any) -> Any:
    """The keys of the error, in what it is wrapped in."""
    if isinstance(value, list):
        return [keys(item) for item in value]
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        return {"error": set(value["error"])}
    return set(value) if isinstance(value, dict) else value


async def test_decisions_at_openrouter() -> None:
    criteria = {"image_generation": "Pictures", "general_chat": "The rest"}
    question = {"type": "choice", "instructions": "Which?", "criteria": criteria}
    asked = {"model": "d", "state": "draw a fox", "questions": {"intent": question}}
    async with FakeOpenAi(dialect="openrouter", decision_models=("d",)) as fake:
        body = await post(fake, asked, "/systemone")
        assert body["answers"]["intent"]["choice"] == "image_generation"
        body = await post(fake, {**asked, "state": ""}, "/systemone")
        assert body["error"]["code"] == 400
