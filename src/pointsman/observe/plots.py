"""An evaluation as one picture: confusion matrix, reliability, and the tiers' shares and times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.observe.evaluation import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/): told apart with every kind of colour vision.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
INK: Final = "#222222"
GREY: Final = "#BBBBBB"
WIDTH_INCHES: Final = 15
HEIGHT_INCHES: Final = 11
DOTS_PER_INCH: Final = 130


def require() -> None:
    """Raises MissingExtra when the packages that draw are not installed."""
    try:
        import matplotlib  # noqa: F401, ICN001 - only whether it is there
    except ImportError as error:
        raise MissingExtra("plot", "drawing the result") from error


def plot(result: Evaluation, path: Path) -> None:
    """Writes the picture as PNG. Raises MissingExtra, InvalidInput when the file cannot be written."""
    require()
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15, wspace=0.04, hspace=0.03)
    with rc_context({"font.size": 10, "axes.titlesize": 12, "axes.titleweight": "bold", "text.color": INK}):
        figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DOTS_PER_INCH, layout=layout)
        grid = figure.add_gridspec(2, 2, width_ratios=(1.35, 1), height_ratios=(1.5, 1))
        draw_matrix(figure.add_subplot(grid[0, 0]), result)
        draw_reliability(figure.add_subplot(grid[0, 1]), result)
        draw_shares(figure.add_subplot(grid[1, 0]), result)
        draw_latency(figure.add_subplot(grid[1, 1]), result)
        figure.suptitle(headline(result), fontsize=13)
        save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Writes a figure as PNG. Raises InvalidInput when the file cannot be written."""
    try:
        figure.savefig(path, format="png")  # a figure without a window draws with Agg
    except OSError as error:
        raise InvalidInput(
            f"{path}: cannot be written: {error.strerror}", cure="give a file in a folder that can be written to"
        ) from error


def headline(result: Evaluation) -> str:
    """The figures that matter, in a line."""
    overall = result.overall
    parts = [
        ("accuracy", overall.accuracy),
        ("path error", overall.path_error),
        ("image false positives", overall.image_fpr),
        ("image false negatives", overall.image_fnr),
        ("ECE", result.ece),
    ]
    shown = [f"{name} {value:.1%}" for name, value in parts if value is not None]
    return f"{overall.n} messages:  " + "  ·  ".join(shown)


def draw_matrix(axes: Axes, result: Evaluation) -> None:
    """Messages by right and decided category; a cell's darkness is its share of the row."""
    names = list(result.categories)
    shares = [[n / max(1, sum(row)) for n in row] for row in result.matrix]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for down, row in enumerate(result.matrix):
        for across, n in enumerate(row):
            if n:
                colour = "white" if shares[down][across] > 0.55 else INK
                axes.text(across, down, str(n), ha="center", va="center", color=colour, fontsize=9)
    labels = [name.replace("_", " ") for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), labels)
    axes.set_xlabel("decided")
    axes.set_ylabel("right")
    axes.set_title("Which categories are taken for which")
    axes.set_xticks([place - 0.5 for place in range(1, len(names))], minor=True)
    axes.set_yticks([place - 0.5 for place in range(1, len(names))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_reliability(axes: Axes, result: Evaluation) -> None:
    """How often decisions of a confidence are right, beside how often they should be."""
    filled = [cell for cell in result.bins if cell.n]
    width = 1 / max(1, len(result.bins))
    most = max((cell.n for cell in filled), default=1)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1.5, label="perfectly calibrated")
    for cell in filled:
        accuracy = cell.accuracy or 0.0
        # A bar with few decisions says little, so it is drawn pale.
        axes.bar(cell.low, accuracy, width * 0.94, align="edge", color=BLUE, alpha=0.25 + 0.6 * cell.n / most)
        axes.text(cell.low + width / 2, 0.015, str(cell.n), ha="center", fontsize=8.5)
    axes.plot(
        [cell.confidence or 0.0 for cell in filled],
        [cell.accuracy or 0.0 for cell in filled],
        color=VERMILION,
        marker="o",
        markersize=5,
        linewidth=1.5,
        label="measured (numbers: how many decisions)",
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.08)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that is right")
    axes.set_title("Is it right as often as it says?" + (f"  ECE {result.ece:.3f}" if result.ece is not None else ""))
    axes.legend(loc="upper left", frameon=False)
    tidy(axes)


def draw_shares(axes: Axes, result: Evaluation) -> None:
    """How many messages each tier decided, and how many of them right."""
    names = list(result.tiers)
    decided = [score.n for score in result.tiers.values()]
    right = [score.n * score.accuracy for score in result.tiers.values()]
    lost = [score.n * score.path_error for score in result.tiers.values()]
    near = [n - good - bad for n, good, bad in zip(decided, right, lost, strict=True)]
    starts = [good + middle for good, middle in zip(right, near, strict=True)]
    axes.barh(names, right, color=GREEN, label="right")
    axes.barh(names, near, left=right, color=ORANGE, label="wrong category, right path")
    axes.barh(names, lost, left=starts, color=VERMILION, label="wrong path")
    for place, score in enumerate(result.tiers.values()):
        axes.text(score.n, place, f"  {score.n} ({score.share:.0%})", va="center")
    axes.set_xlim(0, max(decided, default=1) * 1.2)
    axes.invert_yaxis()
    axes.set_xlabel("messages")
    axes.set_title("Who decides, and how well")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, frameon=False)
    tidy(axes)


def draw_latency(axes: Axes, result: Evaluation) -> None:
    """How long decisions take, by the tier that made them."""
    from matplotlib.ticker import LogFormatter

    names = list(result.tiers)
    lows = [max(1e-3, score.p50_ms or 0.0) for score in result.tiers.values()]
    highs = [max(1e-3, score.p99_ms or 0.0) for score in result.tiers.values()]
    axes.hlines(names, lows, highs, color=GREY, linewidth=3)
    marks = (("p50", "o", BLUE, "p50_ms"), ("p95", "s", ORANGE, "p95_ms"), ("p99", "D", VERMILION, "p99_ms"))
    for label, marker, colour, field in marks:
        times = [max(1e-3, getattr(score, field) or 0.0) for score in result.tiers.values()]
        axes.plot(times, names, marker, color=colour, markersize=8, label=label, zorder=3)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(LogFormatter())
    axes.margins(x=0.12, y=0.25)
    axes.invert_yaxis()
    axes.set_xlabel("milliseconds, from message to decision")
    axes.set_title("How long it takes")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, frameon=False)
    tidy(axes)


def tidy(axes: Axes) -> None:
    """Leaves only the lines that help reading."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#EEEEEE", linewidth=0.8)
    axes.set_axisbelow(True)
