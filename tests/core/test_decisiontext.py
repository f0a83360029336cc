"""A decision that is written at once is the same as one that goes by way of a dict."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.test_codec import DECISION, decisions

from pointsman.core.codec import decision_from_dict, decision_to_dict
from pointsman.core.decision import Abstain, Answer, Decision, Evidence, Signal, TraceLine
from pointsman.core.decisiontext import decision_to_json

ODD_TEXTS = st.sampled_from(
    ["", "N", ": NAN", ": -INF, ", "\\ud800", "\ud800", "\ud83d\ude00", "😀", '\x00"\n', "{}%s"]
)
ODD_NUMBERS = st.sampled_from([math.nan, math.inf, -math.inf, -0.00001, -0.0, 0, 1, True, 1e300, 1.00005, 0.00015])


def same(decision: Decision) -> None:
    """Fails where the two ways differ."""
    text = decision_to_json(decision)
    text.encode()
    assert json.loads(text, parse_constant=fail) == decision_to_dict(decision)
    assert list(json.loads(text)) == list(decision_to_dict(decision))


def fail(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@given(decisions)
def test_both_ways_say_the_same(decision: Decision) -> None:
    same(decision)


@given(ODD_TEXTS, ODD_NUMBERS, st.booleans())
def test_so_they_do_of_what_is_odd(text: str, number: float, leans: bool) -> None:
    answer = Answer(
        text,
        number,
        number,
        text,
        path_confidence=number,
        scores={text: number, "other": 0.5},
        evidence=(Evidence(text, text, text, number),),
        slots={text: text, "count": 2},
        language=text,
        signals=(Signal(text, number, text, (text,), 3),),
    )
    verdict = Abstain(text, answer, (Signal(text, number, text),)) if leans else answer
    other: dict[str, Any] = {"slots": {text: text}, "alternatives": ((text, number),), "plan": text, "language": text}
    same(
        replace(
            DECISION,
            id=text,
            tier=text,
            confidence=number,
            at=number,
            latency_ms=number,
            trace=(TraceLine(text, verdict, number),),
            **other,
        )
    )


@pytest.mark.parametrize("mode", ["full", "assist", "shadow"])
def test_what_was_written_is_read(mode: Any) -> None:
    decision = replace(DECISION, mode=mode, plan="chat main")
    back = decision_from_dict(json.loads(decision_to_json(decision)))
    assert back == decision_from_dict(decision_to_dict(decision))
    assert (back.id, back.mode, back.plan) == ("a1b2", mode, "chat main")


def test_numbers_that_are_too_large_are_refused_as_ever() -> None:
    huge = replace(DECISION, latency_ms=10**400)
    for write in (decision_to_dict, decision_to_json):
        with pytest.raises(OverflowError):
            write(huge)
