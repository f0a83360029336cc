"""Which messages of the bot's answer which message: known while it runs, and found again after a restart."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import discord

from pointsman.discord.outlet import Written

logger = logging.getLogger(__name__)

MOST: Final = 10_000
LOOKED_THROUGH: Final = 50  # messages after one that was answered


class Replies:
    """The messages of the latest replies, by the message that they answer."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[int, ...]] = OrderedDict()

    def __contains__(self, source: int) -> bool:
        return source in self._kept

    def keep(self, source: int, messages: Sequence[Written]) -> None:
        """Keeps which messages answer one; none is a reply that was not written, or is gone."""
        self._kept[source] = tuple(it.id for it in messages)
        self._kept.move_to_end(source)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def of(self, source: int, channel: Any) -> list[Written]:
        """The messages that answer one, in order, as far as that is known here."""
        return [channel.get_partial_message(it) for it in self._kept.get(source, ())]


async def found(source: int, channel: Any, me: int) -> list[Written]:
    """The bot's messages in a channel that reply to a message, or to one that does; none where it must not look."""
    answering, messages = {source}, list[Written]()
    try:
        async for message in channel.history(after=discord.Object(source), limit=LOOKED_THROUGH, oldest_first=True):
            reference = message.reference.message_id if message.reference else None
            if message.author.id == me and reference in answering:
                answering.add(message.id)
                messages.append(message)
    except discord.HTTPException as error:
        logger.info("replies to message %s are not looked for: %s", source, error)
    return messages
