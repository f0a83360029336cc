"""The list of the messages of one visit."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from pointsman.dashboard import decisioncard
from pointsman.dashboard.composer import words
from pointsman.dashboard.exchange import Exchange

SHOWN_TEXT = 120


class Item:
    """One line of the list; `stale` says that its exchange has news that are not shown."""

    def __init__(self, exchange: Exchange, choose: Callable[[Item], None]) -> None:
        self.exchange = exchange
        self.stale = True
        self._line = ui.element("button").classes("pm-item").props("type=button aria-current=false")
        self._line.on("click", lambda: choose(self))
        with self._line:
            words("span", "pm-item-text", decisioncard.clipped(exchange.text, SHOWN_TEXT)).props("dir=auto")
            self._note = words("span", "pm-item-note", "…")
        self._line.move(target_index=0)

    def refresh(self) -> None:
        """Says what was decided, as soon as it is known."""
        decision, failed = self.exchange.decision, self.exchange.failed
        if decision is not None:
            time = decisioncard.milliseconds(decision.latency_ms)
            note = f"{decisioncard.readable(decision.category)} · {time}"
        else:
            note = "failed" if failed else "stopped" if self.exchange.stopped else "…"
        if self._note.text != note:
            self._note.text = note

    def current(self, *, current: bool) -> None:
        """Marks the line as the one in view."""
        self._line.props(f"aria-current={'true' if current else 'false'}")

    def delete(self) -> None:
        """Takes the line out of the list."""
        self._line.delete()
