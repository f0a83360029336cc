"""An evaluation as tables for a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from pointsman.observe.evaluation import Evaluation, Rates

CONFUSIONS = 12


def render(result: Evaluation, console: Console) -> None:
    """Prints the whole result: the figures that matter first, then where they come from."""
    console.print(overview(result))
    console.print(tiers(result))
    console.print(categories(result))
    if len(result.slices) > 1:
        console.print(slices(result))
    console.print(matrix(result))
    if result.confusions:
        console.print(confusions(result))


def overview(result: Evaluation) -> Table:
    """The overall figures, two columns of them."""
    overall = result.overall
    grid = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for style in ("bold", "", "bold", ""):
        grid.add_column(style=style, no_wrap=True)
    wrong = f"{percent(overall.image_fpr)} of {overall.other_n}"
    missed = f"{percent(overall.image_fnr)} of {overall.image_n}"
    messages = f"{overall.n} ({result.missing} not decided)" if result.missing else str(overall.n)
    grid.add_row("messages", messages, "path error", percent(overall.path_error))
    grid.add_row("accuracy", percent(overall.accuracy), "image false positives", wrong)
    grid.add_row("macro F1", percent(result.macro_f1), "image false negatives", missed)
    grid.add_row("coverage", percent(result.coverage), "calibration error (ECE)", figure(result.ece))
    grid.add_row("p50 / p95 / p99 ms", " / ".join(figure(ms) for ms in (result.p50_ms, result.p95_ms, result.p99_ms)))
    return grid


def tiers(result: Evaluation) -> Table:
    """What each tier decided, how well, how truly it said how sure it was, how fast."""
    table = sheet("tier", "decided", "share", "accuracy", "path error", "ECE", "p50 ms", "p95", "p99")
    for name, score in result.tiers.items():
        shares = (percent(share) for share in (score.share, score.accuracy, score.path_error))
        figures = (figure(value) for value in (score.ece, score.p50_ms, score.p95_ms, score.p99_ms))
        table.add_row(name, str(score.n), *shares, *figures)
    return table


def categories(result: Evaluation) -> Table:
    """Precision, recall and F1 of each category."""
    table = sheet("category", "messages", "precision", "recall", "F1")
    for name, score in result.categories.items():
        table.add_row(name, str(score.n), percent(score.precision), percent(score.recall), percent(score.f1))
    return table


def slices(result: Evaluation) -> Table:
    """The rates of each slice."""
    table = sheet("slice", "messages", "accuracy", "path error", "image FPR", "image FNR")
    for name, score in result.slices.items():
        table.add_row(name, str(score.n), *shares(score))
    return table


def shares(score: Rates) -> tuple[str, ...]:
    """The four shares of some messages."""
    return tuple(percent(value) for value in (score.accuracy, score.path_error, score.image_fpr, score.image_fnr))


def matrix(result: Evaluation) -> Table:
    """The confusion matrix; columns go by the number of their row, to fit in 80 characters."""
    names = list(result.categories)
    table = sheet("right, down; decided, across", *(str(place) for place in range(1, len(names) + 1)))
    for place, (name, row) in enumerate(zip(names, result.matrix, strict=True)):
        cells = [f"[bold]{n}[/]" if column == place else str(n) if n else "·" for column, n in enumerate(row)]
        table.add_row(f"{place + 1:>2} {name}", *cells)
    return table


def confusions(result: Evaluation) -> Table:
    """The most frequent confusions."""
    table = sheet("most often confused", "messages")
    for entry in result.confusions[:CONFUSIONS]:
        table.add_row(f"{entry.gold} -> {entry.guess or 'missing'}", str(entry.n))
    return table


def sheet(first: str, *others: str) -> Table:
    """A table whose first column is text and whose others are numbers."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def percent(share: float | None) -> str:
    """A share as people read it."""
    return "-" if share is None else f"{share:.1%}"


def figure(value: float | None) -> str:
    """A number to three digits."""
    return "-" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"
