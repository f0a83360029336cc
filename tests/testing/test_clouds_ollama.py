"""The fake Ollama: decision models, its own addresses and errors, and a queue that can be full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import openai
import pytest

from pointsman.testing.clouds import FakeOllama, Trouble

CRITERIA = {"image_generation": "Pictures", "general_chat": "The rest"}
QUESTION = {"type": "choice", "instructions": "Which?", "criteria": CRITERIA}
DECISION = {"model": "nimble", "state": "draw a fox", "questions": {"intent": QUESTION}}


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as started:
        yield started


async def ask(fake: FakeOllama, path: str, body: Any = None) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.request("POST" if body else "GET", fake.url + path, json=body) as response,
    ):
        text = response.content_type != "application/json"
        return response.status, await response.text() if text else await response.json()


@pytest.mark.parametrize("model", ["nimble", "nimble:latest", "tev1:0.8b"])
async def test_a_decision_without_an_envelope(ollama: FakeOllama, model: str) -> None:
    status, body = await ask(ollama, "/v1/systemone", {**DECISION, "model": model})
    assert status == 200
    assert body["model"] == model
    assert body["answers"]["intent"]["choice"] == "image_generation"
    assert body["usage"]["output_tokens"] == 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({**DECISION, "model": "nope"}, 404, "model 'nope' not found"),
        ({**DECISION, "model": "qwen3:4b"}, 404, "model 'qwen3:4b' not found"),
        ({**DECISION, "state": ""}, 400, "state must be a non-empty value"),
    ],
)
async def test_its_own_errors_are_texts(ollama: FakeOllama, body: Any, status: int, words: str) -> None:
    assert await ask(ollama, "/v1/systemone", body) == (status, {"error": words})


async def test_what_it_holds(ollama: FakeOllama) -> None:
    assert await ask(ollama, "/") == (200, "Ollama is running")
    assert await ask(ollama, "/api/version") == (200, {"version": "0.35.2"})
    _, body = await ask(ollama, "/api/tags")
    names = [model["name"] for model in body["models"]]
    assert names == ["qwen3:4b", "all-minilm:latest", "nimble:latest", "tev1:0.8b", "clef-flash:latest"]
    assert (await ask(ollama, "/nowhere"))[0] == 404


async def test_the_official_client_needs_no_key_of_its_own(ollama: FakeOllama) -> None:
    async with openai.AsyncOpenAI(base_url=ollama.openai_url, api_key="ollama", max_retries=0) as client:
        said = await client.chat.completions.create(model="qwen3:4b", messages=[{"role": "user", "content": "hi"}])
        assert said.choices[0].message.content == "You said: hi"
        with pytest.raises(openai.NotFoundError, match="model 'nope' not found"):
            await client.chat.completions.create(model="nope", messages=[{"role": "user", "content": "hi"}])


async def test_a_full_queue() -> None:
    held = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await held.wait()

    async with FakeOllama(places=1, queue=1, sleep=sleep) as ollama:
        ollama.troubles.script(Trouble("slow_first_byte"))
        first = asyncio.create_task(ask(ollama, "/v1/systemone", DECISION))
        await ollama.until(lambda: ollama.places_taken == 1)
        second = asyncio.create_task(ask(ollama, "/v1/systemone", DECISION))
        await ollama.until(lambda: ollama.in_flight == 2)
        status, body = await ask(ollama, "/v1/systemone", DECISION)
        assert (status, body) == (503, {"error": "server busy, please try again.  maximum pending requests exceeded"})
        assert ollama.refused.busy == 1
        held.set()
        assert [(await call)[0] for call in (first, second)] == [200, 200]
