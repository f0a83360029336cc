"""What headers say of a decision: little to everybody, more to who asks, and always what a header can hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pointsman.core.decision import Abstain, Answer, Decision, Signal, TraceLine
from pointsman.http.headers import decision_headers, reply_headers

DECISION = Decision(
    "a1b2",
    "image_generation",
    "image",
    0.98765,
    "fast",
    (
        TraceLine("tasks", Abstain("not a job"), 0.01),
        TraceLine("fast", Answer("image_generation", 0.98765, 0.9, "near “draw\r\nme”"), 0.25),
    ),
    alternatives=(("general_chat", 0.0123), ("web_search", 0.001)),
    language="de",
    latency_ms=0.31,
    signals=(Signal("injection", 0.97, "guard"),),
    plan="draw",
)
ALWAYS = {
    "x-pointsman-category": "image_generation",
    "x-pointsman-path": "image",
    "x-pointsman-tier": "fast",
    "x-pointsman-confidence": "0.9877",
    "x-pointsman-decision-id": "a1b2",
}


def test_everybody_is_told_what_was_decided() -> None:
    assert decision_headers(DECISION) == reply_headers(DECISION, {}) == ALWAYS


@pytest.mark.parametrize("asks", ["1", "true", " YES ", "on"])
def test_who_asks_is_told_why(asks: str) -> None:
    assert reply_headers(DECISION, {"x-pointsman-debug": asks}, leased="main after 0.2 s") == {
        **ALWAYS,
        "x-pointsman-mode": "full",
        "x-pointsman-plan": "draw",
        "x-pointsman-reason": "near ?draw??me?",
        "x-pointsman-alternatives": "general_chat 0.01, web_search 0.00",
        "x-pointsman-tiers": "tasks abstains 0.01; fast image_generation 0.99 0.25",
        "x-pointsman-latency-ms": "0.31",
        "x-pointsman-language": "de",
        "x-pointsman-signals": "injection 0.97",
        "x-pointsman-lease": "main after 0.2 s",
    }


@pytest.mark.parametrize("says", ["", "0", "false", "no"])
def test_who_does_not_ask_is_not(says: str) -> None:
    assert reply_headers(DECISION, {"x-pointsman-debug": says}) == ALWAYS


def test_a_track_that_is_not_taken_says_so_to_everybody() -> None:
    shadow = replace(DECISION, mode="shadow", plan="chat main (full: draw)")
    assert reply_headers(shadow, {}) == {
        **ALWAYS,
        "x-pointsman-mode": "shadow",
        "x-pointsman-plan": "chat main (full: draw)",
    }


def test_nothing_decided_says_nothing() -> None:
    assert reply_headers(None, {"x-pointsman-debug": "1"}) == decision_headers(None) == {}


def test_whatever_is_in_it_headers_are_short_and_ascii() -> None:
    wild = "\u202e\n\x00é😀" * 5_000
    long = tuple((f"{wild}{n}", 0.1) for n in range(99))
    trace = tuple(TraceLine(wild, Answer(wild, 0.5, 0.5, wild), 1.0) for _ in range(99))
    decision = replace(
        DECISION,
        id=wild,
        category=wild,
        tier=wild,
        trace=trace,
        alternatives=long,
        language=wild,
        plan=wild,
        mode="shadow",
    )
    headers = reply_headers(replace(decision, mode="shadow"), {"x-pointsman-debug": "1"}, leased=wild)
    assert sum(len(name) + len(value) for name, value in headers.items()) < 5_000
    for value in headers.values():
        assert all(" " <= letter <= "~" for letter in value)
        assert value == value.strip()
