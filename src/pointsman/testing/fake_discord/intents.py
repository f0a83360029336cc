"""What a client asks to be told: intents, which of them need leave, and what is left out without them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

GUILDS, MEMBERS, GUILD_MESSAGES, GUILD_REACTIONS = 1 << 0, 1 << 1, 1 << 9, 1 << 10
DIRECT_MESSAGES, DIRECT_REACTIONS, CONTENT, KNOWN = 1 << 12, 1 << 13, 1 << 15, (1 << 26) - 1
PRIVILEGED: Final[Mapping[str, int]] = MappingProxyType(
    {"members": MEMBERS, "presences": 1 << 8, "message_content": CONTENT}
)
# How an application in few servers says in its flags what it was given leave for.
FLAGS: Final[Mapping[str, int]] = MappingProxyType(
    {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
)
HIDDEN: Final[Mapping[str, Any]] = MappingProxyType({"content": "", "attachments": [], "embeds": [], "components": []})


def unasked(intents: int, granted: Iterable[str]) -> bool:
    """Whether a client asks for what it has no leave for."""
    return any(intents & bit for name, bit in PRIVILEGED.items() if name not in set(granted))


def flags(granted: Iterable[str]) -> int:
    """The flags of an application with leave for this."""
    return sum(FLAGS[it] for it in set(granted))


def needed(event: str, *, direct: bool) -> int:
    """The intent that an event is told for; 0 where it is told always."""
    if event.startswith("MESSAGE_REACTION"):
        return DIRECT_REACTIONS if direct else GUILD_REACTIONS
    if event.startswith("MESSAGE_"):
        return DIRECT_MESSAGES if direct else GUILD_MESSAGES
    if event.startswith(("GUILD_MEMBER_",)):
        return MEMBERS
    return 0 if event.startswith("INTERACTION") else GUILDS


def without_content(shape: dict[str, Any], me: str) -> dict[str, Any]:
    """A message as those see it who may not read what is not for them."""
    named = any(it["id"] == me for it in shape.get("mentions", ()))
    if shape["author"]["id"] == me or named or "guild_id" not in shape:
        return shape
    return {**shape, **HIDDEN}
