"""Chats with tools, and with a schema for the reply, on Ollama's own route."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from pointsman.core.errors import ToolsUnsupported
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.core.tool import ToolSpec
from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.chat import OllamaChat
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.openai_tools import NO_RESULT
from pointsman.testing.ollama import OllamaFile

WEATHER = ToolSpec("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
ASK = [Turn("user", "How is it in Paris and Rome?")]
CALLS = (ToolCall("get_weather", {"city": "Paris"}, "one"), ToolCall("get_weather", {"city": "Rome"}))
SETUP = Setup("qwen3:4b", RunnerOptions(4096), -1.0)
SCHEMA = {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"]}


async def talk(chat: OllamaChat, turns: Sequence[Turn] = ASK, **options: Any) -> list[Delta]:
    async with aclosing(chat.chat(turns, ChatOptions(**options))) as deltas:
        return [delta async for delta in deltas]


@pytest.fixture
def chat(place: Any) -> OllamaChat:
    """A model that thinks, says something, and calls twice; it answers when a tool has spoken."""

    def script(body: Mapping[str, Any]) -> Sequence[str | ToolCall]:
        return ["Fine."] if body["messages"][-1]["role"] == "tool" else ["Let me see.", *CALLS]

    place.fake._native._use_tool = script
    return OllamaChat(place.client, SETUP, think=True)


async def test_calls_come_each_in_a_line_behind_the_thoughts(place: Any, chat: OllamaChat) -> None:
    *said, last = await talk(chat, tools=(WEATHER,))
    assert "".join(delta.text for delta in said) == "Let me see."
    assert [delta.calls for delta in said if delta.calls] == [
        (CALLS[0],),
        (ToolCall("get_weather", {"city": "Rome"}, "id0000002"),),
    ]
    assert (last.finish_reason, last.calls) == ("tool_calls", ())
    assert last.completion_tokens > 0
    (tool,) = place.bodies[-1]["tools"]
    assert tool == {
        "type": "function",
        "function": {"name": "get_weather", "description": "The weather.", "parameters": dict(WEATHER.parameters)},
    }


async def test_calls_and_what_came_of_them_go_back(place: Any, chat: OllamaChat) -> None:
    results = [Turn("tool", "Sunny", tool="get_weather", call_id="one"), Turn("user", "Go on")]
    await talk(chat, [*ASK, Turn("assistant", "", CALLS), *results], tools=(WEATHER,))
    first = {"id": "one", "function": {"name": "get_weather", "arguments": {"city": "Paris"}}}
    second = {"id": "call00001", "function": {"name": "get_weather", "arguments": {"city": "Rome"}}}
    assert place.bodies[-1]["messages"][1:] == [
        {"role": "assistant", "content": "", "tool_calls": [first, second]},
        {"role": "tool", "content": "Sunny", "tool_name": "get_weather", "tool_call_id": "one"},
        {"role": "tool", "content": NO_RESULT, "tool_name": "get_weather", "tool_call_id": "call00001"},
        {"role": "user", "content": "Go on"},
    ]
    deltas = await talk(chat, [*ASK, Turn("assistant", "", CALLS[:1]), results[0]], tools=(WEATHER,))
    assert ("".join(delta.text for delta in deltas), deltas[-1].finish_reason) == ("Fine.", "stop")


@pytest.mark.parametrize("think", [None, False])
async def test_a_model_that_calls_no_tools_says_so_first(place: Any, think: bool | None) -> None:
    place.fake.install(OllamaFile("gemma3:1b", 815_000_000, "gemma3"))
    chat = OllamaChat(place.client, Setup("gemma3:1b"), think=think)
    with pytest.raises(ToolsUnsupported, match="gemma3:1b calls no tools") as caught:
        await talk(chat, tools=(WEATHER,))
    assert "ollama show" in caught.value.cure
    assert (await talk(chat))[-1].finish_reason == "stop"


async def test_a_reply_that_follows_a_schema(place: Any) -> None:
    deltas = await talk(OllamaChat(place.client, SETUP, think=False), schema=SCHEMA)
    assert place.bodies[-1]["format"] == SCHEMA
    assert isinstance(json.loads("".join(delta.text for delta in deltas)), dict)
    await talk(OllamaChat(place.client, SETUP, think=False))
    assert not place.bodies[-1].keys() & {"format", "tools"}
