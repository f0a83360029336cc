"""A correction as the page shows it: what it would change, what it contradicts, that it counts."""

from __future__ import annotations

from collections.abc import Callable

from pointsman.core.correction import Conflict, Correction, Flip, Preview
from pointsman.core.errors import PointsmanError
from pointsman.dashboard.decisioncard import clipped, readable
from pointsman.dashboard.safehtml import Safe, joined, tag

SHOWN_FLIPS = 5
SHOWN_TEXT = 120
HIDDEN = "…"


def preview(found: Preview, veiled: Callable[[str], str] = str) -> Safe:
    """What a correction would change and contradict; `veiled` says as much of a text as may be shown."""
    rows = [flip(it, count, veiled) for it, count in found.changes[:SHOWN_FLIPS]]
    more = len(found.changes) - SHOWN_FLIPS
    if more > 0:
        rows.append(tag("li", "pm-row", tag("span", "", f"and {more} more")))
    changed = tag("ul", "pm-rows", *rows) if rows else Safe()
    kept = "Your message will be kept until you undo it."
    said = found.summary[:1].upper() + found.summary[1:]
    return joined(tag("p", "", f"{said}. {kept}"), changed, *(conflict(it, veiled) for it in found.conflicts))


def working() -> Safe:
    """That it is being worked out, which takes seconds on a busy machine."""
    return tag("p", "pm-waiting", tag("span", "pm-pulse"), "working out what that would change…")


def flip(it: Flip, count: int = 1, veiled: Callable[[str], str] = str) -> Safe:
    """A text whose decision would be another, and how many such decisions there are."""
    often = f", {count} times" if count > 1 else ""
    change = f"{readable(it.before)} → {readable(it.after)}{often}"
    return tag(
        "li",
        "pm-row",
        tag("span", "pm-row-text", clipped(veiled(it.text), SHOWN_TEXT) or HIDDEN, dir="auto"),
        tag("span", "pm-row-category", change),
    )


def conflict(it: Conflict, veiled: Callable[[str], str] = str) -> Safe:
    """An earlier correction that says otherwise."""
    which = "The same text" if it.same else f"“{clipped(veiled(it.earlier.text), SHOWN_TEXT) or HIDDEN}”"
    wins = "; the latest counts" if it.same else ""
    return tag("p", "pm-cause", f"{which} was corrected to {readable(it.earlier.category)} ({it.earlier.id}){wins}.")


def applied(correction: Correction) -> str:
    """That it counts."""
    return f"From now on this is {readable(correction.category)}."


def failure(error: PointsmanError) -> Safe:
    """What went wrong, and what to do about it."""
    return tag("p", "pm-cause", f"{error.message} ({error.cure})" if error.cure else error.message, role="alert")
