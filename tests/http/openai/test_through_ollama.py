"""A concrete model of an Ollama: the same answers as from the Ollama's own /v1, though it is asked natively."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from tests.http.openai.speaking import client_of, config_of, gateway

from pointsman.testing.clouds import StreamTrouble
from pointsman.testing.ollama import LIBRARY, FakeOllamaOnCard, Mishap, OllamaFile

CHAT = "qwen3:4b"  # it thinks
PLAIN = "smollm2:135m"
HELLO: Any = [{"role": "user", "content": "say <something> & more"}]
PIXEL = "data:image/png;base64,iVBORw0KGgo="
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALLED: Any = {
    "role": "assistant",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "x"}'}}],
}
SCHEMA: Any = {
    "type": "json_schema",
    "json_schema": {"name": "a", "schema": {"type": "object", "properties": {"a": {"enum": ["x", "y"]}}}},
}
BOTH: Any = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
FINE: Mapping[str, dict[str, Any]] = {
    "plain": {"model": PLAIN},
    "thinking": {},
    "without thinking": {"reasoning_effort": "none"},
    "settings": {
        "model": PLAIN, "temperature": 0.3, "top_p": 0.5, "seed": 4, "stop": ["\n", "end"], "max_tokens": 3,
        "frequency_penalty": 0.1, "presence_penalty": 0.2, "user": "me", "n": 2,
    },
    "one stop": {"model": PLAIN, "stop": "end"},
    "json": {"model": PLAIN, "response_format": {"type": "json_object"}},
    "schema": {"model": PLAIN, "response_format": SCHEMA},
    "probabilities": {"model": PLAIN, "logprobs": True, "top_logprobs": 2},
    "tools": {"tools": [WEATHER], "messages": [{"role": "user", "content": "the weather in <Rome> & Paris"}]},
    "results": {"messages": [*HELLO, CALLED, {"role": "tool", "tool_call_id": "c1", "content": "21"}]},
    "parts": {"messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": BOTH}]},
}  # fmt: skip
REFUSED: Mapping[str, dict[str, Any]] = {
    "nothing said": {"messages": []},
    "a number said": {"messages": [{"role": "user", "content": 2}]},
    "nothing at all": {"messages": [{"role": "user", "content": None}]},
    "a part of no kind": {"messages": [{"role": "user", "content": [{"type": "smell"}]}]},
    "a picture far away": {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}]}]},
    "a picture that is none": {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/gif;base64,AAAA"}}]}]},
    "base64 that is none": {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}}]}]},
    "odd effort": {"reasoning_effort": "extreme"},
    "a model without tools": {"model": "plain", "tools": [WEATHER]},
    "a model that does not think": {"model": PLAIN, "reasoning_effort": "high"},
    "an embedding model": {"model": "all-minilm"},
    "unreadable arguments": {"messages": [*HELLO, {"role": "assistant", "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "a", "arguments": "{"}}]}]},
}  # fmt: skip


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[tuple[FakeOllamaOnCard, AsyncOpenAI, AsyncOpenAI]]:
    """An Ollama, the client at it, and the client at the gateway in front of it."""
    files = (*LIBRARY.values(), OllamaFile("plain", 1_000_000))
    async with FakeOllamaOnCard(files=files) as ollama:
        main = {"provider": "ollama", "url": ollama.url, "model": CHAT}
        config = config_of(folder, models={"main": main})
        async with client_of(ollama.url) as direct, gateway(config) as through:
            yield ollama, direct, through


def stable(answer: Any) -> Any:
    """An answer without what is another one each time."""
    assert answer["id"].startswith("chatcmpl-")
    return {**answer, "id": "", "created": 0}


async def streamed(client: AsyncOpenAI, asked: dict[str, Any]) -> list[Any]:
    """The parts of a stream."""
    return [stable(part.to_dict()) async for part in await client.chat.completions.create(**asked, stream=True)]


async def test_a_chat_reads_as_from_the_ollama_itself(tmp_path: Path) -> None:
    counted = {"stream_options": {"include_usage": True}}
    async with house(tmp_path) as (ollama, direct, through):
        for name, more in FINE.items():
            asked: Any = {"model": CHAT, "messages": HELLO, **more}
            wanted = await direct.chat.completions.create(**asked)
            found = await through.chat.completions.create(**asked)
            assert stable(found.to_dict()) == stable(wanted.to_dict()), name
            parts = await streamed(through, asked)
            assert parts == await streamed(direct, asked), name
            with_counts = await streamed(through, asked | counted)
            assert with_counts == await streamed(direct, asked | counted), name
            assert len(with_counts) == len(parts) + 1
            native = [it.path for it in ollama.requests if it.path.endswith("/chat")]
            assert native == ["/api/chat"] * 3, name  # and the other three are the direct ones
            ollama.requests.clear()


async def test_a_refusal_reads_as_from_the_ollama_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, direct, through):
        for stream in (False, True):
            for name, more in REFUSED.items():
                asked: Any = {"model": CHAT, "messages": HELLO, "stream": stream, **more}
                wanted = await refused(direct.chat.completions.create(**asked))
                found = await refused(through.chat.completions.create(**asked))
                assert found == wanted, name


async def refused(asking: Awaitable[Any]) -> tuple[int, object]:
    """The status and the body of a refusal."""
    with pytest.raises(openai.APIStatusError) as caught:
        await asking
    return caught.value.status_code, caught.value.body


async def test_a_model_that_nobody_has_is_not_found(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, _, through):
        with pytest.raises(openai.NotFoundError) as caught:
            await through.chat.completions.create(model="nope", messages=HELLO)
    assert caught.value.code == "model_not_found"


async def test_what_ollamas_v1_has_no_place_for_is_sent_on(tmp_path: Path) -> None:
    async with house(tmp_path) as (ollama, _, through):
        await through.chat.completions.create(
            model=PLAIN,
            messages=HELLO,
            max_completion_tokens=2,
            extra_body={"keep_alive": "2h", "options": {"num_ctx": 2048, "temperature": 9}},
            temperature=0.5,
        )
        assert [it.duration for it in ollama.residency.runners.values()] == [7200]
    asked = ollama.requests[-1].fields
    assert asked["keep_alive"] == "2h"
    assert asked["options"]["num_predict"] == 2
    assert (asked["options"]["num_ctx"], asked["options"]["temperature"]) == (2048, 0.5)


async def test_a_model_stays_as_it_is_set_up(tmp_path: Path) -> None:
    async with FakeOllamaOnCard() as ollama:
        main = {
            "provider": "ollama",
            "url": ollama.url,
            "model": PLAIN,
            "keep_alive": "1h",
            "context": 4096,
            "name": "x",
        }
        async with gateway(config_of(tmp_path, models={"main": main})) as through:
            for name in ("x", PLAIN):
                reply = await through.chat.completions.create(model=name, messages=HELLO)
                asked = ollama.requests[-1].fields
                assert (asked["model"], asked["keep_alive"], asked["options"]["num_ctx"]) == (PLAIN, 3600, 4096)
                assert reply.model == name
            await through.chat.completions.create(model="qwen3:4b", messages=HELLO)
    assert "keep_alive" not in ollama.requests[-1].fields


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_that_breaks_off_says_so(tmp_path: Path, stream: bool) -> None:
    async with house(tmp_path) as (ollama, _, through):
        ollama.residency.mishaps.append(Mishap("run_crash", after=2))
        asked: Any = {"model": PLAIN, "messages": HELLO}
        asking: Any = streamed(through, asked) if stream else through.chat.completions.create(**asked)
        with pytest.raises(openai.APIError) as caught:
            await asking
    assert "terminated" in caught.value.message


async def test_a_connection_that_breaks_off_ends_the_stream_with_an_error(tmp_path: Path) -> None:
    async with house(tmp_path) as (ollama, _, through):
        kinds: Sequence[Any] = ("break", "no_done")
        for kind in kinds:
            ollama.troubles.set(StreamTrouble(kind, after=2))
            with pytest.raises(openai.APIError):
                await streamed(through, {"model": PLAIN, "messages": HELLO})


async def test_vectors_are_those_of_the_ollama_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as (ollama, direct, through):
        for given in ("one", ["one", "two"], ""):
            for more in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"}, {"dimensions": 8}):
                asked: Any = {"model": "all-minilm", "input": given, **more}
                wanted = await direct.embeddings.with_raw_response.create(**asked)
                found = await through.embeddings.with_raw_response.create(**asked)
                assert json.loads(found.text) == json.loads(wanted.text), more
        assert {it.path for it in ollama.requests} >= {"/api/embed"}
        assert len((await through.embeddings.create(model="all-minilm", input="one")).data[0].embedding) == 384


async def test_vectors_that_cannot_be_had_are_refused_likewise(tmp_path: Path) -> None:
    odd: Sequence[dict[str, Any]] = (
        {"input": [[1, 2]]},
        {"input": []},
        {"input": "x", "encoding_format": "int8"},
        {"input": "x", "model": CHAT},
    )
    async with house(tmp_path) as (_, direct, through):
        for said in odd:
            asked: Any = {"model": "all-minilm", **said}
            wanted = await refused(direct.embeddings.create(**asked))
            assert await refused(through.embeddings.create(**asked)) == wanted, said


async def test_models_are_those_of_the_ollama_and_auto(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, direct, through):
        wanted = [it.to_dict() for it in (await direct.models.list()).data]
        found = [it.to_dict() for it in (await through.models.list()).data]
        assert (await through.models.retrieve(CHAT)).to_dict() == (await direct.models.retrieve(CHAT)).to_dict()
        short = (await through.models.retrieve("all-minilm")).to_dict()
        assert short == (await direct.models.retrieve("all-minilm")).to_dict()
        with pytest.raises(openai.NotFoundError):
            await through.models.retrieve("nope")
    assert found[0]["id"] == "auto"
    assert sorted(found[1:], key=str) == sorted(wanted, key=str)
