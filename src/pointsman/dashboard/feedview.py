"""The live feed: what goes through the router, as it happens; a row opens the whole trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from nicegui import background_tasks, events, ui
from nicegui.elements.mixins.text_element import TextElement

from pointsman.core.errors import PointsmanError
from pointsman.dashboard import feedrows
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.correctionlist import CorrectionList
from pointsman.dashboard.decisioncard import readable
from pointsman.dashboard.tracepanel import TracePanel
from pointsman.dashboard.wrong import CHOSEN
from pointsman.observe.feed import STATES, FeedRow, Wanted

EVERY: Final = 0.2  # seconds between two looks: five updates a second, however many messages there are
SHOWN: Final = 60
MORE: Final = 120
LONGEST_SEARCH: Final = 200
FILTERS: Final = ("category", "tier", "surface", "state")
SEARCH: Final = """(event) => {
  clearTimeout(event.target.pending);
  event.target.pending = setTimeout(() => emit(event.target.value), 150);
}"""


CLEAR: Final = 'document.querySelectorAll(".pm-feed-bar select, .pm-feed-search").forEach((it) => it.value = "")'


def build(context: PageContext) -> None:
    """Lays the view out."""
    FeedView(context).build()


class FeedView:
    """One visitor's look at the feed; the browser is sent only the rows that it shows and that changed."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._feed = context.feed
        self._wanted = Wanted()
        self._most = SHOWN
        self._paused = False
        self._version = -1
        self._sent: dict[str, FeedRow] = {}
        self._order: list[str] = []
        self._options: dict[str, Sequence[str]] = {}
        self._selects: dict[str, ui.element] = {}

    def build(self) -> None:
        """Lays the view out, and begins to watch."""
        with ui.element("header").classes("pm-view-head"):
            words("h2", "pm-view-title", "Live")
            with ui.element("p").classes("pm-view-note pm-feed-rate"):
                self._dot = ui.element("span").classes("pm-dot pm-dot-live").props("aria-hidden=true")
                self._rate = words("span", "", "")
        self._build_bar()
        with ui.element("div").classes("pm-feed").props('role=grid aria-readonly=true aria-label="Messages"') as grid:
            ui.html(feedrows.head(), tag="div").props("role=rowgroup")
            self._rows = ui.element("div").classes("pm-feed-rows").props("role=rowgroup")
        self._grid = grid
        self._build_blanks()
        self._more = words("button", "pm-quiet pm-feed-more pm-hidden", "Older messages").props("type=button")
        self._more.on("click", self._show_more)
        self._trace, self._corrections = TracePanel(self._context), CorrectionList(self._context)
        self._context.sight.comes(self._fill)
        self._context.sight.every(EVERY, self._tick)
        self._context.sight.on_query(self._asked)

    def _build_bar(self) -> None:
        with ui.element("div").classes("pm-feed-bar").props('role=group aria-label="Which messages"'):
            search = ui.element("input").classes("pm-input pm-feed-search").props("type=search")
            search.props(
                f'maxlength={LONGEST_SEARCH} placeholder=Search aria-label="Search the feed" title="Search: f"'
            )
            search.on("input", self._searched, js_handler=SEARCH)
            for name in FILTERS:
                made = ui.element("select").classes("pm-select").props(f'aria-label="{name}"')
                made.on("change", self._chooser(name), js_handler=CHOSEN)
                self._selects[name] = made
            self._pause = words("button", "pm-quiet pm-feed-pause", "Hold").props("type=button aria-pressed=false")
            self._pause.props('title="Hold, or go on: p"').on("click", self._hold)
            link = ui.element("a").classes("pm-quiet").props('href="/feed?show=corrections" data-go')
            with link:
                words("span", "", "Corrections")

    def _build_blanks(self) -> None:
        with ui.element("div").classes("pm-blank") as self._nothing:
            words("p", "pm-blank-title", "Nothing yet")
            with ui.element("p"):
                words("span", "", "Send a message from any OpenAI or Ollama client that points here, or ")
                words("a", "", "try the playground").props('href="/" data-go')
                words("span", "", ". It shows up as it happens.")
        with ui.element("div").classes("pm-blank pm-hidden") as self._unfit:
            words("p", "pm-blank-title", "No message fits")
            words("button", "pm-quiet", "Show all").props("type=button").on("click", self._show_all)

    async def _fill(self) -> None:
        """Puts what was recorded before behind the rows, once for everybody."""
        if self._feed.filled:
            return
        self._feed.filled = True
        try:
            self._feed.fill(await self._context.router.recent(self._feed.kept))
            self._feed.mark(await self._context.router.corrections())
        except PointsmanError:
            self._feed.filled = False

    def _tick(self) -> None:
        """Sends what is new to the browser."""
        self._tell_rate()
        if self._paused or self._version == self._feed.version:
            return
        self._version = self._feed.version
        self._offer_filters()
        rows = self._feed.newest(self._wanted, self._context.text, self._most + 1)
        more, rows = len(rows) > self._most, rows[: self._most]
        changed = {it.id: self._html(it) for it in rows if self._sent.get(it.id) is not it}
        order = [it.id for it in rows]
        if changed or order != self._order:
            self._order, self._sent = order, {it.id: it for it in rows}
            sent = json.dumps(changed).replace("</", "<\\/")
            self._grid.client.run_javascript(f'pointsman.rows("c{self._rows.id}", {json.dumps(order)}, {sent})')
        shown(self._grid, rows)
        shown(self._more, more)
        shown(self._nothing, not len(self._feed))
        shown(self._unfit, len(self._feed) and not rows)
        self._trace.refresh()

    def _html(self, it: FeedRow) -> str:
        return feedrows.row(it, self._feed.shown(it, self._context.text), may_correct=self._context.may_change)

    def _tell_rate(self) -> None:
        if self._paused:
            new = self._feed.version - self._version
            said = f"held{f', {new:,} changes since' if new else ''}"
        else:
            said = f"{self._feed.a_minute():,} within the last minute"
        if self._rate.text != said:
            self._rate.text = said

    def _offer_filters(self) -> None:
        offered = {
            "category": self._context.router.catalogue.names,
            "tier": sorted(self._feed.tiers),
            "surface": sorted(self._feed.surfaces),
            "state": STATES,
        }
        for name, values in offered.items():
            if self._options.get(name) == values:
                continue
            self._options[name] = values
            choice = self._selects[name]
            choice.clear()
            with choice:
                words("option", "", f"any {name}").props('value=""')
                for value in values:
                    label = feedrows.STATES[value] if name == "state" else readable(value)
                    option = words("option", "", label).props(f'value="{value}"')
                    if value == getattr(self._wanted, name):
                        option.props("selected")

    def _chooser(self, name: str) -> Callable[[events.GenericEventArguments], None]:
        def choose(event: events.GenericEventArguments) -> None:
            self._want(replace(self._wanted, **{name: str(event.args)}))

        return choose

    def _searched(self, event: events.GenericEventArguments) -> None:
        self._want(replace(self._wanted, text=str(event.args)[:LONGEST_SEARCH].strip()))

    def _want(self, wanted: Wanted) -> None:
        self._wanted, self._most = wanted, SHOWN
        self._look_again()

    def _show_more(self) -> None:
        self._most += MORE
        self._look_again()

    def _show_all(self) -> None:
        self._grid.client.run_javascript(CLEAR)
        self._want(Wanted())

    def _look_again(self) -> None:
        held, self._paused, self._version = self._paused, False, -1
        self._tick()
        self._paused = held

    def _hold(self) -> None:
        self._paused = not self._paused
        self._pause.text = "Go on" if self._paused else "Hold"
        self._pause.props(f"aria-pressed={'true' if self._paused else 'false'}")
        self._dot.classes(**{"remove" if self._paused else "add": "pm-dot-live"})
        self._tick()

    def _asked(self, query: Mapping[str, str]) -> None:
        """Opens what the address names, and closes the rest."""
        if row_id := query.get("id"):
            self._corrections.close()
            background_tasks.create(self._trace.open(row_id, ask="wrong" in query), name="pointsman trace")
        elif query.get("show") == "corrections":
            self._trace.close()
            background_tasks.create(self._corrections.open(), name="pointsman corrections")
        else:
            self._trace.close()
            self._corrections.close()


def shown(element: ui.element | TextElement, wanted: object) -> None:
    """Shows an element, or hides it."""
    element.classes(**{"remove" if wanted else "add": "pm-hidden"})
