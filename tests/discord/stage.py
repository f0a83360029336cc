"""The bot on a Discord in memory (SimCord), over the whole product: real engine, fake Ollama, ComfyUI and card.

Time on Discord goes on only by `advance`. What waits in the engine waits for real, on loopback, for milliseconds.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import discord
import pytest
import simcord
from tests.journeys.card_house import House, opened_house

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.discord import Discord
from pointsman.core.message import Message
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Event
from pointsman.discord.bot import Bot, make_bot
from pointsman.engine.router import Router
from pointsman.stores.shelf import MemoryShelf

# Decides most things in milliseconds, and nothing has to be opened for it.
TIERS: Final = [{"kind": "tasks"}, {"kind": "corrections"}, {"kind": "patterns"}]


class StageTime:
    """The time on Discord: what waits for it wakes by `Stage.advance` alone."""

    def __init__(self) -> None:
        self.env: simcord.Env | None = None

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.env.now().timestamp() if self.env else 0.0

    async def sleep(self, seconds: float) -> None:
        """Waits; to be called by the bot."""
        assert self.env is not None
        await self.env.external_wait(asyncio.sleep(seconds), reason="time")


class Aside:
    """A service whose work is no work of the bot's, so that SimCord neither waits for it for ever nor stops its clock.

    `pace` is how many seconds, on Discord, go by before each event of a reply. `asked` are the messages that came.
    """

    def __init__(self, service: Any, time: StageTime) -> None:
        self.service = service
        self.pace = 0.0
        self.asked: list[Message] = []
        self._time = time
        self._outside = contextvars.copy_context()

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Work that is not the bot's."""
        task: asyncio.Task[Any] = self._outside.copy().run(asyncio.get_running_loop().create_task, work)
        return task

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        method = getattr(self.service, name)

        async def call(*words: Any, **more: Any) -> Any:
            return await self.begin(method(*words, **more))

        return call

    async def stream(
        self, message: Message, options: ChatOptions | None = None, **more: Any
    ) -> AsyncGenerator[Event, None]:
        self.asked.append(message)
        events: asyncio.Queue[Event | BaseException | None] = asyncio.Queue(1)

        async def pump() -> None:
            try:
                async with aclosing(self.service.stream(message, options, **more)) as found:
                    async for event in found:
                        await events.put(event)
                await events.put(None)
            except Exception as error:  # noqa: BLE001 - it is the bot's
                await events.put(error)

        task = self.begin(pump())
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                if self.pace:
                    await self._time.sleep(self.pace)
                yield event
        finally:
            task.cancel()
            await asyncio.wait({task})


@dataclass
class Stage:
    """A server with a channel, Ann and Bob in it, and the bot."""

    env: simcord.Env
    bot: Bot
    house: House
    router: Router
    service: Aside
    shelf: MemoryShelf
    time: StageTime
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    ann: simcord.MemberActor
    bob: simcord.MemberActor
    settings: Discord
    says: list[str] = field(default_factory=list)

    @property
    def me(self) -> str:
        """The bot's mention."""
        assert self.bot.user is not None
        return self.bot.user.mention

    def bots(self, channel: simcord.ChannelHandle | None = None) -> list[discord.Message]:
        """What the bot wrote in a channel, oldest first."""
        return [it for it in (channel or self.channel).history() if it.author == self.bot.user]

    def others(self, channel: simcord.ChannelHandle | None = None) -> list[discord.Message]:
        """What others wrote there."""
        return [it for it in (channel or self.channel).history() if it.author != self.bot.user]

    def read(self, channel: simcord.ChannelHandle | None = None) -> list[str]:
        """The same, as text."""
        return [it.content for it in self.bots(channel)]

    async def tell(self, text: str, *, by: simcord.MemberActor | None = None, **more: Any) -> discord.Message:
        """Somebody (Ann) names the bot, and says something; the bot has reacted when this returns."""
        return await (by or self.ann).send(self.channel, f"{self.me} {text}", **more)

    def thread(self, name: str, *, of: simcord.ChannelHandle | None = None, about: int | None = None) -> Any:
        """A thread that Ann began in a channel, about a message perhaps; its posts' title in a forum."""
        parent = of or self.channel
        made = self.env.backend.create_thread(parent.id, name, self.ann.id, message_id=about)
        return next(it for it in parent.threads if it.id == made.id)

    async def advance(self, seconds: float) -> None:
        """Lets time go on."""
        await self.env.advance_time(seconds)

    def calls(self, method: str, ending: str) -> list[simcord.HttpLogEntry]:
        """What the bot asked of Discord."""
        return [it for it in self.env.http_requests if it.method == method and it.path.endswith(ending)]

    def buttons(self, message: discord.Message) -> list[Any]:
        """The buttons and menus under a message."""
        return [child for row in message.components for child in getattr(row, "children", ())]

    async def idle(self) -> bool:
        """Whether nobody holds the card any more, or waits for it."""
        owner = self.router.card
        if owner is None:
            return False
        await self.house.until(lambda: not owner.snapshot().queue)
        await self.house.until(lambda: all(not it.users for it in owner.snapshot().tenants))
        return True

    async def drained(self, seconds: float) -> asyncio.Task[None]:
        """The bot's process is being stopped, which waits so long for what is under way."""

        async def end() -> None:
            with self.env._bot_scope():
                await self.bot.drain(seconds)

        return asyncio.create_task(end())

    def sent(self) -> list[dict[str, Any]]:
        """What the bot sent as new messages, as it went out."""
        return [dict(it.json or {}) for it in self.calls("POST", "/messages")]

    def edits(self) -> list[dict[str, Any]]:
        """What the bot changed messages to."""
        return [
            dict(it.json or {}) for it in self.env.http_requests if it.method == "PATCH" and "/messages/" in it.path
        ]

    async def restart(self) -> Bot:
        """Another process of the bot: it remembers what is on the shelf, and nothing else."""
        await self.advance(1)
        bot = make_bot(self.settings, self.service, self.shelf, clock=self.time, now=self.time, sleep=self.time.sleep)
        await self.env.restart_bot(bot)
        self.bot = bot
        return bot


@asynccontextmanager
async def opened_stage(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    says: Sequence[str] = (),
    sections: dict[str, Any] | None = None,
    env: dict[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """A stage; `settings` are those of `discord:`, `sections` the other ones of the configuration.

    `says` is what models say, one text a request, and then what was said to them. `env` are SimCord's own settings.
    """
    script = list(says)
    reply = lambda text: script.pop(0) if script else f"You said: {text}"  # noqa: E731
    async with opened_house(folder, reply=reply) as house:
        monkeypatch.setattr(wiring, "open_probe", lambda _: house.card)
        config = house.config(**{"tiers": TIERS, **(sections or {}), "discord": settings})
        async with open_router(config) as router:
            await router.own_card()
            time = StageTime()
            service = Aside(await service_of(router), time)
            shelf = MemoryShelf()
            bot = make_bot(config.discord, service, shelf, clock=time, now=time, sleep=time.sleep)
            run = simcord.run(bot, **(env or {}))
            time.env = run._env
            async with run as virtual:
                guild = virtual.create_guild("Meadow")
                channel = guild.create_text_channel("general")
                ann = guild.add_member(virtual.create_user("ann"))
                bob = guild.add_member(virtual.create_user("bob"))
                await virtual.settle()
                yield Stage(
                    virtual,
                    bot,
                    house,
                    router,
                    service,
                    shelf,
                    time,
                    guild,
                    channel,
                    ann,
                    bob,
                    config.discord,
                    script,
                )


async def service_of(router: Router) -> Any:
    """What the bot asks of the product in this process."""
    try:
        from pointsman.discord.local import LocalService
    except ImportError:
        return router
    return LocalService(router)
