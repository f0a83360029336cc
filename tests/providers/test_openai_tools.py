"""Conversations with calls, as OpenAI's own server takes them, and how servers refuse tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.message import Role, ToolCall, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.providers.llama_wire import messages_of
from pointsman.providers.openai_request import is_closed, request_of
from pointsman.providers.openai_tools import NO_RESULT, arranged, in_words, refuses_tools, tools_of
from pointsman.providers.remote.wire import Reply
from pointsman.testing.clouds.dialects import AUTO, DIALECTS, Case
from pointsman.testing.clouds.tools import odd_id_in, problem_in

ADD = ToolSpec("add", "Adds two numbers.", {"type": "object", "properties": {"a": {"type": "number"}}})
ONE = ToolCall("add", {"a": 1}, "one")
TWO = ToolCall("add", {"a": 2})
ASK = Turn("user", "What is it?")


def roles(turns: Sequence[Turn]) -> list[tuple[str, str, str]]:
    """The role and the text of each turn, and the id of the call that it is about."""
    return [(turn.role, turn.text, turn.call_id) for turn in turns]


def test_a_conversation_with_calls_as_openai_takes_it() -> None:
    turns = [
        ASK,
        Turn("assistant", "", (ONE,)),
        Turn("tool", "1", tool="add", call_id="one"),
        Turn("assistant", "One."),
    ]
    arguments = json.dumps({"a": 1})
    call = {"id": "one", "type": "function", "function": {"name": "add", "arguments": arguments}}
    assert messages_of(turns, "Be brief.") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "one", "content": "1"},
        {"role": "assistant", "content": "One."},
    ]
    assert tools_of([ADD]) == [
        {
            "type": "function",
            "function": {"name": "add", "description": "Adds two numbers.", "parameters": dict(ADD.parameters)},
        }
    ]


def test_nothing_is_joined_across_calls() -> None:
    turns = [
        Turn("assistant", "a"),
        Turn("assistant", "b", (ONE,)),
        Turn("tool", "1", call_id="one"),
        Turn("assistant", "c"),
        Turn("assistant", "d"),
        Turn("user", "e"),
        Turn("user", "f"),
    ]
    assert roles(arranged(turns, "")) == [
        ("assistant", "a", ""),
        ("assistant", "b", ""),
        ("tool", "1", "one"),
        ("assistant", "c\n\nd", ""),
        ("user", "e\n\nf", ""),
    ]


def test_calls_without_ids_get_the_same_ones_in_every_request() -> None:
    turns = [ASK, Turn("assistant", "", (TWO, TWO)), Turn("tool", "x", tool="add"), Turn("tool", "y", tool="add")]
    first = arranged(turns, "")
    assert roles(first)[2:] == [("tool", "x", "call00001"), ("tool", "y", "call00002")]
    assert arranged([*turns, Turn("assistant", "", (TWO,))], "")[:4] == first
    assert not odd_id_in({"messages": messages_of(turns, "")})
    taken = [Turn("assistant", "", (TWO, ToolCall("add", {}, "call00001")))]
    assert [call.id for call in arranged(taken, "")[0].calls] == ["call00002", "call00001"]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([Turn("tool", "x", call_id="one")], [("user", "x", "")]),
        ([Turn("assistant", "", (ONE,))], [("assistant", "", ""), ("tool", NO_RESULT, "one")]),
        (
            [Turn("assistant", "", (ONE, TWO)), Turn("tool", "2", tool="add"), Turn("tool", "1", call_id="one")],
            [("assistant", "", ""), ("tool", "1", "one"), ("tool", "2", "call00001")],
        ),
        (
            [Turn("assistant", "", (ONE,)), Turn("tool", "x", call_id="other"), Turn("user", "y")],
            [("assistant", "", ""), ("tool", NO_RESULT, "one"), ("user", "x\n\ny", "")],
        ),
        (
            [Turn("assistant", "", (ONE, ONE)), Turn("tool", "1", call_id="one"), Turn("tool", "2", call_id="one")],
            [("assistant", "", ""), ("tool", "1", "one"), ("tool", "2", "call00001")],
        ),
        (
            [Turn("assistant", "", (ONE,)), Turn("system", "s"), Turn("tool", "1", call_id="one")],
            [("system", "s", ""), ("assistant", "", ""), ("tool", "1", "one")],
        ),
        ([Turn("user", "x", (ONE,)), Turn("user", "y")], [("user", "x\n\ny", "")]),
    ],
    ids=[
        "nobody asked",
        "nothing came",
        "another order",
        "another call's",
        "one id twice",
        "a system text",
        "a user's",
    ],
)
def test_every_call_has_its_result(turns: Sequence[Turn], expected: list[tuple[str, str, str]]) -> None:
    assert roles(arranged(turns, "")) == expected


CALLS = st.builds(
    ToolCall,
    st.text(max_size=5),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
    st.sampled_from(["", "a", "b"]),
)
TURNS = st.builds(
    Turn,
    st.sampled_from(list[Role](["system", "user", "assistant", "tool"])),
    st.text(max_size=5),
    st.lists(CALLS, max_size=3).map(tuple),
    st.text(max_size=3),
    st.sampled_from(["", "a", "b", "c"]),
)


@given(st.lists(TURNS, max_size=8))
def test_whatever_was_said_openai_takes_it(turns: list[Turn]) -> None:
    messages = messages_of(turns, "")
    assert problem_in({"messages": messages}) == ""
    json.dumps(messages, ensure_ascii=False).encode()
    plain = in_words(messages)
    assert not any("tool_calls" in it or it["role"] == "tool" for it in plain)
    assert all(one["role"] != other["role"] for one, other in pairwise(plain))


def test_calls_told_in_words() -> None:
    turns = [ASK, Turn("assistant", "Let me see.", (ONE,)), Turn("tool", "1", call_id="one"), Turn("user", "And?")]
    assert in_words(messages_of(turns, "Be brief.")) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": 'Let me see.\nI call add({"a": 1})'},
        {"role": "user", "content": "add said:\n1\n\nAnd?"},
    ]


# --- how servers refuse tools


def reply(status: int, message: Any) -> Reply:
    return Reply(status, {}, json.dumps({"error": {"message": message}}).encode())


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "No endpoints found that support tool use. To learn more about provider routing, visit: https://x"),
        (404, "No endpoints found that support the provided 'tool_choice' value."),
        (400, AUTO),
        (500, "tools param requires --jinja flag"),
        (400, "registry.ollama.ai/library/gemma3:1b does not support tools"),
        (400, "Function calling is not enabled for models/gemma-3-12b-it"),
        (405, "Tool calling is not supported for model: mistralai/Mistral-Small-24B-Instruct-2501"),
        (400, "`tool calling` is not supported with this model"),
        (400, "Unsupported parameter: 'tools' is not supported with this model."),
        (400, "Unrecognized request argument supplied: tools"),
        (422, [{"type": "extra_forbidden", "loc": ["body", "tools"], "msg": "Extra inputs are not permitted"}]),
    ],
)
def test_a_refusal_of_tools_is_known(status: int, message: Any) -> None:
    assert refuses_tools(reply(status, message), {"tools": []})
    assert not refuses_tools(reply(status, message), {})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialects_refusal_is_known(dialect: Any) -> None:
    answer = DIALECTS[dialect].write(Case("tools", "m"))
    assert refuses_tools(Reply(answer.status, {}, answer.data), {"tools": []})
    for problem in ("key", "model", "format", "length", "minute", "day", "server", "busy"):
        other = DIALECTS[dialect].write(Case(problem, "m"))
        assert not refuses_tools(Reply(other.status, {}, other.data), {"tools": []}), problem


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Invalid 'tools[0].function.name': string does not match pattern, which is not supported."),
        (400, "Invalid schema for function 'add': 'default' is not permitted."),
        (400, "Invalid parameter: messages with role 'tool' must be a response to a preceeding message, unsupported."),
        (422, [{"loc": ["body", "tools", 0, "function", "strict"], "msg": "Extra inputs are not permitted"}]),
        (404, "The model `m` does not exist"),
        (429, "tools are not supported in this minute"),
        (500, "The server had an error while calling the tool"),
    ],
)
def test_what_is_another_matter(status: int, message: Any) -> None:
    assert not refuses_tools(reply(status, message), {"tools": []})


# --- what is asked for


CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def test_the_form_of_the_answer() -> None:
    def form(*unknown: str) -> tuple[Any, Any]:
        body = request_of("m", [ASK], ChatOptions(schema=CLOSED, tools=(ADD,)), frozenset(unknown))
        assert body["tools"] == tools_of([ADD])
        return body.get("response_format"), body["messages"][0]["content"]

    strict = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": CLOSED}}
    assert form() == (strict, ASK.text)
    for unknown, expected in ((("json_schema",), {"type": "json_object"}), (("json_schema", "json_object"), None)):
        found, told = form(*unknown)
        assert found == expected
        assert json.dumps(CLOSED) in told
    assert not request_of("m", [ASK], ChatOptions()).keys() & {"tools", "response_format"}


@pytest.mark.parametrize(
    ("schema", "closed"),
    [
        (CLOSED, True),
        ({"anyOf": [CLOSED, {"type": "string"}]}, True),
        ({"anyOf": [CLOSED, {"type": "object"}]}, False),
        ({**CLOSED, "required": []}, False),
        ({**CLOSED, "additionalProperties": True}, False),
        ({**CLOSED, "properties": {"a": {"type": "object", "properties": {}}}}, False),
        ({}, True),
    ],
)
def test_what_openai_takes_as_strict(schema: dict[str, Any], *, closed: bool) -> None:
    assert is_closed(schema) is closed
