"""Corrections through the router: they count at once, say what they change, and can be taken back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine.lessons import BINS, CATALOGUE, Drawer, decided, router

from pointsman.core.correction import Correction
from pointsman.core.errors import BadField, InvalidInput, StoreError, UnknownCorrection, UnknownDecision
from pointsman.core.message import Message
from pointsman.engine.foresight import foresee
from pointsman.engine.teaching import Teaching
from pointsman.stores.memory import MemoryStore
from pointsman.stores.sqlite import SqliteStore
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.followups import FollowUps
from pointsman.tiers.learned import LearnedNow


async def test_a_correction_counts_in_the_very_next_decision_and_until_it_is_undone() -> None:
    opened = router()
    wrong = await decided(opened, "draw the curtains")
    assert wrong.category == "image"
    made = await opened.correct(wrong.id[:6], "general_chat")
    assert (made.id, made.text, made.was, made.decision_id) == ("k1", "draw the curtains", "image", wrong.id)
    right = await decided(opened, "Draw the curtains!")
    assert (right.category, right.tier) == ("general_chat", "corrections")
    assert (await decided(opened, "draw the curtains please")).category == "general_chat"
    assert (await decided(opened, "draw the horses")).category == "image"
    assert (await opened.undo()).text == "draw the curtains"
    assert (await decided(opened, "draw the curtains")).tier == "drawer"


async def test_an_utterance_is_taught_without_a_decision_and_votes_among_the_neighbours() -> None:
    opened = router()
    assert (await decided(opened, "bins thursdays out")).tier == "fallback"
    await opened.teach(BINS, "search")
    found = await decided(opened, "bins thursdays out go on my")
    assert (found.category, found.tier) == ("search", "neighbours")


async def test_the_same_correction_again_changes_nothing() -> None:
    opened = router()
    first = await opened.teach(BINS, "search")
    assert await opened.teach(BINS.upper(), "search") == first
    assert (await opened.preview("search", text=BINS)).correction == first
    assert len(await opened.corrections()) == 1


async def test_the_latest_counts_and_undoing_it_brings_the_earlier_one_back() -> None:
    opened = router()
    await opened.teach(BINS, "search")
    preview = await opened.preview("image", text=f"{BINS}!")
    assert [(it.earlier.id, it.same) for it in preview.conflicts] == [("k1", True)]
    await opened.teach(f"{BINS}!", "image")
    assert (await decided(opened, BINS)).category == "image"
    await opened.undo("k2")
    assert (await decided(opened, BINS)).category == "search"


async def test_the_same_taught_several_times_at_once_is_one_correction(tmp_path: Path) -> None:
    for log in (MemoryStore(), SqliteStore(tmp_path / "d.db")):
        opened = router(log)
        made = await asyncio.gather(*(opened.teach("draw the curtains", "general_chat") for _ in range(3)))
        assert {it.id for it in made} == {"k1"}
        await opened.undo()
        assert (await decided(opened, "draw the curtains")).category == "image"
        await opened.close()


async def test_several_that_undo_the_latest_at_once_take_their_turns(tmp_path: Path) -> None:
    opened = router(SqliteStore(tmp_path / "d.db"))
    await opened.teach(BINS, "search")
    await opened.teach("draw a cat", "search")
    done = await asyncio.gather(*(opened.undo() for _ in range(3)), return_exceptions=True)
    assert [it.id if isinstance(it, Correction) else type(it) for it in done] == ["k2", "k1", UnknownCorrection]
    await opened.close()


@pytest.mark.parametrize("which", ["", "k1", "#k1", "the decision", "its beginning", "a repeat of it"])
async def test_what_can_be_undone_by(which: str) -> None:
    opened = router()
    made = await decided(opened, BINS)
    await opened.correct(made.id, "search")
    repeat = await decided(opened, BINS.upper())
    names = {"the decision": made.id, "its beginning": f"#{made.id[:5]}", "a repeat of it": repeat.id}
    assert (await opened.undo(names.get(which, which))).id == "k1"


async def test_a_correction_outlives_the_memory_of_its_decision() -> None:
    opened = router(MemoryStore(capacity=1))
    made = await decided(opened, BINS)
    await opened.correct(made.id, "search")
    await decided(opened, "draw a cat")
    assert (await opened.undo(made.id)).id == "k1"


async def test_what_cannot_be_undone_says_so() -> None:
    opened = router()
    with pytest.raises(UnknownCorrection, match="nothing is corrected"):
        await opened.undo()
    await opened.teach(BINS, "search")
    other = await decided(opened, "draw a cat")
    for name in ("k2", "ffff", other.id):
        with pytest.raises(UnknownCorrection, match="no correction in effect"):
            await opened.undo(name)
    await opened.undo("k1")
    with pytest.raises(UnknownCorrection):
        await opened.undo("k1")


async def test_a_category_that_is_not_there_is_refused_with_those_that_are() -> None:
    opened = router()
    with pytest.raises(BadField, match="no category 'musik'") as caught:
        await opened.teach(BINS, "musik")
    assert caught.value.field == "category"
    assert "image, search, general_chat" in caught.value.cure


async def test_nothing_can_be_learned_from_nothing() -> None:
    opened = router()
    with pytest.raises(BadField, match="nothing in the text"):
        await opened.teach(" \n", "image")
    with pytest.raises(UnknownDecision):
        await opened.correct("ffff", "image")


@pytest.mark.parametrize("text", ["", "yes", "draw me a fox"])
@pytest.mark.parametrize("keep_text", [True, False])
async def test_what_rests_on_what_was_said_before_is_not_taught_by_itself(text: str, keep_text: bool) -> None:
    """Else "yes", once after "shall I draw you a fox?", would be what it was corrected to in every conversation."""
    log = MemoryStore(keep_text=keep_text)
    opened = router(log)
    made = replace(await decided(opened, "hm"), id="abc", tier=FollowUps.name)
    await log.record(made, Message("yes"))
    for asked in (
        opened.preview("general_chat", decision_id="abc", text=text),
        opened.correct("abc", "general_chat", text=text),
    ):
        with pytest.raises(InvalidInput, match="decision abc rests on what was said before it") as caught:
            await asked
        assert 'pointsman correct --text "..." CATEGORY' in caught.value.cure
        assert "`followups` off" in caught.value.cure
    assert await opened.corrections() == []
    assert (await opened.teach("yes", "general_chat")).text == "yes"


async def test_a_text_that_is_not_kept_has_to_be_said_again() -> None:
    opened = router(MemoryStore(keep_text=False))
    made = await decided(opened, BINS)
    with pytest.raises(InvalidInput, match=f"the text of decision {made.id} is not kept") as caught:
        await opened.correct(made.id, "search")
    assert "--text" in caught.value.cure
    await opened.correct(made.id, "search", text=BINS)
    assert (await decided(opened, BINS)).category == "search"


async def test_a_text_that_is_kept_cannot_be_said_otherwise() -> None:
    opened = router()
    made = await decided(opened, BINS)
    with pytest.raises(BadField, match="was about another text"):
        await opened.correct(made.id, "search", text="draw a cat")
    assert (await opened.correct(made.id, "search", text=BINS.upper())).text == BINS


async def test_a_category_that_was_removed_is_ignored_and_can_be_undone() -> None:
    log = MemoryStore()
    await log.learn(Correction("", BINS, "music"))
    opened = router(log)
    assert (await decided(opened, BINS)).tier == "fallback"
    assert [it.category for it in await opened.corrections()] == ["music"]
    assert (await opened.undo()).category == "music"


async def test_a_correction_by_another_process_counts_in_the_very_next_decision(tmp_path: Path) -> None:
    gateway, elsewhere = router(SqliteStore(tmp_path / "d.db")), router(SqliteStore(tmp_path / "d.db"))
    try:
        wrong = await decided(gateway, "draw the curtains")
        await elsewhere.correct(wrong.id, "general_chat")
        assert (await decided(gateway, "draw the curtains")).category == "general_chat"
        (many,) = await gateway.decide_many([Message("draw the curtains")])
        assert many.category == "general_chat"
        await elsewhere.undo()
        assert (await decided(gateway, "draw the curtains")).category == "image"
    finally:
        await gateway.close()
        await elsewhere.close()


async def test_corrections_are_known_after_a_restart_without_encoding_them_again(tmp_path: Path) -> None:
    before = router(SqliteStore(tmp_path / "d.db"))
    await before.teach("draw the curtains", "general_chat")
    await before.close()
    encoder = BagEncoder()
    after = router(SqliteStore(tmp_path / "d.db"), encoder=encoder)
    encoder.calls = 0
    assert (await decided(after, "draw the curtains")).tier == "corrections"
    assert encoder.calls == 0
    await after.close()


async def test_vectors_of_another_encoder_are_made_again_and_kept() -> None:
    log = MemoryStore()
    await router(log).teach(BINS, "search")
    other = BagEncoder(32, fingerprint="other")
    opened = router(log, encoder=other)
    assert (await decided(opened, f"so {BINS}")).tier == "corrections"
    (kept,) = await log.corrections()
    assert (kept.encoder, len(kept.vector)) == ("other", 64)


async def test_corrections_that_cannot_be_read_do_not_stop_decisions(caplog: pytest.LogCaptureFixture) -> None:
    class Torn(MemoryStore):
        torn = True

        async def corrections(self) -> list[Correction]:
            if self.torn:
                raise StoreError("torn", cure="mend it")
            return await super().corrections()

    log = Torn()
    await log.learn(Correction("", BINS, "search"))
    opened = router(log)
    assert (await decided(opened, BINS)).tier == "fallback"
    assert "corrections cannot be read" in caplog.text
    log.torn = False
    assert (await decided(opened, BINS)).tier == "corrections"


async def test_without_an_encoder_the_same_text_counts() -> None:
    log, learned = MemoryStore(), LearnedNow()

    async def categorise(message: Message) -> str:
        del message
        return ""

    teaching = Teaching(log, CATALOGUE, categorise, learned=learned)
    await teaching.correct("image", text=BINS, surface="python")
    assert learned.now.exact(BINS) is not None
    assert learned.now.utterances == ()


async def test_foresight_with_local_tiers_only_is_the_cascade_itself() -> None:
    categorise = foresee([Stage(Drawer(), 0.5)], lambda some: Cascade(some, CATALOGUE, find_slots=lambda *_: {}))
    assert await categorise(Message("draw it")) == "image"
    assert await categorise(Message("hm")) == "general_chat"
