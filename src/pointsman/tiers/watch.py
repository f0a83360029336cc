"""The seam for whoever looks at a message before the tiers do: it marks, it never blocks."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol

from pointsman.core.decision import Signal
from pointsman.core.message import Message


@dataclass(frozen=True, slots=True)
class Watched:
    """What was noticed about a message, and what of its text the tiers are to judge (None: all of it)."""

    signals: tuple[Signal, ...] = ()
    judged: str | None = None


UNREMARKABLE: Final = Watched()


class Watch(Protocol):
    """Notices what people should know about a message, such as an attempt to steer the router."""

    name: str

    def watch(self, message: Message) -> Watched | Awaitable[Watched]:
        """What it noticed, or an awaitable of it when somebody else has to be asked."""
        ...
