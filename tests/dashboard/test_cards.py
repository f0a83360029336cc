"""How decisions and replies read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pointsman.core.decision import Abstain, Answer, Decision, Evidence, Signal, TraceLine
from pointsman.core.reply import Decided, Done, Failed, Picture, Progress, Status, Text
from pointsman.dashboard import decisioncard, replycard
from pointsman.dashboard.exchange import Exchange

SURE = Answer("image_generation", 0.973, 0.5, "because <b>", scores={"image_generation": 0.97, "a": 0.02, "b": 0.001})
UNSURE = Answer("general_chat", 0.4, 0.1, "hm", evidence=(Evidence("utterance", "<i>", "general_chat", 0.8),) * 2)


def decision(*lines: TraceLine, tier: str = "words", confidence: float = 0.973) -> Decision:
    return Decision(
        "d1",
        "image_generation",
        "image",
        confidence,
        tier,
        lines,
        slots={"prompt": "<u>", "seed": 4, "negative": ""},
        alternatives=(("general_chat", 0.2), ("none", 0.001)),
        latency_ms=0.31,
    )


def test_a_decision_reads_as_what_who_how_sure_and_why() -> None:
    html = decisioncard.summary(decision(TraceLine("words", SURE, 0.2)))
    assert 'class="pm-category">image generation<' in html
    assert "decided by <b" in html
    assert "97\u202f%" in html
    assert "width:97.3%" in html
    assert "0.31\u202fms" in html
    assert "because &lt;b&gt;" in html
    assert "&lt;u&gt;" in html
    assert ">4</dd>" in html


def test_nobody_sure_is_said() -> None:
    html = decisioncard.summary(decision(TraceLine("words", Abstain("hm"), 0.2), tier="fallback", confidence=0.0))
    assert "no tier was sure, " in html
    assert "fallback" not in html


def test_the_trace_has_every_tier_in_order_with_its_evidence() -> None:
    html = decisioncard.trace(
        decision(TraceLine("one", Abstain("0.40 < 0.90", UNSURE), 0.02), TraceLine("two", SURE, 12.34))
    )
    assert html.index(">one<") < html.index(">two<")
    assert "0.40 &lt; 0.90" in html
    assert "2 utterances" in html
    assert "&lt;i&gt;" in html
    assert "20\u202fµs" in html
    assert "12.3\u202fms" in html
    assert ">scores<" in html
    assert ">b<" not in html
    assert "also considered general chat 0.20<" in html


def test_a_tier_without_evidence_has_nothing_to_unfold() -> None:
    assert "<details" not in decisioncard.trace(decision(TraceLine("words", Abstain("no"), 0.2)))


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(0.0, "0 µs"), (0.094, "94 µs"), (0.1, "0.10 ms"), (0.996, "1.0 ms"), (99.4, "99.4 ms"), (99.6, "100 ms")],
)
def test_times_have_the_digits_that_matter(ms: float, shown: str) -> None:
    assert decisioncard.milliseconds(ms).replace("\u202f", " ") == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0 %"), (0.5, "50 %"), (0.994, "99 %"), (0.9999, "> 99 %"), (1.0, "100 %")]
)
def test_what_is_not_certain_never_reads_as_certain(share: float, shown: str) -> None:
    assert decisioncard.percent(share).replace("\u202f", " ") == shown


def exchange(*events: object, decide_only: bool = False) -> Exchange:
    made = Exchange("hey", decide_only)
    for event in events:
        made.take(event)  # type: ignore[arg-type]
    return made


def test_a_reply_grows_and_ends() -> None:
    running = exchange(Decided(decision()), Status("loading <x>"), Text("**a"), Text("b**"))
    assert running.running
    html = replycard.card(running)
    assert "loading &lt;x&gt;" in html
    assert "<strong>ab</strong>" in html
    assert "pm-pulse" in html
    running.take(Picture(b"\x01", "image/png"))
    running.take(Done(None, model="m", seconds=1.25, completion_tokens=5, finish_reason="length", footer="weak <m>"))
    html = replycard.card(running)
    assert not running.running
    assert "pm-pulse" not in html
    assert 'src="data:image/png;base64,AQ=="' in html
    assert "m · 1.2\u202fs · 5 tokens · cut at the length limit" in html
    assert "weak &lt;m&gt;" in html


def test_waiting_is_said_until_there_is_something() -> None:
    assert "deciding…" in replycard.card(exchange())
    drawing = exchange(Decided(decision()))
    assert "waiting for the picture…" in replycard.card(drawing)
    drawing.take(Progress(3, 8))
    assert "drawing: step 3 of 8" in replycard.card(drawing)
    chat = replace(decision(), category="general_chat", path="llm")
    assert "waiting for the first word…" in replycard.card(exchange(Decided(chat)))


def test_a_failure_has_its_cure() -> None:
    html = replycard.card(exchange(Failed("broke <b>", "mend it")))
    assert "broke &lt;b&gt;" in html
    assert "mend it" in html
    assert "pm-cure" not in replycard.card(exchange(Failed("broke")))


def test_deciding_only_has_no_reply_but_may_fail() -> None:
    decided = exchange(Decided(decision()), decide_only=True)
    assert not decided.running
    assert replycard.card(decided) == ""
    assert "broke" in replycard.card(exchange(Failed("broke"), decide_only=True))


def test_stopped_is_said() -> None:
    made = exchange(Decided(decision()))
    made.stopped = True
    assert not made.running
    assert "stopped" in replycard.card(made)


def test_an_answer_without_a_model_says_so() -> None:
    assert "no model was loaded · 0\u202fms" in replycard.card(exchange(Done(None)))


def test_a_marked_message_says_so_in_one_line() -> None:
    signal = Signal("injection", 0.98, "guard", ("<leak>",), 12)
    decision = Decision("a1", "general_chat", "llm", 0.9, "guard", (), signals=(signal,))
    shown = str(decisioncard.trace(decision))
    assert shown.count('role="note"') == 1
    assert "injection" in shown
    assert "&lt;leak&gt;; judged without 12 of its characters" in shown
    assert 'role="note"' not in str(decisioncard.trace(Decision("a1", "general_chat", "llm", 0.9, "x", ())))
