"""What a person has to agree to before a tool does it: asked at once where that is possible, else by a word."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.ports import Clock
from pointsman.core.tool import Occasion, ToolSpec

Confirm = Callable[[ToolCall, ToolSpec], Awaitable[bool]]
"""Asks the person in front of the screen whether a call may be made."""

GOOD_FOR: Final = 600.0
MOST: Final = 200
SAID: Final = re.compile(r"\W*confirm\W+((?=[a-z]*[0-9])[a-z0-9]{6})\W*", re.IGNORECASE)
# Without what is easily mistaken for something else.
DIGITS: Final = "23456789"
LETTERS: Final = f"abcdefghjkmnpqrstuvwxyz{DIGITS}"
UNKNOWN: Final = (
    "Nothing waits for that code: it was used already, is older than ten minutes, or was given to somebody else, or in "
    "another place. Nothing was done; ask for it again."
)


@dataclass(frozen=True, slots=True)
class Held:
    """A call that waits for a person's word: which toolset makes it, on what occasion, since when."""

    call: ToolCall
    toolset: str
    occasion: Occasion
    since: float


def new_code() -> str:
    """A word that nobody guesses, and a model cannot know; with a digit, so that it is none of any language."""
    code = [secrets.choice(LETTERS) for _ in range(5)]
    code.insert(secrets.randbelow(6), secrets.choice(DIGITS))
    return "".join(code)


class Agreements:
    """Calls that wait for "confirm CODE" from the person for whom they would be made; for ten minutes each.

    Only a person's message counts: what a model or a page says is never looked at.
    """

    def __init__(self, *, clock: Clock, new_code: Callable[[], str] = new_code) -> None:
        self._clock = clock
        self._new_code = new_code
        self._held: dict[str, Held] = {}

    def hold(self, call: ToolCall, toolset: str, occasion: Occasion) -> str:
        """Keeps a call, and gives the code that lets it go."""
        while len(self._held) >= MOST:
            del self._held[next(iter(self._held))]
        code = self._new_code()
        self._held[code] = Held(call, toolset, occasion, self._clock())
        return code

    def is_word(self, message: Message) -> bool:
        """Whether a message says "confirm CODE", whatever the code."""
        return SAID.fullmatch(message.text) is not None

    def take(self, message: Message) -> Held | str | None:
        """The call that a message lets go, once; None where it names no code; UNKNOWN where nothing waits for it."""
        if (said := SAID.fullmatch(message.text)) is None:
            return None
        code = said.group(1).lower()
        held = self._held.get(code)
        if held is None or place(held.occasion.message.origin) != place(message.origin):
            return UNKNOWN
        del self._held[code]
        return held if self._clock() - held.since <= GOOD_FOR else UNKNOWN


def place(origin: Origin) -> tuple[str, ...]:
    """Who spoke, and where."""
    return (origin.surface, origin.user, origin.guild, origin.channel)
