"""The bot beside the gateway, in this process: it starts, tries again, takes settings, and never harms the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cli.bot_process import QUICK

from pointsman.build import open_router
from pointsman.cli import serve_bot
from pointsman.cli.serve_bot import BotBeside
from pointsman.config.model import Config
from pointsman.core.errors import Unreachable
from pointsman.core.happening import Ended
from pointsman.discord.bot import Bot
from pointsman.discord.local import LocalService
from pointsman.engine.router import Router
from pointsman.stores.shelf import MemoryShelf
from pointsman.testing.fake_discord import TOKEN, FakeDiscord

Make = Callable[[Config], Bot]


class House:
    """A router, a fake Discord, and what the bot beside says; `pauses` are those between its tries."""

    def __init__(self, folder: Path, discord: FakeDiscord, router: Router) -> None:
        self.folder = folder
        self.discord = discord
        self.router = router
        self.lines: list[str] = []
        self.pauses: list[float] = []
        self.made: list[Bot] = []

    def config(self, token: str = TOKEN, **settings: Any) -> Config:
        return Config.model_validate(
            {**QUICK, "store": {"path": str(self.folder / "p.db")}, "discord": {"token": token, **settings}}
        )

    def make(self, config: Config) -> Bot:
        # Discord's libraries wait two seconds for the servers, of which there is one here.
        bot = Bot(config.discord, LocalService(self.router), MemoryShelf(), guild_ready_timeout=0.05)
        self.made.append(bot)
        return bot

    def beside(self, config: Config, make: Make | None = None) -> BotBeside:
        return BotBeside(config, make or self.make, tell=self.lines.append, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def until(self, met: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not met():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.01)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    config = Config.model_validate({**QUICK, "store": {"path": str(tmp_path / "p.db")}})
    async with open_router(config) as router, FakeDiscord() as discord:
        with discord.redirected():
            yield House(tmp_path, discord, router)


@asynccontextmanager
async def begun(house: House, config: Config, make: Make | None = None) -> AsyncIterator[BotBeside]:
    bot = house.beside(config, make)
    bot.begin()
    try:
        yield bot
    finally:
        await bot.close()


async def test_it_says_that_it_is_up_and_is_watched_as_every_surface(house: House) -> None:
    heard: list[Any] = []
    house.router.watch(heard.append)
    ann = house.discord.person("Ann")
    async with begun(house, house.config()) as bot:
        assert bot.words() == "Discord (starting)"
        await house.until(lambda: bot.state == "up" and house.lines)
        assert house.lines[0].startswith(
            "the bot pointsman is up in 1 server; a link that brings it into one: https://"
        )
        assert bot.words() == "Discord, as pointsman, in 1 server"
        assert bot.told() == {"state": "up", "servers": 1, "problem": ""}
        asked = ann.asks("17 % of 2,340?", house.discord.channel)
        await house.discord.replied(asked)
        await house.until(lambda: any(isinstance(it, Ended) for it in heard))
        ended = next(it for it in heard if isinstance(it, Ended))
        assert (ended.message.origin.surface, ended.message.origin.user) == ("discord", ann.id)
    assert house.made[0].is_closed()
    assert bot.told() == {}


async def test_a_wrong_token_is_said_once_and_the_right_one_is_taken_at_a_reload(house: House) -> None:
    async with begun(house, house.config("wrong")) as bot:
        await house.until(lambda: bot.state == "failed")
        assert house.pauses == []
        (said,) = house.lines
        assert said.startswith("the bot is not there: Discord does not know this token\n  cure: copy it again: ")
        assert bot.told()["problem"] == "Discord does not know this token"
        assert bot.words() == "not Discord: Discord does not know this token"
        bot.took(house.config())
        await house.until(lambda: bot.state == "up")
        assert bot.told()["problem"] == ""


async def test_without_a_network_it_tries_again_and_waits_longer_each_time(house: House) -> None:
    left = iter(range(8))

    def make(config: Config) -> Bot:
        if next(left, None) is not None:
            raise Unreachable("Discord cannot be reached: no network", cure="check the network")
        return house.make(config)

    async with begun(house, house.config(), make) as bot:
        await house.until(lambda: bot.state == "up" and len(house.lines) == 9)
        assert house.pauses == [5, 10, 20, 40, 80, 160, 300, 300]
        assert house.lines[0].startswith("the bot is not there: Discord cannot be reached: no network; it tries again")


async def test_what_nobody_foresaw_is_tried_again_and_harms_nobody(house: House) -> None:
    broken = iter([ValueError("of some library")])

    def make(config: Config) -> Bot:
        for error in broken:
            raise error
        return house.make(config)

    async with begun(house, house.config(), make) as bot:
        await house.until(lambda: bot.state == "up")
        assert "an unforeseen ValueError: of some library" in house.lines[0]


async def test_an_intent_that_is_off_is_said_with_the_cure(house: House) -> None:
    house.discord.gateway.granted = frozenset()
    async with begun(house, house.config()) as bot:
        await house.until(lambda: bot.state == "failed")
        assert "Message Content" in house.lines[0]
        assert "switch it on" in house.lines[0]


async def test_settings_are_taken_while_it_runs_and_a_new_connection_made_where_they_need_one(house: House) -> None:
    async with begun(house, house.config()) as bot:
        await house.until(lambda: bot.state == "up")
        block = {"users": ["17"]}
        bot.took(house.config(footer=True, block=block))
        await house.until(lambda: house.made[0].settings.footer)
        assert house.made[0].gate.refusal(visitor("17"))
        assert house.discord.gateway.identified == 1
        bot.took(house.config(sharding={"count": 1}))
        await house.until(lambda: len(house.made) == 2 and bot.state == "up")
        assert house.discord.gateway.identified == 2
        assert house.made[0].is_closed()
        assert not house.made[1].settings.footer
        bot.took(house.config(""))
        await house.until(lambda: bot.state == "off")
        assert house.made[1].is_closed()
        assert bot.words() == ""


def visitor(user: str) -> Any:
    from pointsman.discord.gate import Visitor

    return Visitor(user)


async def test_where_another_process_has_it_none_is_started(house: House) -> None:
    async with begun(house, house.config(gateway="http://127.0.0.1:9")) as bot:
        assert bot.state == "off"
        bot.took(house.config(gateway="http://127.0.0.1:9", footer=True))
        await asyncio.sleep(0.01)
        assert house.lines == [serve_bot.ELSEWHERE]
        assert bot.told() == {}


async def test_without_the_extra_it_says_what_to_install(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_bot, "find_spec", lambda _: None)
    async with begun(house, house.config()) as bot:
        await house.until(lambda: bot.state == "failed")
        assert "pip install 'pointsman[discord]'" in house.lines[0]


async def test_a_bot_that_waits_or_logs_in_ends_at_once(house: House) -> None:
    async def for_ever(seconds: float) -> None:
        house.pauses.append(seconds)
        await asyncio.Event().wait()

    def make(_: Config) -> Bot:
        raise Unreachable("no network", cure="check it")

    waiting = BotBeside(house.config(), make, tell=house.lines.append, sleep=for_ever)
    waiting.begin()
    await house.until(lambda: house.pauses)
    await within_a_moment(waiting.close())
    house.discord.gateway.hold()
    knocking = house.beside(house.config())
    knocking.begin()
    await house.until(lambda: house.discord.gateway.connections or house.made)
    await within_a_moment(knocking.close())
    assert house.made[-1].is_closed()


async def within_a_moment(work: Awaitable[None]) -> None:
    async with asyncio.timeout(10):
        await work
