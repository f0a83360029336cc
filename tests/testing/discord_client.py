"""A plain discord.py client at the fake Discord, for the tests of the fake."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

from pointsman.testing.fake_discord import NONE, FakeDiscord

Handler = Callable[[Any], Awaitable[None]]


class Client(discord.Client):
    """Does what a test says with messages, and counts what it hears."""

    def __init__(self, **more: Any) -> None:
        intents = more.pop("intents", None) or discord.Intents.default()
        intents.message_content = more.pop("content", True)
        super().__init__(intents=intents, guild_ready_timeout=0.05, **more)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.count: Counter[str] = Counter()
        self.handler: Handler | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits for nothing."""

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.heard.append(message)
            if self.handler is not None:
                await self.handler(message)

    async def on_resumed(self) -> None:
        self.count["resumed"] += 1

    async def on_ready(self) -> None:
        self.count["ready"] += 1


@asynccontextmanager
async def connected(fake: FakeDiscord, client: Client) -> AsyncIterator[Client]:
    """A client that is ready at the fake."""
    with fake.redirected():
        async with client:
            running = asyncio.create_task(client.start(fake.token))
            ready = asyncio.create_task(client.wait_until_ready())
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
            if running.done():
                await running
            await ready
            try:
                yield client
            finally:
                await client.close()
                await running


@asynccontextmanager
async def pair(**more: Any) -> AsyncIterator[tuple[FakeDiscord, Client]]:
    """A fake without limits, and a client at it."""
    client = more.pop("client", None) or Client()
    more.setdefault("limits", NONE)
    async with FakeDiscord(**more) as fake, connected(fake, client):
        yield fake, client
