"""`pointsman serve`: the gateway and its page, until Ctrl-C."""

from __future__ import annotations

import gc
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.session import config_option, with_models_found

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pointsman.config.model import Config
    from pointsman.engine.router import Router

INTERRUPTED = 130
GRACE = 1  # seconds that replies get to say their last word; by then they have been asked to stop
BACKLOG = 128
ANSWERS_IN = 2.0  # seconds that a model's server has to say what it serves before the gateway starts without
PAGE_HINT = "no page: pip install 'pointsman[dashboard]'"


@click.command()
@click.option("--host", metavar="ADDRESS", help="The address to listen on; any but this machine's own needs a key.")
@click.option("--port", type=int, metavar="N", help="The port to listen on; 0 takes any that is free.")
@click.option("--no-page", is_flag=True, help="Serve the gateway only.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@config_option
def serve(host: str | None, port: int | None, no_page: bool, open_browser: bool, config_path: Path | None) -> int:
    """Start the gateway (OpenAI-compatible, under /v1) and its page; Ctrl-C stops it."""
    import asyncio

    from pointsman.build import open_router
    from pointsman.config.load import load

    config = with_models_found(load(config_path, flags={"server.host": host, "server.port": port}))
    with listening(config.server.host, config.server.port) as listener:
        router = open_router(config, progress=tell)
        warn_of_models(config)
        try:
            app, what = application(config, router, page=not no_page)
            url = address(listener)
            line = f"listening on {url} ({what}; models: {', '.join(('auto', *router.models))}); Ctrl-C stops"
            asyncio.run(run(app, router, listener, [*sent_away(config), line], url if open_browser else ""))
        except KeyboardInterrupt:
            tell("stopped")
            return INTERRUPTED
    return 0


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


def sent_away(config: Config) -> list[str]:
    """Who is sent messages that the local tiers are unsure of, and how they stay here; nothing when nobody is."""
    from pointsman.build.standings import told_of_others

    names = told_of_others(config)
    if not names:
        return []
    to = ", then ".join(names)
    return [f"messages that the local tiers are unsure of are sent to {to}; ROUTER_USE_CLOUD=false keeps them here"]


def application(config: Config, router: Router, *, page: bool) -> tuple[FastAPI, str]:
    """The gateway, with the page when it is wanted and installed; and in words what there is."""
    from pointsman.http.app import create_app
    from pointsman.http.auth import is_private

    key = config.server.key.get_secret_value() if config.server.key else None
    app = create_app(router, key=key, max_body=config.server.max_body, footer=config.reply.footer)
    if not page:
        return app, "gateway at /v1"
    if find_spec("nicegui") is None:
        return app, f"gateway at /v1; {PAGE_HINT}"
    from pointsman.dashboard.page import mount

    mount(app, router, key=key, host_allowed=is_private)
    return app, "page at /, gateway at /v1"


async def run(app: FastAPI, router: Router, listener: socket.socket, lines: Sequence[str], url: str) -> None:
    """Serves until a signal comes; says `lines` when requests are answered, and opens `url` if there is one."""
    import uvicorn

    await router.warm()
    await router.own_card()
    # What is there now stays: without this, every full collection walks all of it, and one message waits 50 ms.
    gc.collect()
    gc.freeze()

    class Server(uvicorn.Server):
        """Uvicorn that says when it is up, and asks open replies to end before it waits for them."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            for said in lines:
                tell(said)
            if url:
                click.launch(url)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.stopping.set()
            await super().shutdown(sockets)

    settings = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE
    )
    await Server(settings).serve(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at `host` and `port`. Raises ConfigError when it cannot."""
    from pointsman.core.errors import ConfigError

    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((where[0], port), family=family, backlog=BACKLOG)
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


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tell(line: str) -> None:
    """Chatter goes to standard error."""
    click.echo(f"pointsman: {line}", err=True)
