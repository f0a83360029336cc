"""A decision's JSON form: fixed keys, safe values, and back again."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.category import Path
from pointsman.core.codec import bulk_line, decision_from_dict, decision_to_dict
from pointsman.core.decision import Abstain, Answer, Decision, Evidence, Signal, TraceLine
from pointsman.core.errors import InvalidInput

texts = st.text(max_size=30)
names = st.text("abcdefgh_", min_size=1, max_size=12)
shares = st.floats(0, 1)
times = st.floats(0, 1e10)
slots = st.dictionaries(names, texts | st.integers(-(2**70), 2**70), max_size=4)
evidence = st.builds(Evidence, kind=names, text=texts, category=names, score=shares)
signals = st.builds(
    Signal,
    name=names,
    score=shares,
    source=names,
    matched=st.lists(names, max_size=3).map(tuple),
    left_out=st.integers(0, 9000),
)
answers = st.builds(
    Answer,
    category=names,
    confidence=shares,
    margin=shares,
    reason=texts,
    path_confidence=shares,
    scores=st.dictionaries(names, shares, max_size=4),
    evidence=st.lists(evidence, max_size=3).map(tuple),
    slots=slots,
    language=st.sampled_from(["", "en", "ja"]),
    signals=st.lists(signals, max_size=2).map(tuple),
)
abstentions = st.builds(
    Abstain, reason=texts, leaning=st.none() | answers, signals=st.lists(signals, max_size=2).map(tuple)
)
lines = st.builds(TraceLine, tier=names, verdict=answers | abstentions, ms=times)
paths: st.SearchStrategy[Path] = st.sampled_from(["image", "simple", "llm", "llm+tools"])
decisions = st.builds(
    Decision,
    id=names,
    category=names,
    path=paths,
    confidence=shares,
    tier=names,
    trace=st.lists(lines, max_size=4).map(tuple),
    slots=slots,
    alternatives=st.lists(st.tuples(names, shares), max_size=4).map(tuple),
    language=names,
    at=times,
    latency_ms=times,
    signals=st.lists(signals, max_size=2).map(tuple),
)

KEYS = [
    "id", "category", "path", "confidence", "tier", "slots", "latency_ms", "language", "alternatives", "reason", "at",
    "trace", "signals", "mode", "plan",
]  # fmt: skip

DECISION = Decision(
    id="a1b2",
    category="image_generation",
    path="image",
    confidence=0.98765,
    tier="classifier",
    trace=(
        TraceLine(
            "patterns", Abstain("image_generation 0.60 < 0.90", Answer("image_generation", 0.6, 0.2, "draw")), 0.01
        ),
        TraceLine("groq", Abstain("quota exhausted until 00:05"), 0.2),
        TraceLine(
            "classifier",
            Answer(
                "image_generation",
                0.98765,
                0.9,
                "near 'draw me a cat'",
                scores={"image_generation": 0.98765, "general_chat": 0.01},
                evidence=(Evidence("utterance", "draw me a cat", "image_generation", 0.912345),),
            ),
            1.23456,
        ),
    ),
    slots={"prompt": "a fox", "count": 2},
    alternatives=(("general_chat", 0.01),),
    language="en",
    at=1_700_000_000.25,
    latency_ms=1.5,
)


@given(decisions)
def test_what_was_read_is_written_again_unchanged(decision: Decision) -> None:
    data = json.loads(json.dumps(decision_to_dict(decision), allow_nan=False))
    assert decision_to_dict(decision_from_dict(data)) == data


@given(decisions)
def test_reading_gives_the_decision_back_up_to_rounding(decision: Decision) -> None:
    back = decision_from_dict(decision_to_dict(decision))
    assert close(back.confidence, decision.confidence, 1e-4)
    assert close(back.at, decision.at, 1e-3)
    assert close(back.latency_ms, decision.latency_ms, 1e-3)
    assert dict(back.slots) == dict(decision.slots)
    assert (back.id, back.category, back.path, back.tier, back.language, back.reason) == (
        decision.id,
        decision.category,
        decision.path,
        decision.tier,
        decision.language,
        decision.reason,
    )
    assert [name for name, _ in back.alternatives] == [name for name, _ in decision.alternatives]
    for ours, theirs in zip(back.trace, decision.trace, strict=True):
        assert ours.tier == theirs.tier
        assert close(ours.ms, theirs.ms, 1e-3)
        same_verdict(ours.verdict, theirs.verdict)


def same_verdict(ours: Answer | Abstain | None, theirs: Answer | Abstain | None) -> None:
    if isinstance(ours, Answer) and isinstance(theirs, Answer):
        assert close(ours.confidence, theirs.confidence, 1e-4)
        assert close(ours.path_confidence, theirs.path_confidence, 1e-4)
        assert close(ours.margin, theirs.margin, 1e-4)
        assert ours.scores.keys() == theirs.scores.keys()
        assert [item.text for item in ours.evidence] == [item.text for item in theirs.evidence]
        same_signals(ours.signals, theirs.signals)
        assert (ours.category, ours.reason, ours.slots, ours.language) == (
            theirs.category,
            theirs.reason,
            theirs.slots,
            theirs.language,
        )
    elif isinstance(ours, Abstain) and isinstance(theirs, Abstain):
        assert ours.reason == theirs.reason
        same_signals(ours.signals, theirs.signals)
        same_verdict(ours.leaning, theirs.leaning)
    else:
        assert ours is None
        assert theirs is None


def same_signals(ours: tuple[Signal, ...], theirs: tuple[Signal, ...]) -> None:
    assert [replace(one, score=0) for one in ours] == [replace(one, score=0) for one in theirs]
    assert all(close(one.score, other.score, 1e-4) for one, other in zip(ours, theirs, strict=True))


def close(ours: float, theirs: float, step: float) -> bool:
    return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=step)


def test_the_keys_and_their_order_are_stable() -> None:
    data = decision_to_dict(DECISION)
    assert list(data) == KEYS
    assert data["confidence"] == 0.9877
    assert data["reason"] == "near 'draw me a cat'"
    assert data["alternatives"] == [{"category": "general_chat", "score": 0.01}]
    assert data["slots"] == {"prompt": "a fox", "count": 2}
    leaned, refused, answered = data["trace"]
    assert leaned["verdict"] == "abstain"
    assert leaned["leaning"]["category"] == "image_generation"
    assert "category" not in leaned
    assert refused == {
        "tier": "groq",
        "verdict": "abstain",
        "reason": "quota exhausted until 00:05",
        "evidence": [],
        "ms": 0.2,
    }
    assert answered == {
        "tier": "classifier",
        "verdict": "answer",
        "category": "image_generation",
        "confidence": 0.9877,
        "path_confidence": 0.9877,
        "margin": 0.9,
        "reason": "near 'draw me a cat'",
        "evidence": [{"kind": "utterance", "text": "draw me a cat", "category": "image_generation", "score": 0.9123}],
        "scores": {"image_generation": 0.9877, "general_chat": 0.01},
        "ms": 1.235,
    }


def test_a_bulk_line_has_exactly_the_promised_keys() -> None:
    line = bulk_line("m-1", DECISION)
    assert list(line) == ["id", "category", "path", "confidence", "tier", "latency_ms", "slots"]
    assert line["id"] == "m-1"
    assert line["confidence"] == 0.9877
    assert bulk_line(7, DECISION)["id"] == 7


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_cannot_hold_become_zero(odd: float) -> None:
    answer = Answer("general_chat", odd, odd, "odd", path_confidence=odd, scores={"general_chat": odd})
    decision = replace(
        DECISION,
        confidence=odd,
        latency_ms=odd,
        at=odd,
        alternatives=(("x", odd),),
        trace=(TraceLine("t", answer, odd),),
    )
    data = json.loads(json.dumps(decision_to_dict(decision), allow_nan=False))
    assert data["confidence"] == data["latency_ms"] == data["at"] == data["alternatives"][0]["score"] == 0
    assert data["trace"][0]["scores"] == {"general_chat": 0}


def test_lone_surrogates_do_not_reach_an_encoder() -> None:
    answer = Answer("general_chat", 1, 1, "\udc80", evidence=(Evidence("k", "\ud800", "c", 1),), slots={"q": "\udfff"})
    decision = replace(DECISION, slots={"prompt": "a \ud83d\ude00 and \udead"}, trace=(TraceLine("t", answer, 1),))
    data = decision_to_dict(decision)
    json.dumps(data, ensure_ascii=False).encode()
    assert data["slots"]["prompt"] == "a \U0001f600 and �"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None),
        ("path", "sideways"),
        ("path", ["llm"]),
        ("confidence", "high"),
        ("confidence", True),
        ("confidence", math.nan),
        ("latency_ms", 10**400),
        ("slots", {"prompt": 1.5}),
        ("slots", []),
        ("alternatives", [{"score": 1}]),
        ("trace", [{"tier": "t", "verdict": "perhaps", "ms": 1}]),
        ("trace", [{"tier": "t", "verdict": "answer", "ms": 1}]),
        ("trace", [7]),
        ("trace", None),
        ("signals", [{"name": "injection"}]),
        ("signals", [{"name": "x", "score": 1, "source": "y", "matched": [1], "left_out": 0}]),
    ],
)
def test_what_is_not_a_decision_is_refused(key: str, value: Any) -> None:
    data = decision_to_dict(DECISION)
    data[key] = value
    with pytest.raises(InvalidInput, match="not a decision"):
        decision_from_dict(data)


@pytest.mark.parametrize("key", [key for key in KEYS if key not in {"reason", "signals", "mode", "plan"}])
def test_a_missing_key_is_named(key: str) -> None:
    data = decision_to_dict(DECISION)
    del data[key]
    with pytest.raises(InvalidInput, match=f"no '{key}'"):
        decision_from_dict(data)


def test_a_decision_from_before_there_were_signals_is_read() -> None:
    data = decision_to_dict(DECISION)
    del data["signals"]
    assert decision_from_dict(data).signals == ()


def test_signals_are_written_and_read() -> None:
    signal = Signal("injection", 0.98765, "guard", ("leak", "mode"), 12)
    data = decision_to_dict(replace(DECISION, signals=(signal,)))
    assert data["signals"] == [
        {"name": "injection", "score": 0.9877, "source": "guard", "matched": ["leak", "mode"], "left_out": 12}
    ]
    assert decision_from_dict(data).signals == (replace(signal, score=0.9877),)


@pytest.mark.parametrize("verdict", [Abstain("no"), Answer("general_chat", 1, 1, "yes")])
def test_signals_of_a_verdict_are_written_where_there_are_any(verdict: Answer | Abstain) -> None:
    signal = Signal("injection", 0.5, "prompt guard", ("leak",), 0)
    marked = replace(DECISION, trace=(TraceLine("cloud", replace(verdict, signals=(signal,)), 1.0),))
    data = decision_to_dict(marked)
    assert [item["name"] for item in data["trace"][0]["signals"]] == ["injection"]
    assert decision_from_dict(data).trace[0].verdict.signals == (signal,)
    del data["trace"][0]["signals"]  # as records from before were written
    assert decision_from_dict(data).trace[0].verdict.signals == ()
    assert "signals" not in decision_to_dict(decision_from_dict(data))["trace"][0]


def test_keys_of_a_later_version_are_passed_over() -> None:
    data = decision_to_dict(DECISION) | {"cost": 3}
    assert decision_from_dict(data).id == "a1b2"


def test_a_record_from_before_there_were_modes_is_of_the_full_one() -> None:
    data = decision_to_dict(replace(DECISION, mode="shadow", plan="chat main (full: draw)"))
    assert (decision_from_dict(data).mode, decision_from_dict(data).plan) == ("shadow", "chat main (full: draw)")
    del data["mode"], data["plan"]
    assert (decision_from_dict(data).mode, decision_from_dict(data).plan) == ("full", "")
    with pytest.raises(InvalidInput, match="unknown mode"):
        decision_from_dict({**data, "mode": "half"})
