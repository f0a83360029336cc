"""A reply's events as lines and as one object: pictures, progress, notices, calls."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator
from typing import Any

import ollama
import pytest
from pydantic import ValidationError

from pointsman.core.message import ToolCall
from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Progress, Status, Text, ToolUse
from pointsman.http.feed import Feed
from pointsman.http.ollama.lines import Sheet, Times
from pointsman.http.ollama.reading import Route
from pointsman.http.ollama.replies import Made, collect, failed_first, lines

PICTURE = Picture(b"bytes")
IMAGE = base64.b64encode(b"bytes").decode()
SHOWN = "\n\n![picture](http://here/x.png)\n\n"
DRAWN = (Status("waiting"), Progress(1, 4), PICTURE, Done(None, model="z", footer="int8"))
USED = ToolUse(ToolCall("search", {}), "running")


def feed(*events: Event) -> Feed[Event]:
    async def given() -> AsyncGenerator[Event]:
        for event in events:
            yield event

    return Feed(given())


def sheet(route: Route, *, footer: bool = False) -> Sheet:
    return Sheet(route, "auto", lambda: 0.0, Times(lambda: 0.0), footer)


def shown(_: Picture) -> str:
    return "http://here/x.png"


async def told(route: Route, *events: Event, footer: bool = False) -> list[dict[str, Any]]:
    return [json.loads(line) async for line in lines(feed(*events), sheet(route, footer=footer), shown, 9.0)]


async def made(route: Route, *events: Event) -> dict[str, Any]:
    found = await collect(feed(*events), sheet(route), shown)
    assert isinstance(found, Made)
    return dict(found.content)


async def test_a_picture_in_a_chat_is_markdown_alone() -> None:
    picture, last = await told("chat", *DRAWN)
    assert picture["message"] == {"role": "assistant", "content": SHOWN}
    assert last["done"] is True
    assert (await made("chat", *DRAWN))["message"]["content"] == SHOWN


def test_why_the_message_holds_no_image() -> None:
    """The official client reads base64 in a message that it sends, and breaks on one that it gets."""
    with pytest.raises(ValidationError):
        ollama.ChatResponse.model_validate({"message": {"role": "assistant", "content": SHOWN, "images": [IMAGE]}})


async def test_a_completion_has_fields_for_a_picture_and_for_how_far_it_is() -> None:
    progress, picture, _ = await told("generate", *DRAWN)
    assert (progress["response"], progress["completed"], progress["total"]) == ("", 1, 4)
    assert (picture["response"], picture["image"]) == (SHOWN, IMAGE)
    whole = await made("generate", *DRAWN)
    assert (whole["response"], whole["image"]) == (SHOWN, IMAGE)
    assert ollama.GenerateResponse(**whole).image == IMAGE


async def test_notices_are_left_out_and_the_footer_is_a_paragraph() -> None:
    events = (Status("loading"), USED, Text(""), Text("Hi"), Done(None, footer="a small model"))
    first, closing, _ = await told("chat", *events, footer=True)
    assert [it["message"]["content"] for it in (first, closing)] == ["Hi", "\n\n— a small model"]
    closing, _ = await told("chat", Done(None, footer="a small model"), footer=True)
    assert closing["message"]["content"] == "— a small model"


async def test_calls_are_numbered_and_have_no_footer() -> None:
    call = ToolCall("f", {"a": 1}, "one")
    events = (Calls((call,)), Calls((ToolCall("g"),)), Done(None, finish_reason="tool_calls", footer="note"))
    one, two, last = await told("chat", *events, footer=True)
    assert one["message"]["tool_calls"] == [{"id": "one", "function": {"index": 0, "name": "f", "arguments": {"a": 1}}}]
    assert two["message"]["tool_calls"] == [{"function": {"index": 1, "name": "g", "arguments": {}}}]
    assert last["done_reason"] == "stop"
    whole = await made("chat", *events)
    assert [it["function"]["index"] for it in whole["message"]["tool_calls"]] == [0, 1]
    assert whole["message"]["content"] == ""


async def test_a_failure_behind_notices_is_known_before_anything_is_said() -> None:
    failed = Failed("no room", http_status=503)
    assert await failed_first(feed(Status("waiting"), USED, failed), 9.0) is failed
    assert await failed_first(feed(Status("waiting"), Text("Hi"), failed), 9.0) is None
    assert await collect(feed(Text("Hi"), failed), sheet("chat"), shown) is failed


async def test_a_reply_without_an_end_ends() -> None:
    assert (await told("chat", Text("Hi")))[-1]["done"] is True
    assert (await made("chat", Text("Hi")))["message"]["content"] == "Hi"
