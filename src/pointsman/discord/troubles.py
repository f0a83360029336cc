"""What Discord does not let the bot do: who is told of it, and how it is put right."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import discord

from pointsman.core.ports import Clock
from pointsman.discord import wording

logger = logging.getLogger(__name__)

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008
NO_ACCESS: Final = 50001
LACKING: Final = 50013
CLOSED: Final = frozenset({50083, 160005})  # a thread that is archived, or locked
GONE: Final = frozenset({UNKNOWN_CHANNEL, UNKNOWN_MESSAGE})
TOLD_AGAIN: Final = 3600.0  # seconds after which somebody is told once more what the bot lacks in a channel

# What the bot needs to answer at all, as Discord calls it, and as its portal does.
NEEDED: Final = {"view_channel": "View Channel", "send_messages": "Send Messages"}
IN_THREADS: Final = {"view_channel": "View Channel", "send_messages_in_threads": "Send Messages in Threads"}
FILES: Final = {"attach_files": "Attach Files"}
HISTORY: Final = {"read_message_history": "Read Message History"}  # without it, a reply refers to nothing


class Troubles:
    """Tells what the bot is not allowed: the log each time, and who asked once an hour, where he can be reached."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[tuple[int, int], float] = {}

    async def lacks(self, what: str, channel: Any, asker: discord.User | discord.Member) -> None:
        """Says that a permission is lacking."""
        logger.warning(
            "the bot may not write in channel %s (%s) of server %s: it lacks %s. Cure: give its role that permission "
            "there, or block the channel: discord.block.channels",
            getattr(channel, "id", "?"),
            getattr(channel, "name", "?"),
            getattr(getattr(channel, "guild", None), "name", "?"),
            what,
        )
        await self._tell(f"{place_of(channel)}: {wording.no_permission(what)}", channel, asker)

    async def _tell(self, words: str, channel: Any, asker: discord.User | discord.Member) -> None:
        """Tells who asked where nobody reads along, as it cannot be said where he asked."""
        key, now = (int(getattr(channel, "id", 0)), asker.id), self._clock()
        if now - self._told.get(key, -TOLD_AGAIN) < TOLD_AGAIN:
            return
        self._told = {it: at for it, at in self._told.items() if now - at < TOLD_AGAIN}
        self._told[key] = now
        try:
            await asker.send(wording.warning(words))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.info("and %s cannot be told: %s", asker.id, error)

    async def met(self, error: Exception, channel: Any, asker: discord.User | discord.Member) -> None:
        """Says what Discord did not let the bot do with a reply."""
        code = error.code if isinstance(error, discord.HTTPException) else 0
        if code in GONE:
            logger.info("a reply in channel %s ends, as it was deleted: %s", getattr(channel, "id", "?"), error)
        elif code in {NO_ACCESS, LACKING}:
            await self.lacks(", ".join(lacking(channel)) or "a permission", channel, asker)
        elif code in CLOSED:
            logger.info("a reply in thread %s ends, as it was closed", getattr(channel, "id", "?"))
            await self._tell(f"{place_of(channel)}: {wording.CLOSED}", channel, asker)
        else:
            logger.error("a reply in channel %s could not be written: %r", getattr(channel, "id", "?"), error)
            if channel is not None:  # who used a command is told by that
                await self._tell(f"{place_of(channel)}: {wording.UNWRITTEN}", channel, asker)


def place_of(channel: Any) -> str:
    """A channel as a person is told of it elsewhere."""
    return getattr(channel, "mention", None) or "this channel"


def lacking(channel: Any, needed: Mapping[str, str] | None = None) -> list[str]:
    """Which of some permissions the bot does not have in a channel; of those to answer at all, where none are given."""
    guild = getattr(channel, "guild", None)
    if guild is None or guild.me is None:
        return []
    try:
        permissions = channel.permissions_for(guild.me)
    except (AttributeError, discord.ClientException):  # a thread whose parent is not known
        return []
    needed = needed or (IN_THREADS if isinstance(channel, discord.Thread) else NEEDED)
    return [words for name, words in needed.items() if not getattr(permissions, name)]
