"""`pointsman gpu simulate`: the same days on one card under each policy, played without a card."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pointsman.cli.picture import be_ready_to_draw, plot_option

if TYPE_CHECKING:
    from rich.table import Table

    from pointsman.gpu.simulate.measure import Row
    from pointsman.gpu.simulate.run import Comparison, Turn
    from pointsman.gpu.simulate.trace import Event

# Kept here so that --help imports nothing of the simulation; a test compares them with its table.
POLICIES: Final = (
    "llm-first", "ollama-order", "exclusive", "gpu-broker", "matrix", "pointsman", "pointsman+hints",
)  # fmt: skip
WIDTH: Final = 110
SEEDS: Final = 20
HOURS: Final = 8.0


class Size(click.ParamType[int]):
    """Bytes from 24GB, 14.5GB or 24GiB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        from pydantic_core import PydanticCustomError

        from pointsman.config.values import in_bytes

        try:
            size = in_bytes(value)
        except PydanticCustomError:
            self.fail(f"{value!r} is no size; give one such as 24GB (10^9) or 24GiB (2^30)", param, ctx)
        if not isinstance(size, int) or size <= 0:
            self.fail(f"{value!r} is nothing; give a size such as 24GB", param, ctx)
        return size


@click.command("simulate")
@click.option(
    "--trace",
    "traced",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Play this day, recorded or written by --save-trace.",
)
@click.option("--seeds", type=click.IntRange(1, 1000), metavar="N", help=f"So many days by chance (default: {SEEDS}).")
@click.option(
    "--hours", type=click.FloatRange(0.1, 168), metavar="N", help=f"Hours of each day (default: {HOURS:.0f})."
)
@click.option("--games/--no-games", default=True, help="With other programs on the card, or without.")
@click.option("--card", type=Size(), default="24GB", show_default=True, metavar="SIZE", help="The card's memory.")
@click.option(
    "--llm", type=Size(), default="14.5GB", show_default=True, metavar="SIZE", help="What the main LLM takes."
)
@click.option("--image", type=Size(), default="7GB", show_default=True, metavar="SIZE", help="What a picture takes.")
@click.option(
    "--policy", "names", type=click.Choice(POLICIES), multiple=True, help="Only this; may be given repeatedly."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@plot_option("Draw the result.")
@click.option(
    "--save-trace",
    "saved",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the first day as JSON lines.",
)
def simulate(
    *,
    traced: Path | None,
    seeds: int | None,
    hours: float | None,
    games: bool,
    card: int,
    llm: int,
    image: int,
    names: tuple[str, ...],
    as_json: bool,
    picture: Path | None,
    saved: Path | None,
) -> None:
    """Play the same days on one card under each policy, and compare what people wait and what the card bears.

    Without --trace the days are made up: chats, bursts of pictures, and games that take memory. No card is used.
    """
    from pointsman.gpu.simulate.run import compare
    from pointsman.gpu.simulate.scene import Scene

    if traced and (seeds is not None or hours is not None or not games):
        raise click.UsageError("--seeds, --hours and --no-games make up days; with --trace there is nothing to make up")
    be_ready_to_draw(picture)
    days = played(traced, seeds or SEEDS, hours or HOURS, games=games)
    if saved is not None:
        from pointsman.gpu.simulate.trace import write_trace

        write_trace(days[0], saved)
        click.echo(f"written: {saved}", err=True)
    result = compare(names or POLICIES, days, Scene(card=card, llm=llm, image=image), watched)
    told = told_of(days, traced, hours or HOURS, games=games)
    show(result, told, as_json=as_json, sizes={"card": card, "llm": llm, "image": image})
    if picture is not None:
        from pointsman.observe.gpu_plot import plot

        plot(result, told, picture)
        click.echo(f"drawn: {picture}", err=True)


def played(traced: Path | None, seeds: int, hours: float, *, games: bool) -> Sequence[tuple[Event, ...]]:
    """The days to play."""
    from pointsman.gpu.simulate.generate import Mix
    from pointsman.gpu.simulate.run import days_of
    from pointsman.gpu.simulate.trace import read_trace

    return [read_trace(traced)] if traced else days_of(seeds, hours, Mix(games=games))


def told_of(days: Sequence[Sequence[Event]], traced: Path | None, hours: float, *, games: bool) -> str:
    """What was played, in words."""
    if traced is not None:
        kinds = [event.kind for event in days[0]]
        return (
            f"{traced.name}: {kinds.count('chat')} chats, {kinds.count('image')} pictures, "
            f"{kinds.count('external')} times memory of others"
        )
    what = "with games" if games else "without games"
    return f"{len(days)} day{'s' * (len(days) > 1)} of {hours:g} h {what}"


def watched(turns: Sequence[Turn]) -> Iterable[Turn]:
    """The turns, with a bar for whoever watches."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(turns, "playing", console=console, disable=not sys.stderr.isatty(), transient=True)


def show(result: Comparison, told: str, *, as_json: bool, sizes: dict[str, int]) -> None:
    """Prints the result on standard output."""
    if as_json:
        click.echo(json.dumps({**result.to_dict(), "played": told, **sizes}, ensure_ascii=False))
        return
    from rich.console import Console

    said = ", ".join(f"{name} {size / 1e9:g} GB" for name, size in sizes.items())
    click.echo(f"{told}; {said}.")
    Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False).print(table_of(result))
    for line in notes(result):
        click.echo(line)


def table_of(result: Comparison) -> Table:
    """The result as a table; the last row is the ideal."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("policy", no_wrap=True)
    for name in ("loads", "spilled", "over", "for a picture", "picture p50 / p95", "chat p50 / p95", "lesser answers"):
        table.add_column(name, justify="right")
    for row in (*result.rows, result.ideal):
        table.add_row(*cells(row), style="bold" if row.policy == "pointsman" else None)
    return table


def cells(row: Row) -> list[str]:
    """A row's figures as people read them."""
    return [
        row.policy,
        f"{row.cold_loads:.1f}",
        f"{row.spills:.1f}",
        f"{row.overcommits:.2f}".removesuffix(".00"),
        "-" if row.image_gb is None else f"{row.image_gb:g} GB",
        waits(row.image_p50_s, row.image_p95_s),
        waits(row.chat_p50_s, row.chat_p95_s),
        "-" if row.degraded_share is None else f"{row.degraded_share:.1%}",
    ]


def waits(median: float | None, late: float | None) -> str:
    """Two waiting times in seconds."""
    return "-" if median is None or late is None else f"{median:.1f} / {late:.1f} s"


def notes(result: Comparison) -> Iterable[str]:
    """What the columns mean, and what went wrong."""
    from pointsman.gpu.simulate.run import MEANS

    yield "Of a day: loads of models; answers that ran partly off the card; loads begun although the card was full."
    yield "Waits are from request to the end of the answer. Times of loads and runs are assumed: docs/gpu-simulator.md."
    for row in result.rows:
        yield f"  {row.policy}: {MEANS[row.policy]}"
    yield "  ideal: everything is always there, whatever it takes"
    for row in (*result.rows, result.ideal):
        if row.refused or row.unanswered:
            yield f"{row.policy}: of a day {row.refused:g} requests were refused, {row.unanswered:g} never answered."
