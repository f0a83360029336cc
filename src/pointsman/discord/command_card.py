"""A decision, the graphics card and the services, each as a card that people read on Discord; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import discord

from pointsman.core.decision import Abstain, Answer, Decision, TraceLine, details_of
from pointsman.core.reply import ToolUse
from pointsman.discord.wording import quoted
from pointsman.observe.amounts import seconds, size

# Discord takes 4,096 characters in a card's text, 1,024 in a field and 6,000 in all.
TEXT: Final = 3_000
FIELD: Final = 1_000
TITLE: Final = 250
BAR: Final = 10
GAUGE: Final = 20
SURE: Final = 0x2E8B57
UNSURE: Final = 0xC77D0A
PLAIN: Final = 0x5865F2
STATES: Final = {"cold": "not loaded", "loading": "loading", "releasing": "giving way"}
STATIC: Final = "static"


def why_card(
    decision: Decision, uses: Sequence[ToolUse] = (), *, model: str = "", took: float | None = None
) -> discord.Embed:
    """The whole trace of a decision; `model` answered in `took` seconds, as far as that is known."""
    card = discord.Embed(
        title=short(f"{decision.category} · {decision.confidence:.0%} sure", TITLE),
        description=short(
            f"{bar(decision.confidence)}\n**Because** {quoted(decision.reason, 600)}\n\n"
            + "\n".join(trace_of(decision)),
            TEXT,
        ),
        colour=SURE if decision.confidence >= 0.5 else UNSURE,
        timestamp=datetime.fromtimestamp(decision.at, UTC) if decision.at else None,
    )
    mode = "" if decision.mode == "full" else f" [mode: {decision.mode}]"
    answered = " in ".join(it for it in (code(model) if model else "", seconds(took) if took is not None else "") if it)
    put(card, "Plan", quoted(decision.plan) + mode if decision.plan else "")
    put(card, "Answered by" if model else "Answered in", answered)
    put(card, "Found in the message", "\n".join(slots_of(decision)))
    put(
        card,
        "Noticed",
        "\n".join(quoted(f"{it.name} {it.score:.2f} by {it.source}{details_of(it)}") for it in decision.signals),
    )
    put(card, "Tools", "\n".join(quoted(use.line, 400) for use in uses))
    put(card, "Also considered", ", ".join(f"{quoted(name)} {score:.2f}" for name, score in decision.alternatives[:5]))
    card.set_footer(text=f"#{decision.id} · decided by {decision.tier} in {decision.latency_ms:.1f} ms")
    return card


def trace_of(decision: Decision) -> Iterable[str]:
    """One line a tier: its verdict, and how long it took."""
    for line in decision.trace:
        mark = "✅" if line.tier == decision.tier else "▫️"
        yield f"{mark} **{quoted(line.tier)}** {line.ms:.2f} ms · {verdict_of(line)}"


def verdict_of(line: TraceLine) -> str:
    """What a tier said."""
    match line.verdict:
        case Answer() as it:
            return quoted(f"{it.category} {it.confidence:.2f}, margin {it.margin:.2f}: {it.reason}", 400)
        case Abstain(reason=reason):
            return quoted(f"abstains: {reason}", 400)


def slots_of(decision: Decision) -> Iterable[str]:
    """What was found in the message, one line each."""
    return (f"{quoted(name)}: {quoted(str(value), 200)}" for name, value in decision.slots.items())


def gpu_card(found: Mapping[str, Any]) -> discord.Embed:
    """Who holds the card, a bar of it, and who waits; `found` is what GET /v1/gpu tells."""
    cards, tenants, queue = (list(found.get(name) or ()) for name in ("cards", "tenants", "queue"))
    about = discord.Embed(title="Graphics card" if len(cards) < 2 else "Graphics cards", colour=PLAIN)
    if not found.get("managed", True):
        about.description = "Nobody looks after a card here: each server loads what it is asked for."
    elif not cards:
        about.description = "No graphics card is seen here."
    for it in cards[:4]:
        put(about, str(it.get("name") or it.get("device") or "card"), gauge_of(it))
    loaded = [it for it in tenants if it.get("phase") != "cold"]
    put(about, "Held by", "\n".join(tenant_line(it) for it in loaded[:15]) or ("nobody" if cards else ""))
    waits = "\n".join(wish_line(it) for it in queue[:10])
    put(about, f"Waiting ({len(queue)})" if queue else "Waiting", waits or ("Nobody waits." if cards else ""))
    return about


def gauge_of(card: Mapping[str, Any]) -> str:
    """A card as a bar of who holds how much, and the same in numbers; amounts are bytes."""
    total, others, driver = (int(card.get(it) or 0) for it in ("total", "external", "reserved"))
    ours = int(card.get("booked") or 0) if card.get("source") == STATIC else max(0, int(card.get("used") or 0) - others)
    free = max(0, total - driver - ours - others)
    cells = [max(1, round(GAUGE * it / max(1, total))) if it else 0 for it in (ours, others + driver)]
    while sum(cells) > GAUGE:
        cells[cells.index(max(cells))] -= 1
    drawn = "█" * cells[0] + "▓" * cells[1] + "░" * (GAUGE - sum(cells))
    by_others = f" · ▓ others {size(others + driver)}" if others + driver else ""
    return f"`{drawn}`\n█ ours {size(ours)}{by_others} · ░ free {size(free)} of {size(total)}"


def tenant_line(it: Mapping[str, Any]) -> str:
    """Who holds memory of the card, how much, and what it does just now."""
    phase, users = str(it.get("phase", "")), int(it.get("users") or 0)
    if phase in STATES:
        does = STATES[phase]
    else:
        does = (
            f"in use by {users}" if users > 1 else "in use" if users else f"idle {seconds(it.get('idle_seconds') or 0)}"
        )
    spilled = " · partly in the computer's memory, so slow" if it.get("spilled") else ""
    return f"{code(str(it.get('name', '?')))} {size(int(it.get('booked') or 0))} · {does}{spilled}"


def wish_line(it: Mapping[str, Any]) -> str:
    """Who waits, for what, and how long."""
    named = f" with {code(str(it['tenant']))}" if it.get("tenant") else ""
    left = f", about {seconds(it['seconds'])} more" if it.get("seconds") else ""
    why = f": {quoted(str(it['why']))}" if it.get("why") else ""
    return f"{it.get('position', '?')}. {it.get('kind', '?')}{named} waits {seconds(it.get('waited') or 0)}{left}{why}"


def quota_card(services: Sequence[Mapping[str, Any]]) -> discord.Embed:
    """The services that are asked what a message wants, and what their free quota still allows."""
    about = discord.Embed(title="Services", colour=PLAIN)
    if not services:
        about.description = "No service is asked what a message wants: that is decided where Pointsman runs."
    for it in services[:20]:
        put(about, str(it.get("service", "?")), service_line(it))
    return about


def service_line(it: Mapping[str, Any]) -> str:
    """How one service stands."""
    left = it.get("calls_left")
    about = "about " if it.get("estimated") and left else ""
    span = "this month" if it.get("per") == "month" else "today"
    calls = (
        "as many calls as you like" if left is None else f"{about}{left:,} call{'' if left == 1 else 's'} left {span}"
    )
    where = "asked on this machine" if it.get("local") else "left this machine"
    cure = f"\ncure: {quoted(str(it['cure']))}" if it.get("cure") else ""
    sent = f"{int(it.get('sent_today') or 0):,} {where} today (UTC)"
    return f"{'🟢' if it.get('ready') else '🟡'} {quoted(str(it.get('state', '')))}\n{calls}; {sent}{cure}"


def bar(share: float) -> str:
    """A share of 0..1 as a bar."""
    full = min(BAR, max(0, round(share * BAR)))
    return "▰" * full + "▱" * (BAR - full)


def put(card: discord.Embed, name: str, value: str) -> None:
    """Adds a field, where there is something to say."""
    if value.strip() and len(card.fields) < 25:
        room = 5_800 - len(card) - len(name)
        if room > 20:
            card.add_field(name=short(name, TITLE), value=short(value, min(FIELD, room)), inline=False)


def code(name: str) -> str:
    """A name as it is written."""
    inside = " ".join(name.replace("`", "'").split())
    return f"`{inside[:200]}`" if inside else ""


def short(text: str, most: int) -> str:
    """A text, or its beginning with a mark that there is more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
