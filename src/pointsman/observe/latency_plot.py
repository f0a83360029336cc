"""Latencies side by side as one picture: every call a dot, on a scale of powers of ten."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pointsman.observe.latency import Kind, Latencies, Row
from pointsman.observe.latency_table import duration, failures, times
from pointsman.observe.plots import BLUE, DOTS_PER_INCH, GREEN, INK, ORANGE, VERMILION, require, save, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES: Final = 13
HEIGHT_OF_ROW: Final = 0.62
HEIGHT_AROUND: Final = 2.1
PURPLE: Final = "#CC79A7"  # the last of Okabe and Ito's that is not taken
COLOURS: Final[dict[Kind, str]] = {
    "tier": BLUE,
    "cascade": GREEN,
    "model": ORANGE,
    "service": PURPLE,
    "cloud": PURPLE,
}
CALLED: Final[dict[Kind, str]] = {
    "tier": "local tier",
    "cascade": "all local tiers",
    "model": "small model here",
    "service": "service",
    "cloud": "all services",
}
# Where the columns of figures end, as shares of the picture's width.
COLUMNS: Final = (1.075, 1.155, 1.26)
# With more calls than this, dots are small and pale.
MANY: Final = 40
LEAST_MS: Final = 1e-4
# Dots of a row are spread by up to so much of its height, so that equal times are seen.
SPREAD: Final = 0.27


def plot(result: Latencies, path: Path) -> None:
    """Writes the picture as PNG. Raises MissingExtra, InvalidInput when the file cannot be written."""
    require()
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    height = HEIGHT_AROUND + HEIGHT_OF_ROW * max(1, len(result.rows))
    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12)
    with rc_context({"font.size": 10, "axes.titlesize": 13, "axes.titleweight": "bold", "text.color": INK}):
        figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH, layout=layout)
        draw(figure.add_subplot(), result)
        save(figure, path)


def draw(axes: Axes, result: Latencies) -> None:
    """A row for each contestant: its calls, the median and the 95th percentile; what failed in words."""
    axes.set_xscale("log")
    axes.set_xlim(*limits(result.rows))
    chance = random.Random(0)
    for place, row in enumerate(result.rows):
        draw_row(axes, place, row, chance)
        ratio = times(result.times_base(row))
        write(axes, place, [duration(row.p50), duration(row.p95), ratio])
    if result.base:
        axes.axvline(result.base, color=GREEN, linewidth=1, linestyle=":", zorder=1)
    axes.set_ylim(len(result.rows) - 0.5 if result.rows else 0.5, -0.5)
    labels = [f"{row.name}\n{CALLED[row.kind]}, {len(row.calls)} calls" for row in result.rows]
    axes.set_yticks(range(len(result.rows)), labels, fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(lambda ms, _: duration(ms))
    axes.set_xlabel(
        "from message to verdict, without the first call of each; each line to the right is ten times as long"
    )
    axes.set_title(headline(result), loc="left", pad=26)
    write(axes, -0.75, ["median", "95th", "x cascade"], fontweight="bold")
    legend(axes, compared=bool(result.base))
    tidy(axes)


def headline(result: Latencies) -> str:
    """What is compared."""
    kinds = {row.kind for row in result.rows}
    sides: tuple[tuple[str, set[Kind]], ...] = (
        ("local tiers", {"tier", "cascade"}),
        ("a small model", {"model"}),
        ("services", {"service", "cloud"}),
    )
    present = [name for name, side in sides if kinds & side]
    who = ", ".join(present[:-1]) + " and " * (len(present) > 1) + present[-1] if present else "nobody"
    takes = "takes" if who in {"nobody", "a small model"} else "take"
    return f"How long {who} {takes} to say what a message wants{' (interrupted)' if result.interrupted else ''}"


def write(axes: Axes, place: float, figures: Sequence[str], **style: Any) -> None:
    """Figures beside a row, in columns."""
    for across, figure in zip(COLUMNS, figures, strict=True):
        axes.text(across, place, figure, transform=axes.get_yaxis_transform(), ha="right", va="center", **style)


def draw_row(axes: Axes, place: int, row: Row, chance: random.Random) -> None:
    """One contestant's calls."""
    colour = COLOURS[row.kind]
    shown = [max(LEAST_MS, ms) for ms in row.times]
    if shown:
        heights = [place + chance.uniform(-SPREAD, SPREAD) for _ in shown]
        many = len(shown) > MANY
        axes.scatter(
            shown, heights, s=14 if many else 40, color=colour, alpha=0.35 if many else 0.75, linewidth=0, zorder=2
        )
        low, high = max(LEAST_MS, row.p50 or 0), max(LEAST_MS, row.p95 or 0)
        axes.plot([low, low], [place - 0.36, place + 0.36], color=INK, linewidth=2.5, zorder=4, solid_capstyle="butt")
        axes.plot([high], [place], "D", color="white", markeredgecolor=INK, markersize=6.5, zorder=4)
        axes.plot([low, high], [place, place], color=INK, linewidth=1, zorder=3)
    if row.errors:
        left, right = axes.get_xlim()
        far = max(shown, default=left)
        # Beyond the middle there is more room on the other side of the dots.
        before = far > math.sqrt(left * right)
        axes.annotate(
            f"failed: {failures(row)}",
            (min(shown) if before else far, place),
            (-12 if before else 12, 0),
            textcoords="offset points",
            ha="right" if before else "left",
            va="center",
            color=VERMILION,
        )


def legend(axes: Axes, *, compared: bool) -> None:
    """What the marks mean, above the picture."""
    axes.plot([], [], "|", color=INK, markersize=13, markeredgewidth=2.5, label="median")
    axes.plot([], [], "D", color="white", markeredgecolor=INK, markersize=6.5, label="95th percentile")
    axes.plot([], [], "o", color=BLUE, markersize=4, alpha=0.6, label="one call")
    if compared:
        axes.plot([], [], color=GREEN, linewidth=1, linestyle=":", label="median of all local tiers together")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.005, 1.0), ncols=4, frameon=False, borderpad=0.1, fontsize=9)


def limits(rows: Sequence[Row]) -> tuple[float, float]:
    """The powers of ten between which all times lie, in ms."""
    every = [max(LEAST_MS, ms) for row in rows for ms in row.times]
    if not every:
        return 0.1, 1000.0
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    return 10.0**low, 10.0 ** max(high, low + 1)
