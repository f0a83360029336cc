"""A chat completion request in Ollama's own language, as Ollama's /v1 translates it.

Source: ollama/ollama, openai/openai.go (FromChatRequest) and middleware/openai.go. What it takes no notice of and we
do: `max_completion_tokens`, and Ollama's own `keep_alive` and `options`, for which its /v1 has no place.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import BadField
from pointsman.core.relay import Place
from pointsman.http.fields import Fields

PICTURES: Final = ("", "image/jpeg", "image/jpg", "image/png", "image/webp")
FETCHED: Final = "image URLs are not currently supported, please use base64 encoded data instead"
EFFORTS: Final = frozenset({"high", "medium", "low", "none"})
# What a message's content is called in Go, whose words the errors are.
IN_GO: Final[Mapping[type, str]] = {
    type(None): "<nil>",
    bool: "bool",
    int: "float64",
    float: "float64",
    dict: "map[string]interface {}",
}
SETTINGS: Final = ("seed", "frequency_penalty", "presence_penalty")


class Untranslatable(BadField):
    """A request that Ollama refuses, in its words."""

    def __init__(self, message: str) -> None:
        super().__init__("", message)


def native_request(data: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The body for /api/chat. Raises Untranslatable, and BadField for what is of the wrong type."""
    fields = Fields(data)
    messages = fields.value("messages")
    if messages is not None and not isinstance(messages, list):
        fields.required_list("messages")
    if not messages:
        raise Untranslatable("[] is too short - 'messages'")
    entries = [fields.object_at("messages", place, entry) for place, entry in enumerate(messages)]
    body: dict[str, Any] = {
        **setup_of(data, place),
        "messages": [said for entry in entries for said in native_messages(entry, entries)],
        "stream": fields.flag("stream"),
    }
    body["options"] = {**body["options"], **native_options(fields)}
    form = native_format(fields)
    if form is not None:
        body["format"] = form
    if tools := fields.value("tools"):
        body["tools"] = tools
    if (think := native_think(fields)) is not None:
        body["think"] = think
    if fields.flag("logprobs"):
        body["logprobs"] = True
    if (likeliest := fields.whole("top_logprobs", 0, None)) is not None:
        body["top_logprobs"] = likeliest
    return body


def setup_of(data: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The model, as it is loaded: so as the caller says in Ollama's own words, else as it is set up."""
    own = {name: data[name] for name in ("keep_alive",) if data.get(name) is not None}
    return {"options": {}, **place.setup, "model": place.model, **own}


def native_options(fields: Fields) -> dict[str, Any]:
    """The settings; where a caller says nothing, /v1 takes OpenAI's defaults and not the model's."""
    options: dict[str, Any] = dict(fields.mapping("options"))
    stop = fields.value("stop")
    if isinstance(stop, str):
        options["stop"] = [stop]
    elif isinstance(stop, list):
        options["stop"] = [it for it in stop if isinstance(it, str)]
    limits = [fields.whole(name, -(2**31), None) for name in ("max_tokens", "max_completion_tokens")]
    if given := [it for it in limits if it is not None]:
        options["num_predict"] = given[0]
    for name, otherwise in (("temperature", 1.0), ("top_p", 1.0)):
        number = fields.number(name, float("-inf"), float("inf"))
        options[name] = otherwise if number is None else number
    for name in SETTINGS:
        if (number := fields.number(name, float("-inf"), float("inf"))) is not None:
            options[name] = int(number) if name == "seed" else number
    return options


def native_format(fields: Fields) -> Any:
    """The form of answer: "json", a JSON Schema, or None."""
    form = Fields(fields.mapping("response_format"), "response_format")
    match form.text("type").strip().lower():
        case "json_object":
            return "json"
        case "json_schema":
            return Fields(form.mapping("json_schema"), form.path("json_schema")).value("schema")
    return None


def native_think(fields: Fields) -> bool | str | None:
    """How much the model thinks first; None leaves that to it."""
    outer = fields.value("reasoning")
    effort = Fields(fields.mapping("reasoning")).text("effort") if outer else fields.text("reasoning_effort")
    if not effort:
        return None
    if effort not in EFFORTS:
        raise Untranslatable(
            f'invalid reasoning value: \'{effort[:200]}\' (must be "high", "medium", "low", or "none")'
        )
    return False if effort == "none" else effort


def native_messages(entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One message; of one in parts, each part is a message of its own."""
    fields = Fields(entry)
    role, content = fields.text("role"), entry.get("content")
    name = tool_name(entry, entries) if role.lower() == "tool" else ""
    calls = [native_call(call) for call in calls_of(entry)]
    extras = {
        "thinking": fields.text("reasoning"),
        "tool_calls": calls,
        "tool_name": name,
        "tool_call_id": fields.text("tool_call_id"),
    }
    given = {key: value for key, value in extras.items() if value}
    if isinstance(content, str):
        return [{"role": role, "content": content, **given}]
    if isinstance(content, list):
        parts = [native_part(role, part) for part in content]
        if parts and calls:
            parts[-1] |= given
        return parts
    if entry.get("tool_calls") is None:
        raise Untranslatable(f"invalid message content type: {IN_GO.get(type(content), 'unknown')}")
    return [{"role": role, "content": "", **given}]


def native_part(role: str, part: object) -> dict[str, Any]:
    """One part of a message: a text, or a picture."""
    match part:
        case {"type": "text", "text": str(text)}:
            return {"role": role, "content": text}
        case {"type": "image_url", "image_url": {"url": str(url)} | str(url)}:
            return {"role": role, "content": "", "images": [picture_in(url)]}
    raise Untranslatable("invalid message format")


def picture_in(url: str) -> str:
    """The base64 of a picture in a data: URL; nothing is fetched."""
    if url.startswith(("http://", "https://")):
        raise Untranslatable(FETCHED)
    kind, mark, data = url.removeprefix("data:").partition(";base64,")
    if not url.startswith("data:") or not mark or kind not in PICTURES:
        raise Untranslatable("invalid image input")
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Untranslatable("invalid image input") from None
    return data


def calls_of(entry: Mapping[str, Any]) -> list[Any]:
    """The calls of tools in a message. Raises Untranslatable."""
    calls = entry.get("tool_calls") or []
    if not isinstance(calls, list):
        raise Untranslatable("invalid tool call arguments")
    return calls


def native_call(call: object) -> dict[str, Any]:
    """A call of a tool: its arguments are an object here, and a text there."""
    match call:
        case {"function": {"name": str(name), "arguments": str(written)}}:
            try:
                arguments = json.loads(written)
            except (ValueError, RecursionError):
                arguments = None
            if isinstance(arguments, dict):
                told = call.get("id") if isinstance(call, dict) else ""
                return {**({"id": told} if told else {}), "function": {"name": name, "arguments": arguments}}
    raise Untranslatable("invalid tool call arguments")


def tool_name(entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    """The tool that a result is of: as it says, or as the last call with its id does."""
    if isinstance(name := entry.get("name"), str) and name:
        return name
    wanted = entry.get("tool_call_id")
    calls = [call for it in reversed(entries) for call in calls_of(it) if isinstance(call, dict)]
    found = next((call for call in calls if wanted and call.get("id") == wanted), {})
    function = found.get("function")
    return str(function.get("name") or "") if isinstance(function, dict) else ""
