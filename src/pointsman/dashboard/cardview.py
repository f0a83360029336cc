"""The card: who holds its memory, who waits for it, what happened on it, and giving memory back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import ui

from pointsman.core.errors import PointsmanError
from pointsman.dashboard import sheet
from pointsman.dashboard.backstage import Backstage, backstage, look
from pointsman.dashboard.cardhistory import HistoryPart
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.gauge import Palette, gauge
from pointsman.dashboard.gpucard import state
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.gpu.snapshot import Snapshot, TenantNow, WishNow
from pointsman.observe.amounts import seconds, size
from pointsman.observe.history import amount_of

EVERY: Final = 1.0  # seconds between two looks, which read what the owner of the card knows, and ask nobody
ABOUT: Final = "Models and pictures take turns on its memory; nothing is loaded that has no room."
NO_OWNER: Final = (
    "No card is looked after, because nothing that is set up takes a card's memory: models that run in this process "
    "use the processor. Give models.main an Ollama, or start ComfyUI, and look again after a restart."
)
OFF: Final = "The card is left to its servers (gpu.enabled: false): they load and unload as they like, unseen here."
NO_CARD: Final = (
    "No graphics card is seen. What is loaded is still booked, but nobody measures it. NVIDIA cards are seen through "
    "their driver, AMD cards through the kernel; a card in another machine can be given a budget under gpu.devices."
)
NOT_SEEN: Final = "Nothing is on the card: the first message that needs a model loads it."
NO_QUEUE: Final = "Nobody waits."
ONLY_ADMIN: Final = "To give memory back a key is needed that may administer."


def build(context: PageContext) -> None:
    """Lays the view out in the current place."""
    CardView(context, backstage(context.router)).build()


class CardView:
    """The view of one visitor."""

    def __init__(self, context: PageContext, stage: Backstage) -> None:
        self._context = context
        self._stage = stage
        self._palette = Palette()
        self._rows: dict[str, Row] = {}

    def build(self) -> None:
        """Lays it out; without an owner of the card it says what is known."""
        sheet.begin("Graphics card", ABOUT)
        found = look(self._context.router)
        if found is None:
            enabled = self._context.status().config.gpu.enabled
            sheet.put(sheet.box(), sheet.empty(NO_OWNER if enabled else OFF, "pointsman gpu", "pointsman doctor"))
            return
        with sheet.part("Who holds it"):
            self._gauges = sheet.box().props("aria-live=off")
            self._list = ui.element("ul").classes("pm-holders")
            self._none = words("p", "pm-note", NOT_SEEN)
            self._build_free()
        with sheet.part("Who waits"):
            self._queue = sheet.box().props("aria-live=polite")
        history = HistoryPart(self._stage.history, self._palette)
        self._context.sight.every(EVERY, self.refresh)
        self._context.sight.every(HistoryPart.EVERY, history.refresh)

    def refresh(self) -> None:
        """Shows what is new."""
        self._stage.history.watched()
        found = look(self._context.router) or Snapshot((), (), ())
        nothing = sheet.empty(NO_CARD, "pointsman doctor")
        gauges = joined(*(gauge(it, found.tenants, self._palette) for it in found.cards))
        sheet.put(self._gauges, gauges or nothing)
        sheet.put(self._queue, queue(found.queue))
        self._show_rows([it for it in found.tenants if it.phase != "cold"], several=len(found.cards) > 1)

    def _build_free(self) -> None:
        with ui.element("div").classes("pm-row-actions"):
            if self._context.may_change:
                all_idle = words("button", "pm-quiet", "Free all that is idle").props("type=button")
                all_idle.on("click", self._free)
            else:
                words("span", "pm-note", ONLY_ADMIN)
            self._said = words("span", "pm-note", "").props("role=status")

    async def _free(self, _: object = None, tenant: str = "") -> None:
        if not self._context.may_change:
            return
        leases = self._context.router.card
        if leases is None:
            return
        self._said.text = f"asking for the memory of {tenant or 'all that is idle'} …"
        try:
            freed = await leases.free(tenant)
        except PointsmanError as error:
            self._said.text = f"{error.message} ({error.cure})" if error.cure else error.message
            return
        in_use = tenant and any(it.name == tenant and it.users for it in leases.snapshot().tenants)
        nothing = f"{tenant} is in use, so it stays." if in_use else "Nothing was idle."
        self._said.text = f"{size(freed)} came free." if freed else nothing
        self.refresh()

    def _show_rows(self, tenants: Sequence[TenantNow], *, several: bool) -> None:
        for name in self._rows.keys() - {it.name for it in tenants}:
            self._rows.pop(name).delete()
        for it in tenants:
            if it.name not in self._rows:
                with self._list:
                    self._rows[it.name] = Row(it.name, self)
            self._rows[it.name].show(it, self._palette, several=several)
        self._none.classes(**{"add" if tenants else "remove": "pm-hidden"})

    async def free(self, tenant: str) -> None:
        """Gives back what one tenant holds, unless it is in use."""
        await self._free(tenant=tenant)

    @property
    def may_free(self) -> bool:
        """Whether this visitor may."""
        return self._context.may_change


class Row:
    """One tenant: it stays the same element while its words change, so that a button keeps the keyboard's focus."""

    def __init__(self, name: str, view: CardView) -> None:
        self._item = ui.element("li").classes("pm-holder")
        with self._item:
            self._words = ui.html("", tag="div").classes("pm-holder-words")
            self._button = None
            if view.may_free:
                self._button = words("button", "pm-quiet", "Free").props("type=button")
                self._button.props(f'aria-label="Free {attribute(name)}"')
                self._button.on("click", lambda: view.free(name))

    def show(self, now: TenantNow, palette: Palette, *, several: bool) -> None:
        """Says how it stands."""
        sheet.put(self._words, holder(now, palette.css(now.name), several=several))
        if self._button is not None:
            busy = bool(now.users) or now.phase != "resident"
            self._button.props(**{"add" if busy else "remove": "disabled"})

    def delete(self) -> None:
        """Takes it out of the list."""
        self._item.delete()


def attribute(text: str) -> str:
    """A name without what would end an attribute."""
    return "".join(it for it in text if it not in "\"'<>\\\n")


def holder(now: TenantNow, colour: str, *, several: bool) -> Safe:
    """What a tenant holds and does."""
    parts = [state(now), "pinned" if now.pinned else "", now.variant, now.device if several else ""]
    note = tag("span", "pm-holder-note", " · ".join(filter(None, parts)))
    spilled = f" · {size(now.spilled)} in the computer's memory, so it is slow"
    return joined(
        tag("span", "pm-swatch", style=f"background:{colour}", aria_hidden="true"),
        tag("span", "pm-holder-name", now.name),
        tag("span", "pm-number", size(amount_of(now))),
        joined(note, tag("span", "pm-tenant-spilled", spilled)) if now.spilled else note,
    )


def queue(found: Sequence[WishNow]) -> Safe:
    """Who waits, for what, and about how long."""
    if not found:
        return tag("p", "pm-note", NO_QUEUE)
    rows = [
        (
            str(it.position),
            it.kind,
            it.tenant or sheet.NONE,
            it.why or sheet.NONE,
            seconds(it.waited),
            f"about {seconds(it.seconds)}" if it.seconds else "now",
        )
        for it in found
    ]
    return sheet.sheet("Who waits", ("", "for", "on", "because", "waited", "still"), rows, texts=4)
