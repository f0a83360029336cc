"""The models: which serves what, where it runs, and what a message costs here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from nicegui import events, ui

from pointsman.core.errors import PointsmanError
from pointsman.dashboard import roles, sheet, traffic
from pointsman.dashboard.backstage import backstage, look, store_of
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.decisioncard import milliseconds, readable
from pointsman.dashboard.providersview import failure
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.dashboard.traffic import DAY, ENOUGH, Cost
from pointsman.gpu.footprints import Footprint
from pointsman.observe.amounts import size
from pointsman.stores.figures import MOST, Figures

EVERY: Final = 10.0
ABOUT: Final = "Which model serves what, where it runs, and what a message costs here, by what was measured."
SPANS: Final = (("1 day", 1), ("7 days", 7), ("30 days", 30))
NOTHING: Final = "No message has been answered in this time. Try one on the first page, or ask over the API:"
TRY: Final = "pointsman ask 'explain how TCP slow start works'"
CHOOSE: Final = "(event) => emit(event.target.value)"


def build(context: PageContext) -> None:
    """Lays the view out in the current place."""
    SelectionView(context).build()


class SelectionView:
    """The view of one visitor."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._stage = backstage(context.router)
        self._days = SPANS[1][1]
        self._rows: Sequence[Figures] = ()

    def build(self) -> None:
        """Lays it out."""
        sheet.begin("Models", ABOUT)
        with ui.element("div").classes("pm-run-line"):
            days(self._days, self._chosen)
            self._note = words("span", "pm-note", "").props("role=status")
        self._tiles = sheet.box()
        with sheet.part("Who answers what"):
            self._served = sheet.box()
        with sheet.part("The models"):
            self._models = sheet.box()
        with sheet.part("What a message costs here"):
            self._costs = sheet.box()
        self._context.sight.every(EVERY, self.refresh)

    async def refresh(self) -> None:
        """Shows what is new."""
        try:
            rows = await self._stage.records.since(time.time() - self._days * DAY)
            learned = await footprints(self._context)
        except PointsmanError as error:
            sheet.put(self._costs, failure(error))
            return
        config, router = self._context.status().config, self._context.router
        abilities = router.parts.abilities()
        cut = f" (the latest {MOST:,} of them)" if len(rows) >= MOST else ""
        self._note.text = f"{len(rows):,} messages{cut}"
        sheet.put(self._tiles, tiles(rows, abilities.main))
        sheet.put(self._served, served(roles.served(router.catalogue, abilities), rows, abilities.mode))
        known = [(it, roles.footing(it, look(router), learned)) for it in roles.roles(config)]
        loads = {it.tenant: self._stage.history.loads(it.tenant) for it, _ in known if it.tenant}
        sheet.put(self._models, models(known, traffic.by_model(rows), loads))
        sheet.put(self._costs, costs(traffic.costs(rows)) if rows else sheet.empty(NOTHING, TRY))

    async def _chosen(self, event: events.GenericEventArguments) -> None:
        self._days = next((it for _, it in SPANS if str(event.args) == str(it)), self._days)
        await self.refresh()


def days(chosen: int, tell: Callable[..., object]) -> None:
    """The choice of how many days are looked at."""
    with ui.element("fieldset").classes("pm-modes pm-spans").props('aria-label="How many days"'):
        for label, number in SPANS:
            with ui.element("label"):
                radio = ui.element("input").props(f"type=radio name=pm-days-{id(tell)} value={number}")
                radio.props("checked" if number == chosen else "")
                radio.on("change", tell, js_handler=CHOOSE)
                words("span", "", label)


async def footprints(context: PageContext) -> Mapping[str, Footprint]:
    """What was learned of models' memory and loads. Raises StoreError."""
    from pointsman.stores.footprints import ShelfFootprints
    from pointsman.stores.shelf import SqliteShelf

    store = store_of(context.router)
    if store is None:
        return {}
    kept = ShelfFootprints(SqliteShelf(store))
    try:
        return await kept.read()
    finally:
        await kept.close()


def tiles(rows: Sequence[Figures], main: str) -> Safe:
    """The figures that matter most."""
    if not rows:
        return Safe()
    whole = traffic.cost("", "", rows)
    failed = whole.failed / whole.ended if whole.ended else None
    told = (
        (sheet.share_of(traffic.spared(rows, main)), f"answered without {main or 'the main model'}"),
        (sheet.NONE if whole.deciding is None else milliseconds(whole.deciding), "to decide, the middle message"),
        (sheet.took(whole.p50), "for the whole reply, the middle one"),
        (sheet.share_of(failed), f"of {whole.ended:,} replies failed"),
    )
    return tag("div", "pm-tiles", *(tag("div", "pm-tile", tag("b", "", it), tag("span", "", is_)) for it, is_ in told))


def served(found: Sequence[roles.Served], rows: Sequence[Figures], mode: str) -> Safe:
    """Every category, and who answers it."""
    told = [
        (
            readable(it.category),
            tag("span", "pm-badge", it.path),
            joined(tag("b", "", it.model) if it.model else it.how, tools(it)),
            sheet.count(sum(row.category == it.category for row in rows)),
        )
        for it in found
    ]
    table = sheet.sheet("Who answers what", ("category", "path", "answered by", "messages"), told, texts=3, stacks=True)
    less = tag("p", "pm-note", f"mode {mode}: not every track is trusted yet, so the main model answers more")
    return table if mode == "full" else joined(less, table)


def tools(it: roles.Served) -> Safe:
    """The tools that a category's model may call, and what is missing for it."""
    told = "; ".join(filter(None, (f"with {', '.join(it.tools)}" if it.tools else "", it.notice)))
    return tag("span", "pm-address", told) if told else Safe()


def models(
    known: Sequence[tuple[roles.Role, roles.Footing]], costs_of: Mapping[str, Cost], loads: Mapping[str, int]
) -> Safe:
    """Every model, what it takes of the card, and how it answered."""
    heads = ("model", "part", "on the card", "loads in", "loads seen", "replies", "p50", "p95", "tokens/s", "failed")
    return sheet.sheet("The models", heads, [model(it, at, costs_of.get(it.name), loads) for it, at in known], texts=2)


def model(it: roles.Role, at: roles.Footing, cost: Cost | None, loads: Mapping[str, int]) -> tuple[str, ...]:
    """One of them."""
    memory = sheet.NONE if at.bytes is None else f"{size(at.bytes)}{'' if at.now else ', not now'}"
    times = " / ".join(sheet.took(seconds) for seconds in (at.cold, at.warm) if seconds is not None)
    seen = sheet.count(loads.get(it.tenant, 0)) if it.tenant else sheet.NONE
    name = joined(it.name, tag("span", "pm-address", it.where))
    replies = replied(cost) if cost else ("0", *(sheet.NONE,) * 4)
    return (name, it.part, memory, times or sheet.NONE, seen, *replies)


def replied(it: Cost) -> tuple[str, ...]:
    """How a model, or a category, was answered: how many, how fast, how surely; a p95 of a few says nothing."""
    done = it.ended - it.failed
    speed = sheet.NONE if it.speed is None else f"{it.speed:.1f}"
    slow = sheet.took(it.p95) if done >= ENOUGH else sheet.NONE
    failed = sheet.NONE if not it.ended else f"{it.failed} of {it.ended}" if it.failed else "0"
    return (sheet.count(it.ended), sheet.took(it.p50), slow, speed, failed)


def costs(found: Sequence[Cost]) -> Safe:
    """What messages of each category cost."""
    heads = ("category", "answered by", "messages", "deciding", "replies", "p50", "p95", "tokens/s", "failed", "tokens")
    rows = [
        (
            readable(it.category),
            it.model or "no model",
            sheet.count(it.n),
            sheet.NONE if it.deciding is None else milliseconds(it.deciding),
            *replied(it),
            sheet.NONE if it.read is None else f"{sheet.count(it.read)} in, {sheet.count(it.written)} out",
        )
        for it in found
    ]
    few = f"{sheet.NONE} stands where nothing is known yet; a p95 takes {ENOUGH} replies."
    return joined(sheet.sheet("What a message costs here", heads, rows, texts=2), tag("p", "pm-note", few))
