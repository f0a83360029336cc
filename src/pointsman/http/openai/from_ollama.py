"""The answers of an Ollama's own routes in OpenAI's language, as Ollama's /v1 translates them.

Source: ollama/ollama, openai/openai.go (ToChatCompletion, ToChunks, ToEmbeddingList, NewError), middleware/openai.go.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pointsman.http.errors import Json
from pointsman.http.openai.models import seconds_of
from pointsman.http.sse import DONE, frame

FINGERPRINT: Final = "fp_ollama"
KINDS: Final[Mapping[int, str]] = {400: "invalid_request_error", 404: "not_found_error"}
UNSAID: Final = "something went wrong, please see the ollama server logs for details"


@dataclass(frozen=True, slots=True)
class Form:
    """What all parts of one answer have in common; `created` is in seconds since the epoch."""

    id: str
    created: int
    model: str
    include_usage: bool = False

    def whole(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """An answer that was not streamed."""
        message = message_of(said)
        calls = calls_in(message)
        choice = {
            "index": 0,
            "message": {"role": message.get("role") or "assistant", "content": message.get("content") or "", **calls},
            "finish_reason": "tool_calls" if "tool_calls" in calls else said.get("done_reason") or None,
            **probabilities(said),
        }
        created = seconds_of(said.get("created_at"), self.created)
        return {**self._head("chat.completion"), "created": created, "choices": [choice], "usage": usage(said)}

    def chunk(self, choices: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
        """One piece of a stream."""
        return frame({**self._head("chat.completion.chunk"), "choices": choices, **more})

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
        }


class Streamed:
    """Turns the lines of an answer into frames, one by one; `done` once its last line was there."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._called = False
        self.done = False

    def frames(self, line: Mapping[str, Any]) -> Iterator[bytes]:
        """The frames of a line: thoughts stand apart from what is said with them."""
        message = message_of(line)
        calls = calls_in(message)
        thoughts = {"reasoning": calls.pop("reasoning")} if "reasoning" in calls else {}
        text, told = message.get("content") or "", probabilities(line)
        reason = line.get("done_reason") or None
        if reason is not None and (self._called or "tool_calls" in calls):
            reason = "tool_calls"
        if thoughts and (text or calls):
            yield self._chunk({"content": "", **thoughts}, None, told)
            thoughts, told = {}, {}
        yield self._chunk({"content": text, **thoughts, **calls}, reason, told)
        self._called = self._called or "tool_calls" in calls
        if line.get("done"):
            self.done = True
            if self._form.include_usage:
                yield self._form.chunk([], usage=usage(line))
            yield DONE

    def _chunk(self, delta: Mapping[str, Any], reason: str | None, told: Mapping[str, Any]) -> bytes:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason, **told}
        return self._form.chunk([choice])


def message_of(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message in a line."""
    message = line.get("message")
    return message if isinstance(message, dict) else {}


def calls_in(message: Mapping[str, Any]) -> dict[str, Any]:
    """The thoughts and the calls of a message, where it has any."""
    rows = [row for row in message.get("tool_calls") or () if isinstance(row, dict)]
    found: dict[str, Any] = {"reasoning": message["thinking"]} if message.get("thinking") else {}
    return {**found, "tool_calls": [call_of(row) for row in rows]} if rows else found


def call_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A call of a tool; its arguments are a text here."""
    function = row.get("function")
    function = function if isinstance(function, dict) else {}
    return {
        "id": row.get("id") or "",
        "index": function.get("index") or 0,
        "type": "function",
        "function": {
            "name": function.get("name") or "",
            "arguments": as_go(function.get("arguments") or {}),
        },
    }


def as_go(value: object) -> str:
    """JSON as Go writes it: without blanks, and with the signs of HTML escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def probabilities(line: Mapping[str, Any]) -> dict[str, Any]:
    """The probabilities of tokens, where they are told."""
    return {"logprobs": {"content": line["logprobs"]}} if line.get("logprobs") else {}


def usage(line: Mapping[str, Any]) -> dict[str, int]:
    """The tokens that were read and written."""
    read, written = (int(line.get(name) or 0) for name in ("prompt_eval_count", "eval_count"))
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def embeddings(said: Mapping[str, Any], model: str, *, packed: bool) -> dict[str, Any]:
    """The vectors of texts, as numbers or packed into base64."""
    rows = [
        {"object": "embedding", "embedding": in_base64(vector) if packed else vector, "index": place}
        for place, vector in enumerate(said.get("embeddings") or ())
    ]
    tokens = int(said.get("prompt_eval_count") or 0)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": rows, "model": model, "usage": usage}


def in_base64(vector: Sequence[float]) -> str:
    """A vector as the bytes of float32, the lowest first, in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")


def error_of(status: int, message: str) -> dict[str, Any]:
    """An error as Ollama's /v1 words it."""
    kind = KINDS.get(status, "api_error")
    return {"error": {"message": message or UNSAID, "type": kind, "param": None, "code": None}}


def refusal(status: int, body: bytes) -> Json:
    """The answer to a request that Ollama refuses, from what its own route says."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    told = said.get("error") if isinstance(said, dict) else None
    message = told if isinstance(told, str) else "" if isinstance(said, dict) else body.decode("utf-8", "replace")
    return Json(error_of(status, message), status)
