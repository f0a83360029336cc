"""`pointsman ask`: the whole way in the terminal, streaming."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.session import config_option, with_models_found, with_router

if TYPE_CHECKING:
    from pointsman.core.message import ToolCall
    from pointsman.core.reply import Done, Event, Failed
    from pointsman.core.tool import ToolSpec
    from pointsman.engine.agreement import Confirm
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
    if output and not output.parent.is_dir():
        raise click.BadParameter(f"there is no folder {output.parent}", param_hint="'-o'")
    said = sys.stdin.read() if text == "-" else text

    from pointsman.config.load import load

    teller = Teller(output, quiet=quiet)

    async def answer(router: Router) -> None:
        from contextlib import aclosing

        from pointsman.core.message import Message, Origin

        message = Message(said, origin=Origin("cli"))
        async with aclosing(router.stream(message, confirm=confirming())) as events:
            async for event in events:
                teller.show(event)

    with_router(with_models_found(load(config_path)), answer)
    if output and not teller.drawn:
        from pointsman.core.errors import Unreachable

        raise Unreachable(
            f"no picture was made, so {output} was not written",
            cure="ask for a picture, with ComfyUI running; `pointsman doctor` says what it lacks",
        )


def confirming() -> Confirm:
    """Asks the person in front of the terminal; where nobody sits there, nothing is done that needs a word."""

    async def confirm(call: ToolCall, spec: ToolSpec) -> bool:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            click.echo(f"{call.name} needs your word, so run this in a terminal: nothing was done", err=True)
            return False
        click.secho(f"{call.name} wants to run with:", err=True)
        for name, value in call.arguments.items():
            click.secho(f"  {name!r}: {value!r}", err=True)  # what moves the cursor could show something else
        forget_typed()
        what = "cannot be undone" if spec.effect == "destroys" else "changes something"
        click.echo(f"This {what}. Let it? [y/N]: ", nl=False, err=True)
        return (await typed()).strip().casefold() in {"y", "yes"}

    return confirm


def forget_typed() -> None:
    """What was typed before the question was seen is no answer to it."""
    try:
        import termios
    except ImportError:  # Windows
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)


async def typed() -> str:
    """A line from the terminal; "" at its end. Not read in a thread: Ctrl-C would wait for that until Enter is hit."""
    import asyncio
    import os

    loop, ready, terminal = asyncio.get_running_loop(), asyncio.Event(), sys.stdin.fileno()
    try:
        loop.add_reader(terminal, ready.set)
    except NotImplementedError:  # Windows
        return await asyncio.to_thread(sys.stdin.readline)
    try:
        await ready.wait()
        return os.read(terminal, 1024).decode(errors="replace")
    finally:
        loop.remove_reader(terminal)


class Teller:
    """Prints a reply's events: its text on standard output, everything else on standard error.

    Pictures go to `output`, further ones beside it with a number; without it to picture.png, or the first name like
    that which is free.
    """

    def __init__(self, output: Path | None, *, quiet: bool) -> None:
        self.drawn = 0
        self._output = output
        self._quiet = quiet
        self._spoken = False
        self._progress = False

    def show(self, event: Event) -> None:
        """Prints one event; raises PointsmanError for a failed reply, so that the exit code tells."""
        from pointsman.core.reply import Decided, Done, Failed, Picture, Progress, Status, Text, ToolUse

        self._wipe()
        match event:
            case Text(delta):
                self._spoken = True
                click.echo(delta, nl=False)
            case Progress(done=done, most=most):
                self._drawing(done, most)
            case Picture(data=data, seed=seed):
                self._save(data, seed)
            case Failed() as failed:
                self._failed(failed)
            case Done() as done:
                self._done(done)
            case Decided(decision):
                self._aside(
                    f"{decision.category} ({decision.path}) {decision.confidence:.2f} by {decision.tier}"
                    f" in {decision.latency_ms:.1f} ms, #{decision.id}: {decision.reason}"
                )
            case Status(text):
                self._aside(text)
            case ToolUse() as use:
                self._aside(use.line)

    def _wipe(self) -> None:
        """Takes the line that says how far a picture is."""
        if self._progress:
            self._progress = False
            click.echo("\r\x1b[K", nl=False, err=True)

    def _done(self, done: Done) -> None:
        if self._spoken:
            click.echo()
        if done.footer:
            self._aside(f"— {done.footer}")

    def _aside(self, text: str) -> None:
        if not self._quiet:
            click.secho(text, dim=True, err=True)

    def _drawing(self, done: int, most: int) -> None:
        if not self._quiet and sys.stderr.isatty():
            self._progress = True
            click.secho(f"drawing: step {done} of {most}", dim=True, err=True, nl=False)

    def _save(self, data: bytes, seed: int) -> None:
        self.drawn += 1
        target = self._output or Path("picture.png")
        if self.drawn > 1:
            target = target.with_stem(f"{target.stem}-{self.drawn}")
        number = self.drawn
        while self._output is None and target.exists():  # what lies there may be somebody's favourite
            number += 1
            target = target.with_stem(f"picture-{number}")
        target.write_bytes(data)
        click.echo(f"saved {target} (seed {seed})", err=True)

    def _failed(self, failed: Failed) -> None:
        from pointsman.core.errors import PointsmanError

        if self._spoken:
            click.echo()  # what came of the reply stays, and the failure stands below it
        error = PointsmanError(failed.cause, cure=failed.cure)
        error.exit_code = failed.exit_code
        raise error
