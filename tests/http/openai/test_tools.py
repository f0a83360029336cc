"""The caller's own tools: the model's wish for them comes back, and what came of them goes to the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import openai
import pytest
from openai import OpenAI
from tests.http.openai.speaking import Speaker

from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatOptions, Delta

PARIS = ToolCall("get_weather", {"city": "Paris"}, "call_a")
ROME = ToolCall("get_weather", {"city": "Rome"}, "")
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ASKED: Any = [{"role": "user", "content": "how warm is it there?"}]
ANSWERED: Any = [
    *ASKED,
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_a", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "call_a", "content": "21 degrees"},
]


def weather(turns: Sequence[Turn], options: ChatOptions) -> Sequence[Delta]:
    """Wants the weather of two cities, then says what came of it."""
    if turns[-1].role == "tool":
        return [Delta(f"It has {turns[-1].text}."), Delta("", "stop", 9, 4)]
    if not options.tools or options.choice == "none":
        return [Delta("I cannot look."), Delta("", "stop", 9, 4)]
    return [Delta(calls=(PARIS, ROME)), Delta("", "tool_calls", 9, 4)]


@pytest.fixture
def model() -> Speaker:
    return Speaker(weather)


@pytest.fixture
def client(start: Any, model: Speaker) -> OpenAI:
    return OpenAI(base_url=f"{start(model=model).url}/v1", api_key="any", max_retries=0)


@pytest.mark.parametrize("name", ["auto", "tiny"])
def test_calls_come_back_whole(client: OpenAI, model: Speaker, name: str) -> None:
    reply = client.chat.completions.create(model=name, messages=ASKED, tools=[TOOL], tool_choice="required")
    (choice,) = reply.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    calls = choice.message.tool_calls
    assert calls is not None
    first, second = calls
    assert first.to_dict() == {
        "id": "call_a",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
    }
    assert second.id.startswith("call_")
    ((_, options),) = model.asked
    (spec,) = options.tools
    assert (spec.name, spec.description, options.choice) == ("get_weather", "the weather of a city", "required")
    assert spec.parameters["required"] == ["city"]


@pytest.mark.parametrize("name", ["auto", "tiny"])
def test_calls_come_back_in_a_stream(client: OpenAI, name: str) -> None:
    parts = list(client.chat.completions.create(model=name, messages=ASKED, tools=[TOOL], stream=True))
    rows = [row for part in parts for row in part.choices[0].delta.tool_calls or ()]
    assert [(row.index, row.type) for row in rows] == [(0, "function"), (1, "function")]
    assert [row.function.arguments for row in rows if row.function] == ['{"city": "Paris"}', '{"city": "Rome"}']
    assert all(row.id for row in rows)
    assert parts[-1].choices[0].finish_reason == "tool_calls"
    assert "".join(part.choices[0].delta.content or "" for part in parts) == ""


def test_what_came_of_a_call_goes_back_to_a_model_and_never_elsewhere(client: OpenAI, model: Speaker) -> None:
    drawn: Any = [{"role": "user", "content": "draw a cat"}, *ANSWERED[1:]]
    reply = client.chat.completions.create(model="auto", messages=drawn, tools=[TOOL])
    assert reply.choices[0].message.content == "It has 21 degrees."
    ((turns, _),) = model.asked
    assert turns == (
        Turn("user", "draw a cat"),
        Turn("assistant", "", (ToolCall("get_weather", {"city": "Paris"}, "call_a"),)),
        Turn("tool", "21 degrees", tool="get_weather", call_id="call_a"),
    )


def test_one_call_at_a_time_where_the_caller_takes_no_more(client: OpenAI, model: Speaker) -> None:
    reply = client.chat.completions.create(model="auto", messages=ASKED, tools=[TOOL], parallel_tool_calls=False)
    assert [call.id for call in reply.choices[0].message.tool_calls or ()] == ["call_a"]
    assert model.asked[0][1].more == {"parallel_tool_calls": False}
    parts = list(
        client.chat.completions.create(
            model="tiny", messages=ASKED, tools=[TOOL], parallel_tool_calls=False, stream=True
        )
    )
    assert [row.id for part in parts for row in part.choices[0].delta.tool_calls or ()] == ["call_a"]


def test_a_tool_can_be_chosen_and_none_at_all(client: OpenAI, model: Speaker) -> None:
    named: Any = {"type": "function", "function": {"name": "get_weather"}}
    client.chat.completions.create(model="tiny", messages=ASKED, tools=[TOOL], tool_choice=named)
    reply = client.chat.completions.create(model="tiny", messages=ASKED, tools=[TOOL], tool_choice="none")
    assert reply.choices[0].message.content == "I cannot look."
    assert [options.choice for _, options in model.asked] == ["get_weather", "none"]


def test_no_footer_where_a_program_reads_along(client: OpenAI) -> None:
    reply = client.chat.completions.create(model="auto", messages=ASKED, tools=[TOOL], tool_choice="none")
    assert reply.choices[0].message.content == "I cannot look."


def test_the_older_language_of_calls_is_read_in_what_was_said(client: OpenAI, model: Speaker) -> None:
    older: Any = [
        *ASKED,
        {"role": "assistant", "content": None, "function_call": {"name": "get_weather", "arguments": "not json"}},
        {"role": "function", "name": "get_weather", "content": "9 degrees"},
    ]
    client.chat.completions.create(model="tiny", messages=older)
    turns = model.asked[0][0]
    assert turns[1].calls == (ToolCall("get_weather", {}, problem="no JSON object: not json"),)
    assert turns[2] == Turn("tool", "9 degrees", tool="get_weather")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"tools": "all"}, "tools"),
        ({"tools": [{"type": "custom"}]}, "tools.0.type"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools.0.function.name"),
        ({"tools": [TOOL], "tool_choice": "some"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"function": {"name": "other"}}}, "tool_choice.function.name"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"functions": []}, "functions"),
    ],
)
def test_what_makes_no_sense_is_named(client: OpenAI, said: Any, field: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="auto", messages=ASKED, extra_body=said)
    assert caught.value.param == field
