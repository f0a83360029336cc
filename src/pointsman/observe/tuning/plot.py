"""A tuning as one picture: what stricter bars bring, and how true each tier's confidence is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.observe.measures import Bin
from pointsman.observe.plots import BLUE, DOTS_PER_INCH, GREEN, GREY, INK, ORANGE, VERMILION, require, save, tidy
from pointsman.observe.tuning.outcome import Tuning
from pointsman.observe.tuning.trust import Trust

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES: Final = 13
HEIGHT_INCHES: Final = 9
FEWEST: Final = 5


def plot(tuning: Tuning, path: Path) -> None:
    """Writes the picture as PNG. Raises MissingExtra, InvalidInput when the file cannot be written."""
    require()
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    shown = [trust for trust in tuning.trusts if trust.path.n]
    with rc_context({"font.size": 10, "axes.titlesize": 12, "axes.titleweight": "bold", "text.color": INK}):
        layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15, wspace=0.04, hspace=0.03)
        figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DOTS_PER_INCH, layout=layout)
        grid = figure.add_gridspec(2, max(1, len(shown)), height_ratios=(1.3, 1))
        draw_curve(figure.add_subplot(grid[0, :]), tuning)
        for column, trust in enumerate(shown):
            draw_trust(figure.add_subplot(grid[1, column]), trust)
        figure.suptitle(headline(tuning), fontsize=13)
        save(figure, path)


def headline(tuning: Tuning) -> str:
    """The result in a line."""
    expected = tuning.expected
    return (
        f"{tuning.n} messages:  {expected.coverage:.1%} answered  ·  {expected.error:.2%} wrong paths"
        f"  ·  {expected.picture_error:.2%} pictures by mistake  ·  {expected.ms:.1f} ms"
    )


def draw_curve(axes: Axes, tuning: Tuning) -> None:
    """Wrong paths over coverage: the best estimate, and what the true share is below with 95 % probability."""
    answered = [point.expected.coverage * 100 for point in tuning.curve]
    wrong = [point.expected.error * 100 for point in tuning.curve]
    bounds = [point.expected.error_bound * 100 for point in tuning.curve]
    axes.fill_between(answered, wrong, bounds, color=BLUE, alpha=0.12, label="up to the 95 % bound")
    axes.plot(
        answered,
        wrong,
        color=BLUE,
        marker="o",
        markersize=5,
        linewidth=1.5,
        label="expected of new ones (cross-validated)",
    )
    axes.axhline(tuning.target.error * 100, color=VERMILION, linestyle="--", linewidth=1.5, label="target")
    axes.plot(
        tuning.now.coverage * 100,
        tuning.now.error * 100,
        "D",
        color=ORANGE,
        markersize=9,
        label="now, on these messages",
    )
    if tuning.chosen is not None:
        expected = tuning.chosen.expected
        axes.plot(
            expected.coverage * 100,
            expected.error * 100,
            "*",
            color=GREEN,
            markersize=18,
            label="chosen, expected of new ones",
        )
    axes.set_ylim(bottom=0)
    axes.set_xlabel("messages answered by a local tier, %")
    axes.set_ylabel("wrong paths among them, %")
    axes.set_title("What stricter and looser bars bring")
    axes.legend(loc="upper left", frameon=False)
    tidy(axes)


def draw_trust(axes: Axes, trust: Trust) -> None:
    """How often a tier's path is right at each confidence, as it is and with the curve that was fitted."""
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1.5)
    draw_bins(axes, trust.path.bins_before, ORANGE, f"as it is, ECE {trust.path.before or 0.0:.3f}")
    if trust.path.curve is not None:
        draw_bins(axes, trust.path.bins_after, BLUE, f"{trust.path.kind}, ECE {trust.path.after or 0.0:.3f}")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.08)
    axes.set_xlabel("confidence in the path")
    axes.set_ylabel("share that is right")
    axes.set_title(f"{trust.name}: {trust.path.n} answers")
    axes.legend(loc="lower right", frameon=False)
    tidy(axes)


def draw_bins(axes: Axes, bins: Sequence[Bin], colour: str, label: str) -> None:
    """One reliability curve; a point of few answers is small, and of fewer than five there is none."""
    filled = [cell for cell in bins if cell.n >= FEWEST]
    most = max((cell.n for cell in filled), default=1)
    across = [cell.confidence or 0.0 for cell in filled]
    up = [cell.accuracy or 0.0 for cell in filled]
    axes.plot(across, up, color=colour, linewidth=1.5, label=label)
    axes.scatter(across, up, s=[12 + 60 * cell.n / most for cell in filled], color=colour, zorder=3)
