"""`pointsman serve`: the gateway and its page, until Ctrl-C."""

from __future__ import annotations

import gc
import socket
from collections.abc import Awaitable, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.session import config_option, on_hangup, with_models_found

if TYPE_CHECKING:
    import asyncio

    from fastapi import FastAPI

    from pointsman.build.reload import Reloader
    from pointsman.cli.serve_bot import BotBeside
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.engine.router import Router
    from pointsman.observe.metrics import Metrics

INTERRUPTED = 130
BACKLOG = 128
ANSWERS_IN = 2.0  # seconds that a model's server has to say what it serves before the gateway starts without
PAGE_HINT = "no page: pip install 'pointsman[dashboard]'"


@click.command()
@click.option("--host", metavar="ADDRESS", help="The address to listen on; any but this machine's own needs a key.")
@click.option("--port", type=int, metavar="N", help="The port to listen on; 0 takes any that is free.")
@click.option("--no-page", is_flag=True, help="Serve the gateway only.")
@click.option("--no-bot", is_flag=True, help="Leave the Discord bot out, also where it has a token.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@click.option("--reload/--no-reload", "watches", default=True, help="Take a changed configuration at once (default).")
@config_option
def serve(
    *,
    host: str | None,
    port: int | None,
    no_page: bool,
    no_bot: bool,
    open_browser: bool,
    watches: bool,
    config_path: Path | None,
) -> int:
    """Start the gateway (OpenAI-compatible, under /v1), its page, and with a token the Discord bot.

    Ctrl-C stops it, and a second one at once.
    """
    import asyncio

    from pointsman.build import open_parts
    from pointsman.build.observing import logged, observe
    from pointsman.build.reload import Reloader
    from pointsman.cli.serve_bot import beside
    from pointsman.config.load import load
    from pointsman.engine.router import Router

    def read() -> Loaded:
        return load(config_path, flags={"server.host": host, "server.port": port})

    loaded = read()
    config = with_models_found(loaded)
    with listening(config.server.host, config.server.port) as listener:
        opened = open_parts(config, progress=tell, many=True)
        router = Router(opened.parts)
        warn_of_models(config)
        try:
            with logged(config) as privacy:
                observing = observe(router, config, privacy=privacy)
                reloader = Reloader(router, opened, loaded, read)
                bot = None if no_bot else beside(router, config, tell)
                app, what = application(config, router, observing.metrics, reloader, page=not no_page, bot=bot)
                url = address(listener)
                line = f"listening on {url} ({what}; models: {', '.join(('auto', *router.models))}); Ctrl-C stops"
                lines = [*unwritten(loaded), *trusted(config), *sent_away(config), line]

                def took(config: Config) -> None:
                    app.state.gate.become(config.server)
                    observing.took(config)
                    if bot is not None:
                        bot.took(config)
                    settle()

                reloader.took = took
                opens, end = url if open_browser else "", observing.close
                served = run(app, router, reloader, listener, lines=lines, url=opens, watches=watches, end=end, bot=bot)
                with asyncio.Runner(loop_factory=loop_factory()) as runner:
                    runner.run(served)
        except KeyboardInterrupt:
            tell("stopped")
            return INTERRUPTED
    return 0


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop, where it can be had: Windows and PyPy have none; None is Python's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


def warn_of_models(config: Config) -> None:
    """Says which model cannot be loaded, or does not answer; the gateway serves what it can without."""
    from pointsman.cli.models import check
    from pointsman.core.errors import PointsmanError

    for model in dict.fromkeys((config.models.main, config.models.small)):
        try:
            found = check(model, ANSWERS_IN)
        except PointsmanError as error:
            tell(f"warning: {error}")
        else:
            if found.is_missing:
                tell(f"warning: {found.remark}\n  cure: {found.cure}")


def unwritten(loaded: Loaded) -> list[str]:
    """That there is no configuration file, and what makes one."""
    return [] if loaded.source else ["no pointsman.yaml: pointsman init makes one"]


def trusted(config: Config) -> list[str]:
    """How far Pointsman is trusted, where that is not all the way."""
    told = {
        "assist": "mode assist: templates, sums and pictures by their tracks, all else to the main model without tools",
        "shadow": "mode shadow: every message is decided and logged, and goes to the main model all the same",
    }
    return [told[config.mode]] if config.mode in told else []


def sent_away(config: Config) -> list[str]:
    """Who is sent messages that the local tiers are unsure of, and how they stay here; nothing when nobody is."""
    from pointsman.build.standings import told_of_others

    names = told_of_others(config)
    if not names:
        return []
    to = ", then ".join(names)
    return [f"messages that the local tiers are unsure of are sent to {to}; ROUTER_USE_CLOUD=false keeps them here"]


def application(
    config: Config,
    router: Router,
    metrics: Metrics | None = None,
    reloader: Reloader | None = None,
    *,
    page: bool,
    bot: BotBeside | None = None,
) -> tuple[FastAPI, str]:
    """The gateway, with the page when it is wanted and installed; and in words what there is."""
    from pointsman.http.app import create_app
    from pointsman.http.auth import is_private
    from pointsman.http.gate import Gate
    from pointsman.http.pictures import Pictures

    gate = Gate.of(config.server, store=config.store.path)
    pictures = Pictures(ttl=config.server.picture_ttl, public_url=config.server.public_url)
    app = create_app(router, gate=gate, footer=config.reply.footer, metrics=metrics, pictures=pictures)
    app.state.bot = bot.told if bot is not None else None
    if not page:
        return app, "gateway at /v1"
    if find_spec("nicegui") is None:
        return app, f"gateway at /v1; {PAGE_HINT}"
    from pointsman.dashboard.context import ConfigStatus
    from pointsman.dashboard.page import mount

    def status() -> ConfigStatus:
        loading = router.loading
        now, file = (reloader.config, reloader.loaded.source) if reloader else (config, None)
        return ConfigStatus(now, file, loading.at, loading.problem, bot.words() if bot is not None else "")

    mount(app, router, host_allowed=is_private, status=status)
    return app, "page at /, gateway at /v1"


async def run(
    app: FastAPI,
    router: Router,
    reloader: Reloader,
    listener: socket.socket,
    *,
    lines: Sequence[str],
    url: str,
    watches: bool,
    end: Callable[[], Awaitable[None]],
    bot: BotBeside | None = None,
) -> None:
    """Serves until a signal comes, then calls `end`; with `watches`, a changed configuration is read again by itself.

    Says `lines` when requests are answered, and opens `url` if there is one.
    """
    import asyncio

    from pointsman.build.reload import watch
    from pointsman.http.server import GatewayServer

    await router.warm()
    await router.own_card()
    settle()
    app.state.reload = reloader.reload
    over = asyncio.Event()
    watching = asyncio.create_task(watch(reloader, over)) if watches else None
    on_hangup(reloader)

    def up() -> None:
        for said in lines:
            tell(said)
        if url:
            click.launch(url)
        if bot is not None:
            bot.begin()

    async def ended() -> None:
        over.set()
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await end()

    def draining(running: int) -> None:
        seconds = reloader.config.server.drain
        what = f"{running} open {'reply' if running == 1 else 'replies'}"
        tell(f"waits up to {seconds:g} s for {what}; once more stops at once")

    def patience() -> float:
        return reloader.config.server.drain

    server = GatewayServer(app, up=up, draining=draining, patience=patience, end=ended, beside=bot)
    await server.serve(sockets=[listener])


def settle() -> None:
    """What is there now stays: without this, every full collection walks all of it, and one message waits 50 ms."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at `host` and `port`. Raises ConfigError when it cannot."""
    from pointsman.core.errors import ConfigError

    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server((where[0], port), family=family, backlog=BACKLOG)
    except OSError as error:
        import errno

        if error.errno == errno.EADDRINUSE:
            message, cure = (
                f"port {port} of {host} is in use",
                f"take another: pointsman serve --port {port % 65535 + 1}",
            )
        elif error.errno == errno.EACCES:
            message, cure = f"port {port} is for the system", "take one above 1023: pointsman serve --port 8080"
        else:
            message, cure = f"cannot listen on {host}: {error.strerror or error}", "set server.host, such as 127.0.0.1"
        raise ConfigError(message, cure=cure) from None
    # Connections inherit it. asyncio only sets it for sockets that name their protocol, which these do not, and
    # each answer of two parts then waits 40 ms for the caller's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tell(line: str) -> None:
    """Chatter goes to standard error."""
    click.echo(f"pointsman: {line}", err=True)
