"""How a row of the feed, its panel and a picture read; and what they hide of what people said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pointsman.config.model import Config
from pointsman.core.decision import Abstain, Answer, Decision, Evidence, TraceLine
from pointsman.core.message import ToolCall
from pointsman.core.reply import Decided, Done, Picture, Progress, ToolUse
from pointsman.core.tool import Source
from pointsman.dashboard import feedrows, replycard, tracecard
from pointsman.dashboard.context import ConfigStatus
from pointsman.dashboard.exchange import Exchange
from pointsman.dashboard.page import text_for
from pointsman.dashboard.privacy import use_without, without_words
from pointsman.dashboard.visitor import Visitor
from pointsman.observe.feed import FeedRow
from pointsman.testing.comfyui.pictures import png

ROW = FeedRow("d1", 12.5, "http", "done", "laptop", "hi", "general_chat", "llm", "fast", 0.97, 0.4, "tiny", 2.0, 0.3)


def test_a_row_says_what_went_where() -> None:
    html = feedrows.row(ROW, "hi <b>", may_correct=True)
    for said in ("hi &lt;b&gt;", "general chat", ">fast<", "width:97%", "97\u202f%", "tiny", "2.0\u202fs", "laptop"):
        assert said in html
    assert 'data-at="12.500"' in html
    assert 'href="/feed?id=d1&amp;wrong=1"' in html


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (replace(ROW, state="answering"), "answering"),
        (replace(ROW, state="drawing", note="step 3 of 8"), "step 3 of 8"),
        (replace(ROW, state="failed"), "failed"),
        (replace(ROW, state="gone"), "went away"),
        (replace(ROW, state="decided"), "decided only"),
        (replace(ROW, corrected="image_generation"), " → image generation"),
        (replace(ROW, category="", path="/api/chat", text=None), "a model by name"),
    ],
)
def test_a_row_says_how_far_it_is(row: FeedRow, said: str) -> None:
    assert said in feedrows.row(row, "", may_correct=True)


def test_only_decisions_that_are_not_corrected_can_be_said_to_be_wrong_and_only_by_who_may() -> None:
    assert "wrong?" not in feedrows.row(ROW, "", may_correct=False)
    assert "wrong?" not in feedrows.row(replace(ROW, corrected="x"), "", may_correct=True)
    assert "wrong?" not in feedrows.row(replace(ROW, category=""), "", may_correct=True)
    assert "not shown" in feedrows.row(ROW, "", may_correct=True)


LIKE = 'like "my secret wish" (0.91)'
SURE = Answer(
    "image_generation",
    0.9,
    0.5,
    LIKE,
    evidence=(Evidence("correction", "my secret wish", "x", 0.9), Evidence("pattern", "^draw", "x", 0.9)),
    slots={"prompt": "my secret wish"},
)
DECISION = Decision(
    "d1",
    "image_generation",
    "image",
    0.9,
    "words",
    (TraceLine("near", Abstain(LIKE, SURE), 0.1), TraceLine("words", SURE, 0.2)),
    slots={"prompt": "my secret wish", "width": 512},
    plan="draw",
    mode="shadow",
)


def test_a_decision_without_words_keeps_its_numbers_and_nothing_that_was_said() -> None:
    bare = without_words(DECISION, lambda _: "#12345678")
    assert "secret" not in repr(bare)
    assert bare.slots == {"prompt": "…", "width": 512}
    said = bare.trace[1].verdict
    assert isinstance(said, Answer)
    assert [it.text for it in said.evidence] == ["#12345678", "^draw"]
    assert said.reason == "like “…” (0.91)"
    no = TraceLine("a", Abstain("no"), 0.1)
    assert without_words(replace(DECISION, trace=(no,)), str).trace == (no,)


def test_a_tool_without_words_is_its_name() -> None:
    use = ToolUse(ToolCall("search", {"query": "secret"}), "done", "secret", 1.0, (Source("https://secret", "secret"),))
    assert "secret" not in repr(use_without(use))
    assert use_without(use).line == "search(): done in 1.0 s"


def test_what_was_done_is_told_with_its_end() -> None:
    use = ToolUse(ToolCall("search", {"query": "x"}), "done", "found", 1.0)
    html = tracecard.done(DECISION, replace(ROW, prompt_tokens=1200, completion_tokens=34), [use])
    for said in (
        "drawn by the picture server",
        ">draw<",
        "shadow",
        "1,200 read, 34 written",
        "after 300\u202fms",
        "search(",
    ):
        assert said in html
    failed = replace(ROW, state="failed", error="out of <paint>", code="no_room", cure="wait")
    html = tracecard.done(DECISION, failed, ())
    assert "out of &lt;paint&gt; · no_room" in html
    assert ">wait<" in html
    assert "What was done" in tracecard.done(DECISION, None, ())


def test_a_decision_can_be_looked_up_elsewhere() -> None:
    html = tracecard.look_up(DECISION, "tiny")
    assert 'data-copy="pointsman why d1"' in html
    assert "x-pointsman-confidence: 0.9000\nx-pointsman-decision-id: d1\nx-pointsman-model: tiny" in html


def test_a_model_by_name_has_no_trace() -> None:
    html = tracecard.named(replace(ROW, category="", path="/api/chat", state="failed", code="no_room"))
    assert "nothing was decided" in html
    assert "no_room" in html


@pytest.mark.parametrize(
    ("level", "loopback", "shown"),
    [("auto", True, "full"), ("auto", False, "hash"), ("full", False, "full"), ("none", True, "none")],
)
def test_who_is_elsewhere_sees_no_texts_unless_the_configuration_says_so(
    level: str, loopback: bool, shown: str
) -> None:
    status = ConfigStatus(Config.model_validate({"page": {"text": level}}))
    assert text_for(Visitor(loopback=loopback), status) == shown


def test_a_picture_has_its_seed_its_size_and_a_way_to_keep_it() -> None:
    data = png(64, 32, (1, 2, 3))
    html = replycard.picture(Picture(data, "image/png", 42), 12.0)
    assert "seed 42 · 64 x 32 · " in html
    assert "12.0\u202fs" in html
    assert 'data-save="pointsman-42.png"' in html
    assert replycard.size_of(b"\xff\xd8 a JPEG") is None
    assert "seed 7 · 0\u202fkB" in replycard.picture(Picture(b"?", "image/jpeg", 7))


def test_a_picture_is_seen_while_it_is_drawn() -> None:
    exchange = Exchange("draw", decision=DECISION)
    exchange.take(Progress(2, 8, b"so far", "image/jpeg"))
    exchange.take(Progress(3, 8))
    html = replycard.card(exchange)
    assert "drawing: step 3 of 8" in html
    assert 'aria-valuenow="3"' in html
    assert "data:image/jpeg;base64," in html
    exchange.take(Done(DECISION, "painter", 3.0))
    assert "progressbar" not in replycard.card(exchange)


def test_a_reply_ends_with_route_tier_and_model() -> None:
    exchange = Exchange("draw")
    exchange.take(Decided(replace(DECISION, latency_ms=0.4)))
    exchange.take(Done(DECISION, "painter", 3.0))
    assert "image generation · words · 0.40\u202fms · painter · 3.0\u202fs<" in replycard.card(exchange)
