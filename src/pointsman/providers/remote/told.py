"""What the body of a refusal says, in whichever of the shapes that services use: read to be sorted, never shown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.providers.remote import durations
from pointsman.providers.remote.reading import number
from pointsman.providers.remote.wire import Reply

# Only what stands under these names is looked at: a refusal may quote what it was sent, or what the model said.
NAMES: Final = frozenset(
    {"error", "errors", "message", "msg", "type", "error_type", "code", "status", "title", "detail", "details"}
    | {"reason", "param", "loc", "violations", "quotaid", "retrydelay", "metadata", "headers", "limit_source"}
    | {"x-ratelimit-reset", "estimated_time"}
)
CODES: Final = frozenset({"code", "type", "error_type", "status", "reason"})
WAITS: Final = frozenset({"retrydelay", "estimated_time", "x-ratelimit-reset"})
MOST_PIECES: Final = 200
MOST_OF_ONE: Final = 1000
MOST_PLAIN: Final = 2000
TRY_AGAIN: Final = re.compile(rf"try again in ((?:{durations.PIECE})+)")


@dataclass(frozen=True, slots=True)
class Told:
    """What a refusal says: its texts in lower case, its codes, and what it says about when to come back.

    `is_json` is False for the page of a proxy, plain text, and nothing at all.
    """

    status: int
    text: str = field(default="", repr=False)
    codes: frozenset[str] = frozenset()
    waits: Mapping[str, float] = field(default_factory=dict)
    is_json: bool = True


def told(reply: Reply, body: Any = None) -> Told:
    """What a refusal says; `body` is its JSON, where that was read before."""
    body = reply.json() if body is None else body
    if not isinstance(body, dict | list):
        return Told(reply.status, reply.body[:MOST_PLAIN].decode("utf-8", "replace").strip().lower(), is_json=False)
    texts: list[str] = []
    codes: set[str] = set()
    waits: dict[str, float] = {}
    pending: deque[tuple[str, Any]] = deque([("", body)])
    for _ in range(MOST_PIECES):
        if not pending:
            break
        name, value = pending.popleft()
        match value:
            case dict():
                pending.extend((key.lower(), part) for key, part in list(value.items())[:50] if key.lower() in NAMES)
            case list():
                pending.extend((name, part) for part in value[:20])
            case str() | int() | float() if name in WAITS:
                note_wait(waits, name, value)
            case str():
                texts.append(value[:MOST_OF_ONE].lower())
                if name in CODES:
                    codes.add(value[:MOST_OF_ONE].lower())
            case int() if name in CODES and 0 <= value < 10**6:
                codes.add(str(value))
    return Told(reply.status, " | ".join(texts), frozenset(codes), waits)


def note_wait(waits: dict[str, float], name: str, value: object) -> None:
    """Keeps the first number of seconds, or moment, that stands under a name."""
    seconds = durations.go_duration(value) if isinstance(value, str) and not value.isdigit() else number(value)
    if seconds is not None:
        waits.setdefault(name, seconds)


def stated_wait(reply: Reply, said: Told, now: float) -> float | None:
    """How many seconds the service says to wait, 0..31 days: in a header, else in its text; None when it does not."""
    headers = reply.headers
    time = durations.told_time(headers, now)
    again = TRY_AGAIN.search(said.text)
    stated = (
        durations.retry_after(headers, now),
        # It is sent with every answer, and says something of a wait only where the window is used up.
        durations.allowance(headers).resets if reply.status == 429 else None,
        durations.go_duration(again[1]) if again else None,
        durations.until(said.waits.get("x-ratelimit-reset", -1.0), time),
        durations.until(said.waits.get("retrydelay", -1.0), time),
        durations.until(said.waits.get("estimated_time", -1.0), time),
    )
    return next((seconds for seconds in stated if seconds is not None), None)
