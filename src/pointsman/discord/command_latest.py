"""Which decisions were whose, and which messages came of them, as far back as somebody would ask why."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pointsman.core.errors import StoreError
from pointsman.core.message import digest_of
from pointsman.discord.shares import Shelf

logger = logging.getLogger(__name__)

ON_SHELF: Final = "discord/decisions/"
PARTS: Final = (
    256  # texts on the shelf: one for all would be large, and one for each would hold a person's id in its key
)
MOST: Final = 20  # of one person

Kept = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that somebody's message led to: where, the messages of and for it, and who answered in how long.

    `seconds` is 0 where nobody has said it.
    """

    id: str
    channel: str
    messages: tuple[int, ...] = ()
    model: str = ""
    seconds: float = 0.0


class Latest:
    """Keeps each person's latest decisions, over restarts; where the shelf fails, as long as the process lives."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._meanwhile: dict[str, list[Made]] = {}  # what could not be kept

    async def note(self, user: str, made: Made) -> None:
        """Keeps that a decision was made for a person; one of the same id is replaced."""
        if not made.id:
            return

        def change(text: str) -> tuple[str, None]:
            kept = decoded(text)
            others = [it for it in kept.pop(user, []) if it.get("id") != made.id]
            kept[user] = [*others[1 - MOST :], asdict(made)]
            return encoded(kept), None

        try:
            await self._shelf.change(place_of(user), change)
        except StoreError as error:
            logger.warning("whose decision it was is not kept: %s", error.message)
            self._meanwhile[user] = [*self._meanwhile.get(user, [])[1 - MOST :], made]

    async def last(self, user: str, channel: str) -> Made | None:
        """A person's last decision in a channel."""
        return next((it for it in reversed(await self.of(user)) if it.channel == channel), None)

    async def named(self, user: str, decision_id: str) -> Made | None:
        """A person's decision by its id."""
        return next((it for it in reversed(await self.of(user)) if it.id == decision_id), None)

    async def behind(self, user: str, message: int) -> Made | None:
        """The decision that a message came of, or led to, if it was this person's."""
        return next((it for it in reversed(await self.of(user)) if message in it.messages), None)

    async def of(self, user: str) -> Sequence[Made]:
        """A person's decisions, the latest last."""
        meanwhile = self._meanwhile.get(user, [])
        try:
            kept = decoded(await self._shelf.read(place_of(user)))
        except StoreError as error:
            logger.warning("earlier decisions of a person cannot be looked up: %s", error.message)
            return meanwhile
        return [*filter(None, map(made_in, kept.get(user, []))), *meanwhile]

    async def erase(self, user: str) -> None:
        """Forgets all of a person. Raises StoreError."""
        self._meanwhile.pop(user, None)

        def change(text: str) -> tuple[str, None]:
            kept = decoded(text)
            kept.pop(user, None)
            return encoded(kept) if kept else "", None

        await self._shelf.change(place_of(user), change)


def place_of(user: str) -> str:
    """Where a person's decisions are kept, with those of some others."""
    return f"{ON_SHELF}{digest_of(user)[0] % PARTS}"


def encoded(kept: Kept) -> str:
    """What is kept, as one text."""
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def decoded(text: str) -> Kept:
    """What was kept, by person; nothing of what cannot be read."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return {user: it for user, it in data.items() if isinstance(it, list)} if isinstance(data, dict) else {}


def made_in(kept: Any) -> Made | None:
    """A decision as it was kept; None where it cannot be read."""
    try:
        return Made(**{**kept, "messages": tuple(kept.get("messages", ()))})
    except (TypeError, AttributeError):
        return None
