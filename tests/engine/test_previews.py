"""What a correction would change is said before it is made: nobody outside is asked, and nothing is recorded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.engine.lessons import BINS, Remote, decided, router

from pointsman.core.message import Message
from pointsman.stores.memory import MemoryStore
from pointsman.stores.sqlite import SqliteStore


async def test_a_preview_names_what_would_flip_and_changes_nothing() -> None:
    opened = router()
    texts = ("draw the curtains", "draw a cat", "Draw the curtains!", "draw the curtains", "any news today")
    made = [await decided(opened, text) for text in texts]
    preview = await opened.preview("general_chat", decision_id=made[0].id)
    assert (preview.correction.id, preview.looked_at) == ("", 5)
    assert [(it.decision_id, it.before, it.after) for it in preview.flips] == [
        (made[3].id, "image", "general_chat"),
        (made[0].id, "image", "general_chat"),
    ]
    assert await opened.corrections() == []
    assert (await decided(opened, "draw the curtains")).category == "image"


async def test_what_would_be_decided_otherwise_anyway_is_no_flip() -> None:
    """It was decided with its conversation, or by other patterns; a correction of something else changes nothing."""
    log = MemoryStore()
    opened = router(log)
    made = await decided(opened, "draw the curtains")
    await log.record(replace(made, id="x", category="search"), Message("draw a cat"))
    assert [it.text for it in (await opened.preview("general_chat", text="draw the curtains")).flips] == [
        "draw the curtains"
    ]


async def test_an_undo_is_previewed_too() -> None:
    opened = router()
    await opened.teach("draw the curtains", "general_chat")
    await decided(opened, "draw the curtains")
    preview = await opened.preview_undo()
    assert preview.correction.id == "k1"
    assert [(it.before, it.after) for it in preview.flips] == [("general_chat", "image")]


async def test_a_preview_in_a_fresh_process_sees_what_others_taught(tmp_path: Path) -> None:
    elsewhere = router(SqliteStore(tmp_path / "d.db"))
    here = router(SqliteStore(tmp_path / "d.db"))
    try:
        drawn = await decided(elsewhere, "draw the curtains")
        await elsewhere.correct(drawn.id, "general_chat")
        other = await decided(elsewhere, "draw a cat")
        seen = await here.preview("search", decision_id=other.id)
        assert [it.text for it in seen.flips] == ["draw a cat"]  # the curtains changed by what was taught before
        repeat = await decided(elsewhere, "draw the curtains!")
        undone = await here.preview_undo()
        assert [(it.decision_id, it.before, it.after) for it in undone.flips] == [(repeat.id, "general_chat", "image")]
    finally:
        await elsewhere.close()
        await here.close()


async def test_a_preview_of_what_is_so_already_changes_none_of_what_is_there() -> None:
    opened = router()
    await decided(opened, BINS)
    await opened.teach(BINS, "search")
    seen = await opened.preview("search", text=BINS)
    assert (seen.correction.id, seen.flips, seen.looked_at) == ("k1", (), 1)


async def test_only_the_last_200_decisions_with_a_text_are_looked_at() -> None:
    opened = router()
    await opened.decide_many([Message("draw the curtains"), *(Message(f"draw number {it}") for it in range(200))])
    preview = await opened.preview("general_chat", text="draw the curtains")
    assert (preview.looked_at, preview.flips) == (200, [])


async def test_a_preview_asks_nobody_outside_and_records_nothing() -> None:
    remote, log = Remote(), MemoryStore()
    opened = router(log, extra=(remote,))
    unsure, drawn = await decided(opened, BINS), await decided(opened, "draw the curtains")
    assert unsure.tier == "remote"
    remote.asked.clear()
    preview = await opened.preview("general_chat", decision_id=unsure.id)
    assert [(it.decision_id, it.before, it.after) for it in preview.flips] == [(unsure.id, "search", "general_chat")]
    assert remote.asked == []
    assert [row.decision.id for row in await log.recent()] == [drawn.id, unsure.id]
    await opened.correct(unsure.id, "general_chat")
    undone = await opened.preview_undo()
    assert undone.flips == []  # what the one outside would say now is not known


async def test_others_have_their_turn_while_a_preview_looks() -> None:
    opened = router()
    await opened.decide_many([Message(f"draw number {it}") for it in range(50)])
    looking = asyncio.ensure_future(opened.preview("general_chat", text="draw the curtains"))
    turns = 0
    while not looking.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns >= 100  # one before each of the two looks at each message
