"""Charts in the page's colours, dark and light, each with its numbers as a table for who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nicegui import ui

from pointsman.dashboard.composer import words
from pointsman.dashboard.sheet import COLOURS, put, sheet

FONT: Final = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
SOFT: Final = "var(--soft)"
LINE: Final = "var(--line)"
# An axis of times, as a 24-hour clock tells them.
CLOCK: Final = {"hour": "{HH}:{mm}", "minute": "{HH}:{mm}", "second": "{HH}:{mm}:{ss}", "day": "{HH}:{mm}"}

Options = dict[str, Any]


class Chart:
    """One chart, drawn as SVG so that it takes its colours from the style sheet; below it its numbers, folded."""

    def __init__(self, label: str, *, title: str = "", classes: str = "") -> None:
        self._label = label
        with ui.element("figure").classes(f"pm-figure-box pm-hidden {classes}".strip()) as self._figure:
            if title:
                words("figcaption", "pm-label", title)
            with ui.element("div").props(f'role=img aria-label="{label}"') as self._named:
                self._chart: ui.echart | None = None
            with ui.element("details").classes("pm-numbers"):
                ui.html("the numbers", tag="summary")
                self._table = ui.html("", tag="div")

    def show(self, options: Options, said: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Draws it; `said` tells in a sentence what there is to see, and `rows` are its numbers."""
        self._figure.classes(remove="pm-hidden")
        if self._chart is None:
            with self._named:
                self._chart = ui.echart(options, renderer="svg").classes("pm-chart")
        elif self._chart.options != options:
            self._chart.options.clear()
            self._chart.options.update(options)
            self._chart.update()
        self._named.props["aria-label"] = f"{self._label}: {said}"
        put(self._table, sheet(self._label, heads, rows))

    def hide(self) -> None:
        """There is nothing to draw."""
        self._figure.classes(add="pm-hidden")


def colour(number: int) -> str:
    """The colour of a series."""
    return f"var(--series-{number % COLOURS + 1})"


def drawn(series: Sequence[Mapping[str, Any]], x: Options, y: Options, *, legend: bool = True, **more: Any) -> Options:
    """The options of a chart with two axes."""
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT, "color": SOFT},
        "grid": {"left": 8, "right": 22, "top": 34 if legend else 14, "bottom": 8, "containLabel": True},
        "legend": legend_of() if legend else {"show": False},
        "tooltip": tooltip(),
        "xAxis": axis(x),
        "yAxis": axis(y),
        "series": [{"emphasis": {"disabled": True}, **it} for it in series],
        **more,
    }


def legend_of() -> Options:
    """The legend, in one line that can be turned over."""
    return {
        "type": "scroll",
        "top": 0,
        "left": 0,
        "right": 0,
        "icon": "roundRect",
        "itemWidth": 10,
        "itemHeight": 10,
        "itemGap": 14,
        "inactiveColor": LINE,
        "textStyle": {"color": SOFT, "fontFamily": FONT, "fontSize": 12},
        "pageTextStyle": {"color": SOFT},
        "pageIconColor": SOFT,
        "pageIconInactiveColor": LINE,
    }


def tooltip() -> Options:
    """What is shown under the pointer."""
    return {
        "trigger": "axis",
        "confine": True,
        "backgroundColor": "var(--card)",
        "borderColor": LINE,
        "textStyle": {"color": "var(--ink)", "fontSize": 12.5, "fontFamily": FONT},
        "axisPointer": {"type": "line", "lineStyle": {"color": SOFT}, "label": {"show": False}},
    }


def axis(given: Options) -> Options:
    """One axis, in quiet colours."""
    return {
        "axisLine": {"show": given.get("type") != "value", "lineStyle": {"color": LINE}},
        "axisTick": {"show": False},
        "splitLine": {"show": given.get("type") == "value", "lineStyle": {"color": LINE}},
        "nameTextStyle": {"color": SOFT, "fontFamily": FONT},
        **given,
        "axisLabel": {
            "color": SOFT,
            "fontFamily": FONT,
            "fontSize": 11.5,
            "hideOverlap": True,
            **given.get("axisLabel", {}),
        },
    }
