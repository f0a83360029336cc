"""`pointsman gpu budget`: what the things people do take of this card, with the router and without it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pointsman.cli.gpu_simulate import Size
from pointsman.cli.session import config_option, with_models_found

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from pointsman.cli.gpu_looking import Looked
    from pointsman.config.gpu import Gpu
    from pointsman.gpu.snapshot import CardNow, TenantNow
    from pointsman.observe.vram_budget import Basis, Figure, Figures, Side

WIDTH: Final = 120
PICTURES: Final = "comfyui:"
WITHOUT: Final = "Without the router means: the chat model reads every message and stays loaded, and nobody makes room."
TOO_MUCH: Final = (
    "! more than there is: without the router parts of a model then run from the computer's memory, slowly"
)
OPTIONS: Final = ("card", "chat", "small", "picture", "game")


@click.command()
@click.option("--card", type=Size(), metavar="SIZE", help="Reckon with a card of this size, such as 24GiB.")
@click.option("--chat", type=Size(), metavar="SIZE", help="What the chat model takes.")
@click.option("--small", type=Size(), metavar="SIZE", help="What the model takes that steps in for it.")
@click.option("--picture", type=Size(), metavar="SIZE", help="What drawing a picture takes.")
@click.option("--game", type=Size(), metavar="SIZE", help="What a game takes.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@config_option
@click.pass_context
def budget(ctx: click.Context, /, *, as_json: bool, config_path: Path | None, **given: int | None) -> None:
    """Show what greetings, chats, pictures and games take of this card, with the router and without it.

    Amounts are measured where there is anything to measure, and assumed where not; each says where it comes from.
    """
    from pointsman.cli.gpu import look_once
    from pointsman.config.load import load

    config = with_models_found(load(config_path or ctx.obj))
    figures = with_given(figures_of(look_once(config), config.gpu), given)
    if as_json:
        click.echo(json.dumps(to_dict(figures), ensure_ascii=False))
        return
    from rich.console import Console

    show(figures, Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False))


def figures_of(looked: Looked, gpu: Gpu) -> Figures:
    """The amounts, real where the card and the servers tell them: of several cards, of the largest."""
    from pointsman.observe.vram_budget import CHAT, PICTURE, Figures

    found = looked.snapshot
    figures = Figures()
    if found.cards:
        figures = on_card(max(found.cards, key=lambda it: it.total), gpu, known=looked.by == "gateway")
    pictures = [it for it in found.tenants if it.name.startswith(PICTURES)]
    chats = [it for it in found.tenants if not it.name.startswith(PICTURES)]
    return replace(figures, chat=largest(chats, CHAT), picture=largest(pictures, PICTURE))


def on_card(card: CardNow, gpu: Gpu, *, known: bool) -> Figures:
    """A card's own amounts; what others hold of it now is the desktop, unless it is as much as a game."""
    from pointsman.observe.amounts import size
    from pointsman.observe.vram_budget import DESKTOP, GAME, Figure, Figures

    name = f"{card.name or card.device} ({card.device})"
    static = card.source == "static"
    basis: Basis = "given" if static else "measured"
    found = Figures(
        card=Figure("card", card.total, basis, "the budget (gpu.budget)" if static else f"read by {card.source}"),
        reserved=card.reserved,
        margin=gpu.margin_on(card.device, card.total),
        title=name,
    )
    if static:
        return replace(found, desktop=Figure("desktop", 0, "given", "not part of the budget"))
    # Without a gateway the list of holders has our own servers in it.
    held = f"what others hold now{f': {card.holders}' if card.holders and known else ''}"
    if card.external < GAME.bytes // 3:
        return replace(found, desktop=Figure("desktop", card.external, "measured", held))
    game = Figure("game", max(0, card.external - DESKTOP.bytes), "measured", f"{held}, less {size(DESKTOP.bytes)}")
    return replace(found, game=game)


def largest(tenants: Sequence[TenantNow], otherwise: Figure) -> Figure:
    """What the largest of some tenants takes, as measured, else as its server reports, else as booked."""
    from pointsman.observe.vram_budget import Figure

    found: list[Figure] = []
    for it in tenants:
        ways: tuple[tuple[Basis, int | None], ...] = (
            ("measured", it.measured),
            ("reported", it.reported + it.spilled if it.reported is not None else None),
            ("booked", it.booked),
        )
        basis, amount = next(((basis, amount) for basis, amount in ways if amount), ("booked", 0))
        if amount:
            found.append(Figure(otherwise.name, amount, basis, f"{it.name} {it.variant}".strip()))
    return max(found, key=lambda it: it.bytes, default=otherwise)


def with_given(figures: Figures, given: dict[str, int | None]) -> Figures:
    """The amounts, with those that were given on the command line."""
    from pointsman.observe.vram_budget import Figure

    for option in OPTIONS:
        amount = given.get(option)
        if amount is not None:
            old: Figure = getattr(figures, option)
            figures = replace(figures, **{option: Figure(old.name, amount, "given", f"--{option}")})  # type: ignore[arg-type]
    if given.get("card") is not None:
        figures = replace(figures, margin=None, reserved=0, title="")
    return figures


def to_dict(figures: Figures) -> dict[str, Any]:
    """The report as plain data, in bytes."""
    from pointsman.observe.vram_budget import scenarios, verdict

    return {
        "card": figures.title,
        "budget": figures.budget,
        "figures": [asdict(it) for it in figures.all],
        "scenarios": [it.to_dict() for it in scenarios(figures)],
        "verdict": list(verdict(figures)),
    }


def show(figures: Figures, console: Console) -> None:
    """Prints the report."""
    from rich.text import Text

    from pointsman.observe.amounts import size
    from pointsman.observe.vram_budget import scenarios, verdict

    head = Text("VRAM budget", style="bold")
    title = figures.title or "an assumed card"
    head.append(f"  {title}, {size(figures.card.bytes)}: models may hold ", "not bold dim")
    head.append(size(max(0, figures.budget)), "not bold")
    console.print(head, Text(), scenario_table(figures), Text(), sep="\n")
    if any(not it.without.fits or not it.routed.fits for it in scenarios(figures)):
        console.print(TOO_MUCH, style="yellow")
    for words in verdict(figures):
        console.print(words)
    console.print()
    console.print(figure_table(figures))
    console.print()
    console.print(WITHOUT, style="dim")


def scenario_table(figures: Figures) -> Table:
    """What each thing takes, both ways, in GB."""
    from rich import box
    from rich.table import Table

    from pointsman.observe.vram_budget import scenarios

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("GB of the card for", min_width=18, overflow="fold")
    table.add_column("without", justify="right", no_wrap=True)
    table.add_column("with", justify="right", no_wrap=True)
    table.add_column("with the router", overflow="fold", ratio=1)
    for it in scenarios(figures):
        table.add_row(it.name, amount(it.without), amount(it.routed), it.routed.outcome)
    return table


def amount(side: Side) -> Text:
    """An amount, marked where there is no room for it."""
    from rich.text import Text

    from pointsman.observe.amounts import in_gb

    if side.fits:
        return Text(in_gb(side.bytes))
    return Text(f"{in_gb(side.bytes)} !", style="yellow")


def figure_table(figures: Figures) -> Table:
    """Each amount with its source."""
    from rich import box
    from rich.table import Table

    from pointsman.observe.amounts import in_gb

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("reckoned with", no_wrap=True)
    table.add_column("GB", justify="right", no_wrap=True)
    table.add_column("basis", no_wrap=True)
    table.add_column("source", overflow="fold", style="dim")
    for it in figures.all:
        table.add_row(it.name, in_gb(it.bytes), it.basis, it.source)
    return table
