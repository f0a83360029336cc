"""How the days went, and how good the evaluations were, as charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pointsman.dashboard import chart, sheet
from pointsman.dashboard.cardhistory import clock
from pointsman.dashboard.decisioncard import readable
from pointsman.dashboard.traffic import Day, day_of
from pointsman.stores.evaluations import Run

Drawn = tuple[chart.Options, str, list[str], list[list[str]]]
MOST_SERIES: Final = sheet.COLOURS
OTHERS: Final = "others"
PERCENT: Final[chart.Options] = {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value} %"}}


def by_tier(days: Sequence[Day]) -> Drawn:
    """The decisions of each day, by the tier that was sure."""
    return stacked(days, [it.tiers for it in days], "by tier")


def by_category(days: Sequence[Day]) -> Drawn:
    """The same by category."""
    return stacked(days, [{readable(name): n for name, n in it.categories.items()} for it in days], "by category")


def stacked(days: Sequence[Day], groups: Sequence[Any], said: str) -> Drawn:
    """Counts of each day on top of each other; the rarest are shown together."""
    whole: dict[str, int] = {}
    for group in groups:
        for name, number in group.items():
            whole[name] = whole.get(name, 0) + number
    names = sorted(whole, key=lambda it: (-whole[it], it))
    shown, rest = names[: MOST_SERIES - 1], names[MOST_SERIES - 1 :]
    if len(rest) == 1:
        shown, rest = names, []
    columns = [(name, [int(group.get(name, 0)) for group in groups]) for name in shown]
    if rest:
        columns.append((OTHERS, [sum(group.get(name, 0) for name in rest) for group in groups]))
    series = [
        {
            "name": name,
            "type": "bar",
            "stack": "all",
            "barMaxWidth": 34,
            "itemStyle": {"color": "var(--edge)" if name == OTHERS else chart.colour(place)},
            "data": numbers,
        }
        for place, (name, numbers) in enumerate(columns)
    ]
    options = chart.drawn(series, dates(days), {"type": "value", "minInterval": 1})
    rows = [[it.date, *(f"{numbers[n]:,}" for _, numbers in columns), f"{it.n:,}"] for n, it in enumerate(days)]
    heads = ["day", *(name for name, _ in columns), "together"]
    return options, f"{sum(it.n for it in days):,} decisions {said}", heads, rows[::-1]


def sureness(days: Sequence[Day]) -> Drawn:
    """The mean confidence of each day, how many no tier was sure of, and what was corrected."""
    lines = (
        ("mean confidence", [percent(it.confidence) for it in days], chart.colour(0), "line", 0),
        ("no tier was sure", [percent(it.unsure / it.n if it.n else None) for it in days], chart.colour(1), "line", 0),
        ("corrections", [it.corrections for it in days], "var(--others)", "bar", 1),
    )
    series = [
        {
            "name": name,
            "type": kind,
            "yAxisIndex": axis,
            "symbol": "circle",
            "symbolSize": 5,
            "barMaxWidth": 14,
            "itemStyle": {"color": colour},
            "lineStyle": {"color": colour, "width": 2},
            "data": numbers,
        }
        for name, numbers, colour, kind, axis in lines
    ]
    options = chart.drawn(series, dates(days), PERCENT)
    most = max(4, *(it.corrections for it in days))
    count = chart.axis({"type": "value", "minInterval": 1, "max": most, "axisLabel": {"formatter": "{value}"}})
    options["yAxis"] = [options["yAxis"], {**count, "splitLine": {"show": False}}]
    rows = [
        [
            it.date,
            sheet.share_of(it.confidence),
            sheet.share_of(it.unsure / it.n if it.n else None),
            str(it.corrections),
        ]
        for it in days
    ]
    said = f"{sum(it.unsure for it in days):,} decisions that no tier was sure of"
    return options, said, ["day", "mean confidence", "no tier was sure", "corrections"], rows[::-1]


def quality(runs: Sequence[Run]) -> Drawn:
    """How good each evaluation found the decisions, in the order in which they were run."""
    lines = (("categories right", "accuracy", 0), ("path error", "path_error", 3), ("calibration error", "ece", 1))
    series = [
        {
            "name": name,
            "type": "line",
            "symbol": "circle",
            "symbolSize": 7,
            "itemStyle": {"color": chart.colour(colour)},
            "lineStyle": {"color": chart.colour(colour), "width": 2},
            "data": [percent(getattr(it, key)) for it in runs],
        }
        for name, key, colour in lines
    ]
    times = [f"{day_of(it.at)[5:]} {clock(it.at)[:5]}" for it in runs]
    options = chart.drawn(series, {"type": "category", "data": times}, PERCENT)
    rows = [
        [
            f"{day_of(it.at)} {clock(it.at)[:5]}",
            it.name,
            f"{it.n:,}",
            sheet.share_of(it.accuracy),
            sheet.share_of(it.path_error),
            sheet.NONE if it.ece is None else f"{it.ece:.3f}",
        ]
        for it in runs
    ]
    heads = ["when", "file", "messages", "right", "path error", "ECE"]
    return (
        options,
        f"{len(runs)} evaluation{'s' * (len(runs) != 1)}, the last {sheet.share_of(runs[-1].accuracy)} right",
        heads,
        rows[::-1],
    )


def dates(days: Sequence[Day]) -> chart.Options:
    """The axis of the days."""
    return {"type": "category", "data": [it.date[5:] for it in days]}


def percent(share: float | None) -> float | None:
    """A share as a chart has it."""
    return None if share is None else round(100 * share, 2)
