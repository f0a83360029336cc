"""Chats with tools, and with a schema for the reply, on servers that speak OpenAI's language."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from pointsman.core.errors import ToolsUnsupported
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.core.tool import ToolSpec
from pointsman.providers.openai_chat import TOOLLESS_SECONDS, OpenAiChat
from pointsman.providers.openai_events import Heard
from pointsman.providers.openai_server import OpenAiServer
from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.dialects import AUTO, DIALECTS, DialectName
from pointsman.testing.clouds.faults import StreamTrouble
from pointsman.testing.clouds.openai import FakeOpenAi
from pointsman.testing.clouds.tools import Writing

WEATHER = ToolSpec(
    "get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
)
NOW = ToolSpec("now", "The time.", {"type": "object", "properties": {}})
TOOLS = ChatOptions(tools=(WEATHER, NOW))
ASK = [Turn("user", "How is it in Paris and Rome?")]
PARIS = ToolCall("get_weather", {"city": "Paris 🦊 \u2028"})
ROME = ToolCall("get_weather", {"city": 'Ro"me'})
SCHEMA = {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"]}


def both(body: Mapping[str, Any]) -> Sequence[str | ToolCall]:
    """Says something and calls twice; answers when a tool has spoken."""
    if body["messages"][-1]["role"] == "tool":
        return ["Fine ", "in both."]
    return ["Let me see. ", PARIS, ROME]


class Talk:
    """A chat model on a fake server, whose clock and naps are seen."""

    def __init__(self, fake: FakeOpenAi, *, tool_calls: bool = True) -> None:
        self.fake = fake
        self.now = 0.0
        self.naps: list[float] = []
        self.model = OpenAiChat(
            fake.url,
            fake.models,
            service=OpenAiServer("server", fake.url),
            name="main",
            key=SecretStr(fake.key),
            timeout=5.0,
            tool_calls=tool_calls,
            clock=lambda: self.now,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)

    async def deltas(self, turns: Sequence[Turn] = ASK, options: ChatOptions = TOOLS) -> list[Delta]:
        async with aclosing(self.model.chat(turns, options)) as deltas:
            return [delta async for delta in deltas]

    @property
    def asked(self) -> list[str]:
        """The models that were asked, in order."""
        return [it.model for it in self.fake.requests]


@asynccontextmanager
async def talk(*, tool_calls: bool = True, **settings: Any) -> AsyncIterator[Talk]:
    async with FakeOpenAi(**settings) as fake:
        opened = Talk(fake, tool_calls=tool_calls)
        try:
            yield opened
        finally:
            await opened.model.close()


WRITINGS = [Writing(), Writing(whole=True), Writing(ids=False), Writing(whole=True, indexes=False),
            Writing(whole=True, ids=False, indexes=False)]  # fmt: skip


@pytest.mark.parametrize("writing", WRITINGS, ids=str)
async def test_calls_come_whole_and_their_results_go_back(writing: Writing) -> None:
    async with talk(use_tool=both, writing=writing) as it:
        *said, last = await it.deltas()
        assert "".join(delta.text for delta in said) == "Let me see. "
        assert [(call.name, call.arguments, call.problem) for call in last.calls] == [
            (call.name, call.arguments, "") for call in (PARIS, ROME)
        ]
        assert all(call.id for call in last.calls) is writing.ids
        assert last.finish_reason == "tool_calls"
        assert last.completion_tokens > 0
        further = [
            *ASK,
            Turn("assistant", "Let me see. ", last.calls),
            *(Turn("tool", "Sunny", tool=call.name, call_id=call.id) for call in last.calls),
        ]
        answer = await it.deltas(further)
        assert "".join(delta.text for delta in answer) == "Fine in both."
        assert answer[-1].finish_reason == "stop"
        assert it.fake.refused.bad_request == 0


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_dialect_calls_and_refuses(dialect: DialectName) -> None:
    async with talk(dialect=dialect, use_tool=both) as it:
        calls = (await it.deltas())[-1].calls
        assert [call.arguments for call in calls] == [PARIS.arguments, ROME.arguments]
        history = [*ASK, Turn("assistant", "", (PARIS, ROME)), Turn("tool", "x", tool="get_weather")]
        assert (await it.deltas(history))[-1].finish_reason == "stop"
    async with talk(dialect=dialect, toolless={"m"}) as it:
        with pytest.raises(ToolsUnsupported, match="main calls no tools") as caught:
            await it.deltas()
        assert "can use tools" in caught.value.cure
        assert (it.asked, it.naps) == (["m"], [])
        assert (await it.deltas(options=ChatOptions()))[-1].finish_reason == "stop"
        assert it.asked == ["m", "m"]


async def test_a_model_that_is_said_to_call_no_tools_is_not_asked_with_any() -> None:
    async with talk(use_tool=both, tool_calls=False) as it:
        with pytest.raises(ToolsUnsupported):
            await it.deltas()
        assert it.asked == []
        assert (await it.deltas(options=ChatOptions()))[-1].finish_reason == "stop"


async def test_what_calls_no_tools_is_not_asked_again_for_a_while() -> None:
    async with talk(dialect="openrouter", toolless=["m"]) as it:
        for _ in range(2):
            with pytest.raises(ToolsUnsupported):
                await it.deltas()
        assert it.asked == ["m"]
        it.fake.toolless = ()
        it.now = TOOLLESS_SECONDS + 1
        assert (await it.deltas())[-1].finish_reason
        assert it.asked == ["m", "m"]


async def test_the_next_model_is_asked_where_the_first_calls_no_tools() -> None:
    async with talk(models=("a", "b"), toolless={"a"}, use_tool=both, dialect="openrouter") as it:
        calls = (await it.deltas())[-1].calls
        assert len(calls) == 2
        history = [*ASK, Turn("assistant", "", calls)]
        await it.deltas(history, ChatOptions())
        await it.deltas(ASK, ChatOptions())
        assert it.asked == ["a", "b", "b", "a"]
    async with talk(models=("a", "b"), toolless={"a", "b"}) as it:
        with pytest.raises(ToolsUnsupported):
            await it.deltas()
        assert it.asked == ["a", "b"]
        await it.deltas([*ASK, Turn("assistant", "", (PARIS,))], ChatOptions())
        assert it.asked == ["a", "b", "a"]


async def test_calls_that_break_off_were_never_made() -> None:
    async with talk(use_tool=lambda _: [PARIS]) as it:
        it.fake.troubles.script(StreamTrouble("break", 4))
        deltas = await it.deltas()
        assert [call.arguments for delta in deltas for call in delta.calls] == [PARIS.arguments]
        assert (len(it.asked), len(it.naps)) == (2, 1)


class Says(FakeOpenAi):
    """A server that streams the same events to everybody."""

    def __init__(self, *told: Mapping[str, Any]) -> None:
        super().__init__()
        self.told = told

    async def answer(self, asked: Asked) -> Answer:
        return Answer(events=self.told)


def event(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def started(arguments: str) -> dict[str, Any]:
    return event(tool_calls=[{"index": 0, "id": "a", "function": {"name": "now", "arguments": arguments}}])


@pytest.mark.parametrize(
    ("told", "finish", "problem"),
    [
        ([started("{}"), event("stop")], "tool_calls", ""),
        ([started("{}"), event("function_call")], "tool_calls", ""),
        ([started("{}"), event("tool_calls")], "tool_calls", ""),
        ([event(reasoning="hm"), started("{}"), event("tool_calls")], "tool_calls", ""),
        ([started('{"a": "b'), event("length")], "length", "at its limit of tokens"),
        ([started("nonsense"), event("stop")], "tool_calls", "no JSON"),
        ([event(content="Hi"), event("tool_calls")], "stop", None),
    ],
    ids=["stop", "older", "as it should", "thoughts first", "cut", "no JSON", "no calls"],
)
async def test_how_replies_with_calls_end(told: list[Mapping[str, Any]], finish: str, problem: str | None) -> None:
    async with Says(*told) as fake:
        it = Talk(fake)
        last = (await it.deltas())[-1]
        await it.model.close()
    assert last.finish_reason == finish
    assert [problem in call.problem for call in last.calls if problem is not None] == [True] * (problem is not None)
    assert all(not call.problem for call in last.calls if problem == "")


@pytest.mark.parametrize("code", [400, None])
async def test_a_refusal_inside_a_stream(code: int | None) -> None:
    error = {"message": AUTO, "type": "invalid_request_error", "code": code}
    async with Says({"error": error}) as fake:
        it = Talk(fake)
        with pytest.raises(ToolsUnsupported):
            await it.deltas()
        with pytest.raises(ServiceFailed):
            await it.deltas(options=ChatOptions())
        await it.model.close()


def test_a_whole_message_with_calls() -> None:
    heard = Heard()
    calls = [{"id": "a", "function": {"name": "now", "arguments": {}}}, {"function": {"name": "now"}}]
    assert heard.take({"choices": [{"message": {"content": None, "tool_calls": calls}, "finish_reason": "stop"}]}) == ""
    assert heard.last("m").calls == (ToolCall("now", {}, "a"), ToolCall("now"))


# --- a schema for the reply


@pytest.mark.parametrize(
    ("formats", "forms"),
    [
        ({"json_schema", "json_object", "text"}, ["json_schema"]),
        ({"json_object", "text"}, ["json_schema", "json_object"]),
        ({"text"}, ["json_schema", "json_object", None]),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_schema_is_asked_for_as_strictly_as_the_server_takes_it(
    dialect: DialectName, formats: set[str], forms: list[str | None]
) -> None:
    async with talk(dialect=dialect, formats=frozenset(formats)) as it:
        for _ in range(2):
            said = "".join(delta.text for delta in await it.deltas(options=ChatOptions(schema=SCHEMA)))
        asked = [asked.json.get("response_format", {}).get("type") for asked in it.fake.requests]
        assert asked == [*forms, forms[-1]]
        assert it.naps == []
        told = json.dumps(SCHEMA) in it.fake.requests[-1].json["messages"][0]["content"]
        assert told == (forms[-1] != "json_schema")
        assert bool(said)
        if forms[-1]:
            json.loads(said)
