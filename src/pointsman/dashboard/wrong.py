"""The small control under a decision: wrong? what then? what would that change? apply, and undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from nicegui import events, ui

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.dashboard import correctioncard
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.decisioncard import readable

TELLS = 0.03  # seconds in which the browser hears that work begins, which may keep this process busy
CHOSEN = "(event) => emit(event.target.value)"
# In the browser, as a second click is on its way before this process hears of the first.
ONCE = "(event) => { event.currentTarget.disabled = true; emit(); }"


class Subject(Protocol):
    """What can be corrected: a decision with its message's text, and the correction of it, if any."""

    @property
    def text(self) -> str:
        """The text, "" where the store is to be asked for it."""
        ...

    @property
    def decision(self) -> Decision | None:
        """The decision, once it is made."""
        ...

    correction: Correction | None


@dataclass(slots=True, eq=False)
class Case:
    """A decision that was made some time ago."""

    text: str = ""
    decision: Decision | None = None
    correction: Correction | None = None


class Wrong:
    """Corrects the decision in view; what a visitor did stays with its subject.

    Who may change nothing sees no more than that it was corrected.
    """

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._router = context.router
        self._subject: Subject = Case()
        self._choice = ""
        self._box = ui.element("div").classes("pm-wrong pm-hidden").props('role=group aria-label="Correction"')

    def hide(self) -> None:
        """Nothing is decided yet."""
        self._box.classes(add="pm-hidden")

    def show(self, subject: Subject) -> None:
        """Offers to correct a decision, or to undo that."""
        self._subject = subject
        may = self._context.may_change
        self._box.classes(**{"remove" if may or subject.correction else "add": "pm-hidden"})
        with self._emptied():
            if subject.correction is not None:
                words("span", "", correctioncard.applied(subject.correction)).props("role=status")
                if may:
                    button("undo", self._undo, once=True)
            elif may:
                button("wrong?", self.ask)

    def ask(self) -> None:
        """Asks what it should have been, of who may say so."""
        if not self._context.may_change or self._subject.correction is not None:
            return
        decision = self._subject.decision
        names = [name for name in self._router.catalogue.names if decision is None or name != decision.category]
        with self._emptied():
            with ui.element("label"):
                words("span", "", "It should be ")
                with ui.element("select").props('aria-label="The right category"') as choice:
                    words("option", "", "choose…").props('value="" selected disabled')
                    for name in names:
                        words("option", "", readable(name)).props(f'value="{name}"')
            choice.on("change", self._chosen, js_handler=CHOSEN)
            choice.run_method("focus")
            self._actions = ui.element("span")
            button("cancel", lambda: self.show(self._subject))
            self._effect = ui.html("", tag="div").classes("pm-effect").props("aria-live=polite")

    async def _chosen(self, event: events.GenericEventArguments) -> None:
        subject, category = self._subject, str(event.args)
        decision = subject.decision
        if decision is None:
            return
        effect = self._effect
        self._choice = category
        effect.content = correctioncard.working()
        self._actions.clear()
        await asyncio.sleep(TELLS)
        try:
            found = await self._router.preview(category, decision_id=decision.id, text=subject.text)
            told, possible = correctioncard.preview(found, self._context.veiled), True
        except PointsmanError as error:
            told, possible = correctioncard.failure(error), False
        if self._subject is not subject or effect is not self._effect or category != self._choice:
            return  # the visitor has gone on meanwhile
        effect.content = told
        if possible:
            self._offer(category)

    def _offer(self, category: str) -> None:
        self._actions.clear()
        with self._actions:
            button("apply", lambda: self._apply(category), once=True).classes("pm-apply")

    async def _apply(self, category: str) -> None:
        subject = self._subject
        effect = self._effect
        if subject.decision is None or not self._context.may_change:
            return
        try:
            made = await self._router.correct(subject.decision.id, category, text=subject.text, surface="page")
        except PointsmanError as error:
            if self._subject is subject and effect is self._effect:
                effect.content = correctioncard.failure(error)
                self._offer(category)
            return
        subject.correction = made
        self._shown_again(subject)

    async def _undo(self) -> None:
        subject = self._subject
        if subject.correction is None or not self._context.may_change:
            return
        try:
            await self._router.undo(subject.correction.id)
        except PointsmanError as error:
            with self._emptied():
                ui.html(correctioncard.failure(error), tag="div").classes("pm-effect")
            return
        finally:
            subject.correction = None
        self._shown_again(subject)

    def _shown_again(self, subject: Subject) -> None:
        if self._subject is subject:
            self.show(subject)

    def _emptied(self) -> ui.element:
        self._box.clear()
        return self._box


def button(label: str, clicked: Callable[[], Awaitable[None] | None], *, once: bool = False) -> ui.element:
    """A quiet button; one that can be clicked `once` takes no second click."""
    made = words("button", "pm-link", label).props("type=button")
    return made.on("click", clicked, js_handler=ONCE) if once else made.on("click", clicked)
