"""A faithful Discord on loopback: the REST interface, the gateway, the CDN, and those who use it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from aiohttp import web

from pointsman.core.ports import Clock
from pointsman.testing.fake_discord import permissions, world
from pointsman.testing.fake_discord.answering import Answering
from pointsman.testing.fake_discord.channels import Channels
from pointsman.testing.fake_discord.commands import Commands
from pointsman.testing.fake_discord.gateway import Gateway
from pointsman.testing.fake_discord.interaction import Interaction
from pointsman.testing.fake_discord.people import Person
from pointsman.testing.fake_discord.posting import Posting
from pointsman.testing.fake_discord.rates import Limits, Rates
from pointsman.testing.fake_discord.rest import API, CDN, Rest
from pointsman.testing.fake_discord.shapes import Shapes
from pointsman.testing.fake_discord.state import State
from pointsman.testing.fake_discord.watch import Watch
from pointsman.testing.fake_discord.world import Channel, Guild, Message, Overwrite, Role, World

TOKEN: Final = "the-token-of-the-fake"  # noqa: S105 - it opens nothing but this
UPLOAD: Final = 10 * 1024 * 1024
MOST_BODY: Final = 64 * 1024 * 1024


class FakeDiscord:
    """Discord with one server, `guild`, and one channel in it, `channel`; more of both can be made.

    `gateway` cuts and ends connections, `rates` has the limits and orders refusals, `rest` counts requests and orders
    errors, `commands` says how often commands were declared. `granted` are the privileged intents that the bot has
    leave for. `clock` measures limits and the three seconds for an answer; `now` gives time stamps, in seconds.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        granted: Iterable[str] = ("message_content",),
        limits: Limits | None = None,
        upload_limit: int = UPLOAD,
        clock: Clock = time.monotonic,
        now: Clock = time.time,
    ) -> None:
        self.token = token
        self.url = ""
        self.world = World(clock=clock, now=now)
        self.me = self.world.me
        self.watch = Watch()
        self.rates = Rates(limits or Limits(), clock, now)
        self.shapes = Shapes(self.world, "")
        self.gateway = Gateway(self.world, self.shapes, self.watch, token=token, granted=frozenset(granted))
        self.state = State(self.world, self.shapes, self.gateway, self.rates, self.watch, token, upload_limit)
        posting = self._posting = Posting(self.state)
        self.commands = Commands(self.state)
        parts = (Channels(self.state, posting), Answering(self.state, posting), self.commands)
        self.rest = Rest(self.state, tuple(route for part in parts for route in part.routes))
        self.guild = self.add_guild("The Signal Box")
        self.channel = self.add_channel("general")
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get(CDN + "/{path:.*}", self.rest.download)
        app.router.add_route("*", API + "/{path:.*}", self.rest.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self.gateway.url = f"ws://{host}:{port}/gateway/"
        self.shapes.cdn = self.url + CDN
        return self

    async def __aexit__(self, kind: object, *_error: object) -> None:
        self.gateway.let_in()
        self.gateway.drop()
        if self._runner:
            await self._runner.cleanup()
        if self.rest.broke and kind is None:
            raise self.rest.broke

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Has every discord.py client of this process come here, as long as it lasts."""
        import yarl
        from discord.asset import Asset
        from discord.gateway import DiscordWebSocket
        from discord.http import Route

        old = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.url + API, yarl.URL(self.gateway.url)
        Asset.BASE = self.url + CDN
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = old

    # --- who and what there is

    def add_guild(self, name: str, *, mine: Iterable[str] = ()) -> Guild:
        """A server with the bot in it, which may do what everybody may, and `mine`."""
        guild = self.world.guild(name, permissions.USUAL, permissions.bits(mine))
        self.gateway.tell("GUILD_CREATE", self.shapes.guild(guild, everybody=False), guild.id)
        return guild

    def add_channel(self, name: str, kind: int = world.TEXT, *, guild: Guild | None = None, **more: Any) -> Channel:
        """A channel; `more` as Channel has it, such as nsfw=True."""
        guild = guild or self.guild
        channel = self.world.channel(guild, name, kind, **more)
        self.gateway.tell("CHANNEL_CREATE", self.shapes.channel(channel), guild.id)
        return channel

    def add_role(self, name: str, *allowed: str, guild: Guild | None = None) -> Role:
        """A role with permissions by their names."""
        guild = guild or self.guild
        role = Role(self.world.id(), name, permissions.bits(allowed))
        guild.roles[role.id] = role
        self.gateway.tell("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": self.shapes.role(role)}, guild.id)
        return role

    def person(self, name: str, *roles: Role, guild: Guild | None = None) -> Person:
        """Somebody new, in the server."""
        user, guild = self.world.user(name), guild or self.guild
        member = self.world.join(guild, user, *roles)
        self.gateway.tell("GUILD_MEMBER_ADD", {**self.shapes.member(member), "guild_id": guild.id}, guild.id)
        return Person(self.state, self._posting, user)

    def deny(self, channel: Channel, *names: str, quietly: bool = False) -> None:
        """Takes permissions from the bot in a channel; `quietly` if it is to find out by being refused."""
        self._overwrite(channel, deny=permissions.bits(names), quietly=quietly)

    def allow(self, channel: Channel) -> None:
        """Gives the bot back in a channel what it may do elsewhere."""
        self._overwrite(channel, deny=0, quietly=False)

    def _overwrite(self, channel: Channel, *, deny: int, quietly: bool) -> None:
        channel.overwrites[self.me.id] = Overwrite(self.me.id, 1, deny=deny)
        if not quietly:
            self.gateway.tell(
                "CHANNEL_UPDATE", self.shapes.channel(channel), channel.guild.id if channel.guild else None
            )

    # --- what came of it

    async def until(self, met: Callable[[], object], seconds: float = 20.0) -> None:
        """Waits until something is so. Raises TimeoutError."""
        await self.watch.until(met, seconds)

    async def answered(self, it: Interaction, seconds: float = 20.0) -> Interaction:
        """Waits until the bot has answered an interaction, and said something where it only deferred."""
        await self.until(lambda: it.callback and not it.waiting, seconds)
        return it

    async def replied(self, message: Message, seconds: float = 20.0) -> Message:
        """Waits for a reply to a message, and returns the first."""
        await self.until(lambda: self.replies_to(message), seconds)
        return self.replies_to(message)[0]

    def replies_to(self, message: Message) -> list[Message]:
        """The bot's replies to a message that are still there."""
        return [it for it in self.world.replies.get(message.id, ()) if it.author is self.me and not it.deleted]

    def said(self, where: Channel | None = None) -> list[str]:
        """What the bot's messages say now, in a channel or everywhere, in order."""
        mine = (it for it in self.world.by_me() if not it.deleted and not it.loading)
        return [it.content for it in mine if where is None or it.channel is where]

    def lost(self, asked: Iterable[Message]) -> list[Message]:
        """Messages without any reply."""
        return [it for it in asked if not self.replies_to(it)]

    def doubled(self, asked: Iterable[Message]) -> list[Message]:
        """Messages that were replied to more than once."""
        return [it for it in asked if len(self.replies_to(it)) > 1]

    def typed(self, channel: Channel) -> list[float]:
        """When the bot began to type in a channel."""
        return [at for at, where in self.state.typing if where is channel]
