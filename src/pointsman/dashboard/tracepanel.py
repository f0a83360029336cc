"""The panel beside the feed: the whole trace of one message, and its correction."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.reply import ToolUse
from pointsman.dashboard import correctioncard, decisioncard, tracecard
from pointsman.dashboard.composer import OPEN_LINK, words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.privacy import use_without, without_words
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.dashboard.wrong import Case, Wrong
from pointsman.observe.feed import LONGEST_TEXT, FeedRow


class Panel:
    """A panel at the side with a title; the address tells whether it is open."""

    def __init__(self, title: str) -> None:
        self._panel = ui.element("dialog").classes("pm-panel").props(f'aria-label="{title}"')
        with self._panel:
            with ui.element("header").classes("pm-panel-head"):
                self.title = words("h2", "pm-panel-title", title)
                words("button", "pm-quiet", "Close").props("type=button data-close")
            self.body = ui.element("div").classes("pm-panel-body")

    def show(self, *, shown: bool) -> None:
        """Opens or closes it."""
        self._panel.client.run_javascript(f'pointsman.panel("c{self._panel.id}", {"true" if shown else "false"})')


class TracePanel:
    """What is known of one message."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._panel = Panel("Trace")
        self._id = ""
        self._row: FeedRow | None = None
        self._decision: Decision | None = None
        self._uses: Sequence[ToolUse] = ()
        with self._panel.body:
            self._said, self._verdict = box(), box("pm-card")
            self._wrong = Wrong(context)
            self._done, self._trace = box("pm-card"), box("pm-card")
            self._rest = box("pm-card")
        self._panel.body.on("click", js_handler=OPEN_LINK)

    async def open(self, row_id: str, *, ask: bool = False) -> None:
        """Shows a message by its id; `ask` asks at once what it should have been."""
        self._id, self._row = row_id, self._context.feed.get(row_id)
        self._panel.title.text = f"#{row_id}" if self._row is None or self._row.decided else self._row.model
        self._fill(tag("p", "pm-waiting", tag("span", "pm-pulse"), "looking it up…"))
        self._panel.show(shown=True)
        if self._row is not None and not self._row.decided:
            self._fill(tracecard.named(self._row))
            return
        try:
            decision = await self._context.router.find(row_id)
            uses = await self._context.router.uses(decision.id)
            correction = corrected(await self._context.router.corrections(), decision.id)
        except PointsmanError as error:
            self._fill(correctioncard.failure(error))
            return
        if self._id == row_id:
            self._show(decision, uses, correction, ask=ask)

    def close(self) -> None:
        """Closes the panel."""
        if self._id:
            self._id = ""
            self._panel.show(shown=False)

    def refresh(self) -> None:
        """Shows how far a reply is meanwhile."""
        row = self._context.feed.get(self._id) if self._id else None
        if row is None or row is self._row:
            return
        self._row = row
        if not row.decided:
            self._fill(tracecard.named(row))
        elif self._decision is not None:
            put(self._done, tracecard.done(self._decision, row, self._uses))
            put(self._rest, tracecard.look_up(self._decision, row.model))

    def _show(self, decision: Decision, uses: Sequence[ToolUse], made: Correction | None, *, ask: bool) -> None:
        context, row = self._context, self._row
        text = row.text or "" if row else ""
        case = Case(text if len(text) < LONGEST_TEXT else "", decision, made)
        if context.text != "full":
            decision, uses = without_words(decision, context.veiled), [use_without(use) for use in uses]
        self._decision, self._uses = decision, uses
        put(self._said, joined(tracecard.said(context.veiled(text) if text else ""), tracecard.when(row, decision)))
        put(self._verdict, tracecard.verdict(decision))
        put(self._done, tracecard.done(decision, row, uses))
        put(self._trace, decisioncard.trace(decision))
        put(self._rest, tracecard.look_up(decision, row.model if row else ""))
        self._wrong.show(case)
        if ask:
            self._wrong.ask()

    def _fill(self, content: Safe) -> None:
        """Shows one thing only."""
        self._decision = None
        self._wrong.hide()
        for it in (self._verdict, self._done, self._trace, self._rest):
            put(it, Safe())
        put(self._said, content)


def corrected(corrections: Sequence[Correction], decision_id: str) -> Correction | None:
    """The correction of a decision that is in effect, if any."""
    found = (it for it in reversed(corrections) if it.decision_id == decision_id and it.undone_at is None)
    return next(found, None)


def box(classes: str = "") -> ui.html:
    """A place for HTML that is not there while it is empty."""
    return ui.html("", tag="section").classes(f"{classes} pm-hidden")


def put(place: ui.html, content: Safe) -> None:
    """Fills a place."""
    if content != place.content:
        place.content = content
        place.classes(**{"remove" if content else "add": "pm-hidden"})
