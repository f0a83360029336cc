"""The bot as discord.py runs it: what it hears goes to the conversation, its commands and its buttons."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from pointsman.config.discord import Discord
from pointsman.core.ports import Clock
from pointsman.discord.answers import Answers
from pointsman.discord.conversation import Conversation
from pointsman.discord.failing import FAILURES, named
from pointsman.discord.gate import Gate
from pointsman.discord.memo import Memo
from pointsman.discord.outlet import Sleep
from pointsman.discord.portal import NO_TOKEN
from pointsman.discord.service import Service
from pointsman.discord.shares import Shares, Shelf
from pointsman.providers.remote.wire import proxy_for

logger = logging.getLogger(__name__)

DISCORD = "https://discord.com"

# It never speaks, so what is missing for voices is no news.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Bot(discord.Client):
    """The bot. `clock` gives seconds, `now` seconds since the epoch, `sleep` waits; `up` is set once it is there."""

    def __init__(
        self,
        settings: Discord,
        service: Service,
        shelf: Shelf,
        *,
        clock: Clock = time.monotonic,
        now: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
        **more: Any,
    ) -> None:
        # Whatever a model writes, nobody is pinged by it; the person who asked sees the reply without that.
        proxy = proxy_for(DISCORD)
        super().__init__(intents=intents(), allowed_mentions=discord.AllowedMentions.none(), proxy=proxy, **more)
        self.settings = settings
        self.service = service
        self.shelf = shelf
        self.clock = clock
        self.now = now
        self.sleep = sleep
        self.gate = Gate(settings)
        self.shares = Shares(settings, shelf, now=now, sleep=sleep)
        self.memo = Memo(shelf)
        self.answers = Answers(self)
        self.conversation = Conversation(self)
        self.tree: app_commands.CommandTree[Bot] = app_commands.CommandTree(self)
        self.up = asyncio.Event()

    async def setup_hook(self) -> None:
        """Knows its buttons and commands before anything is heard; discord.py calls it once, after the login."""
        from pointsman.discord import buttons, commands

        buttons.install(self)
        await commands.install(self)

    async def on_ready(self) -> None:
        """Says that it is there; after a lost connection, it may be called again."""
        if not self.up.is_set():
            self.up.set()
            logger.info("the bot %s is in %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote something."""
        await self.conversation.heard(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Somebody changed what he had written, or Discord added a preview of a link."""
        await self.conversation.changed(payload)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Somebody deleted a message."""
        await self.conversation.deleted(payload.channel_id, [payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Somebody deleted many at once."""
        await self.conversation.deleted(payload.channel_id, sorted(payload.message_ids))

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, and lets what is under way finish; what has not by then says so where it is read."""
        await self.answers.drain(seconds)

    async def close(self) -> None:
        """Ends what is under way with a word to whoever waits, and lets go of Discord; a second call does nothing."""
        if not self.is_closed():
            await self.drain(0)
            await self.shares.close()
        await super().close()

    async def become(self, settings: Discord) -> None:
        """Goes on with other settings; a token and connections are those that it began with."""
        await self.shares.close()
        self.settings = settings
        self.gate = Gate(settings)
        self.shares = Shares(settings, self.shelf, now=self.now, sleep=self.sleep)

    async def run_until_closed(self) -> None:
        """Logs in and stays connected until `close`.

        Raises ConfigError where Discord does not take it as it is, Unreachable where Discord is not there.
        """
        token = self.settings.token
        if token is None:
            raise NO_TOKEN
        try:
            await self.start(token.get_secret_value())
        except FAILURES as error:
            raise named(error) from error


class ShardedBot(Bot, discord.AutoShardedClient):
    """The bot in thousands of servers, over several connections."""


def make_bot(
    settings: Discord,
    service: Service,
    shelf: Shelf,
    *,
    clock: Clock = time.monotonic,
    now: Clock = time.time,
    sleep: Sleep = asyncio.sleep,
) -> Bot:
    """The bot that a configuration describes, with as many connections as it says."""
    sharding = settings.sharding
    if sharding.count is None:
        return Bot(settings, service, shelf, clock=clock, now=now, sleep=sleep)
    how: dict[str, int | Sequence[int]] = {} if sharding.count == "auto" else {"shard_count": sharding.count}
    if sharding.ids:
        how["shard_ids"] = list(sharding.ids)
    return ShardedBot(settings, service, shelf, clock=clock, now=now, sleep=sleep, **how)


def intents() -> discord.Intents:
    """What it wants to hear of: servers, their messages and what is in them; nothing of members or presence."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.messages = True
    wanted.message_content = True
    return wanted
