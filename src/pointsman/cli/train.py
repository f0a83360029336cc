"""`pointsman train`: makes the files in models/ and the patterns' measured figures from labelled data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pointsman.cli.session import tell

Command = Callable[..., Any]

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)

LABELLED = 'Labelled messages: JSON lines {"id", "text", "category"[, "source"]}.'
DATA = click.option(
    "--data",
    type=FILE,
    required=True,
    help=LABELLED,
)


def learns_from(function: Command) -> Command:
    """Adds `--corpus` and `--without`, what the shipped models learn from beside `--data`."""
    corpus = click.option(
        "--corpus",
        type=FOLDER,
        help="Folder of messages written for the project (*.tsv).",
    )
    without = click.option(
        "--without", multiple=True, metavar="SOURCE", help="Leave out the lines of this source, to be judged on them."
    )
    return corpus(without(function))


def target_option(function: click.decorators.FC) -> click.decorators.FC:
    """Adds `--target FOLDER`, where the files are written."""
    return click.option(
        "--target",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder to write to (default: the package's).",
    )(function)


@click.group()
def train() -> None:
    """Make the shipped models from labelled data (needs the [train] extra)."""


@train.command()
@DATA
@learns_from
@click.option(
    "--slots",
    type=FILE,
    help="Messages with their slots marked, to be learnt at the same time.",
)
@target_option
def encoder(data: Path, corpus: Path | None, without: tuple[str, ...], slots: Path | None, target: Path | None) -> None:
    """Tune all-MiniLM-L6-v2 for intents and slots and export it to ONNX with 8-bit weights (half an hour)."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.make_encoder import make
    from pointsman.training.rows import Data

    folder = target or models_folder()
    make(Data(data, corpus, frozenset(without)), slots, folder, tell)
    click.echo(f"wrote the encoder to {folder}; make the head again with it: pointsman train head")


@train.command()
@DATA
@learns_from
@target_option
def fast(data: Path, corpus: Path | None, without: tuple[str, ...], target: Path | None) -> None:
    """Fit the fast tier's network and its gate (some minutes)."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.make_fast import make
    from pointsman.training.rows import Data

    folder = target or models_folder()
    gate = make(Data(data, corpus, frozenset(without)), folder, tell).gate
    click.echo(f"wrote {folder}: gate {gate.bias:.2f} {gate.belief:.2f} {gate.unknown:.2f}")


@train.command()
@DATA
@learns_from
@click.option(
    "--unseen",
    type=FILE,
    multiple=True,
    required=True,
    help="Labelled messages that no model learnt from, for the calibration.",
)
@target_option
def head(
    data: Path, corpus: Path | None, without: tuple[str, ...], unseen: tuple[Path, ...], target: Path | None
) -> None:
    """Embed the utterances and fit the shipped categories' head and its calibration (some minutes)."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.make_head import make
    from pointsman.training.rows import Data

    folder = target or models_folder()
    made = make(Data(data, corpus, frozenset(without)), unseen, folder, tell)
    click.echo(f"wrote {folder}: {len(made.categories)} categories, temperature {made.temperature:.2f}")


@train.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to.")
@click.option("--data", type=FILE, help=LABELLED)
@click.option("--shipped", is_flag=True, help="Learn the categories that come with Pointsman too.")
def own(folder: Path, out: Path, data: Path | None, shipped: bool) -> None:
    """Fit a head for your own categories in FOLDER: their utterances are enough to learn from."""
    from pointsman.training.own import make

    made = make(folder, out, data=data, shipped=shipped, tell=tell)
    click.echo(f"wrote {out}: {len(made.categories)} categories, temperature {made.temperature:.2f}")
    click.echo(f"use it: set intents.trained to {out} in pointsman.yaml", err=True)


@train.command()
@click.option(
    "--data",
    type=FILE,
    required=True,
    help='Attacks on the router and lines that look like them: JSON lines {"text", "attack"}.',
)
@click.option(
    "--corpus",
    type=FOLDER,
    help="Folder of messages written for the project (*.tsv), as everyday messages.",
)
@target_option
def guard(data: Path, corpus: Path | None, target: Path | None) -> None:
    """Fit the weights by which attempts to steer the router are marked (seconds)."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.guard import make

    folder = target or models_folder()
    made = make(data, corpus, folder)
    click.echo(f"wrote {folder}: {made.recall:.1%} of the attacks and {made.false_alarms:.1%} of the others, unseen")


@train.command()
@DATA
@click.option("--folder", type=FOLDER, help="Folder of categories.")
def patterns(data: Path, folder: Path | None) -> None:
    """Measure every pattern on labelled messages and write the figures into its category's file."""
    from pointsman.config import intents
    from pointsman.observe.labelled import read_labelled
    from pointsman.training.patterns import measure, write

    catalogue = intents.load(folder, cache_folder=None)
    measured = measure(catalogue, [(row.gold.text, row.gold.category) for row in read_labelled(data, catalogue.names)])
    write(folder or intents.shipped_folder(), measured)
    for (category, name), figures in sorted(measured.items(), key=lambda item: item[1].confidence):
        click.echo(f"{figures.confidence:.3f}  {figures.right:4d} of {figures.hits:4d}  {category}/{name}")


@train.command()
@click.option(
    "--data",
    type=FILE,
    required=True,
    help='Messages with their slots marked: JSON lines {"id", "text", "category", "slots"}.',
)
@click.option(
    "--held",
    type=FILE,
    help="More of them, which the encoder was not tuned on: they say how far to believe it.",
)
@target_option
def slots(data: Path, held: Path | None, target: Path | None) -> None:
    """Fit the slot taggers on the shipped encoder (two minutes)."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.slots import make

    folder = target or models_folder()
    made = make(data, held, folder, tell)
    click.echo(f"wrote {folder}: " + ", ".join(made))
