"""`pointsman eval`: how good decisions are on labelled messages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pointsman.cli.eval_set import eval_set, set_options
from pointsman.cli.eval_tier import eval_tier
from pointsman.cli.picture import be_ready_to_draw, plot_option
from pointsman.cli.session import config_option, with_router

if TYPE_CHECKING:
    from pointsman.engine.router import Router
    from pointsman.observe.evaluation import Evaluation, Prediction
    from pointsman.observe.labelled import Labelled

# A table needs this many columns when nobody's terminal says how many there are.
WIDTH = 100


@click.command("eval")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@plot_option("Draw the confusion matrix, the calibration, and each tier's share and time.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N messages.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Only N of them, as many of each category.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="S", help="With --sample: which ones.")
@click.option(
    "--tier",
    metavar="NAME",
    help="One tier or one service by itself: fast, patterns, neighbours, classifier, followups, judge; groq, "
    "cloudflare, huggingface, ollama, or a server of cloud.servers.",
)
@click.option("--yes", is_flag=True, help="With --tier: send more than 20 messages to a service without asking.")
@set_options
@config_option
def eval(  # noqa: A001 - the verb's name
    file: Path,
    *,
    as_json: bool,
    picture: Path | None,
    limit: int | None,
    sample: int | None,
    seed: int,
    tier: str | None,
    yes: bool,
    config_path: Path | None,
    name: str | None,
    **of_set: Any,
) -> None:
    """Measure decisions against FILE: JSON lines {"id", "text", "category"[, "slice", "history"]}; none is recorded.

    With --set, FILE is a public intent set as it is published: a general classifier is fitted on its training lines
    and measured on its test lines (needs the [train] extra). With --tier, every answer of that tier counts, whatever
    its bar; what a service is asked leaves this machine, and counts in its quota.
    """
    if name is not None:
        if any(given is not None for given in (picture, limit, sample, tier, config_path)):
            raise click.UsageError("--plot, --limit, --sample, --tier and --config do not go with --set")
        eval_set(name, file, as_json=as_json, **of_set)
        return
    if file.is_dir():
        raise click.BadParameter(f"File '{file}' is a directory.", param_hint="'FILE'")
    be_ready_to_draw(picture)
    choose = partial(chosen, limit=limit, sample=sample, seed=seed)
    if tier is not None:
        eval_tier(tier, file, choose, config_path=config_path, yes=yes, as_json=as_json, picture=picture)
        return

    result = with_router(config_path, partial(measured, file=file, choose=choose), store=False)
    show(result, file, as_json=as_json)
    if picture is not None:
        from pointsman.observe.plots import plot

        plot(result, picture)
        click.echo(f"drawn: {picture}", err=True)


async def measured(router: Router, *, file: Path, choose: Callable[[list[Labelled]], list[Labelled]]) -> Evaluation:
    """How good the router's decisions are on the messages of a file that are chosen."""
    from pointsman.observe.evaluation import evaluate
    from pointsman.observe.labelled import read_labelled

    labelled = choose(read_labelled(file, router.catalogue.names))
    path_of = {name: router.catalogue.path_of(name) for name in router.catalogue.names}
    return evaluate([row.gold for row in labelled], await decide_all(router, labelled), path_of)


def chosen(labelled: list[Labelled], limit: int | None, sample: int | None, seed: int) -> list[Labelled]:
    """The first messages, and of those a sample, whatever is asked for."""
    if sample is None:
        return labelled[:limit]
    import random

    from pointsman.observe.sampling import balanced

    return balanced(labelled[:limit], sample, random.Random(seed))


async def decide_all(router: Router, labelled: Sequence[Labelled]) -> dict[str, Prediction]:
    """What the router decides for each message, one after another, by the message's id."""
    from rich.console import Console
    from rich.progress import track

    from pointsman.observe.evaluation import Prediction

    watched = track(labelled, "deciding", console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    return {row.gold.id: Prediction.of(await router.decide(row.message)) for row in watched}


def show(result: Evaluation, file: Path, *, as_json: bool) -> None:
    """Prints the result on standard output."""
    if as_json:
        import json

        click.echo(json.dumps({"file": str(file), **result.to_dict()}, ensure_ascii=False))
        return
    from rich.console import Console

    from pointsman.observe.report import render

    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    render(result, console)
