"""`pointsman ask`: the whole way in the terminal, streaming."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.session import config_option, with_router

if TYPE_CHECKING:
    from pointsman.core.reply import Event
    from pointsman.engine.router import Router


@click.command()
@click.argument("text")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to save a picture.")
@click.option("--quiet", "-q", is_flag=True, help="Print the reply only.")
@config_option
def ask(text: str, output: Path | None, quiet: bool, config_path: Path | None) -> None:
    """Route TEXT and print the reply as it comes; "-" reads the text from standard input.

    The reply goes to standard output; how it was decided, notices and the footer to standard error.
    """
    said = sys.stdin.read() if text == "-" else text

    async def answer(router: Router) -> bool:
        from contextlib import aclosing

        from pointsman.core.message import Message, Origin
        from pointsman.core.reply import Failed, Picture, Text

        drawn = spoken = False
        async with aclosing(router.stream(Message(said, origin=Origin("cli")))) as events:
            async for event in events:
                if spoken and isinstance(event, Failed):
                    click.echo()  # what came of the reply stays, and the failure stands below it
                show(event, output, quiet=quiet)
                drawn = drawn or isinstance(event, Picture)
                spoken = spoken or isinstance(event, Text)
        return drawn

    drawn = with_router(config_path, answer)
    if output and not drawn:
        from pointsman.core.errors import Unreachable

        raise Unreachable(
            f"no picture was made, so {output} was not written",
            cure="draw with ComfyUI yourself for now: pointsman route TEXT shows the prompt; sending it comes later",
        )


def show(event: Event, output: Path | None, *, quiet: bool) -> None:
    """Prints one event; raises PointsmanError for a failed reply, so that the exit code tells."""
    from pointsman.core.errors import PointsmanError
    from pointsman.core.reply import Decided, Done, Failed, Picture, Status, Text

    match event:
        case Text(delta):
            click.echo(delta, nl=False)
        case Picture(data=data):
            target = output or Path("picture.png")
            target.write_bytes(data)
            click.echo(f"saved {target}", err=True)
        case Failed(cause=cause, cure=cure, exit_code=code):
            error = PointsmanError(cause, cure=cure)
            error.exit_code = code
            raise error
        case Done() as done:
            click.echo()
            if done.footer and not quiet:
                click.secho(f"— {done.footer}", dim=True, err=True)
        case Decided(decision) if not quiet:
            click.secho(
                f"{decision.category} ({decision.path}) {decision.confidence:.2f} by {decision.tier}"
                f" in {decision.latency_ms:.1f} ms, #{decision.id}: {decision.reason}",
                dim=True,
                err=True,
            )
        case Status(text) if not quiet:
            click.secho(text, dim=True, err=True)
