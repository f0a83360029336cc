"""A reply as the page shows it: its text so far, its pictures, its end."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.reply import Done, Failed, Picture, Progress, ToolUse
from pointsman.core.tool import Source
from pointsman.dashboard.decisioncard import THIN, milliseconds, readable
from pointsman.dashboard.exchange import Exchange
from pointsman.dashboard.safehtml import Safe, joined, link, markdown, tag

# What became of a call, also for who cannot tell the colours apart; one that runs for ever was stopped.
MARKS: Final = {"running": "\u2013", "done": "✓", "failed": "✗", "refused": "\u2013"}
PNG: Final = b"\x89PNG\r\n\x1a\n"
RUNNING: Final = " ..."  # how the line of one that runs ends


def card(exchange: Exchange) -> Safe:
    """Everything that came back so far; nothing when only the decision was wanted."""
    return joined(*parts(exchange))


def parts(exchange: Exchange) -> tuple[Safe, Safe, Safe]:
    """The card in three: what was called, what was said, and how it stands; each changes without the others."""
    if exchange.decide_only and not exchange.failed:
        return Safe(), Safe(), Safe()
    called = [tag("p", "pm-status", status) for status in exchange.statuses]
    at_work = exchange.at_work
    called += [tool(use) for use in exchange.uses if use not in at_work]
    said = [tag("div", "pm-markdown", markdown(exchange.reply), dir="auto")] if exchange.reply else []
    took = exchange.done.seconds if exchange.done else None
    said += [picture(made, took) for made in exchange.pictures]
    return joined(*called), joined(*said), standing(exchange)


def standing(exchange: Exchange) -> Safe:
    """What it waits for, or how it ended."""
    parts = []
    if exchange.running:
        classes = "pm-waiting pm-tool-running" if exchange.at_work else "pm-waiting"
        parts.append(tag("p", classes, tag("span", "pm-pulse"), tag("span", "", waiting_for(exchange))))
        if exchange.drawing:
            parts.append(drawing(exchange.drawing, *exchange.preview))
    if exchange.failed:
        parts.append(failure(exchange.failed))
    if exchange.stopped:
        parts.append(tag("p", "pm-note", "stopped"))
    if exchange.done:
        parts.append(ending(exchange.done, exchange.decision))
    return joined(*parts)


def waiting_for(exchange: Exchange) -> str:
    """What is going on, for who waits."""
    if exchange.drawing:
        return f"drawing: step {exchange.drawing.done} of {exchange.drawing.most}"
    if exchange.decision is None and not exchange.model:
        return "deciding…"
    if exchange.decision and exchange.decision.path == "image":
        return "waiting for the picture…"
    if at_work := exchange.at_work:
        lines = " · ".join(use.line.removesuffix(RUNNING) for use in at_work)
        return f"{lines} … {exchange.clock() - exchange.tools_since:.0f}{THIN}s"
    return "" if exchange.reply else "waiting for the first word…"


def failure(failed: Failed) -> Safe:
    """What went wrong, and what to do about it."""
    cure = tag("p", "pm-cure", failed.cure) if failed.cure else Safe()
    return tag("div", "pm-failure", tag("p", "pm-cause", failed.cause), cure, role="alert")


def drawing(progress: Progress, preview: bytes, media_type: str) -> Safe:
    """How far a picture is, and what it looks like so far."""
    share = progress.done / max(1, progress.most)
    fill = tag("span", "pm-bar-fill", style=f"width:{share * 100:.0f}%")
    how = {"role": "progressbar", "aria_label": "drawing", "aria_valuemin": "0", "aria_valuemax": str(progress.most)}
    bar = tag("span", "pm-bar", fill, aria_valuenow=str(progress.done), **how)
    so_far = shown(preview, media_type, "the picture so far") if preview else Safe()
    return tag("div", "pm-drawing", so_far, bar)


def ending(done: Done, decision: Decision | None = None) -> Safe:
    """The route, the tier, who answered, how long both took, and what its limits are."""
    facts = [done.model or "no model was loaded", seconds(done.seconds)]
    if decision is not None:
        facts = [readable(decision.category), decision.tier, milliseconds(decision.latency_ms), *facts]
    if done.completion_tokens:
        facts.append(f"{done.completion_tokens} tokens")
    if done.finish_reason == "length":
        facts.append("cut at the length limit")
    note = tag("p", "pm-note pm-footer", done.footer) if done.footer else Safe()
    return joined(tag("p", "pm-note", " · ".join(facts)), note)


def tool(use: ToolUse) -> Safe:
    """A tool that was called; what it brought can be unfolded. One that still runs here was stopped."""
    said = f"{use.line.removesuffix(RUNNING)}: stopped" if use.state == "running" else use.line
    line = joined(tag("span", "pm-mark", MARKS[use.state], aria_hidden="true"), tag("span", "pm-tool-line", said))
    classes = f"pm-tool pm-tool-{use.state}"
    if not use.text and not use.sources:
        return tag("p", classes, line)
    brought = tag("pre", "pm-plain pm-brought", use.text, dir="auto", tabindex="0") if use.text else Safe()
    return tag("details", f"pm-evidence {classes}", tag("summary", "", line), brought, pages(use.sources))


def pages(sources: Sequence[Source]) -> Safe:
    """Where it comes from, as links."""
    rows = [tag("li", "", link(source.title.strip() or source.url, source.url)) for source in sources]
    return tag("ul", "pm-sources", *rows) if rows else Safe()


def picture(made: Picture, took: float | None = None) -> Safe:
    """A finished picture, with what it can be drawn again with, and a button that saves it."""
    size = size_of(made.data)
    facts = [f"seed {made.seed}", *([f"{size[0]} x {size[1]}"] if size else [])]
    facts += [f"{len(made.data) / 1000:,.0f}{THIN}kB", *([seconds(took)] if took is not None else [])]
    kind = made.media_type.rpartition("/")[2].partition("+")[0]
    save = tag("button", "pm-link", "save", type="button", data_save=f"pointsman-{made.seed}.{kind}")
    caption = tag("figcaption", "", tag("span", "", " · ".join(facts)), save)
    return tag("figure", "pm-picture", shown(made.data, made.media_type, "the picture"), caption)


def shown(data: bytes, media_type: str, what: str) -> Safe:
    """A picture that lies in the page itself."""
    coded = base64.b64encode(data).decode("ascii")
    return Safe(f'<img alt="{what}" src="data:{escape(media_type)};base64,{coded}">')


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG; None for what is none."""
    if not data.startswith(PNG) or data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def seconds(value: float) -> str:
    """A time with two digits that matter."""
    return f"{value * 1000:.0f}{THIN}ms" if value < 0.995 else f"{value:.1f}{THIN}s"
