"""The fake Ollama on a card, over HTTP: its own routes, its errors, and the official client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ollama
import pytest

from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.clouds import StreamTrouble, Trouble
from pointsman.testing.ollama import (
    LIBRARY,
    REAL,
    FakeOllamaOnCard,
    Limits,
    Mishap,
    OllamaFile,
    Pace,
    PatientTime,
)

HI = [{"role": "user", "content": "hi"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllamaOnCard]:
    async with FakeOllamaOnCard() as started:
        yield started


@pytest.fixture
async def official(fake: FakeOllamaOnCard) -> AsyncIterator[ollama.AsyncClient]:
    client = ollama.AsyncClient(host=fake.url)
    yield client
    await client._client.aclose()


async def ask(fake: FakeOllamaOnCard, path: str, body: Any = None, *, method: str = "") -> tuple[int, Any]:
    """The status and the body; the lines of a stream as a list."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method or ("GET" if body is None else "POST"),
            fake.url + path,
            data=body if isinstance(body, bytes) else None,
            json=None if isinstance(body, bytes) else body,
        ) as response,
    ):
        text = await response.text()
        if response.content_type == "application/x-ndjson":
            return response.status, [json.loads(line) for line in text.splitlines()]
        return response.status, json.loads(text) if response.content_type == "application/json" else text


async def test_a_chat_line_by_line(fake: FakeOllamaOnCard) -> None:
    status, lines = await ask(fake, "/api/chat", {"model": "smollm2:135m", "messages": HI})
    assert status == 200
    assert "".join(line["message"]["content"] for line in lines) == "You said: hi"
    assert [line["done"] for line in lines] == [False, False, False, True]
    assert lines[-1]["done_reason"] == "stop"
    assert lines[-1]["load_duration"] > 0
    assert lines[0]["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/api/chat", {"model": "nope", "messages": HI}, 404, "model 'nope' not found"),
        ("/api/show", {"model": "nope"}, 404, "model 'nope' not found"),
        ("/api/embed", {"model": "nope", "input": "x"}, 404, "model 'nope' not found"),
        ("/api/chat", {"messages": HI}, 400, "model is required"),
        ("/api/chat", b"", 400, "missing request body"),
        ("/api/chat", b'{"model":', 400, "unexpected end of JSON input"),
        ("/api/chat", {"model": "all-minilm", "messages": HI}, 400, '"all-minilm" does not support chat'),
        ("/api/generate", {"model": "all-minilm", "prompt": "x"}, 400, '"all-minilm" does not support generate'),
        (
            "/api/chat",
            {"model": "smollm2:135m", "messages": HI, "think": True},
            400,
            '"smollm2:135m" does not support thinking',
        ),
        (
            "/api/chat",
            {"model": "qwen3:4b", "messages": HI, "keep_alive": "soon"},
            400,
            'time: invalid duration "soon"',
        ),
        ("/api/chat", {"model": "qwen3:4b", "keep_alive": "5"}, 400, 'time: missing unit in duration "5"'),
        ("/api/embed", {"model": "qwen3:4b", "input": "x"}, 500, "this model does not support embeddings"),
        ("/api/embed", {"model": "all-minilm", "input": {"a": 1}}, 400, "invalid input type"),
    ],
)
async def test_its_errors(fake: FakeOllamaOnCard, path: str, body: Any, status: int, words: str) -> None:
    assert await ask(fake, path, body) == (status, {"error": words})


async def test_methods_and_addresses(fake: FakeOllamaOnCard) -> None:
    assert (await ask(fake, "/api/chat"))[0] == 405
    assert (await ask(fake, "/api/ps", {}))[0] == 405
    assert (await ask(fake, "/", method="HEAD"))[0] == 200
    assert (await ask(fake, "/api/nothing"))[0] == 404
    assert await ask(fake, "/") == (200, "Ollama is running")


async def test_an_empty_request_loads_and_with_zero_unloads(fake: FakeOllamaOnCard) -> None:
    for path, empty in (("/api/chat", {"messages": []}), ("/api/generate", {"prompt": ""})):
        body = {"model": "qwen3:4b", "stream": False, **empty}
        _, said = await ask(fake, path, {**body, "keep_alive": -1})
        assert (said["done"], said["done_reason"]) == (True, "load")
        assert "load_duration" not in said
        _, held = await ask(fake, "/api/ps")
        assert held["models"][0]["name"] == "qwen3:4b"
        assert int(held["models"][0]["expires_at"][:4]) > 2250
        _, said = await ask(fake, path, {**body, "keep_alive": 0})
        assert said["done_reason"] == "unload"
        assert (await ask(fake, "/api/ps"))[1] == {"models": []}


async def test_an_embedding_model_is_unloaded_by_a_completion_that_it_cannot_do(fake: FakeOllamaOnCard) -> None:
    await ask(fake, "/api/embed", {"model": "all-minilm", "input": []})
    assert fake.residency.runners
    await ask(fake, "/api/generate", {"model": "all-minilm", "keep_alive": 0})
    assert not fake.residency.runners


async def test_keep_alive_zero_with_a_question_answers_and_then_unloads(fake: FakeOllamaOnCard) -> None:
    await ask(fake, "/api/chat", {"model": "qwen3:4b", "messages": HI, "keep_alive": 0})
    assert not fake.residency.runners
    assert fake.card.used == 0


async def test_the_openai_routes_take_memory_too(fake: FakeOllamaOnCard) -> None:
    status, said = await ask(fake, "/v1/chat/completions", {"model": "qwen3:4b", "messages": HI})
    assert (status, said["choices"][0]["message"]["content"]) == (200, "You said: hi")
    assert fake.residency.runners["qwen3:4b"].context == 32_768
    status, said = await ask(fake, "/v1/chat/completions", {"model": "nope", "messages": HI})
    assert (status, said["error"]["type"]) == (404, "not_found_error")


async def test_a_hang_up_drops_the_load() -> None:
    time = PatientTime()
    async with FakeOllamaOnCard(FakeCard(24 * GIB, time), clock=time, sleep=time.sleep, pace=REAL) as fake:
        asked = asyncio.create_task(ask(fake, "/api/chat", {"model": "qwen3:14b", "messages": HI}))
        await fake.until(lambda: bool(fake.residency.runners))
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await fake.until(lambda: not fake.in_flight)
        assert fake.residency.counts.aborted == 1
        assert not fake.residency.runners


async def test_a_model_that_is_being_loaded_is_listed() -> None:
    time = PatientTime()
    async with FakeOllamaOnCard(FakeCard(24 * GIB, time), clock=time, sleep=time.sleep, pace=REAL) as fake:
        asked = asyncio.create_task(ask(fake, "/api/chat", {"model": "qwen3:14b", "messages": []}))
        await fake.until(lambda: bool(fake.residency.runners))
        _, held = await ask(fake, "/api/ps")
        assert [it["name"] for it in held["models"]] == ["qwen3:14b"]
        await time.until(asked)


async def test_a_full_queue() -> None:
    time = PatientTime()
    limits = Limits(queue=1)
    card = FakeCard(24 * GIB, time)
    async with FakeOllamaOnCard(card, clock=time, sleep=time.sleep, pace=REAL, limits=limits) as fake:
        first = asyncio.create_task(ask(fake, "/api/chat", {"model": "qwen3:14b", "messages": []}))
        await fake.until(lambda: bool(fake.residency.runners))
        status, said = await ask(fake, "/api/chat", {"model": "qwen3:4b", "messages": HI})
        words = "server busy, please try again.  maximum pending requests exceeded"
        assert (status, said, fake.refused.busy) == (503, {"error": words}, 1)
        await time.until(first)


@pytest.mark.parametrize("after", [0, 2])
async def test_out_of_memory_in_a_reply_sends_everybody_away(fake: FakeOllamaOnCard, after: int) -> None:
    await ask(fake, "/api/embed", {"model": "all-minilm", "input": "x"})
    fake.residency.mishaps.append(Mishap("run_oom", after))
    status, said = await ask(fake, "/api/chat", {"model": "smollm2:135m", "messages": HI})
    if after:
        assert (status, len(said)) == (200, after + 1)
        assert "out of memory" in said[-1]["error"]
    else:
        assert (status, "out of memory" in said["error"]) == (500, True)
    assert not fake.residency.runners


async def test_a_stream_that_is_cut(fake: FakeOllamaOnCard) -> None:
    fake.residency.mishaps.append(Mishap("cut", 1))
    _, lines = await ask(fake, "/api/chat", {"model": "smollm2:135m", "messages": HI})
    assert [line["done"] for line in lines] == [False]


@pytest.mark.parametrize(("kind", "status"), [("cancelled", 499), ("cloud", 403)])
async def test_refusals(fake: FakeOllamaOnCard, kind: Any, status: int) -> None:
    fake.residency.mishaps.append(Mishap(kind))
    assert (await ask(fake, "/api/chat", {"model": "smollm2:135m", "messages": HI}))[0] == status


async def test_troubles_of_the_connection(fake: FakeOllamaOnCard) -> None:
    body = {"model": "smollm2:135m", "messages": HI}
    fake.troubles.script(Trouble("html"), Trouble("error", name="ollama_busy_503"), StreamTrouble("error"))
    assert "Sign in" in (await ask(fake, "/api/chat", body))[1]
    status, said = await ask(fake, "/api/chat", body)
    assert (status, said["error"][:11]) == (503, "server busy")
    assert "error" in (await ask(fake, "/api/chat", body))[1][-1]
    fake.troubles.script(Trouble("reset_mid_body"), StreamTrouble("break"))
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await ask(fake, "/api/chat", body)


async def test_a_download_tells_how_far_it_is(fake: FakeOllamaOnCard) -> None:
    tiny = OllamaFile("tiny:1b", 1_000_000_000)
    fake.pullable[tiny.full_name] = tiny
    status, lines = await ask(fake, "/api/pull", {"model": "tiny:1b"})
    assert status == 200
    assert [line["status"] for line in lines if "digest" not in line] == [
        "pulling manifest",
        "verifying sha256 digest",
        "writing manifest",
        "success",
    ]
    parts = [line for line in lines if "digest" in line]
    assert "completed" not in parts[0]
    assert sum({it["digest"]: it["total"] for it in parts}.values()) == tiny.size
    assert (await ask(fake, "/api/chat", {"model": "tiny:1b", "messages": HI}))[0] == 200
    _, lines = await ask(fake, "/api/pull", {"model": "nope"})
    assert lines[-1] == {"error": "pull model manifest: file does not exist"}
    assert (await ask(fake, "/api/pull", {"model": "nope", "stream": False}))[0] == 500


async def test_a_context_that_is_too_small_for_a_conversation(fake: FakeOllamaOnCard) -> None:
    body = {
        "model": "smollm2:135m",
        "messages": [{"role": "user", "content": "x" * 9000}],
        "options": {"num_ctx": 2048},
    }
    assert (await ask(fake, "/api/chat", body))[0] == 200
    assert await ask(fake, "/api/chat", {**body, "truncate": False}) == (
        400,
        {"error": "the input length exceeds the context length"},
    )


async def test_the_official_client_lists_and_shows(official: ollama.AsyncClient) -> None:
    rows = (await official.list()).models
    assert {row.model for row in rows} >= {"smollm2:135m", "all-minilm:latest"}
    shown = await official.show("qwen3:30b")
    assert shown.modelinfo
    assert shown.modelinfo["qwen3moe.attention.key_length"] == 128
    assert "thinking" in (shown.capabilities or [])


async def test_the_official_client_chats(official: ollama.AsyncClient, fake: FakeOllamaOnCard) -> None:
    said = await official.chat("qwen3:4b", HI, think=True, keep_alive=-1, options={"num_ctx": 4096})
    assert said.message.content == "You said: hi"
    assert said.message.thinking
    assert said.eval_count
    stream = await official.chat("qwen3:4b", HI, think=False, stream=True, options={"num_ctx": 4096})
    pieces = [piece async for piece in stream]
    assert "".join(piece.message.content or "" for piece in pieces) == "You said: hi"
    assert pieces[-1].done_reason == "stop"
    held = (await official.ps()).models
    assert [(it.model, it.context_length, it.size == it.size_vram) for it in held] == [("qwen3:4b", 4096, True)]
    assert fake.residency.counts.loads == 1


async def test_the_official_client_uses_tools_and_schemas(official: ollama.AsyncClient) -> None:
    ask_weather: list[dict[str, Any]] = [{"role": "user", "content": "the weather in Lyon"}]
    said = await official.chat("qwen3:4b", ask_weather, tools=[TOOL], think=False)
    calls = said.message.tool_calls
    assert calls
    assert (calls[0].function.name, calls[0].function.arguments) == ("get_weather", {"city": "the weather in Lyon"})
    answered: list[Any] = [*ask_weather, said.message, {"role": "tool", "content": "Sunny", "tool_name": "get_weather"}]
    assert (await official.chat("qwen3:4b", answered, tools=[TOOL], think=False)).message.content
    schema = {"type": "object", "properties": {"label": {"type": "string", "enum": ["image", "chat"]}}}
    said = await official.chat("qwen3:4b", HI, think=False, format=schema, logprobs=True, top_logprobs=2)
    assert json.loads(said.message.content or "") == {"label": "chat"}
    assert said.logprobs
    assert len(said.logprobs[1].top_logprobs or []) == 2


async def test_the_official_client_completes_embeds_and_pulls(
    official: ollama.AsyncClient, fake: FakeOllamaOnCard
) -> None:
    assert (await official.generate("smollm2:135m", "hi")).response == "You said: hi"
    vectors = (await official.embed("all-minilm", ["a fox", "a dog"])).embeddings
    assert [len(it) for it in vectors] == [384, 384]
    fake.pullable["tiny:1b"] = OllamaFile("tiny:1b", 1_000_000_000)
    progress = [it async for it in await official.pull("tiny:1b", stream=True)]
    assert progress[-1].status == "success"
    with pytest.raises(ollama.ResponseError, match="model 'nope' not found") as told:
        await official.chat("nope", HI)
    assert told.value.status_code == 404


async def test_replies_take_their_time() -> None:
    time = PatientTime()
    pace = Pace(piece=0.5)
    async with FakeOllamaOnCard(FakeCard(24 * GIB, time), clock=time, sleep=time.sleep, pace=pace) as fake:
        asked = asyncio.create_task(ask(fake, "/api/chat", {"model": "smollm2:135m", "messages": HI, "keep_alive": -1}))
        _, lines = await time.until(asked)
        assert time.now == pytest.approx(1.5)
        assert lines[-1]["eval_duration"] == pytest.approx(1.2e9)


def test_the_library_has_the_models_of_the_tiers() -> None:
    assert {"smollm2:135m", "granite4:350m", "all-minilm", "qwen3-embedding:0.6b"} <= set(LIBRARY)
