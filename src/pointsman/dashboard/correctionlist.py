"""The panel of the corrections that are in effect, each with its undo."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from pointsman.core.correction import Correction
from pointsman.core.errors import PointsmanError
from pointsman.dashboard import correctioncard
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.decisioncard import clipped, readable
from pointsman.dashboard.safehtml import joined, tag
from pointsman.dashboard.tracepanel import Panel
from pointsman.dashboard.wrong import button

ABOUT = "Each of these texts, and near repeats of it, is of the category that somebody gave it, until that is undone."
EMPTY = "Nothing is corrected. Where a decision is wrong, say so with “wrong?” beside it: the next one knows."


class CorrectionList:
    """What people taught."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._panel = Panel("Corrections in effect")
        self._opened = False
        with self._panel.body:
            self._note = words("p", "pm-note", "").props("role=status")
            self._list = ui.element("ul").classes("pm-corrections")

    async def open(self) -> None:
        """Shows them."""
        self._opened = True
        self._panel.show(shown=True)
        await self._fill("")

    def close(self) -> None:
        """Closes the panel."""
        if self._opened:
            self._opened = False
            self._panel.show(shown=False)

    async def _fill(self, note: str) -> None:
        try:
            found = await self._context.router.corrections()
        except PointsmanError as error:
            self._note.text = error.message
            return
        effective = [it for it in reversed(found) if it.undone_at is None]
        self._note.text = note or (ABOUT if effective else EMPTY)
        self._list.clear()
        with self._list:
            for it in effective:
                self._line(it)

    def _line(self, it: Correction) -> None:
        was = f"{readable(it.was)} → " if it.was else ""
        text = clipped(self._context.veiled(it.text), correctioncard.SHOWN_TEXT) or correctioncard.HIDDEN
        with ui.element("li").classes("pm-correction"):
            ui.html(
                joined(
                    tag("p", "pm-row-text", text, dir="auto"),
                    tag("p", "", was, tag("b", "", readable(it.category))),
                    tag("p", "pm-note", tag("time", "", "", data_at=f"{it.at:.3f}"), f" · {it.surface} · {it.id}"),
                )
            )
            if self._context.may_change:
                button("undo", partial(self._undo, it), once=True).props(f'aria-label="Undo {it.id}"')

    async def _undo(self, it: Correction) -> None:
        try:
            await self._context.router.undo(it.id)
        except PointsmanError as error:
            await self._fill(error.message)
            return
        await self._fill(f"{it.id} is undone: from the next message on it does not count.")
