"""A verb's work with an open router or store: opens it, runs the work, closes it whatever happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from pointsman.build.reload import Reloader
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.engine.decisionlog import DecisionLog
    from pointsman.engine.router import Router

Result = TypeVar("Result")
Function = TypeVar("Function", bound=Callable[..., object])


def config_option(function: Function) -> Function:
    """Adds `--config FILE` to a verb."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        help="Configuration file (default: pointsman.yaml here, then in the user's configuration folder).",
    )(function)


def with_router(
    config: Config | Path | None, work: Callable[[Router], Awaitable[Result]], *, store: bool = True
) -> Result:
    """What `work` returns, run on a router of the configuration given, in a file named, or found."""
    import asyncio

    from pointsman.build import open_router

    async def session() -> Result:
        async with open_router(config, store=store, progress=tell) as router:
            return await work(router)

    return asyncio.run(session())


def with_store(config: Config, work: Callable[[DecisionLog], Awaitable[Result]]) -> Result:
    """What `work` returns, run on the decision store of a configuration; no tier is opened for it."""
    import asyncio

    from pointsman.build import open_store

    async def session() -> Result:
        store = open_store(config)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(session())


def with_models_found(loaded: Loaded) -> Config:
    """The configuration of somebody who wants to talk: with an Ollama that runs here, where no model is configured."""
    import asyncio

    from pointsman.build.discovery import discovered

    found = asyncio.run(discovered(loaded))
    if found.said:
        tell(found.said)
    return found.config


def on_hangup(reloader: Reloader) -> None:
    """Has the signal that daemons reload at do so here, where there is one."""
    import asyncio
    import signal

    if not hasattr(signal, "SIGHUP"):
        return
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[object]] = set()  # held, as the loop holds tasks weakly

    def reload() -> None:
        task: asyncio.Task[object] = loop.create_task(reloader.reload())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    with suppress(NotImplementedError, RuntimeError):
        loop.add_signal_handler(signal.SIGHUP, reload)


def tell(text: str) -> None:
    """Chatter, for a person watching: stderr, and only on a terminal."""
    import sys

    if sys.stderr.isatty():
        click.echo(text, err=True)
