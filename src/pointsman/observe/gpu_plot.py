"""A simulation of the card as one picture: what people wait, what the card bears, policy by policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.gpu.simulate.measure import Row
from pointsman.gpu.simulate.run import OURS, Comparison
from pointsman.observe.plots import BLUE, DOTS_PER_INCH, GREEN, GREY, INK, ORANGE, VERMILION, require, save, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES: Final = 14
HEIGHT_OF_ROW: Final = 0.45
HEIGHT_AROUND: Final = 1.4
PALE: Final = "#E4E4E4"


def plot(result: Comparison, told: str, path: Path) -> None:
    """Writes the picture as PNG. Raises MissingExtra, InvalidInput when the file cannot be written."""
    require()
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    height = 2 * (HEIGHT_AROUND + HEIGHT_OF_ROW * max(4, len(result.rows))) + 0.5
    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12, wspace=0.03, hspace=0.04)
    with rc_context({"font.size": 10, "axes.titlesize": 12, "axes.titleweight": "bold", "text.color": INK}):
        figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH, layout=layout)
        (pictures, chats), (counts, memory) = figure.subplots(2, 2)
        ideal = result.ideal
        draw_waits(
            pictures,
            "How long a picture takes",
            [(row.policy, row.image_p50_s, row.image_p95_s) for row in result.rows],
            (ideal.image_p50_s, ideal.image_p95_s),
        )
        draw_waits(
            chats,
            "How long an answer takes",
            [(row.policy, row.chat_p50_s, row.chat_p95_s) for row in result.rows],
            (ideal.chat_p50_s, ideal.chat_p95_s),
        )
        draw_counts(counts, result.rows)
        draw_memory(memory, result.rows)
        figure.suptitle(f"One card under each policy: {told}", fontsize=13)
        save(figure, path)


def draw_waits(
    axes: Axes,
    title: str,
    waits: Sequence[tuple[str, float | None, float | None]],
    ideal: tuple[float | None, float | None],
) -> None:
    """The median and the 95th percentile of each policy, beside those of a card that holds everything."""
    for place, (policy, median, late) in enumerate(waits):
        if median is None or late is None:
            continue
        colour = GREEN if policy.startswith(OURS) else BLUE
        axes.plot([median, late], [place, place], color=colour, linewidth=2, zorder=2)
        axes.plot([median], [place], "o", color=colour, markersize=8, zorder=3)
        axes.plot(
            [late], [place], "D", color="white", markeredgecolor=colour, markeredgewidth=2, markersize=7, zorder=3
        )
        axes.annotate(f"{late:.1f} s", (late, place), (9, 0), textcoords="offset points", va="center", fontsize=9)
    for value, style in zip(ideal, (":", "--"), strict=True):
        if value is not None:
            axes.axvline(value, color=GREY, linewidth=1.2, linestyle=style, zorder=1)
    if any(median is not None for _, median, _ in waits):
        axes.set_xscale("log")
        axes.margins(x=0.12)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="x", which="minor", labelsize=8)
    axes.set_xlabel("seconds: median and 95th percentile; grey: with everything always there")
    rows_on(axes, [policy for policy, _, _ in waits], title)


def draw_counts(axes: Axes, rows: Sequence[Row]) -> None:
    """Loads, and answers that were slowed down because a part lay off the card."""
    high = 0.38
    for place, row in enumerate(rows):
        axes.barh(place - high / 2, row.cold_loads, high, color=ORANGE)
        axes.barh(place + high / 2, row.spills, high, color=VERMILION)
        for offset, value in ((-high / 2, row.cold_loads), (high / 2, row.spills)):
            axes.annotate(
                f"{value:.1f}", (value, place + offset), (4, 0), textcoords="offset points", va="center", fontsize=8.5
            )
    explain(axes, ("loads", ORANGE), ("answers partly off the card", VERMILION))
    axes.set_xlabel("of a day")
    rows_on(axes, [row.policy for row in rows], "What the card bears")


def draw_memory(axes: Axes, rows: Sequence[Row]) -> None:
    """What has to be in memory for a picture, and the most that was there at once."""
    for place, row in enumerate(rows):
        axes.barh(place, row.resident_gb, 0.7, color=PALE)
        axes.barh(place, row.image_gb or 0.0, 0.45, color=GREEN if row.policy.startswith(OURS) else BLUE)
        axes.annotate(
            f"{row.image_gb or 0:g} GB", (row.image_gb or 0.0, place), (4, 0), textcoords="offset points", va="center"
        )
    explain(axes, ("needed for a picture", BLUE), ("most in memory at once", PALE))
    axes.set_xlabel("GB of the card")
    rows_on(axes, [row.policy for row in rows], "What a picture needs in memory")


def explain(axes: Axes, *colours: tuple[str, str]) -> None:
    """What the colours of bars mean, below them."""
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=label) for label, colour in colours]
    axes.legend(handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=len(patches), frameon=False)
    axes.margins(x=0.12)


def rows_on(axes: Axes, names: Sequence[str], title: str) -> None:
    """Names at the left, the first at the top."""
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_title(title, loc="left")
    tidy(axes)
