"""`pointsman train`: makes the files in models/ and the patterns' measured figures from labelled data."""

from __future__ import annotations

from pathlib import Path

import click

from pointsman.cli.session import tell

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help='Labelled messages: JSON lines {"id", "text", "category"[, "source"]}.',
)


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
@target_option
def encoder(target: Path | None) -> None:
    """Export all-MiniLM-L6-v2 to ONNX with 8-bit weights, with its tokenizer and manifest."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.encoder import make

    folder = target or models_folder()
    make(folder)
    click.echo(f"wrote the encoder to {folder}")


@train.command()
@DATA
@target_option
def head(data: Path, target: Path | None) -> None:
    """Embed the catalogue's utterances and fit the linear head and its calibration."""
    from pointsman.providers.encoders import models_folder
    from pointsman.training.make_head import make

    folder = target or models_folder()
    made = make(data, folder, tell)
    click.echo(f"wrote {folder}: {len(made.categories)} categories, temperature {made.temperature:.2f}")


@train.command()
@DATA
@click.option("--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of categories.")
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
