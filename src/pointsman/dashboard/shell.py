"""The frame of the page: the rail with the views, the view that is in sight, and the keys."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from nicegui import events, ui

from pointsman import __version__
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import ConfigStatus, PageContext, Sight
from pointsman.dashboard.theme import ICON, css, script
from pointsman.dashboard.views import VIEWS, View, at
from pointsman.dashboard.visitor import Visitor
from pointsman.engine.router import Router
from pointsman.observe.feed import Feed, TextLevel

log = logging.getLogger("pointsman.dashboard")
HALF_MOON: Final = '<path d="M12 3a9 9 0 1 0 0 18z" fill="currentColor"/><circle cx="12" cy="12" r="9"/>'
KEYS: Final = (
    (("1", "…", "7"), "a view, in its order"),
    (("g", "t"), "try it"),
    (("g", "l"), "live, and so on: g and the first letter"),
    (("/",), "write a message"),
    (("Enter",), "send it, or open the row"),
    (("↑", "↓"), "along the rows of the feed"),
    (("f",), "search the feed"),
    (("p",), "hold the feed, or go on"),
    (("Esc",), "close, or stop the reply"),
    (("?",), "these keys"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A view that was built: where it stands, its sight, and its link."""

    place: ui.element
    context: PageContext


class Shell:
    """One visitor's page: each view is built when it is first opened, and stays as it is while another is in sight."""

    def __init__(
        self, router: Router, feed: Feed, visitor: Visitor, text: TextLevel, status: Callable[[], ConfigStatus]
    ) -> None:
        self._router = router
        self._feed = feed
        self._visitor = visitor
        self._text = text
        self._status = status
        self._opened: dict[str, Opened] = {}
        self._links: dict[str, ui.element] = {}
        self._now = VIEWS[0]
        self._seen = True

    def build(self, address: str) -> None:
        """Lays the frame out, with the view of an address in it."""
        ui.add_head_html(f"<style>{css()}</style><script>{script()}</script>")
        with ui.element("div").classes("pm-shell"):
            self._build_rail()
            self._main = ui.element("div").classes("pm-page")  # the page around it is the `main`
        self._build_help()
        ui.on("pm-go", self._went)
        ui.on("pm-seen", self._looked)
        self.open(address)

    def open(self, address: str) -> None:
        """Brings the view of an address into sight."""
        found = urlsplit(address)
        view = at(found.path)
        before, self._now = self._now, view
        if before is not view and before.name in self._opened:
            self._hide(before)
        if view.name not in self._opened:
            self._opened[view.name] = self._build(view)
        opened = self._opened[view.name]
        opened.place.classes(remove="pm-hidden")
        for name, link in self._links.items():
            link.props("aria-current=page" if name == view.name else "aria-current=false")
        ui.page_title(f"{view.title} · Pointsman")
        if self._seen:
            opened.context.sight.show()
        opened.context.sight.asked({name: values[0] for name, values in parse_qs(found.query).items()})

    def _hide(self, view: View) -> None:
        self._opened[view.name].context.sight.hide()
        self._opened[view.name].place.classes(add="pm-hidden")

    def _build(self, view: View) -> Opened:
        with self._main:
            place = ui.element("section").classes("pm-view").props(f'aria-label="{view.title}"')
        context = PageContext(
            self._router, self._feed, self._visitor, self._text, self._status, self._lead, Sight(place)
        )
        with place:
            if not self._visitor.may(view.scope):
                blank("Your key does not open this view", f"It takes one with the scope “{view.scope}”.")
                return Opened(place, context)
            try:
                view.build(context)
            except Exception:  # the other views are as good as before
                log.exception("the view %s cannot be built", view.name)
                place.clear()
                blank("This view cannot be shown", "An internal error; the log says which.")
        return Opened(place, context)

    def _build_rail(self) -> None:
        with ui.element("header").classes("pm-rail"):
            with ui.element("h1").classes("pm-brand"):
                ui.html(ICON, tag="span", sanitize=False)
                words("span", "", "Pointsman")
            with ui.element("nav").classes("pm-nav").props('aria-label="Views"'):
                for number, view in enumerate(VIEWS, 1):
                    if not view.first_run or self._status().file is None:
                        self._links[view.name] = self._link(view, number)
            with ui.element("div").classes("pm-rail-foot"):
                words("p", "pm-models", " · ".join([*self._router.models, f"version {__version__}"]))
                if self._visitor.name:
                    words("p", "", f"key: {self._visitor.name}")
                with ui.element("div").classes("pm-tools"):
                    button = ui.element("button").props('type=button data-theme-button aria-label="Theme"')
                    with button:
                        drawing(HALF_MOON)
                    words("button", "", "?").props('type=button data-help aria-label="Keys" title="Keys: ?"')

    def _link(self, view: View, number: int) -> ui.element:
        made = ui.element("a").classes("pm-place").props(f'href="{view.path}" data-go data-key={view.key}')
        made.props(f'title="{view.title}: {number}, or g {view.key}" aria-label="{view.title}"')
        with made:
            drawing(view.icon)
            words("span", "pm-place-title", view.title)
        return made

    def _build_help(self) -> None:
        with ui.element("dialog").classes("pm-help").props('aria-label="Keys"'):
            words("h2", "", "Keys")
            with ui.element("dl"):
                for keys, meaning in KEYS:
                    with ui.element("dt"):
                        for key in keys:
                            words("kbd", "", key)
                    words("dd", "", meaning)
            words("button", "pm-quiet", "Close").props("type=button data-close autofocus")

    def _lead(self, address: str) -> None:
        ui.run_javascript(f"pointsman.go({json.dumps(address)})")

    def _went(self, event: events.GenericEventArguments) -> None:
        if isinstance(event.args, str):
            self.open(event.args)

    def _looked(self, event: events.GenericEventArguments) -> None:
        """A page in the background asks nothing."""
        self._seen = bool(event.args)
        opened = self._opened.get(self._now.name)
        if opened is not None:
            (opened.context.sight.show if self._seen else opened.context.sight.hide)()


def drawing(inside: str) -> None:
    """A small drawing of our own."""
    ui.html(f'<svg viewBox="0 0 24 24" aria-hidden="true">{inside}</svg>', tag="span", sanitize=False)


def blank(title: str, text: str) -> None:
    """What stands in a view that cannot be shown."""
    with ui.element("div").classes("pm-blank"):
        words("p", "pm-blank-title", title)
        words("p", "", text)
