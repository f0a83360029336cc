"""Who holds the cards' memory, as a gauge that moves: a small card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Final

from nicegui import events, ui

from pointsman.dashboard.composer import words
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.observe.amounts import in_gb, seconds, size

EVERY: Final = 2.0  # seconds between two looks, while somebody sees the page
NO_CARD: Final = "No graphics card is seen."
STATIC: Final = "static"
PHASES: Final = {"cold": "not loaded", "loading": "loading", "releasing": "giving way"}

Look = Callable[[], Snapshot]


class GpuCard:
    """How the cards stand, looked at every two seconds; a look asks nobody, it reads what the owner knows.

    That the page is seen, or is not any more, is told by the cloud's card beside it.
    """

    def __init__(self, look: Look, *, every: float = EVERY) -> None:
        self._look = look
        ui.add_css(files("pointsman.dashboard").joinpath("gpucard.css").read_text(encoding="utf-8"))
        with ui.element("section").classes("pm-gpu").props('aria-label="Graphics memory"'):
            words("h2", "pm-label", "Graphics memory")
            self._box = ui.html(content_of(look()), tag="div")
        self._timer = ui.timer(every, self.refresh)
        ui.on("pm-seen", self._seen)

    def refresh(self) -> None:
        """Shows what is new."""
        content = content_of(self._look())
        if content != self._box.content:
            self._box.content = content

    def _seen(self, event: events.GenericEventArguments) -> None:
        self._timer.deactivate()
        if event.args:
            self._timer.activate()
            self.refresh()


def content_of(found: Snapshot) -> Safe:
    """What the card says."""
    if not found.cards:
        return tag("p", "pm-note", NO_CARD)
    cards = joined(*(card(it) for it in found.cards))
    return joined(cards, tenants(found.tenants), queue(found.queue))


def card(now: CardNow) -> Safe:
    """One card: its name, the gauge, and what its colours mean."""
    ours = now.booked if now.source == STATIC else max(0, now.used - now.external)
    free = max(0, now.total - now.reserved - ours - now.external)
    head = tag(
        "div",
        "pm-gpu-head",
        tag("span", "pm-gpu-name", now.name or now.device),
        tag("span", "pm-number", f"{in_gb(free)} of {size(now.total)} free"),
    )
    parts = (("ours", ours), ("others", now.external), ("driver", now.reserved))
    bar = tag(
        "div",
        "pm-gauge",
        *(
            tag("span", f"pm-gauge-{name}", style=f"width: {share(amount, now.total)}")
            for name, amount in parts
            if amount
        ),
        role="img",
        aria_label=f"ours {size(ours)}, others {size(now.external)}, free {size(free)} of {size(now.total)}",
    )
    called = "booked" if now.source == STATIC else "ours"
    key = tag(
        "div",
        "pm-gpu-key",
        tag("span", "pm-key-ours", f"{called} {in_gb(ours)}"),
        *([] if now.source == STATIC else [tag("span", "pm-key-others", f"others {in_gb(now.external)}")]),
        tag("span", "pm-key-free", f"{in_gb(now.margin)} kept free"),
    )
    notes = (*([f"others: {now.holders}"] if now.holders else []), *aged(now))
    return tag("div", "pm-gpu-card", head, bar, key, *(tag("p", "pm-note", it) for it in notes))


def aged(now: CardNow) -> Sequence[str]:
    """That nobody measures, or that the last look was a while ago."""
    if now.source == STATIC:
        return ("a budget that nobody measures",)
    # In steps, so that a card that nobody looks at is not news every two seconds.
    return (f"last seen {seconds(now.age // 10 * 10)} ago",) if now.age >= 10 else ()


def share(amount: int, whole: int) -> str:
    """A part as CSS says it."""
    return f"{100 * min(amount, whole) / max(1, whole):.1f}%"


def tenants(found: Sequence[TenantNow]) -> Safe:
    """What is in memory, each with what it takes and what it does."""
    inside = [it for it in found if it.phase != "cold"]
    return tag("ul", "pm-tenants", *(tenant(it) for it in inside)) if inside else joined()


def tenant(now: TenantNow) -> Safe:
    """One of them: what was measured stands before what its server reports, and that before what is booked."""
    amount = next((it for it in (now.measured, now.reported) if it is not None), now.booked)
    pinned = " · pinned" if now.pinned else ""
    note = joined(f"{state(now)}{pinned}")
    if now.spilled:
        spilled = f" · {size(now.spilled)} in the computer's memory, so it is slow"
        note = joined(note, tag("span", "pm-tenant-spilled", spilled))
    return tag(
        "li",
        "pm-tenant",
        tag("span", "pm-tenant-name", now.name),
        tag("span", "pm-number", size(amount)),
        tag("span", "pm-tenant-note", note),
    )


def state(now: TenantNow) -> str:
    """What a tenant does; times in steps, so that an idle page has nothing new to show every two seconds."""
    if now.phase != "resident":
        return PHASES[now.phase]
    if now.users:
        return "in use" if now.users == 1 else f"in use by {now.users}"
    step = 10 if now.idle_seconds < 60 else 60
    return f"idle {seconds(now.idle_seconds // step * step)}" if now.idle_seconds >= step else "idle"


def queue(found: Sequence[WishNow]) -> Safe:
    """Who waits."""
    return tag("div", "pm-gpu-queue", *(tag("p", "pm-note", waiting(it)) for it in found)) if found else joined()


def waiting(now: WishNow) -> str:
    """One of them."""
    left = f", about {seconds(now.seconds)} more" if now.seconds else ""
    return f"{now.position}. {now.kind} waits{left}{f': {now.why}' if now.why else ''}"
