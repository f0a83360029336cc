"""What the live feed keeps of what happens, and what it shows of it."""

from __future__ import annotations

import pytest

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.happening import Ended, Leased, Made, Relayed, Reloaded, Taught, Went
from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.record import Outcome, Row
from pointsman.core.reply import Done, Failed, Picture, Progress, Text, ToolUse
from pointsman.observe.feed import LONGEST_TEXT, Feed, FeedRow, Wanted


def decided(name: str = "d1", path: str = "llm", category: str = "general_chat", at: float = 100.0) -> Decision:
    return Decision(name, category, path, 0.9, "words", (), at=at, latency_ms=0.4)  # type: ignore[arg-type]


def said(text: str = "hello", **origin: str) -> Message:
    return Message(text, origin=Origin("http", **origin))  # type: ignore[arg-type]


def feed(kept: int = 500) -> Feed:
    return Feed(kept=kept, salt=b"salt", now=lambda: 130.0)


def only(it: Feed) -> FeedRow:
    (row,) = it
    return row


def test_a_message_is_followed_from_its_decision_to_the_end_of_its_reply() -> None:
    live = feed()
    live.take(Made(decided(), said(key="laptop"), 0.001))
    row = only(live)
    assert (row.id, row.surface, row.who, row.state, row.category, row.tier) == (
        "d1",
        "http",
        "laptop",
        "answering",
        "general_chat",
        "words",
    )
    assert row.running
    live.take(Ended(decided(), said(), Done(None, "tiny", 2.0, 7, 3), 2.5, 0.4))
    row = only(live)
    assert (row.state, row.model, row.seconds, row.first) == ("done", "tiny", 2.5, 0.4)
    assert (row.prompt_tokens, row.completion_tokens, row.who) == (7, 3, "laptop")


@pytest.mark.parametrize(("code", "state"), [("cancelled", "gone"), ("no_room", "failed")])
def test_a_reply_that_breaks_off_says_how(code: str, state: str) -> None:
    live = feed()
    live.take(Ended(decided(), said(), Failed("the card is full", "wait", code), 1.0))
    row = only(live)
    assert (row.state, row.error, row.cure, row.code) == (state, "the card is full", "wait", code)


def test_a_decision_alone_is_no_reply() -> None:
    live = feed()
    live.take(Made(decided(), said(), 0.001, only=True))
    assert only(live).state == "decided"


def test_pictures_and_tools_say_how_far_they_are_and_words_cost_nothing() -> None:
    live, drawn = feed(), decided(path="image")
    live.take(Made(drawn, said(), 0.001))
    assert only(live).state == "drawing"
    live.take(Went(drawn, Progress(3, 8), 1.0))
    assert only(live).note == "step 3 of 8"
    version = live.version
    live.take(Went(drawn, Text("word"), 1.0))
    live.take(Went(drawn, Progress(3, 8), 1.1))
    assert live.version == version
    live.take(Went(drawn, Picture(b""), 2.0))
    assert only(live).note == ""
    live.take(Went(drawn, ToolUse(ToolCall("search", {"query": "secret"}), "running"), 1.0))
    assert only(live).note == "calls search"
    live.take(Went(decided("unknown"), Progress(1, 2), 1.0))
    assert len(live) == 1


def test_the_oldest_make_room_and_the_newest_come_first() -> None:
    live = feed(kept=3)
    for number in range(10):
        live.take(Made(decided(str(number)), said(), 0.001))
    assert [row.id for row in live] == ["9", "8", "7"]
    assert [row.id for row in live.newest(Wanted(), "full", 2)] == ["9", "8"]
    assert live.get("0") is None


def test_what_was_recorded_stands_behind_what_was_seen() -> None:
    live = feed(kept=3)
    live.take(Made(decided("new"), said(), 0.001))
    ended = Outcome(5.0, "tiny", 2.0, 7, 3)
    failed = Outcome(5.0, error="broke", code="no_room")
    rows = [
        Row(decided("new"), "hello", "http", None),
        Row(decided("b"), None, "cli", ended),
        Row(decided("a"), "x" * 3000, "discord", failed),
        Row(decided("too old"), "", "cli", None),
    ]
    live.fill(rows)
    assert [row.id for row in live] == ["new", "b", "a"]
    new, b, a = live
    assert new.state == "answering"
    assert (b.state, b.text, b.seconds) == ("done", None, 2.0)
    assert (a.state, a.error) == ("failed", "broke")
    assert len(a.text or "") == LONGEST_TEXT
    assert live.surfaces == {"http", "cli", "discord"}


def test_a_model_by_name_has_a_row_without_a_decision() -> None:
    live = feed()
    live.take(Relayed("qwen", "/api/chat", 200, 2.0, 0.1, key="laptop"))
    row = only(live)
    assert (row.state, row.model, row.path, row.who, row.at, row.decided) == (
        "done",
        "qwen",
        "/api/chat",
        "laptop",
        128.0,
        False,
    )
    live.take(Relayed("qwen", "/api/chat", 404, 0.1))
    live.take(Relayed("qwen", "/api/chat", 0, 0.1, code="cancelled"))
    assert [row.state for row in live] == ["gone", "failed", "done"]


def test_corrections_are_marked_until_they_are_undone() -> None:
    live = feed()
    live.take(Made(decided(), said(), 0.001))
    made = Correction("k1", "hello", "image_generation", "general_chat", "d1")
    live.take(Taught(made))
    assert only(live).corrected == "image_generation"
    live.take(Taught(made, undone=True))
    assert only(live).corrected == ""
    live.mark([made, Correction("k2", "", "x", decision_id="d9")])
    assert only(live).corrected == "image_generation"


def test_texts_are_shown_hashed_or_not_at_all() -> None:
    live = feed()
    live.take(Made(decided("1"), said("secret"), 0.001))
    live.take(Made(decided("2"), said("secret"), 0.001))
    first, second = live
    assert live.shown(first, "full") == "secret"
    assert live.shown(first, "hash") == live.shown(second, "hash") != "secret"
    assert live.shown(first, "none") == ""
    assert Feed(salt=b"other").veiled("secret", "hash") != live.veiled("secret", "hash")
    assert len(only_user(live)) == 6
    assert "ana" not in only_user(live)


def only_user(live: Feed) -> str:
    live.take(Made(decided("u"), said("x", user="ana"), 0.001))
    return next(iter(live)).who


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), ["b", "a"]),
        (Wanted(category="image_generation"), ["a"]),
        (Wanted(tier="words"), ["b", "a"]),
        (Wanted(surface="cli"), []),
        (Wanted(state="drawing"), ["a"]),
        (Wanted(text="FOX"), ["a"]),
        (Wanted(state="answering", text="fox"), []),
    ],
)
def test_rows_are_chosen_by_what_they_are_and_by_what_is_shown(wanted: Wanted, ids: list[str]) -> None:
    live = feed()
    live.take(Made(decided("a", "image", "image_generation"), said("a red fox"), 0.001))
    live.take(Made(decided("b"), said("hello"), 0.001))
    assert [row.id for row in live.newest(wanted, "full", 10)] == ids


def test_what_is_not_shown_cannot_be_searched() -> None:
    live = feed()
    live.take(Made(decided(), said("secret"), 0.001))
    assert live.newest(Wanted(text="secret"), "hash", 10) == []
    assert live.newest(Wanted(text=live.shown(only(live), "hash")[1:5]), "hash", 10)


def test_the_rate_counts_the_last_minute_and_reloads_are_told() -> None:
    live = feed()
    for number, at in enumerate((10.0, 69.0, 71.0, 129.0)):
        live.take(Made(decided(str(number), at=at), said(), 0.001))
    assert live.a_minute() == 2
    version = live.version
    live.take(Leased("chat", "tiny", 0.1))
    assert live.version == version
    live.take(Reloaded(("server",)))
    assert live.reloaded == (130.0, Reloaded(("server",)))
