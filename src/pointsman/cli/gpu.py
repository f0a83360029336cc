"""`pointsman gpu`: who holds the card, the ledger and the queue; free, budget and simulate stand beside it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.session import config_option, with_models_found

if TYPE_CHECKING:
    from pointsman.cli.gpu_looking import Looked
    from pointsman.config.model import Config

# Without a terminal, tables are as wide as they like to be.
WIDTH: Final = 120
# Each is imported when it is used: the module holds a click command of that name.
PARTS: Final = {
    "free": ("pointsman.cli.gpu_free", "Give memory back: one tenant, or whatever is idle."),
    "budget": ("pointsman.cli.gpu_budget", "What the things people do take of this card, with and without the router."),
    "simulate": ("pointsman.cli.gpu_simulate", "Play days of images, chats and games with several policies."),
}


class Parts(click.Group):
    """Loads a part when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The parts, in the order of the table."""
        del ctx
        return list(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A part's command."""
        del ctx
        if cmd_name not in PARTS:
            return None
        command: click.Command = getattr(import_module(PARTS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of parts, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in PARTS.items()])


@click.command("gpu", cls=Parts, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; with --watch, one a line.")
@click.option("--watch", is_flag=True, help="Look again and again, until Ctrl-C.")
@click.option(
    "--every", type=click.FloatRange(0.1, 3600), metavar="SECONDS", help="How often --watch looks (default: gpu.poll)."
)
@config_option
@click.pass_context
def gpu(ctx: click.Context, *, as_json: bool, watch: bool, every: float | None, config_path: Path | None) -> None:
    """Show who holds the card, what is booked on it and who waits.

    The gateway that runs is asked; where none does, the card and the servers are looked at directly.
    """
    if ctx.invoked_subcommand is not None:
        if as_json or watch or every:
            raise click.UsageError(f"options of `gpu` itself do not go with `gpu {ctx.invoked_subcommand}`")
        ctx.obj = config_path
        return
    if every is not None and not watch:
        raise click.UsageError("--every says how often --watch looks; add --watch")
    from pointsman.config.load import load

    config = with_models_found(load(config_path))
    if watch:
        from pointsman.cli.gpu_watch import watch_cards
        from pointsman.cli.main import INTERRUPTED

        watch_cards(config, every or config.gpu.poll, as_json=as_json)
        ctx.exit(INTERRUPTED)
    looked = look_once(config)
    if as_json:
        click.echo(json.dumps(looked.to_dict(), ensure_ascii=False))
        return
    from rich.console import Console

    from pointsman.cli.gpu_report import show

    show(looked, Console(width=None if sys.stdout.isatty() else WIDTH))


def look_once(config: Config) -> Looked:
    """How the cards stand. Raises NotAllowed where the gateway refuses the key."""
    import asyncio
    import time

    from pointsman.cli.gpu_looking import Looker

    async def looked() -> Looked:
        looker = Looker(config, time.monotonic)
        try:
            return await looker.look()
        finally:
            await looker.close()

    return asyncio.run(looked())
