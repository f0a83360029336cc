"""Chat completions as all servers that speak OpenAI's language write them, whole or as a stream."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pointsman.core.message import ToolCall
from pointsman.testing.clouds.asked import Answer, tokens_in
from pointsman.testing.clouds.deciding import Decide, Prompt, shares_of
from pointsman.testing.clouds.tools import Writing, numbered, written

LEAST: Final = 1e-6
IN_PIECES: Final = Writing()

Reply = Callable[[str], str]
"""What a chat says to a text when it is not asked to choose."""


def echo(text: str) -> str:
    """What was said, said back."""
    return f"You said: {text}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said: its text, the label in it with the probability of each option, calls, and how it ended."""

    content: str
    label: str = ""
    shares: Mapping[str, float] | None = None
    reason: str = "stop"
    prompt_tokens: int = 0
    tokens: int = 0
    thought: int = 0
    calls: tuple[ToolCall, ...] = ()

    @property
    def usage(self) -> dict[str, Any]:
        """The tokens that it took."""
        total = self.prompt_tokens + self.tokens
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.tokens, "total_tokens": total}


def said_to(
    prompt: Prompt,
    body: Mapping[str, Any],
    decide: Decide,
    reply: Reply = echo,
    *,
    thought: int = 0,
    strict: bool = False,
    most: int | None = None,
) -> Said:
    """What a model says to a prompt, in the form that is asked for.

    `thought` is how many tokens it thinks first, which count in its limit; `strict` models keep to the schema.
    Raises ValueError where `decide` makes that impossible.
    """
    label, shares = "", None
    content = ""
    form = form_of(body)
    if prompt.options:
        decided = decide(prompt.text, prompt.options)
        stray = isinstance(decided, str) and decided not in prompt.options and not strict
        shares = {} if stray else shares_of(decided, prompt.options)
        label = str(decided) if stray else max(shares, key=lambda name: shares[name])
        content = label if form == "text" else json.dumps({prompt.key: label})
    else:
        content = reply(prompt.text) if form == "text" else json.dumps({prompt.key: reply(prompt.text)})
    most = most or body.get("max_completion_tokens") or body.get("max_tokens")
    said = Said(content, label, shares, "stop", prompt.tokens, thought + tokens_in(content), thought)
    if most is None or said.tokens <= most:
        return said
    kept = content[: max(0, most - thought) * 4]
    return replace(said, content=kept, reason="length", tokens=most, thought=min(thought, most))


def called(prompt: Prompt, script: Sequence[str | ToolCall], first: int = 1) -> Said:
    """What a model says that uses tools; calls without an id get one, counted from `first`."""
    text = "".join(piece for piece in script if isinstance(piece, str))
    calls = numbered([piece for piece in script if isinstance(piece, ToolCall)], first)
    tokens = tokens_in(text) + sum(8 + tokens_in(written(call)) for call in calls)
    return Said(text, "", None, "tool_calls" if calls else "stop", prompt.tokens, tokens, calls=calls)


def form_of(body: Mapping[str, Any]) -> str:
    """The form of answer that a request asks for: text, json_object or json_schema."""
    return str((body.get("response_format") or {}).get("type", "text"))


def completion(
    said: Said,
    body: Mapping[str, Any],
    *,
    number: str,
    created: float,
    model: str,
    fingerprint: str | None = None,
    writing: Writing = IN_PIECES,
) -> Answer:
    """A chat completion, or the stream of one where that is asked for."""
    stamp: dict[str, Any] = {"id": f"chatcmpl-{number}", "created": int(created), "model": model}
    if fingerprint is not None:
        stamp["system_fingerprint"] = fingerprint
    if body.get("stream"):
        return Answer(events=tuple(events(said, body, {**stamp, "object": "chat.completion.chunk"}, writing)))
    message: dict[str, Any] = {"role": "assistant", "content": said.content}
    if said.calls:
        message |= {"content": said.content or None, "tool_calls": writing.message(said.calls)}
    choice: dict[str, Any] = {"index": 0, "message": message}
    if body.get("logprobs"):
        choice["logprobs"] = logprobs(said)
    choice["finish_reason"] = said.reason
    return Answer({**stamp, "object": "chat.completion", "choices": [choice], "usage": said.usage})


def events(
    said: Said, body: Mapping[str, Any], stamp: Mapping[str, Any], writing: Writing = IN_PIECES
) -> list[dict[str, Any]]:
    """A stream: who speaks, the text piece by piece, calls, how it ended, and the tokens where they are asked for."""

    def event(delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {**stamp, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    told = [event({"role": "assistant", "content": ""})]
    told += [event({"content": piece}) for piece in pieces(said.content)]
    told += [event({"tool_calls": rows}) for rows in writing.deltas(said.calls)]
    told.append(event({}, said.reason))
    if (body.get("stream_options") or {}).get("include_usage"):
        told = [{**item, "usage": None} for item in told]
        told.append({**stamp, "choices": [], "usage": said.usage})
    return told


def pieces(text: str) -> list[str]:
    """A text word by word, each with the space before it."""
    return re.findall(r"\s*\S+|\s+$", text)


def logprobs(said: Said) -> dict[str, Any]:
    """The tokens with their probabilities: the label is one token, and the options could have stood there."""
    before, label, after = said.content.partition(said.label) if said.label else (said.content, "", "")
    likely = {before: {before: 1.0}, label: dict(said.shares or {label: 1.0}), after: {after: 1.0}}
    return {"content": [token(text, likely[text]) for text in (before, label, after) if text]}


def token(text: str, likely: Mapping[str, float]) -> dict[str, Any]:
    """A token with what could have stood in its place, the likeliest first."""
    ordered = sorted(likely, key=lambda name: -likely[name])
    top = [{"token": name, "logprob": math.log(max(LEAST, likely[name])), "bytes": None} for name in ordered[:20]]
    return {"token": text, "logprob": math.log(max(LEAST, likely.get(text, 0.0))), "bytes": None, "top_logprobs": top}
