"""What commands are made of: cards, suggestions, and whose decision it was."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.core.decision import Abstain, Answer, Decision, Signal, TraceLine
from pointsman.core.errors import BadField, StoreError, Unreachable
from pointsman.core.message import ToolCall
from pointsman.core.reply import ToolUse
from pointsman.discord.command_card import GAUGE, gauge_of, gpu_card, quota_card, why_card
from pointsman.discord.command_draw import size_of
from pointsman.discord.command_known import Fresh, matching, named
from pointsman.discord.command_latest import MOST, Latest, Made
from pointsman.stores.shelf import MemoryShelf
from pointsman.testing.stepped_time import SteppedTime

GB = 10**9


TRACE = (
    TraceLine("patterns", Abstain("no pattern matched"), 0.02),
    TraceLine("neighbours", Answer("image_generation", 0.91, 0.34, "5 of 7 are near: *draw a cat*"), 3.1),
)


def decision(trace: tuple[TraceLine, ...] = TRACE, **more: Any) -> Decision:
    found: dict[str, Any] = {"slots": {"prompt": "a fox"}, "plan": "draw", "at": 1.0, "latency_ms": 3.2, **more}
    return Decision("1f2e3d4c5b6a", "image_generation", "image", 0.91, "neighbours", trace, **found)


def test_a_decision_is_told_tier_by_tier() -> None:
    use = ToolUse(ToolCall("search", {"query": "foxes"}), "done", seconds=1.5)
    signals = (Signal("injection", 0.8, "guard"),)
    card = why_card(decision(signals=signals), [use], model="z-image", took=12.0)

    assert card.title == "image_generation · 91% sure"
    lines = (card.description or "").splitlines()
    assert lines[3:] == [
        "▫️ **patterns** 0.02 ms · abstains: no pattern matched",
        "✅ **neighbours** 3.10 ms · image\\_generation 0.91, margin 0.34: 5 of 7 are near: \\*draw a cat\\*",
    ]
    fields = {it.name: it.value for it in card.fields}
    assert fields["Answered by"] == "`z-image` in 12 s"
    assert fields["Found in the message"] == "prompt: a fox"
    assert "done in 1.5 s" in str(fields["Tools"])
    assert "injection 0.80 by guard" in str(fields["Noticed"])
    assert card.footer.text == "#1f2e3d4c5b6a · decided by neighbours in 3.2 ms"


def test_a_card_never_holds_more_than_discord_takes() -> None:
    long = "*" * 5_000
    trace = tuple(TraceLine(f"tier{it}", Abstain(long), 1.0) for it in range(50))
    slots = {f"slot{it}": long for it in range(30)}
    card = why_card(decision(trace=trace, slots=slots, plan=long), [ToolUse(ToolCall(long), "failed", long)] * 30)

    assert len(card) <= 6_000
    assert all(len(it.value or "") <= 1_024 for it in card.fields)


def test_a_bar_has_a_cell_for_whoever_holds_anything() -> None:
    drawn = gauge_of({"total": 24 * GB, "used": 14 * GB, "external": 1, "reserved": 0})

    bar = drawn.split("`")[1]
    assert [bar.count("█"), bar.count("▓"), len(bar)] == [12, 1, GAUGE]
    assert "free 10.0 GB of 24.0 GB" in drawn
    full = gauge_of({"total": 1, "used": 1, "external": 1, "reserved": 1, "booked": 9, "source": "static"})
    assert len(full.split("`")[1]) == GAUGE


def test_who_waits_is_told_with_why_and_how_long() -> None:
    wish = {"position": 1, "kind": "chat", "tenant": "ollama:main", "waited": 2, "seconds": 18, "why": "a picture"}
    tenant = {"name": "comfyui", "phase": "resident", "booked": 9 * GB, "users": 2, "spilled": 1}
    card = gpu_card({"managed": True, "cards": [{"total": 1}], "tenants": [tenant], "queue": [wish]})

    said = {it.name: it.value for it in card.fields}
    assert said["Waiting (1)"] == "1. chat with `ollama:main` waits 2 s, about 18 s more: a picture"
    assert said["Held by"] == "`comfyui` 9.0 GB · in use by 2 · partly in the computer's memory, so slow"
    assert "Nobody looks after a card" in str(gpu_card({"managed": False}).description)


def test_a_service_is_told_with_what_is_left_of_it() -> None:
    service = {
        "service": "groq",
        "ready": False,
        "state": "no calls left",
        "calls_left": 0,
        "cure": "wait",
        "per": "day",
    }
    [field] = quota_card([{**service, "sent_today": 12}]).fields

    assert field.name == "groq"
    assert str(field.value).splitlines() == [
        "🟡 no calls left", "0 calls left today; 12 left this machine today (UTC)", "cure: wait"
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "size"), [("1024x768", (1024, 768)), (" 512 × 512 px ", (512, 512))])
def test_a_size_is_read_as_people_write_it(text: str, size: tuple[int, int]) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "large", "0x512", "1024", "1024x768x3", "9x9"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadField, match="is no size"):
        size_of(text)


def test_suggestions_hold_what_was_typed_and_are_no_more_than_discord_takes() -> None:
    names = [f"model {it}" for it in range(60)] + ["", "x" * 101, "small MODEL"]

    assert len(matching(names, "")) == 25
    assert [it.value for it in matching(names, "model")][:2] == ["model 0", "model 1"]
    assert [it.value for it in matching(names, "small")] == ["small MODEL"]
    [only] = named([("a long text " * 20, "m1"), ("tea", "m2")], "long")
    assert (len(only.name), only.value) == (100, "m1")


async def test_the_same_is_asked_for_once_in_five_seconds() -> None:
    time, asked = SteppedTime(), list[int]()
    fresh = Fresh(time)

    async def ask() -> int:
        await asyncio.sleep(0)
        asked.append(1)
        return len(asked)

    assert set(await asyncio.gather(fresh.get("a", ask, 0), fresh.get("a", ask, 0))) == {1}
    assert await fresh.get("a", ask, 0) == 1
    time.now = 5.1
    assert await fresh.get("a", ask, 0) == 2
    fresh.forget("a")
    assert await fresh.get("a", ask, 0) == 3


async def test_what_was_known_before_is_good_while_nothing_answers() -> None:
    time = SteppedTime()
    fresh = Fresh(time)

    async def ask() -> str:
        if time.now:
            raise Unreachable("gone")
        return "known"

    assert await fresh.get("a", ask, "") == "known"
    time.now = 60
    assert await fresh.get("a", ask, "") == "known"
    assert await fresh.get("b", ask, "nothing") == "nothing"


async def test_latest_decisions_outlive_the_process_and_are_erased_without_a_trace() -> None:
    shelf = MemoryShelf()
    for number in range(MOST + 5):
        await Latest(shelf).note("1", Made(f"d{number}", "general", (number,), "main", 1.5))
    await Latest(shelf).note("1", Made("d0", "general", (7,)))
    await Latest(shelf).note("2", Made("other", "general", (99,)))
    latest = Latest(shelf)

    assert len(await latest.of("1")) == MOST
    assert await latest.last("1", "general") == Made("d0", "general", (7,))
    assert await latest.last("1", "elsewhere") is None
    assert await latest.behind("1", 24) == Made("d24", "general", (24,), "main", 1.5)
    assert await latest.behind("1", 99) is None
    assert await latest.named("2", "other") is not None
    await latest.erase("1")
    assert await latest.of("1") == []
    assert not any('"1"' in text for text in shelf._kept.values())


async def test_a_shelf_that_fails_costs_no_more_than_the_memory_of_it() -> None:
    class Broken(MemoryShelf):
        async def change(self, key: str, change: Any) -> Any:
            raise StoreError("the disk is full")

        async def read(self, key: str) -> str:
            raise StoreError("the disk is full")

    latest = Latest(Broken())
    await latest.note("1", Made("d1", "general"))
    assert await latest.last("1", "general") == Made("d1", "general")
