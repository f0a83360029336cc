"""The card's last ten minutes, or its last hour, as a plot: who held how much, and what was loaded or gave way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from nicegui import events, ui

from pointsman.dashboard import chart, sheet
from pointsman.dashboard.composer import words
from pointsman.dashboard.gauge import Palette
from pointsman.dashboard.safehtml import Safe, tag
from pointsman.observe.amounts import GB, size
from pointsman.observe.history import CardHistory, Event, Sample

SPANS: Final = (("10 min", 600.0), ("1 h", 3600.0))
EVENTS: Final = {"load": "loaded", "release": "gave way", "refusal": "refused"}
SHAPES: Final = {"load": "triangle", "release": "arrow", "refusal": "diamond"}
TONES: Final = {"load": "var(--accent)", "release": "var(--soft)", "refusal": "var(--bad)"}
OTHERS: Final = "others"
SHOWN_EVENTS: Final = 12
SHOWN_ROWS: Final = 40
NOTHING: Final = "Nothing has been seen yet; the plot begins with the first look, and keeps an hour."
CHOOSE: Final = "(event) => emit(event.target.value)"


class HistoryPart:
    """The plot with its choice of span, and the latest events below it."""

    EVERY: ClassVar[float] = 4.0

    def __init__(self, history: CardHistory, palette: Palette) -> None:
        self._history = history
        self._palette = palette
        self._span = SPANS[0][1]
        with sheet.part("History"):
            with ui.element("fieldset").classes("pm-modes pm-spans").props('aria-label="How far back"'):
                for label, span in SPANS:
                    with ui.element("label"):
                        radio = ui.element("input").props(f"type=radio name=pm-span value={span:.0f}")
                        radio.props("checked" if span == self._span else "")
                        radio.on("change", self._chosen, js_handler=CHOOSE)
                        words("span", "", label)
            self._none = words("p", "pm-note", NOTHING)
            self._charts = ui.element("div")
            self._drawn: dict[str, chart.Chart] = {}
            self._events = sheet.box()

    def refresh(self) -> None:
        """Shows what is new."""
        samples, happened = self._history.samples(self._span), self._history.events(self._span)
        devices = list(dict.fromkeys(it.device for sample in samples for it in sample.cards))
        self._none.classes(**{"add" if devices else "remove": "pm-hidden"})
        for device in devices:
            if device not in self._drawn:
                with self._charts:
                    self._drawn[device] = chart.Chart(f"Memory of {device}")
            options = options_of(device, samples, happened, self._palette)
            self._drawn[device].show(options, said(device, samples), *table(device, samples))
        sheet.put(self._events, listed(happened))

    def _chosen(self, event: events.GenericEventArguments) -> None:
        self._span = next((span for _, span in SPANS if str(event.args) == f"{span:.0f}"), self._span)
        self.refresh()


def options_of(device: str, samples: Sequence[Sample], happened: Sequence[Event], palette: Palette) -> chart.Options:
    """The plot of one card, in GB."""
    points = [(sample.at, it) for sample in samples for it in sample.cards if it.device == device]
    names = list(dict.fromkeys(name for _, it in points for name in it.tenants))
    series = [area(name, [(at, it.tenants.get(name, 0)) for at, it in points], palette.css(name)) for name in names]
    series.append(area(OTHERS, [(at, it.others) for at, it in points], "var(--others)"))
    series[0]["markPoint"] = marks(points, happened)
    total = points[-1][1].total / GB
    return chart.drawn(
        series,
        {"type": "time", "axisLabel": {"formatter": chart.CLOCK}},
        {"type": "value", "max": round(total, 1), "axisLabel": {"formatter": "{value} GB"}},
    )


def area(name: str, points: Sequence[tuple[float, int]], colour: str) -> dict[str, Any]:
    """What one of them held, on top of the others."""
    return {
        "name": name,
        "type": "line",
        "stack": "held",
        "step": "end",
        "showSymbol": False,
        "lineStyle": {"width": 1, "color": colour},
        "itemStyle": {"color": colour},
        "areaStyle": {"color": colour, "opacity": 0.45},
        "data": [[round(at * 1000), round(amount / GB, 2)] for at, amount in points],
    }


def marks(points: Sequence[tuple[float, Any]], happened: Sequence[Event]) -> dict[str, Any]:
    """A sign at the foot of the plot for everything that happened."""
    first = points[0][0]
    return {
        "symbolSize": 9,
        "label": {"show": False},
        "data": [
            {
                "name": f"{it.tenant} {EVENTS[it.kind]}".strip(),
                "coord": [round(it.at * 1000), 0],
                "symbol": SHAPES[it.kind],
                "symbolRotate": 180 if it.kind == "release" else 0,
                "symbolOffset": [0, -6],
                "itemStyle": {"color": TONES[it.kind]},
            }
            for it in happened
            if it.at >= first
        ],
    }


def said(device: str, samples: Sequence[Sample]) -> str:
    """What there is to see, in a sentence."""
    held = [it for sample in samples for it in sample.cards if it.device == device]
    most = max(held, key=lambda it: it.used)
    return f"{size(held[-1].used)} of {size(most.total)} held now, {size(most.used)} at most"


def table(device: str, samples: Sequence[Sample]) -> tuple[list[str], list[list[str]]]:
    """The same as a table, newest first, with as many rows as one can read."""
    points = [(sample.at, it) for sample in samples for it in sample.cards if it.device == device]
    names = list(dict.fromkeys(name for _, it in points for name in it.tenants))
    every = max(1, len(points) // SHOWN_ROWS)
    rows = [
        [clock(at), *(size(it.tenants.get(name, 0)) for name in names), size(it.others), size(it.used)]
        for at, it in points[::-every]
    ]
    return ["time", *names, OTHERS, "together"], rows


def listed(happened: Sequence[Event]) -> Safe:
    """What happened last, newest first."""
    lines = [
        tag(
            "li",
            f"pm-event pm-event-{it.kind}",
            tag("span", "pm-number", clock(it.at)),
            tag("span", "", f"{it.tenant or 'a wish'} {EVENTS[it.kind] if it.tenant else 'was refused: no room'}"),
        )
        for it in reversed(happened[-SHOWN_EVENTS:])
    ]
    return tag("ul", "pm-events", *lines) if lines else Safe()


def clock(at: float) -> str:
    """A time of day."""
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S")
