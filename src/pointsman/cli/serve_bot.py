"""The Discord bot beside the gateway: kept up, told of a new configuration, and drained with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final, Literal

from pointsman.core.errors import MissingExtra, PointsmanError, Unreachable

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.discord.bot import Bot
    from pointsman.engine.router import Router

logger = logging.getLogger(__name__)

State = Literal["off", "starting", "up", "waiting", "failed"]
"""Not wanted, logging in, there, waiting to try again, or given up until the configuration is read again."""

PAUSES: Final = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
LONGEST_PAUSE: Final = 300.0
CLOSED_IN: Final = 5.0  # seconds that Discord has to say goodbye
ELSEWHERE: Final = "the bot is not started here, as discord.gateway is set: `pointsman bot` is the one that asks it"


class BotBeside:
    """The bot of a gateway, started where there is a token. One that cannot start leaves the gateway as it is.

    `make` makes a bot from the configuration, `tell` says what a person at the terminal should know, and `sleep`
    waits between two tries.
    """

    def __init__(
        self,
        config: Config,
        make: Callable[[Config], Bot],
        *,
        tell: Callable[[str], None],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._config = config
        self._make = make
        self._tell = tell
        self._sleep = sleep
        self._bot: Bot | None = None
        self._task: asyncio.Task[None] | None = None
        self._changing: set[asyncio.Task[None]] = set()  # held, as the loop holds tasks weakly
        self._one = asyncio.Lock()
        self._over = False
        self._state: State = "off"
        self._problem = ""
        self._waits = pauses()

    @property
    def state(self) -> State:
        """How it is."""
        if self._state == "starting" and self._bot is not None and self._bot.up.is_set():
            return "up"
        return self._state

    @property
    def running(self) -> int:
        """How many replies of it are on their way."""
        return len(self._bot.answers.running) if self._bot is not None else 0

    def told(self) -> dict[str, object]:
        """How it is, for /healthz; nothing where none is wanted."""
        if self.state == "off":
            return {}
        servers = len(self._bot.guilds) if self._bot is not None else 0
        return {"state": self.state, "servers": servers, "problem": self._problem}

    def words(self) -> str:
        """How it is, for the page; "" where none is wanted."""
        match self.state:
            case "off":
                return ""
            case "up" if self._bot is not None:
                return f"Discord, as {name(self._bot)}, in {servers(len(self._bot.guilds))}"
            case "waiting" | "failed":
                return f"not Discord: {self._problem}"
        return "Discord (starting)"

    def begin(self) -> None:
        """Starts it, where that is wanted."""
        discord = self._config.discord
        if discord.token is None or self._over:
            self._state = "off"
        elif discord.gateway is not None:
            self._state = "off"
            if self._problem != ELSEWHERE:
                self._problem = ELSEWHERE
                self._tell(ELSEWHERE)
        else:
            self._state, self._problem, self._waits = "starting", "", pauses()
            self._task = asyncio.get_running_loop().create_task(self._kept_up())

    def took(self, config: Config) -> None:
        """Goes on with a configuration that was read again; a bot that could not start tries once more."""
        task = asyncio.get_running_loop().create_task(self._become(config))
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, and lets what is on its way go on for so many seconds."""
        self._over = True
        if self._bot is not None:
            await self._bot.drain(seconds)

    def hurry(self) -> None:
        """Has `drain` wait no longer."""
        if self._bot is not None:
            task = asyncio.get_running_loop().create_task(self._bot.drain(0))
            self._changing.add(task)
            task.add_done_callback(self._changing.discard)

    async def close(self) -> None:
        """Ends it, with a word to whoever waits for a reply."""
        self._over = True
        for task in list(self._changing):
            task.cancel()
        await self._end()

    async def _become(self, config: Config) -> None:
        async with self._one:
            before, self._config = self._config, config
            if self._over:
                return
            again = self._task is None or self._task.done()
            if again or begins_with(before) != begins_with(config):
                if self.state == "up":
                    self._tell("the bot ends, and starts anew where it still has a token: it began with other settings")
                if self._bot is not None:
                    await self._bot.drain(config.server.drain)
                await self._end()
                self.begin()
            elif self._bot is not None and before.discord != config.discord:
                await self._bot.become(config.discord)

    async def _end(self) -> None:
        task, self._task = self._task, None
        if self._bot is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSED_IN):
                    await self._bot.close()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._state = "off"

    async def _kept_up(self) -> None:
        """Runs one bot after the other until one ends because it is to, or another would come to the same."""
        while True:
            try:
                await self._once()
            except Unreachable as error:
                self._trouble("waiting", error)
            except PointsmanError as error:
                self._trouble("failed", error)
                return
            except Exception as error:
                logger.exception("the bot ended")
                what = f"an unforeseen {type(error).__name__}: {error}"
                self._trouble("waiting", Unreachable(what, cure="the log has the details"))
            else:
                return
            await self._sleep(next(self._waits))
            self._state = "starting"

    async def _once(self) -> None:
        """One bot, to its end."""
        require_extra()
        await asyncio.to_thread(import_module, "pointsman.discord.bot")  # half a second in which others are served
        bot = self._bot = self._make(self._config)
        telling = asyncio.create_task(self._told_when_up(bot))
        try:
            await bot.run_until_closed()
        finally:
            telling.cancel()
            self._bot = None
            try:
                await bot.close()
            finally:
                await bot.shelf.close()

    async def _told_when_up(self, bot: Bot) -> None:
        await bot.up.wait()
        self._problem, self._waits = "", pauses()
        self._tell(up(bot))

    def _trouble(self, state: State, error: PointsmanError) -> None:
        then = "; it tries again" if state == "waiting" else ""
        self._state, self._problem = state, error.message
        self._tell(f"the bot is not there: {error.message}{then}\n  cure: {error.cure}")


def beside(router: Router, config: Config, tell: Callable[[str], None]) -> BotBeside:
    """The bot that a router in this process answers through."""

    def make(config: Config) -> Bot:
        from pointsman.discord.bot import make_bot
        from pointsman.discord.opening import open_local
        from pointsman.stores.shelf import SqliteShelf

        return make_bot(config.discord, open_local(router), SqliteShelf(config.store.path))

    return BotBeside(config, make, tell=tell)


def require_extra() -> None:
    """Raises MissingExtra where discord.py is not installed."""
    if find_spec("discord") is None:
        raise MissingExtra("discord", "the Discord bot")


def begins_with(config: Config) -> tuple[object, ...]:
    """What a bot looks at only when it begins: all else is taken while it runs."""
    discord = config.discord
    return (discord.token, discord.sharding, discord.gateway, config.store.path)


def up(bot: Bot) -> str:
    """That a bot is there: its name, how many servers it is in, and how it comes into another."""
    from pointsman.discord.portal import invite

    link = invite(bot.application_id) if bot.application_id else "no link is known"
    return f"the bot {name(bot)} is up in {servers(len(bot.guilds))}; a link that brings it into one: {link}"


def name(bot: Bot) -> str:
    """What it is called on Discord."""
    return bot.user.name if bot.user else "without a name"


def servers(number: int) -> str:
    """So many servers."""
    return f"{number} server{'' if number == 1 else 's'}"


def pauses() -> Iterator[float]:
    """How many seconds lie between tries: more and more, and never more than five minutes."""
    return chain(PAUSES, repeat(LONGEST_PAUSE))
