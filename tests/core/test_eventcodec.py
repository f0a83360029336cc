"""Every event of a reply goes to JSON and back, and what newer writers add is passed over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.codec import decision_from_dict, decision_to_dict
from pointsman.core.decision import Answer, Decision, TraceLine
from pointsman.core.errors import InvalidInput, NoRoom
from pointsman.core.eventcodec import event_from_dict, event_to_dict
from pointsman.core.message import ToolCall
from pointsman.core.reply import Calls, Decided, Done, Event, Failed, Picture, Progress, Raw, Status, Text, ToolUse
from pointsman.core.tool import Source

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
wholes = st.integers(0, 2**63)
seconds = st.integers(0, 10**9).map(lambda number: round(number / 1000, 3))
values = st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts, st.lists, max_leaves=4)
calls = st.builds(ToolCall, texts, st.dictionaries(texts, values, max_size=3), texts, texts)
sources = st.lists(st.builds(Source, texts, texts), max_size=2).map(tuple)
uses = st.builds(ToolUse, calls, st.sampled_from(["running", "done", "failed", "refused"]), texts, seconds, sources)
DECISION = decision_from_dict(
    decision_to_dict(
        Decision(
            "a1b2", "image_generation", "image", 0.98, "command",
            (TraceLine("command", Answer("x", 1.0, 1.0, "said"), 0.1),),
            slots={"prompt": "a fox", "seed": 7}, alternatives=(("general_chat", 0.1),), language="en", at=1.5,
        )
    )
)  # fmt: skip
decisions = st.builds(
    lambda name, slots: replace(DECISION, id=name, slots=slots),
    texts,
    st.dictionaries(texts, texts | wholes, max_size=3),
)
ends = {"uses": st.lists(uses, max_size=2).map(tuple), "decision": st.none() | decisions}
EVENTS: dict[type, st.SearchStrategy[Any]] = {
    Decided: st.builds(Decided, decisions),
    Status: st.builds(Status, texts),
    ToolUse: uses,
    Calls: st.builds(Calls, st.lists(calls, max_size=3).map(tuple)),
    Text: st.builds(Text, texts),
    Raw: st.builds(Raw, st.binary(max_size=40), texts),
    Progress: st.builds(Progress, wholes, wholes, st.binary(max_size=40), texts),
    Picture: st.builds(Picture, st.binary(max_size=40), texts, wholes),
    Done: st.builds(
        Done, model=texts, seconds=seconds, prompt_tokens=wholes, completion_tokens=wholes, finish_reason=texts,
        footer=texts, **ends,
    ),
    Failed: st.builds(
        Failed, texts, texts, texts, wholes, wholes, retry_after=seconds, **ends,
    ),
}  # fmt: skip


def test_every_kind_of_event_is_tried() -> None:
    assert set(EVENTS) == set(get_args(Event))


@given(st.one_of(*EVENTS.values()))
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert event_from_dict(json.loads(json.dumps(event_to_dict(event), allow_nan=False))) == event


@given(st.one_of(*EVENTS.values()), st.dictionaries(texts.map(lambda name: f"new_{name}"), values))
def test_what_newer_writers_add_is_passed_over(event: Event, more: dict[str, Any]) -> None:
    assert event_from_dict({**event_to_dict(event), **more}) == event


def test_a_kind_of_event_that_is_not_known_is_nothing() -> None:
    assert event_from_dict({"event": "ping"}) is None


def test_the_ends_of_a_reply_may_say_little() -> None:
    assert event_from_dict({"event": "done"}) == Done(None)
    assert event_from_dict({"event": "failed", "cause": "it broke"}) == Failed("it broke")


def test_numbers_and_letters_that_json_does_not_hold_are_replaced() -> None:
    failed = Failed.of(NoRoom("full\ud800", cure="wait", retry_after=float("inf")))
    data = event_to_dict(failed)
    assert (data["cause"], data["retry_after"]) == ("full\ufffd", 0.0)
    used = event_to_dict(ToolUse(ToolCall("f", {"x": float("nan"), "y": object}), "running", seconds=float("nan")))
    assert json.loads(json.dumps(used, allow_nan=False))["seconds"] == 0.0


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"event": "text"},
        {"event": "text", "delta": 1},
        {"event": "decided", "decision": {}},
        {"event": "decided", "decision": 1},
        {"event": "picture", "data": "no base64!"},
        {"event": "progress", "done": True, "most": 2},
        {"event": "calls", "calls": [{"arguments": {}}]},
        {"event": "calls", "calls": 1},
        {"event": "tool_use", "tool": "f", "arguments": {}, "state": "odd", "text": "", "seconds": 0, "sources": []},
        {"event": "done", "uses": [1]},
        {"event": "failed", "cause": "x", "retry_after": "soon"},
        {"event": ["text"]},
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        event_from_dict(data)
