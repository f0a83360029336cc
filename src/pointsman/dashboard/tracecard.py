"""Everything that is known of one message of the feed, as its panel shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.reply import ToolUse
from pointsman.dashboard import decisioncard, replycard
from pointsman.dashboard.decisioncard import PATHS
from pointsman.dashboard.feedrows import STATES
from pointsman.dashboard.replycard import seconds
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.observe.feed import FeedRow

UNTOLD: Final = "What was said is not shown here, or not kept; see page.text and store.keep_text in the configuration."


def said(text: str) -> Safe:
    """What was said."""
    return tag("p", "pm-said", text, dir="auto") if text else tag("p", "pm-note", UNTOLD)


def when(row: FeedRow | None, decision: Decision) -> Safe:
    """Since when, from where, by whom."""
    time = tag("time", "", "", data_at=f"{decision.at:.3f}")
    surface = f" · {row.surface}" if row and row.surface else ""
    who = f" · {row.who}" if row and row.who else ""
    return tag("p", "pm-note", time, f"{surface}{who} · language {decision.language}")


def done(decision: Decision, row: FeedRow | None, uses: Sequence[ToolUse]) -> Safe:
    """What was planned and done, with which model and tools, and how it ended."""
    facts: list[tuple[str, str]] = [("track", PATHS.get(decision.path, decision.path))]
    if decision.plan:
        facts.append(("plan", decision.plan))
    if decision.mode != "full":
        facts.append(("mode", f"{decision.mode}: the track above is not the one that was taken"))
    if row is not None:
        facts += ended(row)
    failure = broke(row) if row is not None and row.error else Safe()
    tools = [replycard.tool(use) for use in uses]
    called = joined(tag("h3", "pm-label", "Tools"), *tools) if tools else Safe()
    return joined(tag("h3", "pm-label", "What was done"), facts_list(facts), failure, called)


def named(row: FeedRow) -> Safe:
    """A model that was asked for by name: nothing was decided."""
    note = tag("p", "pm-note", "This model was asked for by name, so nothing was decided: the request was passed on.")
    time = tag("time", "", "", data_at=f"{row.at:.3f}")
    head = tag("p", "pm-note", time, f" · {row.surface}{f' · {row.who}' if row.who else ''}")
    facts = facts_list([("path", row.path), *ended(row)])
    return joined(head, note, facts, broke(row) if row.code or row.error else Safe())


def ended(row: FeedRow) -> list[tuple[str, str]]:
    """How far a reply is, and what it took."""
    facts = [("state", row.note or STATES[row.state])]
    if row.state != "decided":
        facts.append(("model", row.model or ("none was loaded" if row.state == "done" else "not known yet")))
    if row.seconds is not None:
        facts.append(("time", seconds(row.seconds)))
    if row.first is not None:
        facts.append(("first picture" if row.path == "image" else "first word", f"after {seconds(row.first)}"))
    if row.completion_tokens or row.prompt_tokens:
        facts.append(("tokens", f"{row.prompt_tokens:,} read, {row.completion_tokens:,} written"))
    return facts


def broke(row: FeedRow) -> Safe:
    """Why a reply broke off, and what to do about it."""
    cause = " · ".join(it for it in (row.error, row.code) if it)
    cure = tag("p", "pm-cure", row.cure) if row.cure else Safe()
    return tag("div", "pm-failure", tag("p", "pm-cause", cause), cure)


def facts_list(facts: Sequence[tuple[str, str]]) -> Safe:
    """Names with their values."""
    return tag("dl", "pm-facts", *(joined(tag("dt", "", name), tag("dd", "", value)) for name, value in facts))


def look_up(decision: Decision, model: str = "") -> Safe:
    """What to look it up with elsewhere: the command, the id, the headers that its caller got."""
    command = f"pointsman why {decision.id}"
    lines = "\n".join(f"{name}: {value}" for name, value in headers(decision, model))
    return joined(
        tag("h3", "pm-label", "Elsewhere"),
        copied("in a terminal", command),
        copied("what the caller was told", lines),
    )


def copied(label: str, text: str) -> Safe:
    """Something to copy."""
    button = tag("button", "pm-link", "copy", type="button", data_copy=text, aria_label=f"Copy: {label}")
    head = tag("div", "pm-copy-head", tag("span", "pm-note", label), button)
    return tag("div", "pm-copy", head, tag("pre", "pm-plain", text, tabindex="0"))


def headers(decision: Decision, model: str = "") -> list[tuple[str, str]]:
    """The headers of the reply that everybody gets."""
    found = {
        "category": decision.category,
        "path": decision.path,
        "tier": decision.tier,
        "confidence": f"{decision.confidence:.4f}",
        "decision-id": decision.id,
        "model": model,
    }
    return [(f"x-pointsman-{name}", value) for name, value in found.items() if value]


def verdict(decision: Decision) -> Safe:
    """What was decided."""
    return decisioncard.summary(decision)
