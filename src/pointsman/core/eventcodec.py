"""The one JSON form of a reply's events: the gateway sends it line by line, and its clients read it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pointsman.core.codec import TIME_DIGITS, decision_from_dict, decision_to_dict, number, rounded, text
from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput
from pointsman.core.message import ToolCall, without_surrogates
from pointsman.core.reply import Calls, Decided, Done, Event, Failed, Picture, Progress, Raw, Status, Text, ToolUse
from pointsman.core.toolcodec import plain, use_from_dict, use_to_dict

KIND: Final = "event"
"""The field that says what an event is."""


def event_to_dict(event: Event) -> dict[str, Any]:
    """An event as data that any JSON encoder takes; bytes are base64, seconds rounded to the millisecond."""
    match event:
        case Decided(decision):
            return {KIND: "decided", "decision": decision_to_dict(decision)}
        case Status(said):
            return {KIND: "status", "text": without_surrogates(said)}
        case ToolUse():
            return {KIND: "tool_use", **tool_to_dict(event)}
        case Calls(calls):
            return {KIND: "calls", "calls": [call_to_dict(call) for call in calls]}
        case Text(delta):
            return {KIND: "text", "delta": without_surrogates(delta)}
        case Raw() | Progress() | Picture():
            return bytes_to_dict(event)
        case Done():
            return {KIND: "done", **done_to_dict(event)}
        case Failed():
            return {KIND: "failed", **failed_to_dict(event)}


def event_from_dict(data: Mapping[str, Any]) -> Event | None:
    """The event that `event_to_dict` wrote; None for a kind that is not known here.

    Keys that are not known are passed over, so that older readers understand newer writers. Raises InvalidInput.
    """
    try:
        reader = READERS.get(data[KIND])
        return None if reader is None else reader(data)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise InvalidInput(f"this is no event of a reply: {what}", cure="give what event_to_dict makes") from None


def bytes_to_dict(event: Raw | Progress | Picture) -> dict[str, Any]:
    """An event that has bytes."""
    match event:
        case Raw(data, media_type):
            return {KIND: "raw", "data": packed(data), "media_type": media_type}
        case Progress(done, most, preview, media_type):
            shown = {"preview": packed(preview), "media_type": media_type}
            return {KIND: "progress", "done": done, "most": most, **shown}
        case Picture(data, media_type, seed):
            return {KIND: "picture", "data": packed(data), "media_type": media_type, "seed": seed}


def progress_from_dict(data: Mapping[str, Any]) -> Progress:
    """How far a picture is; what it looks like may be missing."""
    preview, kind = unpacked(data.get("preview", "")), text(data.get("media_type", ""))
    return Progress(whole(data["done"]), whole(data["most"]), preview, kind)


def picture_from_dict(data: Mapping[str, Any]) -> Picture:
    """A picture; a PNG where nothing else is said."""
    return Picture(unpacked(data["data"]), text(data.get("media_type", "image/png")), whole(data.get("seed", 0)))


def tool_to_dict(use: ToolUse) -> dict[str, Any]:
    """A tool at work: as it is recorded, with the id of its call, and why that could not be read."""
    more = {"id": use.call.id, "problem": use.call.problem}
    return use_to_dict(use) | {name: without_surrogates(said) for name, said in more.items() if said}


def tool_from_dict(data: Mapping[str, Any]) -> ToolUse:
    """What `tool_to_dict` wrote. Raises InvalidInput."""
    use = use_from_dict(data)
    return replace(use, call=replace(use.call, id=text(data.get("id", "")), problem=text(data.get("problem", ""))))


def call_to_dict(call: ToolCall) -> dict[str, Any]:
    """A call of a tool; `id` and `problem` are absent where there is none."""
    more = {"id": call.id, "problem": call.problem}
    said = {name: without_surrogates(given) for name, given in more.items() if given}
    return {"name": without_surrogates(call.name), "arguments": plain(call.arguments), **said}


def call_from_dict(data: Mapping[str, Any]) -> ToolCall:
    """What `call_to_dict` wrote."""
    more = text(data.get("id", "")), text(data.get("problem", ""))
    return ToolCall(text(data["name"]), dict(data.get("arguments", {})), *more)


def done_to_dict(done: Done) -> dict[str, Any]:
    """The end of a reply that is complete."""
    return {
        "decision": decision_or_none(done.decision),
        "model": without_surrogates(done.model),
        "seconds": rounded(done.seconds, TIME_DIGITS),
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.completion_tokens,
        "finish_reason": without_surrogates(done.finish_reason),
        "footer": without_surrogates(done.footer),
        "uses": [tool_to_dict(use) for use in done.uses],
    }


def done_from_dict(data: Mapping[str, Any]) -> Done:
    """What `done_to_dict` wrote; what is missing is as it is in a Done that says nothing."""
    return Done(
        decision_in(data),
        text(data.get("model", "")),
        number(data.get("seconds", 0.0)),
        whole(data.get("prompt_tokens", 0)),
        whole(data.get("completion_tokens", 0)),
        text(data.get("finish_reason", "stop")),
        text(data.get("footer", "")),
        uses_in(data),
    )


def failed_to_dict(failed: Failed) -> dict[str, Any]:
    """The end of a reply that broke off."""
    return {
        "cause": without_surrogates(failed.cause),
        "cure": without_surrogates(failed.cure),
        "code": failed.code,
        "http_status": failed.http_status,
        "exit_code": failed.exit_code,
        "decision": decision_or_none(failed.decision),
        "retry_after": rounded(failed.retry_after, TIME_DIGITS),
        "uses": [tool_to_dict(use) for use in failed.uses],
    }


def failed_from_dict(data: Mapping[str, Any]) -> Failed:
    """What `failed_to_dict` wrote; what is missing is as it is in a Failed that gives its cause alone."""
    return Failed(
        text(data["cause"]),
        text(data.get("cure", "")),
        text(data.get("code", "internal_error")),
        whole(data.get("http_status", 500)),
        whole(data.get("exit_code", 1)),
        decision_in(data),
        number(data.get("retry_after", 0.0)),
        uses_in(data),
    )


def decision_or_none(decision: Decision | None) -> dict[str, Any] | None:
    """A decision, where there is one."""
    return None if decision is None else decision_to_dict(decision)


def decision_in(data: Mapping[str, Any]) -> Decision | None:
    """The decision that an end of a reply names, if it does."""
    given = data.get("decision")
    return None if given is None else decision_from_dict(given)


def uses_in(data: Mapping[str, Any]) -> tuple[ToolUse, ...]:
    """The tools that were called for a reply."""
    rows: Sequence[Mapping[str, Any]] = data.get("uses", ())
    return tuple(tool_from_dict(row) for row in rows)


def packed(data: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(data).decode("ascii")


def unpacked(said: object) -> bytes:
    """The bytes in what `packed` made."""
    return base64.b64decode(text(said), validate=True)


def whole(value: object) -> int:
    """`value`, which must be a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected a whole number, not {value!r}")
    return value


READERS: Final[Mapping[object, Callable[[Mapping[str, Any]], Event]]] = {
    "decided": lambda data: Decided(decision_from_dict(data["decision"])),
    "status": lambda data: Status(text(data["text"])),
    "tool_use": tool_from_dict,
    "calls": lambda data: Calls(tuple(call_from_dict(row) for row in data["calls"])),
    "text": lambda data: Text(text(data["delta"])),
    "raw": lambda data: Raw(unpacked(data["data"]), text(data["media_type"])),
    "progress": progress_from_dict,
    "picture": picture_from_dict,
    "done": done_from_dict,
    "failed": failed_from_dict,
}
