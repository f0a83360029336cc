"""What people asked to be remembered, and who may hear of it on which occasion."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Origin

Scope = Literal["private", "user", "guild"]
"""Who hears of a memory: its owner alone, where nobody reads along; its owner, anywhere; everybody in one server."""

SCOPES: Final[tuple[Scope, ...]] = ("private", "user", "guild")
# A memory is a note. Longer texts would push everything else out of what a model reads.
MOST_CHARACTERS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Circle:
    """Those who may hear of a memory: a scope, and whose it is, an owner's or a server's."""

    scope: Scope
    whose: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Something that somebody asked to be remembered.

    `owner` is who said it (`Origin.owner`), `whose` the owner, or the server, that it is kept for. `at` is seconds
    since the epoch. `own` says that it is in the person's own words, and not in a model's.
    """

    id: str
    text: str
    owner: str
    scope: Scope
    whose: str
    at: float
    surface: str = "python"
    own: bool = True

    @property
    def day(self) -> str:
        """The day on which it was said, in this machine's time zone, as 2026-11-23."""
        return time.strftime("%Y-%m-%d", time.localtime(self.at))

    def to_dict(self) -> dict[str, Any]:
        """The memory as data that any JSON encoder takes."""
        return {
            "id": self.id,
            "text": self.text,
            "owner": self.owner,
            "scope": self.scope,
            "guild": self.whose if self.scope == "guild" else "",
            "at": self.at,
            "surface": self.surface,
            "own": self.own,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A memory that was stored, or, when it was `known`, the one that says the same already."""

    memory: Memory
    known: bool = False


@dataclass(frozen=True, slots=True)
class Full:
    """That nothing was stored, because there are `most` memories already."""

    most: int


def seen(origin: Origin) -> tuple[Circle, ...]:
    """The circles whose memories may come up on an occasion, the narrowest first.

    Where others read along, an owner has to be named: nobody's memories would be everybody's.
    """
    found = [Circle("guild", server_of(origin))] if origin.guild else []
    if origin.user or not origin.shared:
        found.insert(0, Circle("user", origin.owner))
        if not origin.shared:
            found.insert(0, Circle("private", origin.owner))
    return tuple(found)


def personal(owner: str) -> tuple[Circle, ...]:
    """The circles of one owner alone."""
    return Circle("private", owner), Circle("user", owner)


def usual_scope(origin: Origin) -> Scope:
    """Who hears of what was said without a word about that: the owner, and nobody where he said it in private."""
    return "user" if origin.shared else "private"


def circle_for(origin: Origin, scope: Scope) -> Circle:
    """Where a memory of a scope is kept. Raises InvalidInput where there is no such place."""
    if scope == "guild":
        if not origin.guild:
            raise InvalidInput("this is not said in a server", cure="keep it for this person: scope private or user")
        return Circle("guild", server_of(origin))
    if origin.shared and not origin.user:
        raise InvalidInput("nobody is named here whose memory it could be", cure="say it where the bot knows you")
    return Circle(scope, origin.owner)


def server_of(origin: Origin) -> str:
    """The server that a message was written in, over all surfaces."""
    return f"{origin.surface}:{origin.guild}"


def distinct(memories: Sequence[Memory]) -> list[Memory]:
    """The memories without those that say the same as an earlier one."""
    kept: dict[str, Memory] = {}
    for memory in memories:
        kept.setdefault(same_text(memory.text), memory)
    return list(kept.values())


def same_text(text: str) -> str:
    """What texts that say the same have in common: case, white space and closing marks do not count."""
    return " ".join(text.casefold().split()).rstrip(".!… ")
