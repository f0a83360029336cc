"""How a fake Ollama answers in OpenAI's language: by its own routes, with both ways translated as the real one does.

Source: ollama/ollama, openai/openai.go and middleware/openai.go.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final

from pointsman.testing.clouds.asked import Answer
from pointsman.testing.ollama.mishaps import Refusal
from pointsman.testing.ollama.replies import whole

Lines = Callable[[str, Mapping[str, Any]], AsyncGenerator[dict[str, Any], None]]
KINDS: Final = {400: "invalid_request_error", 404: "not_found_error"}
PASSED: Final = ("seed", "frequency_penalty", "presence_penalty")
GO: Final = {"NoneType": "<nil>", "int": "float64", "float": "float64", "dict": "map[string]interface {}"}


def refused(refusal: Refusal) -> Answer:
    """An error of one of its own routes, as /v1 words it."""
    kind = KINDS.get(refusal.status, "api_error")
    return Answer({"error": {"message": refusal.text, "type": kind, "param": None, "code": None}}, refusal.status)


def row(tag: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """A model of /api/tags in the list, or by itself, under the `name` that was asked for."""
    owner = str(tag["name"]).rpartition("/")[0] or "library"
    return {"id": name or tag["name"], "object": "model", "created": seconds(tag["modified_at"]), "owned_by": owner}


async def chat(body: Mapping[str, Any], lines: Lines, number: int, now: float) -> Answer:
    """A chat completion, or the stream of one. Raises Refusal."""
    asked = translated(body)
    async with aclosing(lines("chat", asked)) as said:
        told = [line async for line in said]
    head = {"id": f"chatcmpl-{number % 999}", "system_fingerprint": "fp_ollama"}
    if body.get("stream"):
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return Answer(events=tuple(chunks(told, {**head, "created": int(now)}, usage=usage)))
    line = whole("chat", told)
    message = line["message"]
    calls = [wish(call) for call in message.get("tool_calls") or ()]
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": message["role"], "content": message["content"], **extras(message, calls)},
        "finish_reason": "tool_calls" if calls else line["done_reason"],
    }
    if line.get("logprobs"):
        choice["logprobs"] = {"content": line["logprobs"]}
    at = seconds(line["created_at"])
    answer = {**head, "object": "chat.completion", "created": at, "model": line["model"]}
    return Answer({**answer, "choices": [choice], "usage": counts(line)})


def chunks(lines: list[dict[str, Any]], head: Mapping[str, Any], *, usage: bool) -> Iterator[dict[str, Any]]:
    """The events of a stream, one for each line; the counts are an event of their own."""
    called = False
    for line in lines:
        message, reason = line["message"], line.get("done_reason") or None
        calls = [wish(call) for call in message.get("tool_calls") or ()]
        called = called or bool(calls)
        choice: dict[str, Any] = {
            "index": 0,
            "delta": {"role": "assistant", "content": message["content"], **extras(message, calls)},
            "finish_reason": "tool_calls" if reason and called else reason,
        }
        if line.get("logprobs"):
            choice["logprobs"] = {"content": line["logprobs"]}
        stamp = {**head, "object": "chat.completion.chunk", "model": line["model"]}
        yield {**stamp, "choices": [choice]}
        if line["done"] and usage:
            yield {**stamp, "choices": [], "usage": counts(line)}


def extras(message: Mapping[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Thoughts and calls, where there are any."""
    found = {"reasoning": message.get("thinking"), "tool_calls": calls}
    return {name: value for name, value in found.items() if value}


def wish(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call of a tool: the arguments are a text here."""
    function = call["function"]
    written = json.dumps(function["arguments"], ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    told = {"name": function["name"], "arguments": written}
    return {"id": call["id"], "index": function["index"], "type": "function", "function": told}


def counts(line: Mapping[str, Any]) -> dict[str, int]:
    """The tokens of a reply."""
    read, written = line.get("prompt_eval_count", 0), line.get("eval_count", 0)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def translated(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request as its own route takes it. Raises Refusal."""
    messages = body.get("messages") or []
    if not messages:
        raise Refusal(400, "[] is too short - 'messages'")
    options: dict[str, Any] = {name: body[name] for name in PASSED if body.get(name) is not None}
    for name in ("temperature", "top_p"):
        options[name] = 1.0 if body.get(name) is None else body[name]
    if body.get("max_tokens") is not None:
        options["num_predict"] = body["max_tokens"]
    if (stop := body.get("stop")) is not None:
        options["stop"] = [stop] if isinstance(stop, str) else stop
    said = {"model": body["model"], "options": options, "stream": bool(body.get("stream"))}
    said["messages"] = [it for message in messages for it in turns(message, messages)]
    form = body.get("response_format") or {}
    if form.get("type") == "json_object":
        said["format"] = "json"
    elif form.get("type") == "json_schema":
        said["format"] = form["json_schema"].get("schema")
    effort = (body.get("reasoning") or {}).get("effort") or body.get("reasoning_effort")
    if effort:
        if effort not in {"high", "medium", "low", "none"}:
            known = 'must be "high", "medium", "low", or "none"'
            raise Refusal(400, f"invalid reasoning value: '{effort}' ({known})")
        said["think"] = False if effort == "none" else effort
    kept = {name: body[name] for name in ("tools", "logprobs", "top_logprobs") if body.get(name)}
    return said | kept


def turns(message: Mapping[str, Any], messages: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A message: one, or one for each of its parts. Raises Refusal."""
    role, content, wishes = message["role"], message.get("content"), message.get("tool_calls")
    turn: dict[str, Any] = {"role": role}
    if wishes:
        turn["tool_calls"] = [made(call) for call in wishes]
    if message.get("reasoning"):
        turn["thinking"] = message["reasoning"]
    if number := message.get("tool_call_id"):
        calls = [call for it in messages for call in it.get("tool_calls") or ()]
        names = {call["id"]: call["function"]["name"] for call in calls}
        turn |= {"tool_call_id": number, "tool_name": message.get("name") or names.get(number, "")}
    if isinstance(content, list):
        parts = [part_of(role, part) for part in content]
        return [*parts[:-1], {**parts[-1], **turn}] if wishes else parts
    if not isinstance(content, str) and wishes is None:
        kind = type(content).__name__
        raise Refusal(400, f"invalid message content type: {GO.get(kind, kind)}")
    return [{**turn, "content": content or ""}]


def part_of(role: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a message. Raises Refusal."""
    if part.get("type") == "text" and isinstance(part.get("text"), str):
        return {"role": role, "content": part["text"]}
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    if part.get("type") != "image_url" or not isinstance(url, str):
        raise Refusal(400, "invalid message format")
    if url.startswith(("http://", "https://")):
        raise Refusal(400, "image URLs are not currently supported, please use base64 encoded data instead")
    head, _, data = url.partition(";base64,")
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error:
        head = ""
    if head not in {"data:", *(f"data:image/{kind}" for kind in ("jpeg", "jpg", "png", "webp"))}:
        raise Refusal(400, "invalid image input")
    return {"role": role, "content": "", "images": [data]}


def made(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call of a tool: the arguments are an object here. Raises Refusal."""
    try:
        arguments = json.loads(call["function"]["arguments"])
    except ValueError:
        raise Refusal(400, "invalid tool call arguments") from None
    return {"id": call.get("id", ""), "function": {"name": call["function"]["name"], "arguments": arguments}}


def vectors_asked(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request for vectors as its own route takes it. Raises Refusal."""
    form = body.get("encoding_format") or ""
    if form.lower() not in {"", "float", "base64"}:
        raise Refusal(400, f"Invalid value for 'encoding_format' = {form}. Supported values: ['float', 'base64'].")
    given = body.get("input")
    if given is None or given == []:
        raise Refusal(400, "invalid input")
    return {"model": body["model"], "input": [""] if given == "" else given, "dimensions": body.get("dimensions")}


def vectors_told(body: Mapping[str, Any], said: Mapping[str, Any]) -> Answer:
    """Its own route's answer as a list of vectors."""
    packs = (body.get("encoding_format") or "").lower() == "base64"
    data = [
        {"object": "embedding", "embedding": in_base64(it) if packs else it, "index": place}
        for place, it in enumerate(said["embeddings"])
    ]
    tokens = said.get("prompt_eval_count", 0)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Answer({"object": "list", "data": data, "model": body["model"], "usage": usage})


def in_base64(vector: list[float]) -> str:
    """A vector as little-endian floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def seconds(told: str) -> int:
    """A moment in seconds since the epoch."""
    return int(datetime.fromisoformat(told).timestamp())
