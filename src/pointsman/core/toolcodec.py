"""The one JSON form of what tools did in a reply: the store, the command line and the gateway speak it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from pointsman.core.codec import TIME_DIGITS, rounded
from pointsman.core.errors import InvalidInput
from pointsman.core.message import ToolCall, without_surrogates
from pointsman.core.reply import ToolUse
from pointsman.core.tool import Source

STATES: Final[Mapping[str, Literal["running", "done", "failed", "refused"]]] = {
    "running": "running", "done": "done", "failed": "failed", "refused": "refused"
}  # fmt: skip


def use_to_dict(use: ToolUse) -> dict[str, Any]:
    """A use as data that any JSON encoder takes; the seconds are rounded to the millisecond."""
    return {
        "tool": without_surrogates(use.call.name),
        "arguments": plain(use.call.arguments),
        "state": use.state,
        "text": without_surrogates(use.text),
        "seconds": rounded(use.seconds, TIME_DIGITS),
        "sources": [
            {"title": without_surrogates(source.title), "url": without_surrogates(source.url)} for source in use.sources
        ],
    }


def use_from_dict(data: Any) -> ToolUse:
    """The use in what `use_to_dict` made. Raises InvalidInput."""
    try:
        sources = tuple(Source(str(row["title"]), str(row["url"])) for row in data["sources"])
        call = ToolCall(str(data["tool"]), dict(data["arguments"]))
        return ToolUse(call, STATES[data["state"]], str(data["text"]), float(data["seconds"]), sources)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"this is no use of a tool: {error}", cure="give what use_to_dict makes") from None


def uses_to_json(uses: Sequence[ToolUse]) -> str:
    """Uses as one JSON text."""
    return json.dumps([use_to_dict(use) for use in uses], allow_nan=False) if uses else "[]"


def uses_from_json(text: str) -> tuple[ToolUse, ...]:
    """The uses in what `uses_to_json` made. Raises InvalidInput."""
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"this is no JSON: {error}", cure="give what uses_to_json makes") from None
    return tuple(use_from_dict(row) for row in rows)


def without_words(uses: Sequence[ToolUse]) -> tuple[ToolUse, ...]:
    """Uses without anybody's words: which tools, whether it went well, and how long each took."""
    return tuple(replace(use, call=ToolCall(use.call.name), text="", sources=()) for use in uses)


def plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as JSON holds them; what it does not hold, as the text of it."""
    text = json.dumps(dict(arguments), default=str, skipkeys=True, ensure_ascii=True)
    found: dict[str, Any] = json.loads(text, parse_constant=str)
    return found
