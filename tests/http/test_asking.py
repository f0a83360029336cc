"""What a client of ours writes is what the gateway reads: messages and options, whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import BadField
from pointsman.core.message import Attachment, Command, Message, Origin, ToolCall, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.http.asking import NOTHING, AskRequest
from pointsman.http.native import checked
from pointsman.providers.gateway.writing import ask_of, origin_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text("abcdefgh_-", min_size=1, max_size=12)
wholes = st.integers(-(2**63), 2**63 - 1)
files = st.lists(st.builds(Attachment, names, st.sampled_from(["", "data:,", "data:image/png;base64,AA=="]), names))
calls = st.builds(ToolCall, names, st.dictionaries(names, texts | wholes, max_size=2), names, texts)
turns = st.lists(
    st.builds(
        Turn,
        st.sampled_from(["system", "user", "assistant", "tool"]),
        texts,
        st.lists(calls, max_size=2).map(tuple),
        names,
        names,
        files.map(tuple),
    ),
    max_size=3,
).map(tuple)
slots = st.dictionaries(names, texts | wholes, max_size=3)
messages = st.builds(
    Message,
    texts,
    turns,
    files.map(tuple),
    task=names,
    after=turns,
    command=st.none() | st.builds(Command, texts, slots, texts, texts),
    local=st.booleans(),
)
tools = st.builds(ToolSpec, names, texts, st.just(NOTHING) | st.just({"type": "object", "required": ["x"]}))
options = st.builds(
    ChatOptions,
    max_tokens=st.none() | st.integers(1, 2**31 - 1),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    seed=st.none() | wholes,
    stop=st.lists(texts.filter(bool), max_size=3).map(tuple),
    tools=st.lists(tools, max_size=2).map(tuple),
    schema=st.none() | st.just({"type": "object"}),
    choice=st.sampled_from(["", "none", "auto"]),
    json=st.booleans(),
    frequency_penalty=st.none() | st.floats(-2, 2),
    presence_penalty=st.none() | st.floats(-2, 2),
    effort=st.sampled_from(["", "none", "low", "medium", "high"]),
)


def read(data: Any) -> AskRequest:
    return checked(AskRequest, json.loads(json.dumps(data)))


@given(messages, options)
def test_what_is_written_is_read(message: Message, given: ChatOptions) -> None:
    asked = read(ask_of(message, given))
    assert asked.message(message.origin) == message
    assert asked.options.options() == given


def test_an_origin_that_nobody_filled_in_claims_nothing() -> None:
    assert origin_of(Origin()) == {}
    origin = Origin("discord", "1", "2", "3", direct=True, guild="4", key="not told")
    assert read(ask_of(Message("x", origin=origin), None)).origin.model_dump() == {
        "surface": "discord", "user": "1", "channel": "2", "session": "3", "direct": True, "guild": "4"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "text"),
        ({"text": 1}, "text"),
        ({"text": "x", "attachments": [{"media_type": "image/png", "url": "https://x.org/a"}]}, "attachments.0.url"),
        ({"text": "x", "attachments": [{"media_type": "image/png", "url": "file:///etc/passwd"}]}, "attachments.0.url"),
        ({"text": "x", "attachments": [{"media_type": "image/png", "url": " data:,"}]}, "attachments.0.url"),
        (
            {"text": "x", "history": [{"role": "user", "text": "", "attachments": [{"media_type": "x", "url": "http://10.0.0.1"}]}]},
            "history.0.attachments.0.url",
        ),
        ({"text": "x", "history": [{"role": "nobody", "text": ""}]}, "history.0.role"),
        ({"text": "x", "command": {"slots": {"seed": 2**63}}}, "command.slots.seed.constrained-int"),
        ({"text": "x", "command": {"slots": {"count": True}}}, "command.slots.count.str"),
        ({"text": "x", "origin": {"surface": "discord:1"}}, "origin.surface"),
        ({"text": "x", "origin": {"direct": "yes"}}, "origin.direct"),
        ({"text": "x", "options": {"temperature": 3}}, "options.temperature"),
        ({"text": "x", "options": {"choice": "required"}}, "options"),
        ({"text": "x", "options": {"choice": "f", "tools": [{"name": "g"}]}}, "options"),
        ({"text": "x", "options": {"tools": [{"name": "no name"}]}}, "options.tools.0.name"),
        ({"text": "x", "options": {"stop": [""]}}, "options.stop.0"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_field(data: Any, field: str) -> None:
    with pytest.raises(BadField) as caught:
        read(data)
    assert caught.value.field.startswith(field.rpartition(".")[0] if "slots" in field else field)
