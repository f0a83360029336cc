"""A card's memory as one bar: every tenant that holds some of it, the others, and what is free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pointsman.dashboard.gpucard import aged
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.dashboard.sheet import COLOURS
from pointsman.gpu.snapshot import CardNow, TenantNow
from pointsman.observe.amounts import size
from pointsman.observe.history import STATIC, amount_of, held_by


@dataclass(slots=True)
class Palette:
    """Gives every tenant a colour of its own, and the same one wherever it is shown."""

    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The number of a tenant's colour, from 0."""
        return self._numbers.setdefault(name, len(self._numbers)) % COLOURS

    def css(self, name: str) -> str:
        """The same as CSS says it."""
        return f"var(--series-{self.number(name) + 1})"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the bar: a class of the style sheet, bytes, and a colour where it is a tenant's."""

    kind: str
    name: str
    bytes: int
    colour: str = ""


def gauge(card: CardNow, tenants: Sequence[TenantNow], palette: Palette) -> Safe:
    """One card: its name, the bar, what its colours mean, and since when that is known."""
    parts = list(segments(card, tenants, palette))
    free = next(it.bytes for it in parts if it.kind == "free")
    head = tag(
        "div",
        "pm-memory-head",
        tag("span", "pm-memory-name", card.name or card.device),
        tag("span", "pm-memory-free", joined(tag("b", "", size(free)), f" of {size(card.total)} free")),
    )
    said = ", ".join(f"{it.name} {size(it.bytes)}" for it in parts)
    bar = tag("div", "pm-memory", *(segment(it, card.total) for it in parts if it.bytes), role="img", aria_label=said)
    kept = tag("span", "pm-memory-line", style=f"left:{100 - 100 * min(1.0, card.margin / max(1, card.total)):.2f}%")
    keys = (key(it) for it in parts if it.kind not in {"tenant", "loading"} and (it.bytes or it.kind == "free"))
    notes = [*([f"others: {card.holders}"] if card.holders else []), *aged(card)]
    legend = tag("p", "pm-memory-key", *keys, key(Segment("margin", f"{size(card.margin)} of it kept free", -1)))
    return tag(
        "div",
        "pm-memory-card",
        head,
        tag("div", "pm-memory-track", bar, kept),
        legend,
        *(tag("p", "pm-note", it) for it in notes),
    )


def segments(card: CardNow, tenants: Sequence[TenantNow], palette: Palette) -> Iterator[Segment]:
    """What the bar is made of, from left to right; a tenant that is loading has a place for all that it will take."""
    left = max(0, card.total - card.reserved)
    held = held_by(card, tenants)
    others = min(left, card.external)
    ours = held.used - card.external
    rest = left - others
    for it in tenants:
        if it.device != card.device or it.phase == "cold":
            continue
        amount = amount_of(it) if it.phase == "loading" else held.tenants.get(it.name, 0)
        amount = min(rest, amount)
        rest -= amount
        ours -= held.tenants.get(it.name, 0)
        yield Segment("loading" if it.phase == "loading" else "tenant", it.name, amount, palette.css(it.name))
    unnamed = min(rest, max(0, ours))
    if card.source != STATIC:
        yield Segment("unnamed", "ours, not told apart", unnamed)
        yield Segment("others", "others", others)
    yield Segment("driver", "driver", min(card.reserved, card.total))
    yield Segment("free", "free", max(0, rest - unnamed))


def segment(it: Segment, whole: int) -> Safe:
    """One part of the bar."""
    colour = f";--tenant:{it.colour}" if it.colour else ""
    width = f"width:{100 * it.bytes / max(1, whole):.2f}%{colour}"
    return tag("span", f"pm-seg pm-seg-{it.kind}", style=width, title=f"{it.name}: {size(it.bytes)}")


def key(it: Segment) -> Safe:
    """What a colour means."""
    return tag("span", f"pm-key pm-seg-{it.kind}", it.name if it.bytes < 0 else f"{it.name} {size(it.bytes)}")
