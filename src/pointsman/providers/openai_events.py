"""What the pieces of a chat completion mean, in the dialects of the servers that speak OpenAI's language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import ModelFailed
from pointsman.core.ports import Delta
from pointsman.providers.openai_calls import Fragments
from pointsman.providers.remote.sse import Event
from pointsman.providers.remote.wire import Reply

DONE: Final = "[DONE]"
LENGTH: Final = "length"
CALLS: Final = "tool_calls"
# The reasons that mean the same: Mistral's, and Gemini's own.
REASONS: Final = {
    "model_length": LENGTH,
    "max_tokens": LENGTH,
    "MAX_TOKENS": LENGTH,
    "eos": "stop",
    "function_call": CALLS,
}
# Where a model's thoughts stand: DeepSeek, vLLM and llama.cpp; OpenRouter, Groq and Ollama.
THOUGHTS: Final = ("reasoning_content", "reasoning")
PLAIN: Final = frozenset({"content", "role"})
DECODE: Final = json.JSONDecoder().raw_decode  # what json.loads comes to, in a third of its time for a short text
HEARD_NOTHING: Final = (
    "allow more tokens (max_tokens), or switch its thinking off at the server: all of its answer was thought"
)


class Heard:
    """A reply as far as it has been heard.

    `pieces` are its texts and `calls` the tools that it wants called, `finish` is the reason of its end ("" before
    that), `complete` says that nothing more is to come, `chose` that there was a choice at all, and `thought` that the
    model thought aloud, which is not shown.
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.calls = Fragments()
        self.finish = ""
        self.complete = False
        self.chose = False
        self.thought = False
        self._tokens = (0, 0)
        self._half = ""

    @property
    def words(self) -> int:
        """How many words it has so far."""
        return len("".join(self.pieces).split())

    def take(self, said: Any) -> str:
        """The text in a piece of the reply, or in all of it."""
        if (plain := plain_text(said)) is not None:
            return self.take_plain(plain)
        text = self._kept("".join(self._texts(said)))
        if usage := mapping(mapping(said).get("usage")):
            self._tokens = (count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")))
            # The counts that come with the end, or behind it, are the last that is said.
            self.complete = bool(self.finish)
        return text

    def take_plain(self, text: str) -> str:
        """The text of a piece that holds nothing else, as `plain_text` finds it: a fifth of what `take` costs."""
        self.chose = True
        return self._kept(text)

    def last(self, name: str) -> Delta:
        """What ends the reply of the model called `name`, with its calls. Raises ModelFailed when it only thought."""
        if self.thought and not self.pieces and not self.calls:
            raise ModelFailed(f"{name} thought, and said nothing ({self._tokens[1]} tokens)", cure=HEARD_NOTHING)
        reason = ended_by(self.finish, called=bool(self.calls))
        return Delta("", reason, *self._tokens, calls=self.calls.calls(cut=reason == LENGTH))

    def _kept(self, text: str) -> str:
        if self._half or not text.isascii():
            text = self._whole(text)
        if text:
            self.pieces.append(text)
        return text

    def _whole(self, text: str) -> str:
        """The text with its surrogates put together: some servers cut a pair of them in two, escape by escape."""
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _texts(self, said: Any) -> Iterator[str]:
        for choice in map(mapping, sequence(mapping(said).get("choices"))):
            if choice.get("index", 0) not in {0, None}:
                continue
            self.chose = True
            message = mapping(choice.get("delta")) or mapping(choice.get("message"))
            self.calls.take(message, whole=not choice.get("delta") and not self.calls)
            self.thought = self.thought or any(message.get(name) for name in THOUGHTS)
            for part in parts_of(message):
                if text := mapping(part).get("text"):
                    yield str(text)
                elif mapping(part).get("thinking"):
                    self.thought = True
            if reason := choice.get("finish_reason"):
                self.finish = REASONS.get(str(reason), str(reason))


def plain_text(said: Any) -> str | None:
    """The text of a piece that holds nothing else, as nearly all do; None for any other."""
    try:
        (choice,) = said["choices"]
        delta = choice["delta"]
        text = delta["content"]
    except (KeyError, TypeError, ValueError):
        return None
    plain = isinstance(text, str) and (len(delta) == 1 or delta.keys() <= PLAIN) and choice.get("index", 0) == 0
    if not plain or choice.get("finish_reason") or said.get("usage") or "error" in said:
        return None
    return str(text)


def ended_by(reason: str, *, called: bool) -> str:
    """The reason of an end: some say "stop" although they call, or the other way round."""
    if reason in {"", "stop", CALLS}:
        return CALLS if called else "stop"
    return reason


def parts_of(message: Mapping[str, Any]) -> Sequence[Any]:
    """What a message consists of: a text, or the parts that Mistral's models that think send; or a refusal."""
    content = message.get("content") or message.get("refusal")
    return [{"text": content}] if isinstance(content, str) else sequence(content)


def read(event: Event) -> Mapping[str, Any] | None:
    """The data of an event; None when it is no JSON object."""
    try:
        text = event.data.strip(" \t\r\n")
        said, end = DECODE(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and end == len(text) else None


def error_in(event: Event, said: Any) -> Reply | None:
    """The answer that an error in the middle of a stream would have been, had it come before it; None for no error."""
    error = mapping(said).get("error")
    is_flat = mapping(said).get("object") == "error"
    reasons = [mapping(choice).get("finish_reason") for choice in sequence(mapping(said).get("choices"))]
    if not error and not is_flat and event.name != "error" and "error" not in reasons:
        return None
    told = mapping(said) if is_flat else mapping(error)
    code = count(told.get("code"))
    if not 400 <= code <= 599:
        code = 400 if told.get("type") == "invalid_request_error" else 500
    return Reply(code, {"content-type": "application/json"}, event.data.encode())


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """A JSON list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else ()


def count(value: Any) -> int:
    """A whole number, or 0 in place of anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
