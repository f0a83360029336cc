"""The evaluation: how good decisions are on labelled messages, what was corrected, and how the days went."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from nicegui import events, ui

from pointsman.core.correction import Correction
from pointsman.core.errors import PointsmanError
from pointsman.dashboard import matrix, sheet, traffic, trends
from pointsman.dashboard.backstage import backstage
from pointsman.dashboard.cardhistory import clock
from pointsman.dashboard.chart import Chart
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.evaluationrun import RunPart
from pointsman.dashboard.providersview import failure
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.dashboard.selectionview import days
from pointsman.dashboard.traffic import DAY
from pointsman.stores.evaluations import Latest, Run
from pointsman.stores.figures import Figures

EVERY: Final = 10.0
LOOKS: Final = 0.4  # seconds between two looks at how far an evaluation is
SPAN: Final = 30  # days
ABOUT: Final = "How good decisions are: on labelled messages, by what was corrected, and from day to day."
NO_RUN: Final = "No file has been evaluated here yet. Give one above; the command line does the same:"
NO_CORRECTIONS: Final = "Nothing has been corrected. What is, by “wrong?” at a message of the feed, is counted here."
BIASED: Final = "What people corrected: it shows what is confused, and not how often, as few correct what is right."
NO_DAYS: Final = "No message was decided in this time."


def build(context: PageContext) -> None:
    """Lays the view out in the current place."""
    EvaluationView(context).build()


class EvaluationView:
    """The view of one visitor."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._stage = backstage(context.router)
        self._days = SPAN

    def build(self) -> None:
        """Lays it out."""
        sheet.begin("Evaluation", ABOUT)
        run = RunPart(self._context, self._stage.evaluator, self._look_soon)
        with sheet.part("Last evaluation"):
            self._latest = sheet.box()
            with ui.element("div").classes("pm-pair pm-hidden") as self._details:
                with ui.element("div"):
                    words("h4", "pm-label", "What was decided as what")
                    self._matrix = sheet.box()
                with ui.element("div"):
                    words("h4", "pm-label", "How true its confidence is")
                    self._calibration = Chart("Calibration", classes="pm-square")
            self._tiers = sheet.box()
            self._confused = sheet.box()
        with sheet.part("What was corrected"):
            self._corrected = sheet.box()
        self._build_trends()
        self._context.sight.every(LOOKS, run.refresh)
        self._context.sight.every(EVERY, self.refresh)

    def _build_trends(self) -> None:
        with sheet.part("From day to day"):
            days(self._days, self._chosen)
            self._no_days = words("p", "pm-note pm-hidden", NO_DAYS)
            with ui.element("div").classes("pm-pair pm-short"):
                self._by_tier = Chart("Decisions by tier", title="By the tier that was sure")
                self._by_category = Chart("Decisions by category", title="By category")
                self._sureness = Chart("Confidence and corrections", title="How sure")
                self._quality = Chart("Evaluations over time", title="Evaluations")

    async def refresh(self) -> None:
        """Shows what is new."""
        now = time.time()
        try:
            rows = await self._stage.records.since(now - self._days * DAY)
            corrections = await self._context.router.corrections()
            latest, runs = await self._stage.evaluations.latest(), await self._stage.evaluations.runs()
        except PointsmanError as error:
            sheet.put(self._latest, failure(error))
            return
        self._show_latest(latest)
        sheet.put(self._corrected, corrected(corrections, self._context.router.catalogue.names))
        self._show_days(rows, corrections, now)
        self._show_runs(runs)

    def _show_latest(self, latest: Latest | None) -> None:
        if latest is None:
            sheet.put(self._latest, sheet.empty(NO_RUN, "pointsman eval labelled.jsonl"))
            return
        result, run = latest.result, latest.run
        when = f"{run.name}, {traffic.day_of(run.at)} {clock(run.at)}"
        sheet.put(self._latest, joined(tag("p", "pm-note", when), matrix.tiles(result)))
        sheet.put(self._matrix, matrix.matrix("What was decided as what", *matrix.counted(result)))
        sheet.put(self._tiers, matrix.tiers(result))
        sheet.put(self._confused, matrix.confused(result))
        self._details.classes(remove="pm-hidden")
        self._calibration.show(*matrix.calibration(result.get("bins") or ()))

    def _show_days(self, rows: Sequence[Figures], corrections: Sequence[Correction], now: float) -> None:
        known = traffic.days(rows, corrections, now - self._days * DAY, now)
        self._no_days.classes(**{"add" if known else "remove": "pm-hidden"})
        drawings = ((self._by_tier, trends.by_tier), (self._by_category, trends.by_category))
        for chart, draw in (*drawings, (self._sureness, trends.sureness)):
            if known:
                chart.show(*draw(known))
            else:
                chart.hide()

    def _show_runs(self, runs: Sequence[Run]) -> None:
        if runs:
            self._quality.show(*trends.quality(runs))
        else:
            self._quality.hide()

    def _look_soon(self) -> None:
        """An evaluation is over, so that there is something new."""
        ui.timer(0, self.refresh, once=True)

    async def _chosen(self, event: events.GenericEventArguments) -> None:
        given = str(event.args)
        self._days = int(given) if given in {"1", "7", "30"} else self._days
        await self.refresh()


def corrected(corrections: Sequence[Correction], known: Sequence[str]) -> Safe:
    """What was decided, against what it should have been."""
    found = traffic.confusions(corrections)
    if not found:
        return sheet.empty(NO_CORRECTIONS)
    used = {name for pair in found for name in pair}
    names = [*(it for it in known if it in used), *sorted(used.difference(known))]
    active = sum(it.undone_at is None for it in corrections)
    note = tag("p", "pm-note", f"{active:,} in effect. {BIASED}")
    return joined(note, matrix.matrix("What was corrected", names, found))
