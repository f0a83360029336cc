"""A tuning as tables for a terminal, and as the comment above the bars in a configuration."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date
from typing import Final

from rich.console import Console
from rich.table import Table

from pointsman.observe.measures import needed_for
from pointsman.observe.report import figure, percent, sheet
from pointsman.observe.tuning.fit import Fitted
from pointsman.observe.tuning.outcome import Tuning
from pointsman.observe.tuning.tally import Tally

COMMENT_WIDTH: Final = 100
CHOSEN: Final = "→"
EXPECTED: Final = ("answered", "wrong path", "at most", "pictures by mistake", "at most", "mean ms")


def render(tuning: Tuning, console: Console) -> None:
    """Prints the whole result: how far each tier can be trusted, what may be had, what is chosen, what to expect."""
    console.print("How far each tier can be trusted")
    console.print(tiers(tuning))
    console.print(
        "What stricter and looser bars bring new messages like these (cross-validated; at most: with 95 % probability)"
    )
    console.print(curve(tuning))
    if not tuning.changed:
        console.print("Nothing to change: the bars in use are as good as any that were found.\n")
    elif tuning.bars == tuple(rung.bars for rung in tuning.rungs):
        console.print("The bars stay; the calibration changes.\n")
    else:
        console.print("Bars")
        console.print(bars(tuning))
    outlooks = ", and what to expect of new ones like them (cross-validated)" if tuning.chosen else ""
    console.print(f"What they do on these messages{outlooks}")
    console.print(outlook(tuning))
    if tuning.mistakes:
        console.print("The surest mistakes: are their labels right?")
        console.print(mistakes(tuning))


def tiers(tuning: Tuning) -> Table:
    """What each tier answers by itself, and how true its confidence is for messages that reach it."""
    table = sheet("tier", "answers", "wrong path", "mean ms", "when asked", "ECE category", "ECE path")
    for trust in tuning.trusts:
        if trust.answers:
            wrong = percent(trust.wrong_path / trust.answers)
            fits = errors(trust.category), errors(trust.path)
            table.add_row(trust.name, str(trust.answers), wrong, figure(trust.ms), str(trust.path.n), *fits)
    return table


def errors(fitted: Fitted) -> str:
    """A calibration error without and with the curve that was fitted."""
    if fitted.before is None or fitted.after is None:
        return "-"
    return f"{fitted.before:.3f}" if fitted.curve is None else f"{fitted.before:.3f} → {fitted.after:.3f}"


def curve(tuning: Tuning) -> Table:
    """The trade-off, the strictest bars first."""
    table = sheet("", *EXPECTED)
    for point in tuning.curve:
        table.add_row(CHOSEN if point is tuning.chosen else "", *cells(point.expected))
    return table


def outlook(tuning: Tuning) -> Table:
    """What the bars in use and the chosen ones do on these messages, and what to expect of the chosen on new ones.

    The first two compare. Bars suit the messages best that they are chosen on, so new ones see more mistakes.
    """
    table = sheet("", *EXPECTED)
    table.add_row("now, on these messages", *cells(tuning.now))
    if tuning.chosen is not None:
        if tuning.changed:
            table.add_row("chosen, on these messages", *cells(tuning.chosen.fitted))
        table.add_row("chosen, expected of new ones", *cells(tuning.chosen.expected))
        if tuning.elsewhere is not None:
            table.add_row("chosen, expected of other sources", *cells(tuning.elsewhere))
    return table


def cells(tally: Tally) -> tuple[str, ...]:
    """A tally as the columns of EXPECTED."""
    return (
        percent(tally.coverage),
        f"{tally.error:.2%}",
        f"{tally.error_bound:.2%}",
        f"{tally.pictures} of {tally.others}",
        f"{tally.picture_bound:.2%}",
        figure(tally.ms),
    )


def bars(tuning: Tuning) -> Table:
    """The chosen bars beside those in use."""
    table = sheet("tier", "bar", "now", "chosen")
    table.columns[1].justify = "left"
    for row in changes(tuning):
        table.add_row(*row)
    return table


def changes(tuning: Tuning) -> Iterator[tuple[str, str, str, str]]:
    """Tier, bar, what it is and what is chosen for it; categories with the same bars share a line."""
    for rung, chosen in zip(tuning.rungs, tuning.bars, strict=True):
        if chosen == rung.bars:
            continue
        yield rung.name, "accept", f"{rung.bars.accept:g}", f"{chosen.accept:g}"
        alike: dict[tuple[float, float], list[str]] = {}
        for name, bar in chosen.by_category.items():
            alike.setdefault((rung.bars.by_category.get(name, rung.bars.accept), bar), []).append(name)
        for (now, bar), names in alike.items():
            yield "", ", ".join(names), f"{now:g}", f"{bar:g}"
        if rung.has_margin:
            yield "", "margin", f"{rung.bars.margin:g}", f"{chosen.margin:g}"


def mistakes(tuning: Tuning) -> Table:
    """The surest mistakes of the bars to use."""
    table = sheet("id", "labelled", "decided", "tier", "path confidence")
    for column in table.columns[1:4]:
        column.justify = "left"
    for mistake in tuning.mistakes:
        table.add_row(mistake.id, mistake.wanted, mistake.said, mistake.tier, figure(mistake.confidence))
    return table


def remarks(tuning: Tuning) -> list[str]:
    """What the figures do not say by themselves."""
    said = []
    target, others, bound = tuning.target, tuning.now.others, tuning.expected.error_bound
    if others < needed_for(target.pictures):
        most = f"{3 / others:.1%}" if others else "any share"
        said.append(
            f"{others} messages that want no picture cannot show {target.pictures:.2%} of pictures by mistake:"
            f" without a single one, it may still be {most}; {needed_for(target.pictures)} could"
        )
    if tuning.chosen is None:
        said.append("if the bars in use were chosen on these messages, expect somewhat more wrong paths of new ones")
    elif not target.sure and bound > target.error:
        said.append(
            f"{tuning.expected.error:.2%} is the best estimate; with 95 % probability the true share of wrong paths is"
            f" below {bound:.2%}. --sure asks for bars whose bound meets the target"
        )
    return said


def comment(tuning: Tuning, day: date) -> list[str]:
    """The lines above the bars in a configuration: what was asked for, what it rests on, what to expect, the curve."""
    target, expected, now = tuning.target, tuning.expected, tuning.now
    fitted = now if tuning.chosen is None else tuning.chosen.fitted
    text = (
        f"Bars and calibration by `pointsman tune` on {day.isoformat()}, from {tuning.n} labelled messages, for at most"
        f" {target.error:.2%} wrong paths among the answered and {target.pictures:.2%} pictures by mistake"
        f"{', with 95 % probability' if target.sure else ''}. On these messages: {now.coverage:.1%} answered before,"
        f" {now.error:.2%} of them wrong; {fitted.coverage:.1%} now, {fitted.error:.2%} of them wrong. Expected of new"
        f" ones like them (cross-validated): {expected.coverage:.1%} answered, {expected.error:.2%} of them wrong (at"
        f" most {expected.error_bound:.2%} with 95 % probability). The trade-off, as expected of new ones:"
    )
    return [
        *textwrap.wrap(text, COMMENT_WIDTH),
        "   answered  wrong path  at most  pictures  mean ms",
        *(
            f"{'>' if point is tuning.chosen else ' '}  {point.expected.coverage:8.1%}  {point.expected.error:10.2%}"
            f"  {point.expected.error_bound:7.2%}  {point.expected.picture_error:8.2%}  {point.expected.ms:7.2f}"
            for point in tuning.curve
        ),
    ]
