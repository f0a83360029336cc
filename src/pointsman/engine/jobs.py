"""Chat pages' own jobs without a model: the least that a page can read, made of the conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pointsman.core.message import Message

# What Open WebUI reads of an answer: the object between the first and the last brace, and of that one key.
LEAST: Final[Mapping[str, Mapping[str, Any]]] = {
    "tags": {"tags": ["General"]},
    "follow-up": {"follow_ups": []},
    "query": {"queries": []},
    "autocomplete": {"text": ""},
    "function-calling": {"tool_calls": []},
}
EMOJI: Final = "\U0001f4ac"  # a speech balloon
TITLE_WORDS: Final = 6
TITLE_LETTERS: Final = 60
UNTITLED: Final = "New chat"
PROMPT_LETTERS: Final = 1_000

# Pages write the conversation into the job, one line or more for each turn.
SPEAKER: Final = r"(?:USER|Human|\[?user\]?|\"?role\"?:\s*\"?user\"?,?\s*\"?content\"?)"
SAID: Final = re.compile(rf"^\s*{SPEAKER}\s*:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
TALK: Final = re.compile(r"<chat_history>\s*(.+?)\s*</chat_history>", re.DOTALL)
TITLED_AS_JSON: Final = re.compile(r"\bjson\b|\"title\"", re.IGNORECASE)


def least_of(job: str, message: Message) -> str:
    """The least that answers a job so that its page can go on; plain text for a job that we do not know."""
    if job in LEAST:
        return json.dumps(LEAST[job], ensure_ascii=False)
    match job:
        case "title":
            title = title_of(begun_with(message))
            return json.dumps({"title": title}, ensure_ascii=False) if wants_json(message) else title
        case "image-prompt":
            return json.dumps({"prompt": asked_last(message)[:PROMPT_LETTERS]}, ensure_ascii=False)
        case "emoji":
            return EMOJI
    return begun_with(message)


def wants_json(message: Message) -> bool:
    """Whether a page reads a title out of an object; others show what they get as it is."""
    asked = (message.text, *(turn.text for turn in message.history if turn.role == "system"))
    return bool(message.task) or any(TITLED_AS_JSON.search(text) for text in asked)


def title_of(text: str) -> str:
    """The first words of a text, as the name of a chat."""
    words = text.split()
    title = " ".join(words[:TITLE_WORDS])
    if len(title) > TITLE_LETTERS:
        return f"{title[:TITLE_LETTERS].rstrip()}…"
    return (f"{title}…" if len(words) > TITLE_WORDS else title.rstrip(".!?")) or UNTITLED


def begun_with(message: Message) -> str:
    """What the person said first, as far as a job tells."""
    said = spoken(message)
    return said[0] if said else ""


def asked_last(message: Message) -> str:
    """What the person said last."""
    said = spoken(message)
    return said[-1] if said else ""


def spoken(message: Message) -> list[str]:
    """What the person said, in order: in the turns before the job, or in the conversation that stands in it."""
    talk = TALK.search(message.text)
    written = SAID.findall(talk[1] if talk else message.text)
    if written:
        return written
    turns = [turn.text for turn in message.history if turn.role == "user" and turn.text.strip()]
    if turns:
        return turns
    # A page that puts the job into a system turn sends the conversation alone.
    job_is_before = any(turn.role == "system" for turn in message.history)
    return [message.text] if job_is_before and message.text.strip() else [talk[1]] if talk else []
