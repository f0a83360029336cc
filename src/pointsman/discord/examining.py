"""A look at how the bot stands at Discord: what it may read, where it is, and what it may not do there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import discord

from pointsman.config.discord import Discord
from pointsman.core.errors import Unreachable
from pointsman.discord.failing import FAILURES, named
from pointsman.discord.portal import NEEDED, NO_TOKEN, STATUS

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # as in bot.py

READY: Final = 2.0  # seconds after the last server was told until all are taken to be there
MOST_USERS: Final = 20  # people who are looked for, as each takes a request


@dataclass(frozen=True, slots=True)
class Server:
    """A server with the bot in it, and the permissions that it lacks: anywhere, and in single channels, by name."""

    name: str
    lacking: tuple[str, ...] = ()
    channels: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bot stands: `reads` is its Message Content intent, `unknown` the keys with ids that there are not."""

    name: str
    application: int
    reads: bool
    servers: tuple[Server, ...] = ()
    unknown: tuple[str, ...] = ()


class Looking(discord.Client):
    """Logs in with intents that need no leave, and hears nothing but which servers there are."""

    def __init__(self, **more: Any) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        super().__init__(intents=intents, guild_ready_timeout=READY, **more)
        self.up = asyncio.Event()

    async def on_ready(self) -> None:
        """All servers are known."""
        self.up.set()


class LookingFromShards(Looking, discord.AutoShardedClient):
    """The same of a bot with several connections."""


async def examine(settings: Discord, *, within: float) -> Standing:
    """Looks, for so many seconds at most. Raises ConfigError for a token that is none, Unreachable."""
    if settings.token is None:
        raise NO_TOKEN
    client = Looking() if settings.sharding.count is None else LookingFromShards()
    running = asyncio.create_task(client.start(settings.token.get_secret_value()))
    ready = asyncio.create_task(client.up.wait())
    try:
        async with asyncio.timeout(within):
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            return await seen(client, settings)
    except TimeoutError:
        raise Unreachable(f"Discord did not answer within {within:g} s", cure=f"ask again, or see {STATUS}") from None
    except FAILURES as error:
        raise named(error) from error
    finally:
        ready.cancel()
        await client.close()
        running.cancel()
        await asyncio.gather(running, ready, return_exceptions=True)


async def seen(client: Looking, settings: Discord) -> Standing:
    """What a client that is there sees."""
    flags = client.application_flags
    servers = tuple(server(it) for it in sorted(client.guilds, key=lambda it: it.name))
    unknown = tuple([it async for it in unknown_ids(client, settings)])
    reads = flags.gateway_message_content or flags.gateway_message_content_limited
    return Standing(client.user.name if client.user else "", client.application_id or 0, reads, servers, unknown)


def server(guild: discord.Guild) -> Server:
    """What the bot lacks in a server; channels that it does not see are none of its business."""
    anywhere = lacking(guild.me.guild_permissions)
    places: tuple[discord.TextChannel | discord.ForumChannel, ...] = (*guild.text_channels, *guild.forums)
    here = ((it.name, it.permissions_for(guild.me)) for it in places)
    less = ((name, tuple(set(lacking(may)) - set(anywhere))) for name, may in here if may.view_channel)
    return Server(guild.name, anywhere, tuple((name, tuple(sorted(them))) for name, them in less if them))


def lacking(may: discord.Permissions) -> tuple[str, ...]:
    """What is missing of all that the bot needs, in Discord's words; what follows of another is not told."""
    if not may.send_messages:
        return (NEEDED["send_messages"][0],)
    return tuple(words for name, (words, _) in NEEDED.items() if not getattr(may, name))


async def unknown_ids(client: discord.Client, settings: Discord) -> AsyncIterator[str]:
    """The keys of a configuration with ids that Discord does not know, or the bot has nothing to do with."""
    whole = not settings.sharding.ids
    looks: dict[str, Callable[[int], Awaitable[object]]] = {
        "guilds": lambda it: there(client.get_guild(it)),
        "channels": lambda it: channel(client, it),
        "roles": lambda it: there(next((found for guild in client.guilds if (found := guild.get_role(it))), None)),
    }
    for kind, look in looks.items():
        for key, number in ids(settings, kind):
            if whole and not await look(number):
                yield f"{key}: {number}"
    for key, number in list(ids(settings, "users"))[:MOST_USERS]:
        try:
            await client.fetch_user(number)
        except discord.NotFound:
            yield f"{key}: {number}"


async def there(found: object) -> bool:
    """Whether something was found."""
    return found is not None


async def channel(client: discord.Client, number: int) -> bool:
    """Whether a channel is there, also one that the bot may not see."""
    if client.get_channel(number) is not None:
        return True
    with suppress(discord.Forbidden):
        try:
            await client.fetch_channel(number)
        except discord.NotFound:
            return False
    return True


def ids(settings: Discord, kind: str) -> Iterator[tuple[str, int]]:
    """The ids of a kind, with the keys that they stand under."""
    for name in ("allow", "block", "admins"):
        for number in getattr(getattr(settings, name), kind):
            yield f"discord.{name}.{kind}", int(number)
    if kind == "channels":
        for number in settings.channels:
            yield "discord.channels", int(number)
