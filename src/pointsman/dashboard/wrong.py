"""The small control under a decision: wrong? what then? what would that change? apply, and undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import events, ui

from pointsman.core.errors import PointsmanError
from pointsman.dashboard import correctioncard
from pointsman.dashboard.composer import words
from pointsman.dashboard.decisioncard import readable
from pointsman.dashboard.exchange import Exchange
from pointsman.engine.router import Router

TELLS = 0.03  # seconds in which the browser hears that work begins, which may keep this process busy
CHOSEN = "(event) => emit(event.target.value)"
# In the browser, as a second click is on its way before this process hears of the first.
ONCE = "(event) => { event.currentTarget.disabled = true; emit(); }"


class Wrong:
    """Corrects the decision in view; what a visitor did stays with the exchange."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._exchange = Exchange("")
        self._choice = ""
        self._box = ui.element("div").classes("pm-wrong pm-hidden").props('role=group aria-label="Correction"')

    def hide(self) -> None:
        """Nothing is decided yet."""
        self._box.classes(add="pm-hidden")

    def show(self, exchange: Exchange) -> None:
        """Offers to correct a decision, or to undo that."""
        self._exchange = exchange
        self._box.classes(remove="pm-hidden")
        with self._emptied():
            if exchange.correction is None:
                button("wrong?", self._ask)
            else:
                words("span", "", correctioncard.applied(exchange.correction)).props("role=status")
                button("undo", self._undo, once=True)

    def _ask(self) -> None:
        decision = self._exchange.decision
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
            button("cancel", lambda: self.show(self._exchange))
            self._effect = ui.html("", tag="div").classes("pm-effect").props("aria-live=polite")

    async def _chosen(self, event: events.GenericEventArguments) -> None:
        exchange, category = self._exchange, str(event.args)
        decision = exchange.decision
        if decision is None:
            return
        effect = self._effect
        self._choice = category
        effect.content = correctioncard.working()
        self._actions.clear()
        await asyncio.sleep(TELLS)
        try:
            found = await self._router.preview(category, decision_id=decision.id, text=exchange.text)
            told, possible = correctioncard.preview(found), True
        except PointsmanError as error:
            told, possible = correctioncard.failure(error), False
        if self._exchange is not exchange or effect is not self._effect or category != self._choice:
            return  # the visitor has gone on meanwhile
        effect.content = told
        if possible:
            self._offer(category)

    def _offer(self, category: str) -> None:
        self._actions.clear()
        with self._actions:
            button("apply", lambda: self._apply(category), once=True).classes("pm-apply")

    async def _apply(self, category: str) -> None:
        exchange = self._exchange
        effect = self._effect
        if exchange.decision is None:
            return
        try:
            made = await self._router.correct(exchange.decision.id, category, text=exchange.text, surface="page")
        except PointsmanError as error:
            if self._exchange is exchange and effect is self._effect:
                effect.content = correctioncard.failure(error)
                self._offer(category)
            return
        exchange.correction = made
        self._shown_again(exchange)

    async def _undo(self) -> None:
        exchange = self._exchange
        if exchange.correction is None:
            return
        try:
            await self._router.undo(exchange.correction.id)
        except PointsmanError as error:
            with self._emptied():
                ui.html(correctioncard.failure(error), tag="div").classes("pm-effect")
            return
        finally:
            exchange.correction = None
        self._shown_again(exchange)

    def _shown_again(self, exchange: Exchange) -> None:
        if self._exchange is exchange:
            self.show(exchange)

    def _emptied(self) -> ui.element:
        self._box.clear()
        return self._box


def button(label: str, clicked: Callable[[], Awaitable[None] | None], *, once: bool = False) -> ui.element:
    """A quiet button; one that can be clicked `once` takes no second click."""
    made = words("button", "pm-link", label).props("type=button")
    return made.on("click", clicked, js_handler=ONCE) if once else made.on("click", clicked)
