"""What one visitor of the page sees and does: say something, watch the decision and the reply, look back."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from nicegui import background_tasks, events, ui

from pointsman.core.errors import PointsmanError
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Decided, Event, Failed
from pointsman.dashboard import conversation, decisioncard, replycard
from pointsman.dashboard.composer import LONGEST_MESSAGE, OPEN_LINK, Composer, words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.exchange import Exchange
from pointsman.dashboard.gpucard import GpuCard
from pointsman.dashboard.named import asked
from pointsman.dashboard.quotacard import QuotaCard
from pointsman.dashboard.visit import Item
from pointsman.dashboard.wrong import Wrong

log = logging.getLogger("pointsman.dashboard")

START = (
    "The cheapest tier that is sure decides what a message wants. Try one of these, or something of your own, "
    "and see which tier it was, how sure, and why."
)
EMPTY = "Every message is listed here. Each goes on from the three before it, so that “now in blue” is understood."
LONGEST_NAME = 300
KEPT = 50  # messages in the list of one visit
REFRESH = 0.08  # seconds between two looks of a streaming reply: smoother than the eye asks for


def build(context: PageContext) -> None:
    """Lays the view out."""
    Playground(context).build()


class Playground:
    """One visitor's page; the messages of a visit live as long as the page is open."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._router = context.router
        self._visit = secrets.token_hex(8)
        self._items: list[Item] = []
        self._talk: list[Exchange] = []
        self._shown: Item | None = None
        self._task: asyncio.Task[None] | None = None

    def build(self) -> None:
        """Lays the page out."""
        with ui.element("div") as self._page, ui.element("div").classes("pm-columns"):
            with ui.element("div").classes("pm-main"):
                self._composer = Composer(
                    self._submitted, self._stop, self._start_afresh, self._typing, self._router.models
                )
                self._build_result()
            self._build_visit()
        self._context.sight.comes(self._offer_models)
        self._timer = ui.timer(REFRESH, self._refresh, active=False)
        ui.context.client.on_delete(self._stop)

    def _build_result(self) -> None:
        self._start = words("p", "pm-empty", START)
        self._said = words("p", "pm-said", "").props("dir=auto")
        self._decision = card("Decision").classes("pm-decision").props("aria-live=polite")
        self._wrong = Wrong(self._context)
        with ui.element("section").classes("pm-card pm-reply pm-hidden").props('aria-label="Reply"') as self._reply:
            # One box each, so that an unfolded tool stays unfolded while the answer grows.
            self._parts = [ui.html("", tag="div").classes("pm-part pm-hidden") for _ in range(3)]
        self._reply.on("click", js_handler=OPEN_LINK)
        self._trace = card("Trace").classes("pm-tracks")

    def _build_visit(self) -> None:
        with ui.element("aside").classes("pm-visit").props('aria-label="This visit"'):
            words("h2", "pm-label", "This visit")
            self._empty = words("p", "pm-note", EMPTY)
            self._list = ui.element("div").classes("pm-list")
            self._quota = QuotaCard(self._router)
            if self._router.card is not None:
                GpuCard(self._router.card.snapshot)

    async def _offer_models(self) -> None:
        """Offers the models on the disks of servers, too, as far as these answer."""
        with suppress(PointsmanError):
            self._composer.offer([it.name for it in await self._router.listed()])

    async def _typing(self, event: events.GenericEventArguments) -> None:
        if isinstance(event.args, str):
            await self._router.expect(event.args)

    def _submitted(self, event: events.GenericEventArguments) -> None:
        given = event.args if isinstance(event.args, dict) else {}
        said = str(given.get("text", ""))[:LONGEST_MESSAGE]
        if self._task is not None or not said.strip():
            return
        for hint in (self._start, self._empty):
            hint.classes(add="pm-hidden")
        self._page.classes(add="pm-begun")
        history = conversation.turns_of(self._talk)
        model = str(given.get("model", ""))[:LONGEST_NAME]
        exchange = Exchange(said, given.get("mode") == "decide", model, history)
        self._talk = [*self._talk, exchange][-conversation.MOST_EARLIER :]
        with self._list:
            item = Item(exchange, self._show)
        self._items.append(item)
        for old in self._items[:-KEPT]:
            old.delete()
        del self._items[:-KEPT]
        self._show(item)
        self._composer.busy(busy=True)
        self._timer.activate()
        self._task = background_tasks.create(self._run(item), name="pointsman reply")

    async def _run(self, item: Item) -> None:
        """Takes the message its whole way, or only to the decision."""
        exchange = item.exchange
        message = Message(
            exchange.text,
            tuple(exchange.history),
            origin=Origin("page", session=self._visit, key=self._context.visitor.name),
        )
        try:
            if exchange.decide_only:
                exchange.take(Decided(await self._router.decide(message)))
                return
            async with aclosing(self._events(message, exchange.model)) as reply:
                async for event in reply:
                    exchange.take(event)
                    item.stale = True
        except PointsmanError as error:
            exchange.take(Failed(error.message, error.cure, error.code, error.http_status))
        except Exception:
            number = secrets.token_hex(4)
            log.exception("internal error %s on the page", number)
            exchange.take(Failed(f"an internal error, number {number}", "look for that number in the log"))
        finally:
            exchange.stopped = exchange.running
            item.stale = True
            self._task = None
            self._timer.deactivate()
            self._composer.busy(busy=False)
            self._composer.goes_on_from(len(self._talk))
            self._refresh()
            await self._quota.refresh()

    def _events(self, message: Message, model: str) -> AsyncGenerator[Event, None]:
        if model:
            return asked(self._router, model, (*message.history, message.turn), time.monotonic)
        return self._router.stream(message)

    def _start_afresh(self) -> None:
        """Sends nothing of what was said before with the next message; the list stays."""
        self._talk.clear()
        self._composer.goes_on_from(0)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _show(self, item: Item) -> None:
        """Brings one message and what became of it into view."""
        if self._shown is not None:
            self._shown.current(current=False)
        item.current(current=True)
        item.stale = True
        self._shown = item
        self._said.text = item.exchange.text
        for box in (self._decision, self._trace):
            fill(box, "")
        self._wrong.hide()
        self._refresh()

    def _refresh(self) -> None:
        """Shows what is new."""
        for item in self._items:
            item.refresh()
        item_shown = self._shown
        if item_shown is None:
            return
        if not item_shown.stale:
            if item_shown.exchange.at_work:  # the seconds go on
                fill(self._parts[-1], replycard.standing(item_shown.exchange))
            return
        item_shown.stale = False
        exchange = item_shown.exchange
        if exchange.decision and not self._decision.content:  # once only: an unfolded line should stay unfolded
            earlier = exchange.earlier
            note = f"Decided with {conversation.earlier(earlier)} it." if earlier else ""
            fill(self._decision, decisioncard.summary(exchange.decision, note))
            fill(self._trace, decisioncard.trace(exchange.decision))
            self._wrong.show(exchange)
        parts = replycard.parts(exchange)
        for box, part in zip(self._parts, parts, strict=True):
            fill(box, part)
        self._reply.classes(**{"remove" if any(parts) else "add": "pm-hidden"})


def card(label: str) -> ui.html:
    """A box that is not there while it is empty."""
    return ui.html("", tag="section").classes("pm-card pm-hidden").props(f'aria-label="{label}"')


def fill(box: ui.html, content: str) -> None:
    """Puts HTML into a box, and shows the box when there is any."""
    if content != box.content:
        box.content = content
        box.classes(**{"remove" if content else "add": "pm-hidden"})
