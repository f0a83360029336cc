"""What a tier is worth by itself, as tables and advice for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from pointsman.observe import report
from pointsman.observe.alone import WRONG_PATHS, Bar, TierAlone, Trust
from pointsman.observe.evaluation import Evaluation
from pointsman.observe.report import figure, percent, sheet

UNANSWERED = "all: a message without an answer counts as wrong, on a wrong path, and not as a picture"


def render(result: TierAlone, console: Console, *, waited: float, trust_key: str, bar_key: str) -> None:
    """Prints the whole result; the keys say where trust and bar are configured, `waited` is in seconds."""
    for line in heads(result, waited):
        console.print(line, soft_wrap=True, markup=False)
    console.print()
    console.print(overview(result))
    if result.unanswered:
        console.print(UNANSWERED, soft_wrap=True, markup=False)
    for line in advice(result, trust_key, bar_key):
        console.print(line, soft_wrap=True, markup=False)
    console.print()
    console.print(report.categories(result.on_all))
    if len(result.on_all.slices) > 1:
        console.print(report.slices(result.on_all))
    console.print(report.matrix(result.on_all))
    if result.on_all.confusions:
        console.print(report.confusions(result.on_all))


def heads(result: TierAlone, waited: float) -> Iterator[str]:
    """How many were answered, by which models, and why others were not."""
    yield f"{result.name} by itself answered {result.answered:,} of {result.asked:,} messages"
    if result.unanswered:
        share = percent(1 - result.answered / result.asked)
        yield f"not answered, {share}: " + ", ".join(f"{why} {n:,}" for why, n in result.unanswered.items())
    if len(result.models) > 1:
        yield "answered by " + ", ".join(f"{model} {n:,}" for model, n in result.models.items())
    if waited >= 1:
        yield f"{waited:.0f} s were spent waiting for limits, which the times leave out"


def overview(result: TierAlone) -> Table:
    """The figures of what was answered, beside those of everything that was asked."""
    table = sheet("", "answered", "all")
    columns = [result.on_answered, result.on_all]
    for name, cells in {
        "messages": [str(it.overall.n) if it else "-" for it in columns],
        "accuracy": [percent(it.overall.accuracy if it else None) for it in columns],
        "path error": [percent(it.overall.path_error if it else None) for it in columns],
        "image false positives": [wrong_pictures(it) for it in columns],
        "image false negatives": [missed_pictures(it) for it in columns],
        "calibration error (ECE)": [figure(result.on_answered.ece if result.on_answered else None), ""],
        "p50 / p95 ms": [times(result.on_answered), ""],
    }.items():
        table.add_row(name, *cells)
    return table


def wrong_pictures(it: Evaluation | None) -> str:
    """The share of messages for no picture that one would be made for."""
    return f"{percent(it.overall.image_fpr)} of {it.overall.other_n}" if it else "-"


def missed_pictures(it: Evaluation | None) -> str:
    """The share of messages for a picture that none would be made for."""
    return f"{percent(it.overall.image_fnr)} of {it.overall.image_n}" if it else "-"


def times(it: Evaluation | None) -> str:
    """Half of the answers came within the first, 19 of 20 within the second."""
    return f"{figure(it.p50_ms)} / {figure(it.p95_ms)}" if it else "-"


def advice(result: TierAlone, trust_key: str, bar_key: str) -> Iterator[str]:
    """What to set in the configuration by what was measured."""
    if result.trust and trust_key:
        yield advice_on_trust(result.trust, trust_key)
    elif result.bar and bar_key:
        yield advice_on_bar(result.bar, bar_key)
    elif result.answered and bar_key and not result.trust:
        yield f"accept: none keeps the wrong paths of its answers under {WRONG_PATHS:.0%}"


def advice_on_trust(trust: Trust, key: str) -> str:
    """What labels without a probability are worth."""
    return f"trust: {trust.value:.2f} ({trust.right:,} of {trust.n:,}, by Laplace's rule) - set {key}"


def advice_on_bar(bar: Bar, key: str) -> str:
    """How sure an answer has to be."""
    wrong = f"{bar.wrong:,} of {bar.kept:,} on a wrong path, with 95 % certainty under {percent(bar.at_most)}"
    return (
        f"accept: {bar.accept:.2f} keeps {bar.kept:,} of {bar.answered:,} answers, {wrong} - set {key}; by these "
        "very messages, so try it on others"
    )
