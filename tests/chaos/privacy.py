"""Looks for what must not be there: keys in logs, texts in logs, people in what was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.chaos.plan import LONG, Plan
from tests.chaos.seen import CALL, Seen

from pointsman.testing.clouds import Asked

# What asyncio and aiohttp say when something was left open or unread, and what an error of ours looks like.
SIGNS: Final = (
    "Unclosed",
    "was never retrieved",
    "was destroyed",
    "never awaited",
    "Exception ignored",
    "ERROR asyncio",
    "failed with",
    "could not be written down",
)


def occurring(needles: Iterable[str], text: str) -> list[str]:
    """Which of them occur in a text, whatever the case of their letters."""
    lower = text.lower()
    return [needle for needle in needles if needle.lower() in lower]


def words_said(plan: Plan) -> Iterator[tuple[int, str]]:
    """Everything in the messages that no log may hold, with the message's number."""
    for number in range(plan.messages):
        words = plan.words(number)
        yield from ((number, it) for it in (words.marker, *words.private))


def in_logs(plan: Plan, logs: Mapping[str, str]) -> Iterator[str]:
    """No key, no account, no word of a message stands in a log; nothing was left open, or was unforeseen."""
    said = list(words_said(plan))
    for name, text in logs.items():
        yield from (f"{name} holds the secret {secret[:8]}..." for secret in occurring(plan.secrets, text))
        lower = text.lower()
        yield from (f"{name} quotes message {number}: {word!r}" for number, word in said if word.lower() in lower)
        for line in text.splitlines():
            if any(sign in line for sign in SIGNS):
                yield f"{name}: {line[:300]}"


def in_traces(plan: Plan, seen: Seen) -> Iterator[str]:
    """No key and no account stands in a trace or in what is told of the services; no trace quotes its message."""
    for it in seen.decided:
        text = "\n".join(it.trace)
        words = plan.words(it.message)
        for found in occurring((*plan.secrets, words.marker, *words.private), text):
            yield f"message {it.message}: its trace holds {found[:8]}..."
    for secret in occurring(plan.secrets, "\n".join(seen.standings)):
        yield f"what is told of the services holds {secret[:8]}..."


def in_files(plan: Plan, folder: Path) -> Iterator[str]:
    """No key and no account stands in any file that the router wrote."""
    for path in sorted(folder.glob("store.db*")):
        data = path.read_bytes()
        yield from (f"{path.name} holds the secret {it[:8]}..." for it in plan.secrets if it.encode() in data)


def in_requests(plan: Plan, requests: Sequence[Asked], messages: Mapping[int, int]) -> Iterator[str]:
    """What a service was sent holds the message's word, and nothing of who wrote it; direct messages never left.

    `messages` says which message a call was for.
    """
    for asked in requests:
        number = messages.get(int(asked.headers.get(CALL, 0)), -1)
        if number < 0:
            yield f"a call to {asked.path} belongs to no message"
            continue
        words = plan.words(number)
        body = asked.body.decode()
        # As it was written, too: JSON writes a letter that is not ASCII otherwise.
        text = f"{body}\n{json.dumps(asked.json, ensure_ascii=False)}\n{asked.path}\n{asked.query}"
        text += str({name: value for name, value in asked.headers.items() if name != "authorization"})
        for found in occurring(words.private, text):
            yield f"message {number}: {asked.path} was sent {found!r}"
        if words.marker not in body and LONG.strip() not in body:  # a piece of a long one
            yield f"message {number}: {asked.path} was sent something else"
        if plan.direct(number):
            yield f"message {number} is a direct one, and was sent to {asked.path}"
