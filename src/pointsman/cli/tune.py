"""`pointsman tune`: bars and calibration for a stated target, from labelled messages, into the configuration."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.picture import be_ready_to_draw, plot_option
from pointsman.cli.session import config_option, tell, with_store

if TYPE_CHECKING:
    from pointsman.cli.tuned import Written
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.config.tiers import Tier as TierConfig
    from pointsman.core.category import Catalogue
    from pointsman.observe.labelled import Labelled
    from pointsman.observe.tuning.heard import Heard, Rung
    from pointsman.observe.tuning.outcome import Target, Tuning
    from pointsman.tiers.cascade import Stage

# A table needs this many columns when nobody's terminal says how many there are.
WIDTH: Final = 110
# Each pattern states how often it was right when it was measured, so their bar means what it says on any messages: one
# chosen on some messages would silence patterns that those do not show, and all that are written later.
MEASURED: Final = frozenset({"patterns"})
MOST: Final = 0.5


def share(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """A share above 0 and up to a half, such as 1% or 0.01."""
    del ctx, param
    text = value.strip()
    try:
        number = float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a share; write 1% or 0.01") from None
    if not 0 < number <= MOST:
        hint = f"; for {text} percent write {text}%" if number >= 1 and not text.endswith("%") else ""
        raise click.BadParameter(f"{value!r} is not above 0 and at most {MOST:.0%}{hint}")
    return number


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]...")
@click.option("--target", callback=share, default="1%", show_default=True, help="Most wrong paths among the answered.")
@click.option("--image-target", callback=share, default="0.3%", show_default=True, help="Most pictures by mistake.")
@click.option("--sure", is_flag=True, help="Both targets must hold with 95 % probability, and not by best estimate.")
@click.option("--corrections/--no-corrections", "corrected", default=True, help="Count corrections too.")
@click.option("--write", is_flag=True, help="Write the result into the configuration without asking.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and do not ask.")
@plot_option("Draw the trade-off and each tier's reliability.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@config_option
def tune(
    *,
    files: tuple[Path, ...],
    target: float,
    image_target: float,
    sure: bool,
    corrected: bool,
    write: bool,
    dry_run: bool,
    picture: Path | None,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Choose how sure each tier must be, so that few enough of the answered messages take a wrong path.

    FILE holds labelled messages as for `pointsman eval`: JSON lines {"id", "text", "category"[, "source", "history"]}.
    Your own corrections count as labelled messages too. Every tier in this process is asked about every message; bars
    are judged on messages that they were not chosen on.
    """
    if write and dry_run:
        raise click.UsageError("give --write or --dry-run, not both")
    be_ready_to_draw(picture)
    from pointsman.observe.tuning.outcome import Target

    loaded = settings(config_path, may_make=write)
    found = measured(loaded.config, files, Target(target, image_target, sure), corrected=corrected)
    if not as_json:
        show(found)
    if picture is not None:
        from pointsman.observe.tuning.plot import plot

        plot(found.result, picture)
        click.echo(f"drawn: {picture}", err=True)
    written = None
    if found.result.changed and not dry_run and (write or wants_it(loaded, config_path, as_json=as_json)):
        from pointsman.cli.tuned import write_down

        written = write_down(loaded, place_of(loaded, config_path), found.tiers, found.result)
    if as_json:
        show_json(found, files, written)


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of the labelled messages, of which some are `corrections`, for the tiers that were asked."""

    result: Tuning
    tiers: Sequence[TierConfig]
    notes: Sequence[str]
    corrections: int


def measured(config: Config, files: Sequence[Path], target: Target, *, corrected: bool) -> Measured:
    """Asks the tiers about all labelled messages and chooses their bars. Raises InvalidInput as `choice.tune` does."""
    from pointsman.config import intents
    from pointsman.observe.tuning.choice import tune as choose
    from pointsman.observe.tuning.refusals import check
    from pointsman.observe.tuning.report import remarks

    catalogue = intents.of(config)
    labelled = [row for file in files for row in read(file, catalogue)]
    taught = corrections_of(config, catalogue) if corrected else []
    check([row.gold.category for row in (*labelled, *taught)], catalogue, target)
    tiers, rungs, heard = hear(config, catalogue, [*labelled, *taught])
    result = choose(heard, rungs, catalogue, target)
    return Measured(result, tiers, [*provenance(labelled, taught, catalogue), *remarks(result)], len(taught))


def settings(config_path: Path | None, *, may_make: bool) -> Loaded:
    """The configuration; the defaults for a file that is named, not there, and may be made."""
    from pointsman.config.load import load

    if config_path is None or config_path.exists() or not may_make:
        return load(config_path)
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        empty = Path(folder, "pointsman.yaml")
        empty.touch()
        return replace(load(empty), source=None)


def read(file: Path, catalogue: Catalogue) -> list[Labelled]:
    """The labelled messages of a file; without a source of their own, the file is it."""
    from dataclasses import replace

    from pointsman.observe.labelled import read_labelled

    return [replace(row, source=row.source or file.name) for row in read_labelled(file, catalogue.names)]


def corrections_of(config: Config, catalogue: Catalogue) -> list[Labelled]:
    """The corrections in effect as labelled messages; none where nothing has been kept yet."""
    from pointsman.core.message import Message
    from pointsman.observe.evaluation import Gold
    from pointsman.observe.labelled import Labelled
    from pointsman.tiers.learned import counting
    from pointsman.tiers.wording import key_of

    if not config.store.path.exists():
        return []
    known = counting(with_store(config, lambda store: store.corrections()), catalogue)
    return [
        Labelled(Gold(f"correction {it.id}", it.text, it.category, "corrections"), Message(it.text), "corrections")
        for it in {key_of(it.text): it for it in known}.values()  # the latest of a text counts
    ]


def hear(
    config: Config, catalogue: Catalogue, labelled: Sequence[Labelled]
) -> tuple[list[TierConfig], list[Rung], list[Heard]]:
    """The tiers in this process, their bars, and what each says of every message."""
    import asyncio
    import time

    from rich.console import Console
    from rich.progress import track

    from pointsman.build import open_bare, open_watch
    from pointsman.observe.tuning.heard import WATCHED, listen

    made = open_bare(config, catalogue, tell)
    rungs = [*(rung_of(tier, stage) for tier, stage in made), WATCHED]
    shown = track(labelled, "asking", console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    heard = asyncio.run(
        listen(
            [stage for _, stage in made],
            shown,
            catalogue,
            fallback=config.fallback,
            watch=open_watch(config, catalogue),
            clock=time.perf_counter,
        )
    )
    return [tier for tier, _ in made], rungs, heard


def rung_of(tier: TierConfig, stage: Stage) -> Rung:
    """A tier's bars as they are, and which of them its configuration knows."""
    from pointsman.build import maps_of
    from pointsman.observe.tuning.heard import Rung
    from pointsman.tiers.cascade import Bars

    known = type(tier).model_fields
    return Rung(
        stage.tier.name,
        Bars(stage.accept, stage.accept_by_category, stage.margin),
        maps_of(getattr(tier, "calibration", None)),
        votes=stage.votes,
        tunable="accept" in known and tier.kind not in MEASURED,
        has_margin="margin" in known,
        has_maps="calibration" in known and tier.kind not in MEASURED,
    )


def provenance(labelled: Sequence[Labelled], taught: Sequence[Labelled], catalogue: Catalogue) -> list[str]:
    """What there is to know of where the labels come from."""
    from pointsman.tiers.wording import key_of

    said = []
    if taught:
        said.append(
            f"{len(taught)} of the labelled messages are corrections; most of those went wrong once, so errors look"
            " more frequent than they are (--no-corrections leaves them out)"
        )
    known = {key_of(utterance.text) for utterance in catalogue.utterances}
    if seen := sum(key_of(row.gold.text) in known for row in labelled):
        said.append(f"{seen} of the messages stand among the utterances word for word, and say little of new ones")
    return said


def show(found: Measured) -> None:
    """Prints the result on standard output."""
    from rich.console import Console

    from pointsman.observe.tuning.report import render

    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    render(found.result, console)
    for note in found.notes:
        console.print(f"note: {note}", markup=False)


def show_json(found: Measured, files: Sequence[Path], written: Written | None) -> None:
    """Prints the result as one JSON object on standard output."""
    import json

    data = {
        "files": [str(file) for file in files],
        "corrections": found.corrections,
        "remarks": found.notes,
        "written": None if written is None else str(written.file),
        "backup": None if written is None or written.backup is None else str(written.backup),
        **found.result.to_dict(),
    }
    click.echo(json.dumps(data, ensure_ascii=False))


def place_of(loaded: Loaded, config_path: Path | None) -> Path:
    """The file to write: the one that is in use, the one that is named, or a new one in the configuration folder."""
    import os

    from pointsman.config.load import FILE, settings_folder

    return loaded.source or config_path or settings_folder(os.environ) / FILE


def wants_it(loaded: Loaded, config_path: Path | None, *, as_json: bool) -> bool:
    """Whether a person at a terminal agrees; a script has to say --write."""
    file = place_of(loaded, config_path)
    if as_json or not at_a_terminal():
        click.echo(f"nothing is written: --write puts this into {file}", err=True)
        return False
    return click.confirm(f"Write this into {file}?", err=True)


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
