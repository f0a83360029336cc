"""Which option a text gets from a fake: what it is asked about is read out of the real request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pointsman.testing.clouds.asked import tokens_in

Decide = Callable[[str, Sequence[str]], "str | Mapping[str, float]"]
"""Given a text and its options, the option that it gets, or the probability of each."""

SURE: Final = 0.97
# Words of a text, and what stands in the names of the options that they speak for.
CUES: Final = (
    ("draw paint sketch picture image photo logo drawing", "image picture draw"),
    ("hello hi hey morning", "greet hello"),
    ("bye goodbye later night", "farewell bye"),
    ("thanks thank thx", "thank"),
    ("remember forget remind note", "memory remember"),
    ("news weather today latest search price", "search web fact"),
    ("run execute code script python calculate", "code tool action run"),
    ("why prove solve riddle", "reason"),
    ("what who when where how explain", "knowledge fact"),
)
ANY: Final = "chat convers general other"
MESSAGE: Final = re.compile(r"Message:\s*(?=\")")
ONE_OF: Final = re.compile(r"one of:?\s+(.+?)\.?\s*$", re.IGNORECASE | re.MULTILINE)
LABEL_LINE: Final = re.compile(r"^([A-Za-z][\w-]*): \S", re.MULTILINE)
CAPITALS: Final = re.compile(r"\b([A-Z][A-Z_]{2,}):")
KEY: Final = re.compile(r'\{\s*"(\w+)"\s*:')


def by_words(text: str, options: Sequence[str]) -> str:
    """The option whose name shares a word, or the sense of one, with the text; else the most general one."""
    words = set(re.findall(r"\w+", text.lower()))

    def score(option: str) -> int:
        name = option.lower()
        own = len(words & set(re.findall(r"[a-z]{4,}", name)))
        cued = sum(bool(words & set(cue.split())) for cue, stems in CUES if any(stem in name for stem in stems.split()))
        return 4 * (own + cued) + any(stem in name for stem in ANY.split())

    return max(options, key=score)


def shares_of(decided: str | Mapping[str, float], options: Sequence[str]) -> dict[str, float]:
    """The probability of each option. Raises ValueError for a decision that is none of them."""
    if isinstance(decided, str):
        rest = (1 - SURE) / max(1, len(options) - 1)
        decided = {option: SURE if option == decided else rest for option in options if decided in options}
    if not set(decided) & set(options) or not set(decided) <= set(options):
        raise ValueError(f"`decide` said {decided!r}, but the options are {list(options)}")
    return {option: float(decided.get(option, 0.0)) for option in options}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat request asks: about which text, with which options (none: it only chats), and under which key.

    `tokens` is about how long the prompt is.
    """

    text: str
    options: tuple[str, ...]
    key: str
    tokens: int


def prompt_of(body: Mapping[str, Any]) -> Prompt:
    """What a chat request asks.

    The text is the JSON string behind the last "Message:" that is not inside another such string, or the last turn
    of the user. The options are the first enum of the schema, or what stands behind the last "one of", or the names
    that are described.
    """
    turns = [(str(turn.get("role", "")), content_of(turn)) for turn in body.get("messages") or () if turn]
    if not turns:
        turns = [("user", str(body.get("prompt", "")))]
    whole = "\n".join(content for _, content in turns)
    text, behind = last_message(whole)
    if text is None:
        text = next((content for role, content in reversed(turns) if role == "user"), turns[-1][1])
    form = body.get("response_format") or {}
    keys, options = enum_in(form)
    if not options:
        options = options_in(behind) or options_in(whole)
    keys = keys or KEY.findall(behind) or KEY.findall(turns[0][1]) or ["intent"]
    return Prompt(text, tuple(options), keys[-1], 3 + sum(4 + tokens_in(content) for _, content in turns))


def content_of(turn: Mapping[str, Any]) -> str:
    """The text of a turn, which may be a list of parts."""
    content = turn.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def last_message(prompt: str) -> tuple[str | None, str]:
    """The last quoted message, and what stands behind it; None and everything without one."""
    found: str | None = None
    end = 0
    while match := MESSAGE.search(prompt, end):
        try:
            found, end = json.JSONDecoder().raw_decode(prompt, match.end())
        except ValueError:
            end = match.end()
    return found, prompt[end:] if found is not None else prompt


def enum_in(form: Any, key: str = "") -> tuple[list[str], list[str]]:
    """The first list of allowed strings in a schema, and the key that it is for."""
    if isinstance(form, dict):
        enum = form.get("enum")
        if isinstance(enum, list) and all(isinstance(item, str) for item in enum):
            return [key], enum
        for name, value in form.items():
            keys, options = enum_in(value, name)
            if options:
                return keys, options
    return [], []


def options_in(text: str) -> list[str]:
    """The options that a prompt names in words."""
    named = ONE_OF.findall(text)
    if named:
        listed = [item.strip(" `'\"") for item in re.split(r",|\bor\b", named[-1])]
        if len(listed) > 1 and all(re.fullmatch(r"[\w-]+", item) for item in listed):
            return listed
    _, labels, rest = text.partition("labels:\n")
    described = LABEL_LINE.findall(rest.partition("\n\n")[0]) if labels else []
    return described or list(dict.fromkeys(CAPITALS.findall(text)))
