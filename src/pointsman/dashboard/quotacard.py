"""Who outside this process is asked about messages, and how many more calls that allows: a small card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import events, ui

from pointsman.core.errors import PointsmanError
from pointsman.dashboard.composer import words
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.engine.asked import Standing
from pointsman.engine.router import Router

EVERY: Final = 10.0  # seconds between two looks, while somebody sees the page
NOBODY: Final = "Nothing leaves this machine to pick a route."
# A page in the background asks nothing.
SEEN: Final = (
    "document.addEventListener('visibilitychange', () => emitEvent('pm-seen', document.visibilityState === 'visible'))"
)


class QuotaCard:
    """How the services stand, looked at now and then."""

    def __init__(self, router: Router, *, every: float = EVERY) -> None:
        self._router = router
        with ui.element("section").classes("pm-cloud").props('aria-label="Cloud"'):
            words("h2", "pm-label", "Cloud")
            self._box = ui.html("", tag="div")
        self._timer = ui.timer(every, self.refresh)
        ui.on("pm-seen", self._seen)
        ui.add_head_html(f"<script>{SEEN}</script>")

    async def refresh(self) -> None:
        """Shows what is new; where nobody is set up, nobody will be until the next start."""
        try:
            standings = await self._router.services()
        except PointsmanError as error:
            self._put(tag("p", "pm-note", error.message))
            return
        self._put(card(standings))
        if not standings:
            self._timer.deactivate()

    async def _seen(self, event: events.GenericEventArguments) -> None:
        self._timer.deactivate()
        if event.args and self._box.content != card(()):
            self._timer.activate()
            await self.refresh()

    def _put(self, content: Safe) -> None:
        if content != self._box.content:
            self._box.content = content


def card(standings: Sequence[Standing]) -> Safe:
    """What the card says; one line when no service is set up."""
    if not standings:
        return tag("p", "pm-note", NOBODY)
    return tag("ul", "pm-services", *(line(standing) for standing in standings))


def line(standing: Standing) -> Safe:
    """One service: its name and what is left, and below it how it stands."""
    state = tag("span", "pm-service-state" if standing.ready else "pm-service-state pm-service-stopped", standing.state)
    return tag(
        "li",
        "pm-service",
        tag("span", "pm-service-name", standing.service),
        tag("span", "pm-number", left(standing)),
        tag("span", "pm-service-note", joined(state, f" · {sent(standing)}")),
    )


def left(standing: Standing) -> str:
    """How many more calls it allows."""
    if standing.calls_left is None:
        return "no limit"
    about = "≈ " if standing.estimated and standing.calls_left else ""
    span = "this month" if standing.per == "month" else "today"
    return f"{about}{standing.calls_left:,} left {span}"


def sent(standing: Standing) -> str:
    """How many messages went there today."""
    return f"{standing.sent_today:,} {'asked here' if standing.local else 'sent'} today"
