"""What the bot hears, and what of it is meant for it; what becomes of an answer when the question changes."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import discord

from pointsman.core.message import Message
from pointsman.discord.asked import Ask, visitor_of
from pointsman.discord.outlet import Replying
from pointsman.discord.reading import Reading
from pointsman.discord.replies import Replies, found
from pointsman.discord.troubles import lacking

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

logger = logging.getLogger(__name__)

HEARD: Final = 5_000  # messages of which it is known that they were heard already, or deleted
# Seconds after which a changed message is not answered anew, and in which the replies of an earlier process are found.
FOLLOWED: Final = 600.0
LOOKED_FOR: Final = 86_400.0
WRITTEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})


class Conversation:
    """Takes what is written where the bot is."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._heard: OrderedDict[int, None] = OrderedDict()
        self._gone: OrderedDict[int, None] = OrderedDict()
        self._reading = Reading(bot, self._gone)
        self._since = bot.now()

    @property
    def replies(self) -> Replies:
        """Which messages answer which."""
        return self._bot.answers.replies

    async def heard(self, message: discord.Message) -> None:
        """Answers a message, if it is meant for the bot; one that comes a second time is not answered twice."""
        if message.id in self._heard:
            return
        note(self._heard, message.id)
        if is_written(message) and await self._is_for_us(message):
            await self._reply(message)

    async def changed(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Answers a message anew that was changed, in the place of the reply that it has."""
        message, before = payload.message, payload.cached_message
        if not is_written(message) or message.edited_at is None:
            return
        if before is not None and before.content == message.content:
            return  # Discord adds what a link leads to
        if self._bot.now() - message.created_at.timestamp() > FOLLOWED:
            return
        known = message.id in self.replies or message.id in self._bot.answers.running
        if not known and self._was_before(message.id):
            await self._find(message.id, message.channel)
            known = message.id in self.replies
        if await self._is_for_us(message):
            await self._reply(message)
        elif known:
            await self._withdraw(message.id, message.channel)

    async def deleted(self, channel_id: int, messages: Sequence[int]) -> None:
        """Stops and removes what answers messages that are gone."""
        channel: Any = self._bot.get_channel(channel_id) or self._bot.get_partial_messageable(channel_id)
        for message in messages:
            note(self._gone, message)
            if self._bot.answers.running.stop(message, "deleted"):
                continue
            if message not in self.replies and self._was_before(message):
                await self._find(message, channel)
            if message in self.replies:
                await self._withdraw(message, channel)

    async def _reply(self, message: discord.Message) -> None:
        if message.id in self._gone:
            return
        lacks = lacking(message.channel)
        if lacks:  # nothing is computed that nobody will read
            await self._bot.answers.troubles.lacks(", ".join(lacks), message.channel, message.author)
            return
        visitor = visitor_of(message.author, message.channel, message.guild)
        outlet = Replying(message, sleep=self._bot.sleep)
        ask = Ask(Message(message.content), message.author, visitor, outlet, message)
        await self._bot.answers.answer(ask, read=self._reading.read)
        if message.id in self._gone:  # of which the answer may have heard too late
            await self._withdraw(message.id, message.channel)

    async def _is_for_us(self, message: discord.Message) -> bool:
        """Whether somebody wants an answer: alone with the bot, by its name, by a reply, or in a channel of its own."""
        addressed = is_addressed(message, self._bot.user)
        visitor = visitor_of(message.author, message.channel, message.guild)
        if addressed or visitor.direct:
            return True
        if self._bot.gate.refusal(visitor) is not None:
            return False  # who did not ask is not told that he may not
        own = await self._bot.memo.channel(visitor.places)
        return self._bot.gate.is_for_us(visitor, addressed=False, own=own)

    async def _withdraw(self, source: int, channel: Any) -> None:
        """Removes the reply to a message."""
        self._bot.answers.running.stop(source, "deleted")
        for message in reversed(self.replies.of(source, channel)):
            try:
                await message.delete()
            except discord.HTTPException as error:
                logger.info("reply %s stays, though what it answers is gone: %s", message.id, error)
        self.replies.keep(source, ())

    async def _find(self, source: int, channel: Any) -> None:
        """Looks for the reply of an earlier process."""
        messages = await found(source, channel, self._bot.user.id) if self._bot.user else ()
        if messages:
            self.replies.keep(source, messages)

    def _was_before(self, message: int) -> bool:
        """Whether a message is from before this process, and not too long."""
        at = discord.utils.snowflake_time(message).timestamp()
        return self._since - LOOKED_FOR < at < self._since


def note(ids: OrderedDict[int, None], message: int) -> None:
    """Adds an id to the latest ones."""
    ids[message] = None
    if len(ids) > HEARD:
        ids.popitem(last=False)


def is_written(message: discord.Message) -> bool:
    """Whether a person wrote it: no bot, no webhook, and no notice of Discord's."""
    return not message.author.bot and message.webhook_id is None and message.type in WRITTEN


def is_addressed(message: discord.Message, me: discord.ClientUser | None) -> bool:
    """Whether it names the bot, by its own name or that of its role, or replies to it."""
    if me is None:
        return False
    if any(it.id == me.id for it in message.mentions):
        return True
    own = message.guild.self_role if message.guild else None
    if own is not None and own in message.role_mentions:
        return True
    replied = message.reference.resolved if message.reference else None
    return isinstance(replied, discord.Message) and replied.author.id == me.id
