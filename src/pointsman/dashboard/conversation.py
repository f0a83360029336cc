"""What was said earlier on the page, as it goes with the next message."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.core.message import Turn
from pointsman.dashboard.exchange import Exchange

MOST_EARLIER = 3  # exchanges, as many as follow-ups look back at
LONGEST_EARLIER = 1000  # characters of each turn: the embedded model's context has to hold all of them
PICTURE = "[image]"


def turns_of(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """The last exchanges as turns, the oldest first; what was only decided or failed has no reply."""
    turns: list[Turn] = []
    for exchange in exchanges[-MOST_EARLIER:]:
        turns.append(Turn("user", shortened(exchange.text)))
        if reply := replied(exchange):
            turns.append(Turn("assistant", reply))
    return tuple(turns)


def replied(exchange: Exchange) -> str:
    """What came back: its text, and a mark for each picture."""
    said = shortened(exchange.reply.strip())
    return "\n".join(part for part in (said, *(PICTURE for _ in exchange.pictures)) if part)


def shortened(text: str) -> str:
    """A long text without its middle: a question that follow-ups answer stands at its end."""
    half = LONGEST_EARLIER // 2
    return text if len(text) <= LONGEST_EARLIER else f"{text[:half]}…{text[-half:]}"


def goes_on_from(count: int) -> str:
    """What the next message is sent with, for who writes it."""
    if not count:
        return "The next message starts a new conversation."
    return f"Goes on from {earlier(count)}."


def earlier(count: int) -> str:
    """So many messages before one."""
    return "the message before" if count == 1 else f"the {count} messages before"
