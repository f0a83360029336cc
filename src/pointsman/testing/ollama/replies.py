"""The parts of a fake Ollama's replies: stamps, thoughts, calls of tools, how a reply ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pointsman.testing.clouds.chat import Said


def stamped(model: str, now: float) -> dict[str, Any]:
    """What every line begins with."""
    at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return {"model": model, "created_at": f"{at}123Z"}  # Go counts nanoseconds


def form_of(wanted: Any) -> dict[str, Any]:
    """A `format` of Ollama as OpenAI's language says it."""
    if isinstance(wanted, dict):
        return {"type": "json_schema", "json_schema": {"name": "format", "schema": wanted}}
    return {"type": "json_object" if wanted == "json" else "text"}


def thought_about(text: str) -> str:
    """What a model thinks before it answers."""
    return f"The user said {len(text)} characters. I say so."


def ends(said: Said, *, loaded: float, spent: float) -> dict[str, Any]:
    """What a last line has besides: why it ended, its tokens, and its nanoseconds; what is zero is left out."""
    counts = {
        "total_duration": int((loaded + spent) * 1e9),
        "load_duration": int(loaded * 1e9),
        "prompt_eval_count": said.prompt_tokens or 12,
        "prompt_eval_duration": int(spent * 2e8),
        "eval_count": said.tokens,
        "eval_duration": int(spent * 8e8),
    }
    return {
        "done": True,
        "done_reason": "stop" if said.calls else said.reason,
        **{name: value for name, value in counts.items() if value},
    }


def calls_of(said: Said) -> list[dict[str, Any]]:
    """The calls of a reply as Ollama's own routes write them: the arguments are an object."""
    return [
        {"id": it.id, "function": {"index": place, "name": it.name, "arguments": dict(it.arguments)}}
        for place, it in enumerate(said.calls)
    ]


def whole(route: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All lines of a reply as the one object that is sent without a stream."""
    last = dict(lines[-1])
    if told := [row for line in lines for row in line.get("logprobs") or ()]:
        last["logprobs"] = told
    if route != "chat":
        return {**last, "response": "".join(line["response"] for line in lines), **thoughts(lines)}
    parts = [line["message"] for line in lines]
    message: dict[str, Any] = {"role": "assistant", "content": "".join(it["content"] for it in parts)}
    message |= thoughts(parts)
    if calls := [call for it in parts for call in it.get("tool_calls") or ()]:
        message["tool_calls"] = calls
    return {**last, "message": message}


def thoughts(parts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The thoughts in the parts of a reply; nothing where there are none."""
    text = "".join(str(it.get("thinking", "")) for it in parts)
    return {"thinking": text} if text else {}
