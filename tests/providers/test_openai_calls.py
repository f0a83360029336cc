"""Calls of tools that servers send in pieces come out whole, whatever the server's ways."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.message import ToolCall
from pointsman.core.nesting import MOST_LEVELS
from pointsman.providers.openai_calls import Fragments, arguments_of
from pointsman.providers.openai_events import Heard
from pointsman.providers.remote.sse import Parser

PARIS = ToolCall("get_weather", {"city": "Paris"}, "a")
ROME = ToolCall("get_weather", {"city": "Rome"}, "b")
NOW = ToolCall("now", {}, "c")


def piece(arguments: Any = None, name: str | None = None, **more: Any) -> dict[str, Any]:
    """A piece of a call; what is None is left out."""
    said = {"name": name, "arguments": arguments}
    return {**more, "function": {key: value for key, value in said.items() if value is not None}}


def joined(*pieces: Any) -> tuple[ToolCall, ...]:
    """The calls of a stream with one piece an event."""
    fragments = Fragments()
    for it in pieces:
        fragments.take({"tool_calls": [it]})
    return fragments.calls()


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        pytest.param(
            [piece("", "get_weather", index=0, id="a"), piece('{"city"', index=0), piece(': "Paris"}', index=0),
             piece("", "get_weather", index=1, id="b"), piece('{"city": "Rome"}', index=1)],
            (PARIS, ROME), id="as OpenAI does",
        ),
        pytest.param(
            [piece('{"city": "Paris"}', "get_weather", index=0, id="a"),
             piece('{"city": "Rome"}', "get_weather", index=0, id="b"), piece("", "now", index=0, id="c")],
            (PARIS, ROME, NOW), id="all at index 0, each whole",
        ),
        pytest.param(
            [piece("", "get_weather", index=0, id="a"), piece('{"city": "Paris"}', index=0),
             piece("", "get_weather", index=0, id="b"), piece('{"city": "Rome"}', index=0)],
            (PARIS, ROME), id="all at index 0, in pieces",
        ),
        pytest.param(
            [piece('{"city": "Paris"}', "get_weather", id="a"), piece('{"city": "Rome"}', "get_weather", id="b")],
            (PARIS, ROME), id="whole, without an index",
        ),
        pytest.param(
            [piece("", "get_weather", id="a"), piece('{"city":'), piece('"Paris"}'), piece("", "now", id="c")],
            (PARIS, NOW), id="in pieces, without an index",
        ),
        pytest.param(
            [piece('{"city": "Paris"}', "get_weather"), piece('{"city": "Rome"}', "get_weather"), piece("{}", "now")],
            (ToolCall("get_weather", {"city": "Paris"}), ToolCall("get_weather", {"city": "Rome"}), ToolCall("now")),
            id="whole, with neither index nor id",
        ),
        pytest.param(
            [piece("", "now"), piece("", "later")], (ToolCall("now"), ToolCall("later")), id="nothing but names"
        ),
        pytest.param(
            [piece(name="get_weather", index=0, id="a"), piece('{"city": ', "", index=0, id=""),
             piece('"Paris"}', "", index=0, id=None)],
            (PARIS,), id="empty names and ids in later pieces",
        ),
        pytest.param(
            [piece("", "get_weather", index=0, id="a"), piece('{"city": ', "get_weather", index=0, id="a"),
             piece('"Paris"}', "get_weather", index=0, id="a")],
            (PARIS,), id="name and id in every piece",
        ),
        pytest.param(
            [piece("", "get_weather", index=0, id="a"), piece('{"city": "Paris"}', index=0),
             piece("", "get_weather", index=0)],
            (PARIS,), id="the name once more at the end",
        ),
        pytest.param(
            [piece("", "get_weather", index=0, id="a"), piece('{"city": ', index=0, id="x"),
             piece('"Paris"}', index=0, id="y")],
            (PARIS,), id="another id in every piece",
        ),
        pytest.param(
            [piece("", "get_weather", index=0, id="a"), piece('{"city": ', index=1), piece('"Paris"}', index=2)],
            (PARIS,), id="an index that counts pieces",
        ),
        pytest.param(
            [piece("", id="a"), piece('{"city": "Paris"}', id="a"), piece("", "get_weather", id="a")],
            (PARIS,), id="the name at the end",
        ),
        pytest.param(
            [piece("", "get_", index=0, id="a"), piece("", "weather", index=0), piece('{"city": "Paris"}', index=0)],
            (PARIS,), id="the name in pieces",
        ),
        pytest.param([piece({"city": "Paris"}, "get_weather", index=0, id="a")], (PARIS,), id="an object"),
        pytest.param(
            [piece("{}", "get_weather", index=0, id="a"), piece('{"city": "Paris"}', index=0)], (PARIS,), id="{} first"
        ),
        pytest.param([piece(None, "now", index=0, id="c")], (NOW,), id="no arguments"),
        pytest.param([{"index": 0}, 3, None, {"function": 3}, piece("{}", "now", id="c")], (NOW,), id="odd pieces"),
    ],
)  # fmt: skip
def test_pieces_are_put_together(pieces: Sequence[Any], calls: tuple[ToolCall, ...]) -> None:
    assert joined(*pieces) == calls


def test_the_older_function_call_is_a_call() -> None:
    fragments = Fragments()
    for function in ({"name": "get_weather", "arguments": '{"city":'}, {"arguments": '"Paris"}'}):
        fragments.take({"function_call": function})
    assert fragments.calls() == (ToolCall("get_weather", {"city": "Paris"}),)


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ('{"a": 1}', {"a": 1}),
        ({"a": 1}, {"a": 1}),
        ("", {}),
        (" \n", {}),
        ("null", {}),
        (None, {}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('{"a": "\\ud83e\\udd8a"}', {"a": "🦊"}),
        ('{"a": "\ud83e\udd8a"}', {"a": "🦊"}),
        ('{"a": "\\ud83e"}', {"a": "\ufffd"}),
        ({"a": ["\ud83e"]}, {"a": ["\ufffd"]}),
    ],
)
def test_arguments_are_read(given: Any, arguments: dict[str, Any]) -> None:
    assert arguments_of(given) == (arguments, "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('{"a": ', "no JSON: Expecting value (character 6)"),
        ("Paris", "no JSON"),
        ("[1]", "no JSON object"),
        ('"Paris"', "no JSON"),
        (3, "no JSON object"),
        ('{"a": NaN}', "no JSON"),
        ('{"a": ' + "9" * 5000 + "}", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", f"more than {MOST_LEVELS} levels"),
    ],
)
def test_what_cannot_be_read_is_said(given: Any, why: str) -> None:
    arguments, problem = arguments_of(given)
    assert arguments == {}
    assert why in problem


# --- any stream of any server, cut anywhere


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True)
CALLS = st.lists(
    st.builds(ToolCall, NAMES, st.dictionaries(st.text(max_size=4), JSON, max_size=3)), min_size=1, max_size=4
)


def cut(draw: st.DrawFn, text: str) -> list[str]:
    """A text in any split."""
    places = draw(st.sets(st.integers(0, len(text)), max_size=8))
    return [text[start:end] for start, end in pairwise([0, *sorted(places), len(text)])]


LATER: list[dict[str, Any]] = [{}, {"name": ""}, {"name": None}]


@st.composite
def streams(draw: st.DrawFn) -> tuple[tuple[ToolCall, ...], bytes]:
    """Calls, and how a server sends them."""
    indexes, ids = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    later: dict[str, Any] = draw(st.sampled_from(LATER))
    repeats = ids and draw(st.booleans())
    calls = tuple(
        ToolCall(it.name, it.arguments, f"call_{place}" if ids else "") for place, it in enumerate(draw(CALLS))
    )
    events: list[dict[str, Any]] = []
    for place, call in enumerate(calls):
        index = {"index": place} if indexes else {}
        own = {"id": call.id} if ids else {}
        pieces: list[Any] = cut(draw, json.dumps(call.arguments, ensure_ascii=draw(st.booleans())))
        if draw(st.booleans()):
            pieces = [dict(call.arguments)]
        events.append({**index, **own, "type": "function", "function": {"name": call.name, "arguments": pieces[0]}})
        events += [{**index, **(own if repeats else {}), "function": {**later, "arguments": it}} for it in pieces[1:]]
    said: list[Any] = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [it]}, "finish_reason": None}]} for it in events
    ]
    said.append(
        {"choices": [{"index": 0, "delta": {}, "finish_reason": draw(st.sampled_from(["stop", "tool_calls"]))}]}
    )
    return calls, b"".join(b"data: " + json.dumps(it).encode() + b"\n\n" for it in said)


@given(streams(), st.data())
def test_wherever_a_stream_is_cut_the_calls_are_the_same(
    stream: tuple[tuple[ToolCall, ...], bytes], data: st.DataObject
) -> None:
    calls, sent = stream
    places = data.draw(st.sets(st.integers(0, len(sent)), max_size=20))
    parser, heard = Parser(), Heard()
    for start, end in pairwise([0, *sorted(places), len(sent)]):
        for event in parser.feed(sent[start:end]):
            heard.take(json.loads(event.data))
    last = heard.last("m")
    assert last.calls == calls
    assert last.finish_reason == "tool_calls"


FIELDS = st.sampled_from(["tool_calls", "function_call", "function", "name", "arguments", "id", "index"])
NONSENSE = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner),
    max_leaves=12,
)


@given(st.lists(NONSENSE))
def test_nonsense_breaks_nothing(messages: list[Any]) -> None:
    fragments = Fragments()
    for message in messages:
        fragments.take({"tool_calls": message, "function_call": message})
    assert all(isinstance(call.name, str) for call in fragments.calls())
