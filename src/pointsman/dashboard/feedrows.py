"""The rows of the live feed as the page shows them."""

from __future__ import annotations

from typing import Final

from pointsman.dashboard.decisioncard import clipped, milliseconds, percent, readable
from pointsman.dashboard.replycard import seconds
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.observe.feed import FeedRow

SHOWN_TEXT: Final = 240
COLUMNS: Final = ("time", "from", "message", "route", "tier", "confidence", "decided", "model", "reply")
STATES: Final = {
    "decided": "decided only",
    "answering": "answering",
    "drawing": "drawing",
    "done": "done",
    "failed": "failed",
    "gone": "went away",
}


def head() -> Safe:
    """The names of the columns."""
    cells = (tag("span", f"pm-feed-{name}", name, role="columnheader") for name in COLUMNS)
    return tag("div", "pm-feed-row pm-feed-head", *cells, role="row")


def row(it: FeedRow, text: str, *, may_correct: bool) -> Safe:
    """One row; `text` is what may be shown of the message, "" for nothing."""
    wrong = wrong_link(it) if may_correct and it.decided and not it.corrected else Safe()
    return tag(
        "div",
        f"pm-feed-row pm-is-{it.state}",
        cell("time", tag("time", "", "", data_at=f"{it.at:.3f}")),
        cell("from", tag("span", "", it.surface), tag("span", "pm-feed-who", it.who) if it.who else Safe()),
        cell("message", message(it, text), wrong),
        *(route(it) if it.decided else named(it)),
        cell("model", it.model or ("none" if it.state == "done" else "")),
        cell("reply", outcome(it)),
        role="row",
        tabindex="-1",
        data_id=it.id,
    )


def cell(name: str, *inner: str) -> Safe:
    """One cell."""
    return tag("span", f"pm-feed-{name}", *inner, role="gridcell")


def message(it: FeedRow, text: str) -> Safe:
    """What was said, or that it is not told."""
    if text:
        return tag("span", "pm-feed-text", clipped(" ".join(text.split()), SHOWN_TEXT), dir="auto")
    return tag("span", "pm-feed-text pm-feed-untold", "a model by name" if not it.decided else "not shown")


def route(it: FeedRow) -> tuple[Safe, Safe, Safe, Safe]:
    """Where it went, by whom, how surely and how quickly that was decided."""
    dot = tag("span", f"pm-dot pm-path-{it.path.replace('+', '-')}", aria_hidden="true")
    name = tag("s", "", readable(it.category)) if it.corrected else readable(it.category)
    better = tag("span", "pm-feed-corrected", f" → {readable(it.corrected)}") if it.corrected else Safe()
    share = min(max(it.confidence, 0.0), 1.0)
    bar = tag("span", "pm-bar", tag("span", "pm-bar-fill", style=f"width:{share * 100:.0f}%"), aria_hidden="true")
    return (
        cell("route", dot, tag("span", "", name, better)),
        cell("tier", it.tier),
        cell("confidence", bar, tag("span", "pm-number", percent(share))),
        cell("decided", milliseconds(it.ms)),
    )


def named(it: FeedRow) -> tuple[Safe, Safe, Safe, Safe]:
    """The same for a model that was asked for by name."""
    return cell("route", tag("span", "pm-feed-untold", it.path)), cell("tier"), cell("confidence"), cell("decided")


def outcome(it: FeedRow) -> Safe:
    """What became of it: how long it took, how far it is, or that it failed."""
    if it.state == "done":
        return joined(seconds(it.seconds or 0.0))
    if it.running:
        said = it.note or STATES[it.state]
        return joined(tag("span", "pm-pulse", aria_hidden="true"), tag("span", "", said))
    return joined(STATES[it.state])


def wrong_link(it: FeedRow) -> Safe:
    """Leads to the correction of a row."""
    return tag("a", "pm-feed-wrong", "wrong?", href=f"/feed?id={it.id}&wrong=1", data_go="", tabindex="-1")
