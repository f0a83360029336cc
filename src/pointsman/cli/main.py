"""The `pointsman` command: a table of verbs, each imported only when it is used."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final

import click

from pointsman import __version__
from pointsman.core.errors import PointsmanError

INTERRUPTED = 130

# numpy's algebra wakes a thread a core for each large product, and they spin on for milliseconds: with several cores
# that doubles what a message costs (2.3 of 4.9 ms of CPU under load), and saves nothing with vectors of this size.
ALGEBRA: Final = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# verb -> (module, one line of help); the module holds a click command of the verb's name.
VERBS: Final = {
    "route": ("pointsman.cli.route", "Decide only: what a message wants, and why."),
    "why": ("pointsman.cli.why", "The whole trace of a decision (the latest when no id is given)."),
    "correct": ("pointsman.cli.correct", "Teach what a message wants; it counts at once. --undo, --list."),
    "ask": ("pointsman.cli.ask", "The whole way, in the terminal, streaming."),
    "serve": ("pointsman.cli.serve", "Start the gateway and its page."),
    "bot": ("pointsman.cli.bot", "Start the Discord bot alone, also against a gateway elsewhere."),
    "init": ("pointsman.cli.init", "Look around, ask at most six questions, and write pointsman.yaml."),
    "eval": ("pointsman.cli.eval", "Measure decisions against labelled messages."),
    "bench": ("pointsman.cli.bench", "Measure how long each tier, service and the local small model take."),
    "tune": ("pointsman.cli.tune", "Choose how sure each tier must be, for a stated share of errors."),
    "quota": ("pointsman.cli.quota", "What each service still allows, in calls; simulate: how long it lasts."),
    "memory": ("pointsman.cli.memory", "What people asked to be remembered; export and erase all that is kept."),
    "gpu": ("pointsman.cli.gpu", "Who holds the card, what is booked, who waits; free, budget, simulate."),
    "config": ("pointsman.cli.config", "Check, show or describe the configuration."),
    "doctor": ("pointsman.cli.doctor", "Check everything, and say how to cure what is wrong."),
    "pull": ("pointsman.cli.pull", "Fetch a model file, with a checksum."),
    "train": ("pointsman.cli.train", "Make the shipped models from labelled data."),
}


class Verbs(click.Group):
    """Loads a verb's module when the verb is used, so that help stays under 0.3 s."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the table."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(VERBS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of verbs, without importing them."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="pointsman")
def pointsman() -> None:
    """Finds out what a message wants before anything heavy is loaded, and sends it down the right track."""


def main() -> None:
    """Runs the command line; errors that we can name become one clear message and their exit code."""
    if sys.argv[1:2] != ["train"]:
        for name in ALGEBRA:
            os.environ.setdefault(name, "1")
    try:
        code = pointsman.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except PointsmanError as error:
        click.echo(f"pointsman: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("pointsman: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe, such as head, has stopped; closing stderr keeps Python from saying so again.
        sys.stderr.close()
        sys.exit(1)
