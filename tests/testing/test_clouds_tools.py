"""The official clients use tools at the fakes as they do at the real servers."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import ollama
import openai
import pytest

from pointsman.core.message import ToolCall
from pointsman.testing.clouds import FakeOpenAi
from pointsman.testing.clouds.dialects import AUTO
from pointsman.testing.ollama import FakeOllamaOnCard, OllamaFile

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
ASK: Any = [{"role": "user", "content": "the weather in Lyon"}]
CALLS = (ToolCall("get_weather", {"city": "Lyon 🦊"}), ToolCall("get_weather", {"city": "Nice"}))


def twice(body: Mapping[str, Any]) -> Sequence[str | ToolCall]:
    """Calls twice at first, and then answers."""
    return ["Fine."] if body["messages"][-1]["role"] == "tool" else ["Let me see.", *CALLS]


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        FakeOpenAi(**settings) as fake,
        openai.AsyncOpenAI(base_url=fake.url, api_key=fake.key, max_retries=0) as client,
    ):
        yield client


async def test_openais_client_calls_and_answers() -> None:
    async with served(use_tool=twice) as client:
        said = (await client.chat.completions.create(model="m", messages=ASK, tools=[TOOL])).choices[0]
        assert said.finish_reason == "tool_calls"
        calls: list[Any] = said.message.tool_calls or []
        assert [json.loads(call.function.arguments) for call in calls] == [dict(call.arguments) for call in CALLS]
        results = [{"role": "tool", "tool_call_id": call.id, "content": "Sunny"} for call in calls]
        history: Any = [*ASK, said.message.model_dump(exclude_none=True), *results]
        answer = await client.chat.completions.create(model="m", messages=history, tools=[TOOL])
        assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("Fine.", "stop")


async def test_openais_client_puts_streamed_calls_together() -> None:
    async with (
        served(use_tool=twice) as client,
        client.chat.completions.stream(model="m", messages=ASK, tools=[TOOL]) as stream,
    ):
        pieces = [event async for event in stream if event.type == "tool_calls.function.arguments.delta"]
        final = (await stream.get_final_completion()).choices[0]
    calls = final.message.tool_calls or []
    assert [json.loads(call.function.arguments) for call in calls] == [dict(call.arguments) for call in CALLS]
    assert len(pieces) > 40
    assert final.message.content == "Let me see."
    assert final.finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([*ASK, {"role": "tool", "tool_call_id": "x", "content": "Sunny"}], "must be a response to"),
        ([{"role": "assistant", "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": "{}"}}]}], "x$"),
        ([{"role": "assistant", "tool_calls": [{"id": "", "function": {"name": "f", "arguments": "{}"}}]}], "id"),
        ([{"role": "assistant", "tool_calls": [{"id": "x", "function": {"name": "", "arguments": "{}"}}]}], "pattern"),
        ([{"role": "assistant", "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": {}}}]}], "a string"),
    ],
)
async def test_a_conversation_that_openai_refuses(messages: Any, words: str) -> None:
    async with served() as client:
        with pytest.raises(openai.BadRequestError) as told:
            await client.chat.completions.create(model="m", messages=messages)
        error: Any = told.value.body
        assert re.search(words, error["message"])


@pytest.mark.parametrize("tool", [{"function": {"name": "f"}}, {"type": "function", "function": {"name": "a b"}}])
async def test_a_tool_that_openai_refuses(tool: Any) -> None:
    async with served() as client:
        with pytest.raises(openai.BadRequestError, match=r"tools\[0\]"):
            await client.chat.completions.create(model="m", messages=ASK, tools=[tool])


@pytest.mark.parametrize(
    ("dialect", "error", "words"),
    [
        ("openai", openai.BadRequestError, "Unsupported parameter: 'tools'"),
        ("openrouter", openai.NotFoundError, "No endpoints found that support tool use"),
        ("llamacpp", openai.InternalServerError, "tools param requires --jinja flag"),
        ("gemini", openai.BadRequestError, "Function calling is not enabled for models/m"),
        ("ollama", openai.BadRequestError, "registry.ollama.ai/library/m:latest does not support tools"),
    ],
)
async def test_a_model_that_calls_no_tools(dialect: Any, error: type[openai.APIStatusError], words: str) -> None:
    async with served(dialect=dialect, toolless={"m"}) as client:
        with pytest.raises(error) as told:
            await client.chat.completions.create(model="m", messages=ASK, tools=[TOOL])
        assert words in told.value.response.text
        assert (await client.chat.completions.create(model="m", messages=ASK)).choices


async def test_vllms_refusal() -> None:
    async with FakeOpenAi() as fake:
        assert fake.errors("m")["vllm_tools_400"].body["error"]["message"] == AUTO


async def test_ollamas_client_streams_calls_and_hears_a_refusal() -> None:
    async with FakeOllamaOnCard(use_tool=twice) as fake:
        fake.install(OllamaFile("gemma3:1b", 815_000_000, "gemma3"))
        client = ollama.AsyncClient(fake.url)
        stream = await client.chat("qwen3:4b", ASK, tools=[TOOL], think=True, stream=True)
        lines = [line async for line in stream]
        calls = [call for line in lines for call in line.message.tool_calls or ()]
        assert [dict(call.function.arguments) for call in calls] == [dict(call.arguments) for call in CALLS]
        assert max(len(line.message.tool_calls or ()) for line in lines) == 1
        assert lines[0].message.thinking
        assert lines[-1].done_reason == "stop"
        with pytest.raises(ollama.ResponseError, match="gemma3:1b does not support tools") as told:
            await client.chat("gemma3:1b", ASK, tools=[TOOL])
        assert told.value.status_code == 400
        await client._client.aclose()
        async with openai.AsyncOpenAI(base_url=fake.openai_url, api_key="x", max_retries=0) as other:
            said = (await other.chat.completions.create(model="qwen3:4b", messages=ASK, tools=[TOOL])).choices[0]
            assert len(said.message.tool_calls or ()) == 2
            with pytest.raises(openai.BadRequestError, match="does not support tools"):
                await other.chat.completions.create(model="gemma3:1b", messages=ASK, tools=[TOOL])
