"""`pointsman bot`: the Discord bot alone, with a router of its own or at a gateway elsewhere, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pointsman.cli.session import config_option, on_hangup, with_models_found

if TYPE_CHECKING:
    from pointsman.build.reload import Reloader
    from pointsman.cli.stopping import Stop
    from pointsman.config.discord import Discord
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.discord.bot import Bot
    from pointsman.discord.service import Service
    from pointsman.engine.router import Router

INTERRUPTED: Final = 130
CLOSED_IN: Final = 5.0  # seconds that Discord has to say goodbye
NEEDS: Final = "it takes a key with the scopes use, read and admin: --key, discord.key, or POINTSMAN_KEY"
NOBODY: Final = "discord:0"  # nothing is kept of it, and to ask takes a key that may speak for others
ANEW: Final = "the bot's token, connections and store are those that it began with: start it anew for the others"


@click.command()
@click.option("--gateway", metavar="URL", help="Ask the gateway there; without it, Pointsman runs in this process.")
@click.option("--key", metavar="KEY", help="The key to show there, with the scopes use, read and admin.")
@config_option
def bot(*, gateway: str | None, key: str | None, config_path: Path | None) -> int:
    """Start the Discord bot alone; Ctrl-C stops it when its replies have ended, and a second one at once.

    Its token is DISCORD_TOKEN. `pointsman serve` starts the bot, too: run one of the two.
    """
    from pointsman.cli.serve import tell
    from pointsman.config.load import load

    def read() -> Loaded:
        return load(config_path, flags={"discord.gateway": gateway, "discord.key": key})

    loaded = read()
    require(loaded.config.discord)
    by = run_remote(loaded.config) if loaded.config.discord.gateway else run_alone(loaded, read)
    if by is signal.SIGTERM:
        signal.raise_signal(by)  # whoever sent it sees that it was heard
    tell("stopped")
    return INTERRUPTED


def require(settings: Discord) -> None:
    """Raises ConfigError without a token, and MissingExtra without discord.py."""
    from pointsman.cli.serve_bot import require_extra
    from pointsman.discord.portal import NO_TOKEN

    if settings.token is None:
        raise NO_TOKEN
    require_extra()


def run_remote(config: Config) -> signal.Signals | None:
    """Runs the bot at a gateway elsewhere. Raises ConfigError, NotAllowed, Unreachable."""
    from pointsman.build.observing import logged
    from pointsman.discord.opening import open_remote

    async def work() -> signal.Signals | None:
        settings = config.discord
        service = open_remote(settings.model_copy(update={"key": settings.key or config.server.key}))
        try:
            await admitted(service, str(settings.gateway))
            return await attended(config, service)
        finally:
            await service.close()

    with logged(config):
        return run(work())


def run_alone(loaded: Loaded, read: Callable[[], Loaded]) -> signal.Signals | None:
    """Runs the bot with a router in this process. Raises ConfigError, ModelFileError, StoreError, Unreachable."""
    from pointsman.build import open_parts
    from pointsman.build.observing import logged, observe
    from pointsman.build.reload import Reloader
    from pointsman.cli.serve import sent_away, settle, tell, trusted, unwritten, warn_of_models
    from pointsman.discord.opening import open_local
    from pointsman.engine.router import Router

    config = with_models_found(loaded)
    opened = open_parts(config, progress=tell, many=True)
    router = Router(opened.parts)
    warn_of_models(config)

    async def work() -> signal.Signals | None:
        try:
            await prepared(router)
            async with watched(reloader):
                for line in (*unwritten(loaded), *trusted(config), *sent_away(config)):
                    tell(line)
                settle()
                return await attended(config, open_local(router), reloader)
        finally:
            await router.close()
            await observing.close()

    with logged(config) as privacy:
        observing = observe(router, config, privacy=privacy)
        reloader = Reloader(router, opened, loaded, read, took=observing.took)
        return run(work())


def run(work: Coroutine[Any, Any, signal.Signals | None]) -> signal.Signals | None:
    """What `work` comes to, on the loop that the gateway uses."""
    from pointsman.cli.serve import loop_factory

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(work)


async def prepared(router: Router) -> None:
    """Opens what the first message would wait for."""
    await router.warm()
    await router.own_card()


@asynccontextmanager
async def watched(reloader: Reloader) -> AsyncIterator[None]:
    """Has a changed configuration read again, as long as it lasts."""
    from pointsman.build.reload import watch

    over = asyncio.Event()
    watching = asyncio.create_task(watch(reloader, over))
    on_hangup(reloader)
    try:
        yield
    finally:
        over.set()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def admitted(service: Service, url: str) -> None:
    """Asks a gateway a little of each kind that the bot asks. Raises NotAllowed with a cure, Unreachable."""
    from pointsman.core.errors import HostNotAllowed, NotAllowed, PointsmanError, Unreachable

    asked: tuple[Callable[[], Awaitable[object]], ...] = (
        service.known,
        service.quota,
        lambda: service.export(NOBODY),
    )
    for ask in asked:
        try:
            await ask()
        except NotAllowed as error:
            cure = error.cure if isinstance(error, HostNotAllowed) else NEEDS
            raise NotAllowed(f"the gateway {url} does not let the bot in: {error.message}", cure=cure) from error
        except Unreachable:
            raise
        except PointsmanError:  # it lets us in, and has its own troubles
            continue


async def attended(config: Config, service: Service, reloader: Reloader | None = None) -> signal.Signals | None:
    """Runs the bot until a signal comes, and drains it; returns the signal.

    Raises ConfigError where Discord does not take it as it is, Unreachable where Discord is not there.
    """
    from pointsman.cli.stopping import stopped_by_signals
    from pointsman.discord.bot import make_bot
    from pointsman.stores.shelf import SqliteShelf

    shelf = SqliteShelf(config.store.path)
    bot = make_bot(config.discord, service, shelf)
    if reloader is not None:
        follow(reloader, bot, config)

    def patience() -> float:
        return (reloader.config if reloader else config).server.drain

    with stopped_by_signals() as stop:
        running = asyncio.create_task(bot.run_until_closed())
        telling = asyncio.create_task(told_when_up(bot))
        asked = asyncio.create_task(stop.asked.wait())
        try:
            await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await drained(bot, patience(), stop)
        finally:
            telling.cancel()
            asked.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(bot.close(), CLOSED_IN)
            await shelf.close()
        if not stop.asked.is_set():
            await running  # raises why it ended
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return stop.by


def follow(reloader: Reloader, bot: Bot, config: Config) -> None:
    """Has the bot go on with a configuration that was read again, as far as it can while it runs."""
    from pointsman.cli.serve import tell
    from pointsman.cli.serve_bot import begins_with

    tasks: set[asyncio.Task[None]] = set()  # held, as the loop holds tasks weakly
    before, begun = reloader.took, begins_with(config)

    def took(config: Config) -> None:
        before(config)
        if begins_with(config) != begun:
            tell(ANEW)
        if bot.settings != config.discord:
            task = asyncio.get_running_loop().create_task(bot.become(config.discord))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    reloader.took = took


async def told_when_up(bot: Bot) -> None:
    """Says that the bot is there."""
    from pointsman.cli.serve import tell
    from pointsman.cli.serve_bot import up

    await bot.up.wait()
    tell(f"{up(bot)}; Ctrl-C stops")


async def drained(bot: Bot, seconds: float, stop: Stop) -> None:
    """Lets replies go on for so many seconds, or until somebody is in a hurry."""
    from pointsman.cli.serve import tell

    if number := len(bot.answers.running):
        what = f"{number} open {'reply' if number == 1 else 'replies'}"
        tell(f"waits up to {seconds:g} s for {what}; once more stops at once")
    ending = asyncio.create_task(bot.drain(seconds))
    hurry = asyncio.create_task(stop.hurry.wait())
    await asyncio.wait({ending, hurry}, return_when=asyncio.FIRST_COMPLETED)
    hurry.cancel()
    if not ending.done():
        await bot.drain(0)
    await ending
