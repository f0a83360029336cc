"""`pointsman eval --set`: Pointsman as a general intent classifier, measured on a public set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from pointsman.observe.intent_sets import IntentSet
    from pointsman.providers.encoders import MiniLm
    from pointsman.tiers.encoder import Vector
    from pointsman.training.measure import Measured

SETS: Final = ("clinc150", "banking77", "hwu64", "snips")
ALL: Final = 0
SHOTS: Final = (ALL, 10)
COLUMNS: Final = {
    "accuracy": "accuracy",
    "ece": "ECE",
    "auroc": "OOS AUROC",
    "in95": "in95",
    "oos95": "oos95",
    "refused": "refused",
    "oos": "OOS refused",
    "seconds": "fit s",
}
PERCENT: Final = frozenset({"accuracy", "in95", "oos95", "refused", "oos"})
NOTE: Final = (
    "in95: right and not refused where the bar refuses 5 % of the validation lines; oos95: out-of-scope lines refused"
    " there. refused, OOS refused: the same lines at the bar that the training lines gave."
)


def eval_set(
    name: str, path: Path, *, shots: Sequence[int], seeds: int, peers: bool, encoder: Path | None, as_json: bool
) -> None:
    """Measures, and prints a table or one JSON object on standard output.

    `shots` says from how many lines an intent to learn, 0 being all of them.
    """
    from pointsman.observe.intent_sets import SETS as KNOWN
    from pointsman.observe.intent_sets import read_set
    from pointsman.providers.encoders import MiniLm
    from pointsman.training import linear, measure
    from pointsman.training.peers import PEERS

    linear.require("measuring on a public set")
    data = read_set(name, path)
    if len(data.intents) != KNOWN[name].intents:
        say(f"{name} has {KNOWN[name].intents} intents, and these files {len(data.intents)}")
    made = MiniLm(encoder)
    vectors = vectors_of(data, made)
    systems = {"pointsman": measure.pointsman(made), **(PEERS if peers else {})}
    rows = []
    for count in shots:
        for system, learner in systems.items():
            say(f"{name}: {system}, {spelled(count)}")
            rows.append(measure.measure(data, vectors, system, learner, shots=count, seeds=seeds))
    if as_json:
        import json

        click.echo(json.dumps({"set": name, "path": str(path), "encoder": made.fingerprint, **plain(data, rows)}))
        return
    show(data, rows)


def vectors_of(data: IntentSet, encoder: MiniLm) -> dict[str, Vector]:
    """The vectors of all lines by text; kept in the user's cache, because they take two milliseconds each."""
    import platformdirs

    from pointsman.stores import vectors

    texts = list(dict.fromkeys([*(line.text for line in (*data.train, *data.val, *data.test)), *data.oos]))

    def progress(done: int, total: int) -> None:
        if done % 1000 == 0 or done == total:
            say(f"embedded {done} of {total} lines")

    found = vectors.vectors_for(
        texts,
        encoder,
        shipped=Path(),
        cache_folder=platformdirs.user_cache_path("pointsman") / "sets" / data.name,
        progress=progress,
    )
    return dict(zip(texts, found, strict=True))


def plain(data: IntentSet, rows: Sequence[Measured]) -> dict[str, Any]:
    """The set's size and the measured figures as data for JSON."""
    from dataclasses import asdict

    sizes = {part: len(getattr(data, part)) for part in ("train", "val", "test", "oos")}
    return {"intents": len(data.intents), "lines": sizes, "measured": [asdict(row) for row in rows]}


def show(data: IntentSet, rows: Sequence[Measured]) -> None:
    """Prints a table, and what its columns mean."""
    from rich.console import Console

    from pointsman.observe.report import sheet

    used = [key for key in COLUMNS if any(key in row.figures for row in rows)]
    table = sheet("system", "lines an intent", *(COLUMNS[key] for key in used))
    for row in rows:
        table.add_row(row.system, spelled(row.shots), *(figure(row, key) for key in used))
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(
        f"{data.name}: {len(data.intents)} intents, {len(data.train)} training, {len(data.val)} validation"
        f" and {len(data.test)} test lines, {len(data.oos)} out of scope"
    )
    console.print(table)
    if "in95" in used:
        console.print(NOTE)


def figure(row: Measured, key: str) -> str:
    """A figure with its spread over the seeds, or a dash."""
    if key not in row.figures:
        return "-"
    mean, sd = row.figures[key].mean, row.figures[key].sd
    if key == "seconds":
        return f"{mean:.1f}"
    factor, digits = (100, 1) if key in PERCENT else (1, 3)
    return f"{mean * factor:.{digits}f}" + (f" ±{sd * factor:.{digits}f}" if row.seeds > 1 else "")


def spelled(shots: int) -> str:
    """How many lines an intent, in words."""
    return "all" if shots == ALL else str(shots)


def say(text: str) -> None:
    """Progress, on standard error: these are minutes of work."""
    click.echo(text, err=True)


def set_options(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that measuring on a public set takes to a verb."""
    options = (
        click.option("--set", "name", type=click.Choice(SETS), help="Measure as an intent classifier on a public set."),
        click.option(
            "--shots",
            type=click.IntRange(min=0),
            multiple=True,
            default=SHOTS,
            show_default="0 and 10",
            metavar="N",
            help="With --set: learn from N lines an intent, 0 for all; may be given several times.",
        ),
        click.option(
            "--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="With --set: draws of N lines."
        ),
        click.option("--peers", is_flag=True, help="With --set: nearest neighbours and TF-IDF beside it."),
        click.option(
            "--encoder",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="With --set: folder of another encoder, as `pointsman train encoder` writes it.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
