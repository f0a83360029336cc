"""What was said before a message, fetched from Discord, which is the only place where it is kept."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from pointsman.discord.asked import Ask, origin_of
from pointsman.discord.context import MOST_TEXT, Enclosed, Seen, message_of, said, session_of
from pointsman.discord.picturing import MOST_BYTES
from pointsman.discord.wording import REPLY_FILE, not_seen

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

logger = logging.getLogger(__name__)

MOST_PICTURES: Final = 4
TITLE: Final = "This is a post in the forum {forum}. Its title is: {title}"


class Reading:
    """Reads conversations; `gone` knows the messages that were deleted of late."""

    def __init__(self, bot: Bot, gone: Container[int] = ()) -> None:
        self._bot = bot
        self._gone = gone

    async def read(self, ask: Ask) -> Ask:
        """What is asked by a message, with what was said before it."""
        message = ask.source
        if message is None:
            return ask
        own = await self._bot.memo.channel(ask.visitor.places)
        prompt = self._bot.gate.prompt(ask.visitor, own)
        chain = await self.chain(message)
        # Of earlier messages, only the latest with pictures is looked at: that is what "make it blue" means.
        latest = next((it for it in reversed(chain) if pictures_of(it)), None)
        seen = [await self.seen(it, pictures=it is latest and not pictures_of(message)) for it in chain]
        asked = await self.seen(message, pictures=True)
        mine = self._mine(message)
        if seen and not seen[-1].is_bot and not asked.attachments and not said(asked, mine):
            asked = seen.pop()  # by the bot's name alone, below what somebody said, that is what is to be answered
        thread = isinstance(message.channel, discord.Thread) or ask.visitor.direct
        session = session_of(seen[0] if seen else asked, str(message.channel.id) if thread else "")
        origin = origin_of(ask.visitor, session=session)
        titled = "\n\n".join(filter(None, (prompt, title_of(message.channel))))
        told, warnings = message_of(asked, seen, mine, origin, self._bot.settings.history, prompt=titled)
        told = replace(told, local=told.local or await self._stays_here((*seen, asked)))
        unseen = unseen_of(message if pictures_of(message) else latest, (*seen, asked))
        return replace(ask, message=told, warnings=(*ask.warnings, *warnings, *unseen))

    async def chain(self, message: discord.Message) -> list[discord.Message]:
        """What was said before a message, oldest first: in its thread or direct messages, or what it replies to."""
        most = self._bot.settings.history.messages
        if not most:
            return []
        # One more than is used, by which it is known that there is more.
        if isinstance(message.channel, discord.Thread):
            return await self._thread(message, message.channel, most + 1)
        if message.reference is None and message.guild is None:
            return await history(message, most + 1)
        if message.reference is None and not self._names_us(message):
            return await self._own_thread_of_talk(message, most + 1)
        return await self._replied(message, most + 1)

    async def seen(self, message: discord.Message, *, pictures: bool) -> Seen:
        """A message as the conversation has it, with its files."""
        me = self._bot.user
        names = {str(it.id): it.display_name for it in message.mentions}
        names |= {str(it.id): it.name for it in (*message.role_mentions, *message.channel_mentions)}
        left = MOST_PICTURES if pictures else 0
        files = []
        for it in message.attachments:
            files.append(await enclosed(it, picture=left > 0))
            left -= files[-1].is_image
        return Seen(
            str(message.id),
            str(message.author.id),
            message.author.display_name,
            message.content,
            me is not None and message.author.id == me.id,
            tuple(it for it in files if it.url or not it.is_image),
            str(message.reference.message_id or "") if message.reference else "",
            str(message.channel.id),
            names,
        )

    async def _replied(self, message: discord.Message, most: int) -> list[discord.Message]:
        """The messages that a message replies to, one after the other; it ends at one that is gone."""
        chain: list[discord.Message] = []
        while len(chain) < most and (before := await self._referred(message)) is not None:
            chain.append(before)
            message = before
        return chain[::-1]

    async def _referred(self, message: discord.Message) -> discord.Message | None:
        reference = message.reference
        if (
            reference is None
            or reference.message_id is None
            or reference.type is not discord.MessageReferenceType.reply
        ):
            return None
        if reference.message_id in self._gone:
            return None
        known = reference.cached_message or reference.resolved
        if isinstance(known, discord.Message):
            return known
        if isinstance(known, discord.DeletedReferencedMessage):
            return None
        try:
            return await message.channel.fetch_message(reference.message_id)
        except discord.HTTPException as error:
            logger.debug("message %s cannot be read: %s", reference.message_id, error)
            return None

    async def _thread(self, message: discord.Message, thread: discord.Thread, most: int) -> list[discord.Message]:
        """What was said in a thread, and the message that it began with, which stands in the channel above."""
        found = await history(message, most)
        if len(found) >= most or any(it.id == thread.id for it in found) or not thread.parent:
            return found
        starter = thread.starter_message
        if starter is None and isinstance(thread.parent, discord.TextChannel):
            try:
                starter = await thread.parent.fetch_message(thread.id)
            except discord.HTTPException as error:
                logger.debug("thread %s has no message that it began with: %s", thread.id, error)
        return [starter, *found] if starter is not None and starter.id != message.id else found

    async def _own_thread_of_talk(self, message: discord.Message, most: int) -> list[discord.Message]:
        """In a channel where every message is answered: what this person said of late, and what was answered to it."""
        mine = {message.author.id}
        kept: list[discord.Message] = []
        ours: set[int] = set()
        for it in await history(message, most * 2):
            answers = it.reference.message_id if it.reference else None
            own = self._bot.user is not None and it.author.id == self._bot.user.id
            if (it.author.id in mine and answers is None) or answers in ours:
                ours.add(it.id)
                if own or it.author.id in mine:
                    kept.append(it)
        return kept[-most:]

    async def _stays_here(self, seen: Sequence[Seen]) -> bool:
        """Whether somebody who wrote is kept local: his words do not leave the house with another's question."""
        people = {it.author_id for it in seen if not it.is_bot}
        return any([(await self._bot.memo.user(it)).local for it in people])

    def _names_us(self, message: discord.Message) -> bool:
        return self._bot.user is not None and any(it.id == self._bot.user.id for it in message.mentions)

    def _mine(self, message: discord.Message) -> Sequence[str]:
        """The ids by which the bot is mentioned."""
        role = message.guild.self_role if message.guild else None
        return [str(it.id) for it in (self._bot.user, role) if it is not None]


async def history(message: discord.Message, most: int) -> list[discord.Message]:
    """What people and the bot wrote before a message where it stands, oldest first."""
    try:
        found = [it async for it in message.channel.history(before=message, limit=most)]
    except discord.HTTPException as error:
        logger.info("the history of channel %s cannot be read: %s", message.channel.id, error)
        return []
    written = {discord.MessageType.default, discord.MessageType.reply}
    return [it for it in reversed(found) if it.type in written]


async def enclosed(attachment: discord.Attachment, *, picture: bool) -> Enclosed:
    """A file of a message: a `picture` as a data: URL, text as text, anything else by its name."""
    kind = (attachment.content_type or "").partition(";")[0].strip()
    file = Enclosed(attachment.filename, kind, alt=attachment.description or "")
    try:
        if file.is_image and picture and attachment.size <= MOST_BYTES:
            data = await attachment.read()
            return replace(file, url=f"data:{kind};base64,{b64encode(data).decode()}")
        if file.is_text and attachment.size <= (MOST_BYTES if file.name == REPLY_FILE else 4 * MOST_TEXT):
            data = await attachment.read()
            return replace(file, text=data.decode("utf-8", "replace"))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        logger.info("file %s cannot be read: %r", attachment.id, error)
    return file


def pictures_of(message: discord.Message) -> bool:
    """Whether there are pictures in a message."""
    return any((it.content_type or "").startswith("image/") for it in message.attachments)


def unseen_of(message: discord.Message | None, read: Sequence[Seen]) -> tuple[str, ...]:
    """A warning of the pictures of a message that nobody looks at: too large, too many, or not to be fetched."""
    if message is None:
        return ()
    looked_at = {it.name for seen in read if seen.id == str(message.id) for it in seen.attachments if it.is_image}
    pictures = [it.filename for it in message.attachments if (it.content_type or "").startswith("image/")]
    unseen = [it for it in pictures if it not in looked_at]
    return (not_seen(unseen, MOST_PICTURES),) if unseen else ()


def title_of(channel: Any) -> str:
    """What a forum post is about, as a model is told; "" elsewhere."""
    if not isinstance(channel, discord.Thread) or not isinstance(channel.parent, discord.ForumChannel):
        return ""
    return TITLE.format(forum=channel.parent.name, title=channel.name)
