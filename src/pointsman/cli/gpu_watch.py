"""`pointsman gpu --watch`: the cards, looked at again and again until Ctrl-C."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pointsman.cli.gpu_looking import Looked
    from pointsman.config.model import Config

Look = Callable[[], Awaitable["Looked"]]
Show = Callable[["Looked"], None]
Sleep = Callable[[float], Awaitable[None]]


class Screen(Protocol):
    """Something that shows one thing in the place of the last."""

    def update(self, renderable: RenderableType, *, refresh: bool = False) -> None:
        """Shows it."""
        ...


def watch_cards(config: Config, every: float, *, as_json: bool) -> None:
    """Shows the cards every so many seconds, and returns when it is interrupted.

    On a terminal a table is drawn over, else there is a line a look. Raises NotAllowed where the gateway refuses the
    key.
    """
    import asyncio
    import time

    from pointsman.cli.gpu_looking import Looker

    async def work() -> None:
        looker = Looker(config, time.monotonic)
        try:
            if as_json:
                await again(looker.look, lambda looked: tell_json(looked, time.time()), every, asyncio.sleep)
            elif sys.stdout.isatty():
                await on_screen(looker.look, every, asyncio.sleep)
            else:
                await again(looker.look, lambda looked: tell_line(looked, time.localtime()), every, asyncio.sleep)
        finally:
            await looker.close()

    with suppress(KeyboardInterrupt):
        asyncio.run(work())


async def again(look: Look, show: Show, every: float, sleep: Sleep) -> None:
    """Looks and shows, for ever."""
    while True:
        show(await look())
        await sleep(every)


async def on_screen(look: Look, every: float, sleep: Sleep) -> None:
    """The same in one place of a terminal; its last state stays there."""
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as screen:
        await again(look, lambda looked: draw(looked, screen, console.width), every, sleep)


def draw(looked: Looked, screen: Screen, width: int) -> None:
    """Puts a look on the screen."""
    from rich.console import Group
    from rich.text import Text

    from pointsman.cli.gpu_report import report

    screen.update(Group(*report(looked, width), Text("Ctrl-C ends.", style="dim")), refresh=True)


def tell_json(looked: Looked, at: float) -> None:
    """A look as one line of JSON; `at` is in seconds since 1970."""
    click.echo(json.dumps({"at": round(at, 3), **looked.to_dict()}, ensure_ascii=False))
    sys.stdout.flush()


def tell_line(looked: Looked, at: object) -> None:
    """A look as one line for people."""
    import time

    from pointsman.cli.gpu_report import line

    when = time.strftime("%H:%M:%S", at) if isinstance(at, time.struct_time) else str(at)
    click.echo(line(looked, when))
    sys.stdout.flush()
