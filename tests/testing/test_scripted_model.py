"""The scripted model does what tests rely on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from pointsman.core.errors import ModelFailed, ToolsUnsupported, Unreachable
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatModel, ChatOptions, Delta
from pointsman.core.tool import ToolSpec
from pointsman.testing.scripted_model import ScriptedModel

TURNS = (Turn("assistant", "Yes?"), Turn("user", "Hello there, you"))
ADD = ToolSpec("add", "Adds numbers.", {"type": "object", "properties": {}})
CALL = ToolCall("add", {"a": 1}, "call_1")


async def deltas_of(model: ChatModel, options: ChatOptions = ChatOptions()) -> list[Delta]:  # noqa: B008
    async with aclosing(model.chat(TURNS, options)) as deltas:
        return [delta async for delta in deltas]


async def test_it_says_its_script_and_remembers_what_it_was_asked() -> None:
    model = ScriptedModel(["a", "b"])
    options = ChatOptions(temperature=0.5)
    assert await deltas_of(model, options) == [Delta("a"), Delta("b"), Delta("", "stop", 4, 2)]
    assert model.asked == [(TURNS, options)]
    assert model.stopped == 0


async def test_without_a_script_it_echoes() -> None:
    assert "".join(delta.text for delta in await deltas_of(ScriptedModel())) == "Hello there, you"


async def test_it_keeps_to_the_token_limit() -> None:
    assert await deltas_of(ScriptedModel(), ChatOptions(max_tokens=1)) == [Delta("Hello"), Delta("", "length", 4, 1)]


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_it_fails_when_it_was_told_to(count: int) -> None:
    model = ScriptedModel(["a", "b"], fail_after=count)
    said: list[str] = []
    with pytest.raises(ModelFailed):  # noqa: PT012 - what came before the failure counts
        async for delta in model.chat(TURNS, ChatOptions()):
            said.append(delta.text)  # noqa: PERF401
    assert said == ["a", "b"][:count]
    assert model.stopped == 0


async def test_it_fails_with_the_given_error() -> None:
    gone = Unreachable("gone", cure="wait")
    with pytest.raises(Unreachable) as caught:
        await deltas_of(ScriptedModel(fail_after=0, error=gone))
    assert caught.value is gone


async def test_it_waits_until_it_may_go_on() -> None:
    hold = asyncio.Event()
    waiting = asyncio.ensure_future(deltas_of(ScriptedModel(["a"], hold=hold)))
    await asyncio.sleep(0)
    assert not waiting.done()
    hold.set()
    assert len(await waiting) == 2


async def test_it_counts_chats_that_were_closed_early() -> None:
    model = ScriptedModel(["a", "b"])
    deltas = model.chat(TURNS, ChatOptions())
    await anext(deltas)
    await deltas.aclose()
    assert model.stopped == 1


async def test_it_knows_that_it_was_closed() -> None:
    model = ScriptedModel()
    assert not model.closed
    await model.close()
    assert model.closed


async def test_its_script_may_call_tools() -> None:
    model = ScriptedModel(["Let me see", CALL])
    said = [Delta("Let me see"), Delta(calls=(CALL,)), Delta("", "tool_calls", 4, 2)]
    assert await deltas_of(model) == said
    assert await deltas_of(model) == said
    assert (await deltas_of(model, ChatOptions(max_tokens=1)))[-1].finish_reason == "length"


async def test_each_chat_has_its_own_script() -> None:
    model = ScriptedModel(rounds=[[CALL], ["It is 1"]])
    assert await deltas_of(model) == [Delta(calls=(CALL,)), Delta("", "tool_calls", 4, 1)]
    assert await deltas_of(model) == [Delta("It is 1"), Delta("", "stop", 4, 1)]
    with pytest.raises(ModelFailed, match="asked 3 times"):
        await deltas_of(model)


async def test_a_script_may_be_written_from_what_is_asked() -> None:
    def written(turns: Sequence[Turn], options: ChatOptions) -> list[str | ToolCall]:
        return [f"{len(turns)} turns", *(ToolCall(tool.name) for tool in options.tools)]

    said = await deltas_of(ScriptedModel(written), ChatOptions(tools=(ADD,)))
    assert said[:2] == [Delta("2 turns"), Delta(calls=(ToolCall("add"),))]


async def test_it_may_know_no_tools() -> None:
    model = ScriptedModel(["a"], tools=False)
    with pytest.raises(ToolsUnsupported):
        await deltas_of(model, ChatOptions(tools=(ADD,)))
    assert (len(model.asked), model.stopped) == (1, 0)
    assert (await deltas_of(model))[0] == Delta("a")
