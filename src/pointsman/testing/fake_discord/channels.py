"""The routes of channels: messages, typing, reactions, threads, direct conversations."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from pointsman.testing.fake_discord import checks, permissions, world
from pointsman.testing.fake_discord.posting import Posting
from pointsman.testing.fake_discord.refusals import malformed, refused, too_long
from pointsman.testing.fake_discord.routes import Answer, Route
from pointsman.testing.fake_discord.state import Asked, State
from pointsman.testing.fake_discord.world import Channel, Message, newest

MOST: Final = 100


class Channels:
    """What the bot asks about channels. Each handler raises Refused."""

    def __init__(self, state: State, posting: Posting) -> None:
        self._state = state
        self._posting = posting

    @property
    def routes(self) -> tuple[Route, ...]:
        """The handlers by method and path."""
        message = "/channels/{channel}/messages/{message}"
        return (
            Route("GET", "/channels/{channel}", self.look),
            Route("POST", "/channels/{channel}/messages", self.send),
            Route("GET", "/channels/{channel}/messages", self.history),
            Route("GET", message, self.read),
            Route("PATCH", message, self.edit),
            Route("DELETE", message, self.delete),
            Route("POST", "/channels/{channel}/typing", self.type),
            Route("PUT", message + "/reactions/{emoji}/@me", self.react),
            Route("DELETE", message + "/reactions/{emoji}/@me", self.take_back),
            Route("POST", message + "/threads", self.branch),
            Route("POST", "/channels/{channel}/threads", self.open_thread),
            Route("PUT", "/channels/{channel}/thread-members/@me", self.join),
            Route("POST", "/users/@me/channels", self.direct),
        )

    def look(self, asked: Asked) -> Answer:
        """A channel."""
        return self._state.shapes.channel(self._channel(asked))

    def send(self, asked: Asked) -> Answer:
        """A new message."""
        channel = self._channel(asked)
        self._posting.allowed(channel, self._state.me, asked.fields, len(asked.files))
        return self._state.shapes.message(self._posting.create(channel, asked))

    def read(self, asked: Asked) -> Answer:
        """One message."""
        return self._state.shapes.message(self._message(asked, "read_message_history"))

    def history(self, asked: Asked) -> Answer:
        """Messages before, after or around one, newest first."""
        channel = self._channel(asked)
        if not permissions.permitted(channel, self._state.me) & permissions.BITS["read_message_history"]:
            return []
        most = int(asked.query.get("limit", 50))
        if not 1 <= most <= MOST:
            raise malformed("limit", "NUMBER_TYPE_MAX", f"int value should be less than or equal to {MOST}.")
        there = [it for it in channel.messages.values() if not it.deleted]
        if "after" in asked.query:
            after = int(asked.query["after"])
            found = sorted((it for it in there if int(it.id) > after), key=lambda it: int(it.id))[:most][::-1]
        elif "around" in asked.query:
            around = int(asked.query["around"])
            near = newest(there, most // 2 + 1, lambda it: it <= around)
            found = newest([*near, *[it for it in there if int(it.id) > around][: most // 2]], most, bool)
        else:
            before = int(asked.query.get("before", 1 << 63))
            found = newest(there, most, lambda it: it < before)
        return [self._state.shapes.message(it) for it in found]

    def edit(self, asked: Asked) -> Answer:
        """A message of the bot's changes."""
        message = self._message(asked)
        if message.author is not self._state.me:
            raise refused("not_yours")
        if message.channel.archived:
            raise refused("archived")
        return self._state.shapes.message(self._posting.edit(message, asked))

    def delete(self, asked: Asked) -> Answer:
        """A message goes; one of somebody else's only where the bot moderates."""
        message = self._message(asked)
        if message.author is not self._state.me:
            if message.channel.guild is None:
                raise refused("direct_only")
            permissions.require(message.channel, self._state.me, "manage_messages")
        self._posting.delete(message)
        return None

    def type(self, asked: Asked) -> Answer:
        """The bot types."""
        channel = self._channel(asked)
        if channel.guild:
            permissions.require(
                channel, self._state.me, "send_messages_in_threads" if channel.is_thread else "send_messages"
            )
        self._state.typing.append((self._state.there.clock(), channel))
        self._state.watch.changed()
        return None

    def react(self, asked: Asked) -> Answer:
        """The bot reacts."""
        message = self._message(asked, "read_message_history")
        emoji = unquote(asked.named["emoji"])
        if emoji not in message.reactions and message.channel.guild:
            permissions.require(message.channel, self._state.me, "add_reactions")
        message.reactions.setdefault(emoji, set()).add(self._state.me.id)
        return None

    def take_back(self, asked: Asked) -> Answer:
        """The bot takes its reaction back."""
        message = self._message(asked)
        message.reactions.get(unquote(asked.named["emoji"]), set()).discard(self._state.me.id)
        return None

    def branch(self, asked: Asked) -> Answer:
        """A thread that begins with a message, whose id it has."""
        message = self._message(asked)
        permissions.require(message.channel, self._state.me, "create_public_threads")
        if message.thread is not None:
            raise refused("has_thread")
        message.thread = self.thread(message.channel, asked.fields, id=message.id)
        return self._state.shapes.channel(message.thread)

    def open_thread(self, asked: Asked) -> Answer:
        """A thread without a message, or a post in a forum with its first one."""
        channel, body = self._channel(asked), asked.fields
        permissions.require(channel, self._state.me, "create_public_threads")
        if channel.kind != world.FORUM:
            kind = int(body.get("type") or world.PRIVATE_THREAD)
            return self._state.shapes.channel(self.thread(channel, body, kind=kind))
        first = Asked(asked.named, asked.query, body.get("message") or {}, asked.files)
        checks.message(first.fields)
        checks.not_empty(first.fields, len(first.files))
        thread = self.thread(channel, body)
        message = self._posting.create(thread, first, id=thread.id)
        shapes = self._state.shapes
        return {**shapes.channel(thread), "message": shapes.message(message)}

    def thread(self, parent: Channel, body: dict[str, Any], **more: Any) -> Channel:
        """Makes a thread, and has it told."""
        name = str(body.get("name") or "")
        if not 1 <= len(name) <= 100:
            raise too_long("name", 100) if name else malformed("name", "BASE_TYPE_REQUIRED", "This field is required")
        there = self._state.there
        number = more.pop("id", None) or there.id()
        kind = more.pop("kind", world.PUBLIC_THREAD)
        thread = Channel(number, kind, name, parent.guild, parent, self._state.me, made=there.now(), **more)
        there.keep(thread)
        self.announce(thread)
        return thread

    def announce(self, thread: Channel) -> None:
        """Tells of a new thread."""
        shape = {**self._state.shapes.channel(thread), "newly_created": True}
        self._state.gateway.tell("THREAD_CREATE", shape, thread.guild.id if thread.guild else None)

    def join(self, asked: Asked) -> Answer:
        """The bot joins a thread, which changes nothing here."""
        self._channel(asked)
        return None

    def direct(self, asked: Asked) -> Answer:
        """The direct conversation with somebody."""
        user = self._state.there.users.get(str(asked.fields.get("recipient_id")))
        if user is None:
            raise refused("unknown_user")
        if user.bot:
            raise refused("closed")
        return self._state.shapes.channel(self._state.there.direct(user))

    def _channel(self, asked: Asked) -> Channel:
        return self._state.channel(asked.named["channel"])

    def _message(self, asked: Asked, *need: str) -> Message:
        channel = self._channel(asked)
        if need and not permissions.permitted(channel, self._state.me) & permissions.bits(need):
            raise refused("missing_access")
        return self._state.message(channel, asked.named["message"])
