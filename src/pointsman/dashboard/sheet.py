"""Tables, bars and quiet lines that several views are made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from nicegui import ui

from pointsman.dashboard.composer import words
from pointsman.dashboard.safehtml import Safe, joined, tag

COLOURS: Final = 6
NONE: Final = "\u2013"


@cache
def css() -> str:
    """The style sheet of these views."""
    return files("pointsman.dashboard").joinpath("statusviews.css").read_text(encoding="utf-8")


def begin(title: str, about: str) -> None:
    """The head of a view: its title, and what it is about in a sentence."""
    ui.add_css(css())
    with ui.element("header").classes("pm-view-head"):
        words("h2", "pm-view-title", title)
        words("p", "pm-view-note", about)


def part(title: str, about: str = "") -> ui.element:
    """A part of a view, with its heading; what belongs to it is built inside."""
    place = ui.element("section").classes("pm-card pm-block").props(f'aria-label="{title}"')
    with place, ui.element("div").classes("pm-block-head"):
        words("h3", "pm-block-title", title)
        if about:
            words("p", "pm-note", about)
    return place


def box() -> ui.html:
    """A place for HTML that changes."""
    return ui.html("", tag="div")


def put(place: ui.html, content: str) -> None:
    """Shows what is new, and sends nothing where nothing is."""
    if content != place.content:
        place.content = content


def sheet(
    label: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int = 1, stacks: bool = False
) -> Safe:
    """A table that scrolls by itself on a narrow screen, or `stacks` its cells there.

    All but the first `texts` columns are numbers.
    """
    head = tag("tr", "", *(tag("th", kind(n, texts), it, scope="col") for n, it in enumerate(heads)))
    body = [tag("tr", "", *(cell(n, it, texts, heads[n]) for n, it in enumerate(row))) for row in rows]
    table = tag(
        "table", "pm-sheet pm-stacks" if stacks else "pm-sheet", tag("thead", "", head), tag("tbody", "", *body)
    )
    return tag("div", "pm-scroll", table, tabindex="0", role="region", aria_label=label)


def cell(number: int, content: str, texts: int, head: str) -> Safe:
    """One cell, with the head of its column for where that is not to be seen; the first of a row names it."""
    if number == 0:
        return tag("th", kind(number, texts), content, scope="row")
    return tag("td", kind(number, texts), content, data_head=head)


def kind(number: int, texts: int) -> str:
    """The class of a column."""
    return "" if number < texts else "pm-figure"


def facts(pairs: Sequence[tuple[str, str]]) -> Safe:
    """Names and what they stand for."""
    rows = (joined(tag("dt", "", name), tag("dd", "", value)) for name, value in pairs)
    return tag("dl", "pm-pairs", *rows)


def empty(said: str, *commands: str) -> Safe:
    """That there is nothing yet, and what to do about it."""
    todo = (tag("pre", "pm-command", command) for command in commands)
    return tag("div", "pm-nothing", tag("p", "", said), *todo)


def mark(state: str, said: str) -> Safe:
    """A state in a word, with a dot of its colour: "good", "bad", "warn" or "off"."""
    return tag("span", f"pm-state pm-state-{state}", said)


def meter(share: float, label: str, tone: str = "") -> Safe:
    """A small bar; `share` is 0 to 1."""
    filled = tag("span", f"pm-meter-fill {tone}".strip(), style=f"width:{100 * min(1.0, max(0.0, share)):.1f}%")
    return tag("span", "pm-meter", filled, role="img", aria_label=label)


def share_of(part_of: float | None) -> str:
    """A share as people read it."""
    return NONE if part_of is None else f"{100 * part_of:.1f} %"


def took(amount: float | None) -> str:
    """Seconds as people read them."""
    if amount is None:
        return NONE
    if amount < 0.9995:
        return f"{amount * 1000:.0f} ms"
    return f"{amount:.1f} s" if amount < 99.5 else f"{amount / 60:.1f} min"


def count(number: float | None) -> str:
    """A number with its thousands apart."""
    return NONE if number is None else f"{number:,.0f}"
