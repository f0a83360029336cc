"""A reply as the page shows it: its text so far, its pictures, its end."""

from __future__ import annotations

import base64

from pointsman.core.reply import Done, Failed, Picture, ToolUse
from pointsman.dashboard.decisioncard import THIN
from pointsman.dashboard.exchange import Exchange
from pointsman.dashboard.safehtml import Safe, joined, markdown, tag


def card(exchange: Exchange) -> Safe:
    """Everything that came back so far; nothing when only the decision was wanted."""
    if exchange.decide_only and not exchange.failed:
        return Safe()
    parts = [tag("p", "pm-status", status) for status in exchange.statuses]
    parts += [tool(use) for use in exchange.uses]
    if exchange.reply:
        parts.append(tag("div", "pm-markdown", markdown(exchange.reply), dir="auto"))
    parts += [picture(made) for made in exchange.pictures]
    if exchange.running:
        parts.append(tag("p", "pm-waiting", tag("span", "pm-pulse"), waiting_for(exchange)))
    if exchange.failed:
        parts.append(failure(exchange.failed))
    if exchange.stopped:
        parts.append(tag("p", "pm-note", "stopped"))
    if exchange.done:
        parts.append(ending(exchange.done))
    return joined(*parts)


def waiting_for(exchange: Exchange) -> str:
    """What is going on, for who waits."""
    if exchange.decision is None:
        return "deciding…"
    if exchange.decision.path == "image":
        return exchange.drawing or "waiting for the picture…"
    return "" if exchange.reply else "waiting for the first word…"


def failure(failed: Failed) -> Safe:
    """What went wrong, and what to do about it."""
    cure = tag("p", "pm-cure", failed.cure) if failed.cure else Safe()
    return tag("div", "pm-failure", tag("p", "pm-cause", failed.cause), cure, role="alert")


def ending(done: Done) -> Safe:
    """Who answered, how long it took, and what its limits are."""
    facts = [done.model or "no model was loaded", seconds(done.seconds)]
    if done.completion_tokens:
        facts.append(f"{done.completion_tokens} tokens")
    if done.finish_reason == "length":
        facts.append("cut at the length limit")
    note = tag("p", "pm-note pm-footer", done.footer) if done.footer else Safe()
    return joined(tag("p", "pm-note", " · ".join(facts)), note)


def tool(use: ToolUse) -> Safe:
    """A tool that was called; what it brought can be unfolded."""
    if not use.text:
        return tag("p", "pm-status", use.line)
    brought = tag("p", "pm-row-text", use.text, dir="auto")
    return tag("details", "pm-evidence pm-tool", tag("summary", "", use.line), brought)


def picture(made: Picture) -> Safe:
    """A finished picture."""
    data = base64.b64encode(made.data).decode("ascii")
    return tag("div", "pm-picture", Safe(f'<img alt="the picture" src="data:{made.media_type};base64,{data}">'))


def seconds(value: float) -> str:
    """A time with two digits that matter."""
    return f"{value * 1000:.0f}{THIN}ms" if value < 0.995 else f"{value:.1f}{THIN}s"
