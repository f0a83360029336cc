"""The bot at the fake Discord, over real sockets and the whole product: real engine, fake Ollama, ComfyUI and card.

The bot's time goes `FASTER` than the clock's, so that it edits every twentieth of a second or so; the fake Discord's
windows go as much faster. Models say what `Drip` lets through.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from tests.journeys.card_house import House, opened_house

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.core.ports import Clock
from pointsman.discord.bot import Bot
from pointsman.discord.local import LocalService
from pointsman.discord.outlet import Sleep
from pointsman.engine.router import Router
from pointsman.stores.shelf import MemoryShelf
from pointsman.testing.fake_discord import TOKEN, FakeDiscord, Limits, Message, Person
from pointsman.testing.ollama.runner import Limits as OllamaLimits
from pointsman.testing.ollama.runner import Pace

FASTER: Final = 25.0
AT_ONCE: Final = OllamaLimits(parallel=4)
PATIENCE: Final = 20.0  # seconds until a test is given up
# Decides most things in milliseconds, and nothing has to be opened for it.
TIERS: Final = [{"kind": "tasks"}, {"kind": "corrections"}, {"kind": "patterns"}]


class Drip:
    """Lets the pieces of replies through, all of them or so many; each takes `pace` seconds."""

    def __init__(self, pace: float = 0.0) -> None:
        self.passed = 0
        self._pace = pace
        self._left = 0
        self._open = True
        self._changed = asyncio.Event()

    def stop(self, after: int = 0) -> None:
        """Lets so many more through, and then none."""
        self._open, self._left = False, after
        self._changed.set()

    def go(self) -> None:
        """Lets all through."""
        self._open = True
        self._changed.set()

    async def __call__(self, _: float) -> None:
        """Waits for leave; it stands for the sleep of a server."""
        while not self._open and self._left <= 0:
            self._changed.clear()
            await self._changed.wait()
        self._left -= 1
        self.passed += 1
        await asyncio.sleep(self._pace)


class WireBot(Bot):
    """The bot, which need not wait before it begins a session anew, and knows in no time that it is ready."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits for nothing."""


@dataclass
class Wire:
    """The bot in the fake's server, with Ann and Bob; `running` is the bot's task."""

    discord: FakeDiscord
    bot: WireBot
    house: House
    router: Router
    drip: Drip
    ann: Person
    bob: Person
    running: asyncio.Task[None]

    async def until(self, met: Callable[[], object]) -> None:
        """Waits until something is so."""
        await self.discord.until(met, seconds=PATIENCE)

    async def begun(self, asked: Message, start: str) -> Message:
        """The reply to a message, as soon as it begins so; the model then says no more until the drip goes on."""
        self.drip.stop()
        async with asyncio.timeout(PATIENCE):
            while not any(start in it.content for it in self.discord.replies_to(asked)):
                self.drip.stop(after=1)  # loading the model takes some, too
                await asyncio.sleep(0.01)
        self.drip.stop()
        return self.discord.replies_to(asked)[0]


@asynccontextmanager
async def opened_wire(
    folder: Path,
    *,
    says: Callable[[str], str] = lambda text: f"You said: {text}",
    limits: Limits | None = None,
    sections: dict[str, Any] | None = None,
    granted: Iterable[str] = ("message_content",),
    token: str = TOKEN,
    faster: float = FASTER,
    pace: float = 0.0,
    start: bool = True,
    **settings: Any,
) -> AsyncIterator[Wire]:
    """The bot at a fake Discord; `settings` are those of `discord:`, `sections` the others of the configuration.

    `says` is what models say to a text, a piece of it in `pace` seconds.
    """
    drip = Drip(pace)
    # Everything that Ollama's fake waits for comes by pieces of a reply.
    async with opened_house(folder, reply=says, pace=Pace(piece=1.0), sleep=drip, limits=AT_ONCE) as house:
        with mock.patch.object(wiring, "open_probe", return_value=house.card):
            given = {"tiers": TIERS, **(sections or {}), "discord": {"token": token, **settings}}
            config = house.config(**given)
            clock, sleep = quick(faster)
            async with (
                open_router(config) as router,
                FakeDiscord(limits=(limits or Limits()).faster(faster), granted=granted) as fake,
            ):
                await router.own_card()
                bot = bot_of(config, router, clock, sleep)
                ann, bob = fake.person("Ann"), fake.person("Bob")
                with fake.redirected():
                    running = asyncio.create_task(bot.run_until_closed())
                    wire = Wire(fake, bot, house, router, drip, ann, bob, running)
                    if start:
                        await wire.until(lambda: bot.is_ready() or running.done())
                        if running.done():
                            await running
                    try:
                        yield wire
                    finally:
                        drip.go()
                        await closed(bot, running)


def bot_of(config: Config, router: Router, clock: Clock, sleep: Sleep) -> WireBot:
    """The bot over a router of this process."""
    service = LocalService(router)
    return WireBot(config.discord, service, MemoryShelf(), clock=clock, sleep=sleep, guild_ready_timeout=0.05)


def quick(faster: float) -> tuple[Clock, Sleep]:
    """A clock that goes faster, and how to wait by it."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / faster)

    return lambda: time.monotonic() * faster, sleep


async def closed(bot: Bot, running: asyncio.Task[None]) -> None:
    """Ends the bot, whatever became of it."""
    await bot.close()
    with suppress(Exception):
        await running
