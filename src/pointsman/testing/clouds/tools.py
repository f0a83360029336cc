"""Tools at a fake: which of them is called, how servers write the calls, and what of a conversation they refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pointsman.core.message import ToolCall
from pointsman.testing.clouds.deciding import content_of

UseTool = Callable[[Mapping[str, Any]], Sequence[str | ToolCall]]
"""Given the body of a chat with tools, what the model says: text and calls; nothing where it uses no tool."""

LEAST: Final = 3  # letters of a word that may speak for a tool
NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
NINE: Final = re.compile(r"[a-zA-Z0-9]{9}")
UNASKED: Final = (
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
)
UNANSWERED: Final = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
    "The following tool_call_ids did not have response messages: "
)
PATTERN: Final = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."


def by_name(body: Mapping[str, Any]) -> Sequence[ToolCall]:
    """A call of the first tool whose name shares a word with what the user said last; none after a tool spoke."""
    turns: Sequence[Mapping[str, Any]] = body.get("messages") or ()
    if not turns or turns[-1].get("role") != "user":
        return ()
    text = content_of(turns[-1])
    words = {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) >= LEAST}
    for tool in body["tools"]:
        function = tool.get("function") or {}
        if words & set(str(function.get("name", "")).lower().split("_")):
            wanted = (function.get("parameters") or {}).get("required") or []
            return (ToolCall(function["name"], dict.fromkeys(wanted, text), "call_1"),)
    return ()


@dataclass(frozen=True, slots=True)
class Writing:
    """How a server writes calls: in pieces of a letter each or `whole`, with ids and indexes or without."""

    whole: bool = False
    ids: bool = True
    indexes: bool = True

    def message(self, calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
        """The calls of a whole message."""
        return [
            {**self._id(call), "type": "function", "function": {"name": call.name, "arguments": written(call)}}
            for call in calls
        ]

    def deltas(self, calls: Sequence[ToolCall]) -> list[list[dict[str, Any]]]:
        """The calls as each event of a stream has them."""
        if self.whole:
            rows = self.message(calls)
            return [[{**self._index(place), **row}] for place, row in enumerate(rows)]
        told: list[list[dict[str, Any]]] = []
        for place, call in enumerate(calls):
            first = {"name": call.name, "arguments": ""}
            told.append([{**self._index(place), **self._id(call), "type": "function", "function": first}])
            told += [[{**self._index(place), "function": {"arguments": letter}}] for letter in written(call)]
        return told

    def _id(self, call: ToolCall) -> dict[str, Any]:
        return {"id": call.id} if self.ids else {}

    def _index(self, place: int) -> dict[str, Any]:
        return {"index": place} if self.indexes else {}


def written(call: ToolCall) -> str:
    """A call's arguments as a text; what a model wrote that is no JSON stands in `problem`."""
    return call.problem or json.dumps(dict(call.arguments))


def numbered(calls: Sequence[ToolCall], first: int) -> tuple[ToolCall, ...]:
    """The calls, with an id for each that has none, in the form that every server takes."""
    return tuple(call if call.id else replace(call, id=f"id{first + place:07d}") for place, call in enumerate(calls))


def problem_in(body: Mapping[str, Any]) -> str:
    """What OpenAI's own server says to tools, or to calls in a conversation, that it does not take; "" for nothing."""
    for place, tool in enumerate(body.get("tools") or ()):
        if tool.get("type") != "function":
            return f"Missing required parameter: 'tools[{place}].type'."
        if not NAME.fullmatch(str(tool.get("function", {}).get("name", ""))):
            return f"Invalid 'tools[{place}].function.name': {PATTERN}"
    waiting: list[str] = []  # ids of calls that nothing came of yet
    for place, turn in enumerate(body.get("messages") or ()):
        if turn.get("role") == "tool":
            if turn.get("tool_call_id") not in waiting:
                return UNASKED
            waiting.remove(turn["tool_call_id"])
            continue
        if waiting:
            break
        calls = turn.get("tool_calls") or ()
        if problem := next(filter(None, (problem_with(it, place, number) for number, it in enumerate(calls))), ""):
            return problem
        waiting = [call["id"] for call in calls]
    return UNANSWERED + ", ".join(waiting) if waiting else ""


def problem_with(call: Mapping[str, Any], place: int, number: int) -> str:
    """What is wrong with one call of a message; "" for nothing."""
    where = f"messages[{place}].tool_calls[{number}]"
    if not isinstance(call.get("id"), str) or not call["id"]:
        return f"Missing required parameter: '{where}.id'."
    if not NAME.fullmatch(call["function"]["name"]):
        return f"Invalid '{where}.function.name': {PATTERN}"
    if not isinstance(call["function"]["arguments"], str):
        return f"Invalid type for '{where}.function.arguments': expected a string, but got an object instead."
    return ""


def odd_id_in(body: Mapping[str, Any]) -> str:
    """The first id of a call that Mistral does not take; "" for none."""
    calls = (call for turn in body.get("messages") or () for call in turn.get("tool_calls") or ())
    return next((call["id"] for call in calls if not NINE.fullmatch(str(call.get("id")))), "")
