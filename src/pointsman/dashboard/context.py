"""What a view of the page is built with: the router, who looks, what happens, and when it is in sight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nicegui import ui

from pointsman.config.model import Config
from pointsman.dashboard.visitor import Visitor
from pointsman.engine.router import Router
from pointsman.observe.feed import Feed, TextLevel

Refresh = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class ConfigStatus:
    """The configuration in force: `file` it was read from, None for the defaults, at `read_at` (seconds since 1970).

    `problem` says why a newer file was not taken, and `bot` how the bot beside the gateway is, where there is one.
    """

    config: Config = field(default_factory=Config)
    file: Path | None = None
    read_at: float = 0.0
    problem: str = ""
    bot: str = ""


class Sight:
    """Whether a view is in sight: of a page in the background, and of a view behind another, nothing is asked."""

    def __init__(self, place: ui.element) -> None:
        self.shown = False
        self._place = place
        self._timers: list[ui.timer] = []
        self._comings: list[Refresh] = []
        self._askings: list[Callable[[Mapping[str, str]], None]] = []

    def on_query(self, asked: Callable[[Mapping[str, str]], None]) -> None:
        """Calls `asked` with what stands behind the question mark of the address, whenever the view is led to."""
        self._askings.append(asked)

    def asked(self, query: Mapping[str, str]) -> None:
        """The view was led to, with that behind its address."""
        for tell in self._askings:
            tell(query)

    def every(self, seconds: float, refresh: Refresh) -> None:
        """Calls `refresh` when the view comes into sight, and every `seconds` while it is."""
        self.comes(refresh)
        with self._place:
            self._timers.append(ui.timer(seconds, refresh, active=self.shown, immediate=False))

    def comes(self, refresh: Refresh) -> None:
        """Calls `refresh` whenever the view comes into sight, now where it is in sight."""
        self._comings.append(refresh)
        if self.shown:
            self._soon(refresh)

    def show(self) -> None:
        """It is seen from now on."""
        if self.shown:
            return
        self.shown = True
        for refresh in self._comings:
            self._soon(refresh)
        for timer in self._timers:
            timer.activate()

    def _soon(self, refresh: Refresh) -> None:
        with self._place:
            ui.timer(0, refresh, once=True)

    def hide(self) -> None:
        """It is not seen any more."""
        self.shown = False
        for timer in self._timers:
            timer.deactivate()


@dataclass(frozen=True, slots=True)
class PageContext:
    """What one view of one visitor's page works with.

    `text` says what of the messages this visitor is shown. `status` tells how the configuration stands now. `go` leads
    to a place of the page, such as "/feed" or "/feed?id=d1". `sight` is the view's own.
    """

    router: Router
    feed: Feed
    visitor: Visitor
    text: TextLevel
    status: Callable[[], ConfigStatus]
    go: Callable[[str], None]
    sight: Sight

    def veiled(self, text: str) -> str:
        """As much of somebody's text as this visitor is shown."""
        return self.feed.veiled(text, self.text)

    @property
    def may_change(self) -> bool:
        """Whether this visitor may change anything: correct, undo, free the card."""
        return self.visitor.may("admin")
