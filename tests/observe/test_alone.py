"""What a tier is worth by itself: shares of what it answered and of all, the trust in labels, the lowest bar."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pointsman.core.errors import InvalidInput
from pointsman.observe.alone import Bar, Heard, Trust, kind_of, lowest_bar, measured
from pointsman.observe.alone_report import render
from pointsman.observe.evaluation import Gold, Prediction
from pointsman.observe.measures import upper_bound

PATHS = {"draw": "image", "hello": "simple", "chat": "llm"}


def heard(number: int, gold: str, said: str = "", confidence: float = 0.8, why: str = "") -> Heard:
    made = Prediction(said, PATHS[said], confidence, "groq", 200.0) if said else None
    return Heard(Gold(str(number), "x", gold), made, confidence, why, "m" if said else "")


def shown(rows: Sequence[Heard], label: float | None = None) -> str:
    out = io.StringIO()
    result = measured("groq", rows, PATHS, label=label)
    render(
        result, Console(file=out, width=100), waited=61.0, trust_key="cloud.groq.trust", bar_key="`accept` of the tier"
    )
    return out.getvalue()


ROWS = [
    heard(1, "draw", "draw"),
    heard(2, "chat", "draw"),
    heard(3, "chat", "chat"),
    heard(4, "hello", why="malformed"),
    heard(5, "draw", why="malformed"),
]


def test_what_was_answered_and_all_that_was_asked_are_apart() -> None:
    result = measured("groq", ROWS, PATHS, label=0.8)
    assert result.on_answered is not None
    one, all_of_it = result.on_answered.overall, result.on_all.overall
    assert (one.n, one.accuracy, one.path_error, one.image_fpr) == (3, 2 / 3, 1 / 3, 1 / 2)
    assert (all_of_it.n, all_of_it.accuracy, all_of_it.path_error, all_of_it.image_fpr) == (5, 2 / 5, 3 / 5, 1 / 3)
    assert (result.asked, result.answered, result.unanswered, result.models) == (5, 3, {"malformed": 2}, {"m": 3})
    data = json.loads(json.dumps(result.to_dict()))
    assert data["unanswered_share"] == 0.4
    assert data["on_answered"]["p95_ms"] == 200.0


def test_labels_have_a_trust_and_probabilities_a_bar() -> None:
    labels = measured("groq", ROWS, PATHS, label=0.8)
    assert (labels.trust, labels.bar) == (Trust(3 / 5, 2, 3), None)
    shares = measured("groq", ROWS, PATHS)
    assert (shares.trust, shares.bar) == (None, None)
    both = measured("groq", [*ROWS, heard(6, "chat", "chat", 0.9)], PATHS, label=0.8)
    assert both.trust is None
    assert both.bar is not None
    assert (both.bar.accept, both.bar.kept, both.bar.answered, both.bar.wrong) == (0.81, 1, 4, 0)


def test_without_an_answer_there_is_nothing_to_advise() -> None:
    result = measured("groq", ROWS[3:], PATHS, label=0.8)
    assert (result.on_answered, result.trust, result.bar) == (None, None, None)
    assert result.on_all.overall.path_error == 1
    with pytest.raises(InvalidInput):
        measured("groq", [], PATHS)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30))
def test_no_lower_bar_would_do(cases: list[tuple[float, bool]]) -> None:
    answers = [heard(n, "chat", "draw" if wrong else "chat", sure) for n, (sure, wrong) in enumerate(cases)]

    def does(accept: float) -> bool:
        kept = [wrong for sure, wrong in cases if sure >= accept]
        return bool(kept) and sum(kept) / len(kept) < 0.3

    found = lowest_bar(answers, PATHS, 0.3)
    lower = range(round(found.accept * 100)) if found else range(101)
    assert not any(does(step / 100) for step in lower)
    if found:
        assert does(found.accept)
        assert found.wrong / found.kept < found.at_most


def test_a_bar_by_hand() -> None:
    right = [heard(n, "chat", "chat", 0.9) for n in range(99)]
    wrong = [heard(100 + n, "chat", "draw", 0.5 + n / 20) for n in range(3)]
    one, three = lowest_bar([*right, wrong[0]], PATHS), lowest_bar([*right, *wrong], PATHS)
    assert one == Bar(0.0, 100, 100, 1, upper_bound(1, 100))
    assert three == Bar(0.51, 101, 102, 2, upper_bound(2, 101))


def test_reasons_are_counted_by_kind() -> None:
    assert kind_of('mine: said "fox", which was no candidate') == "mine: said …, which was no candidate"
    assert kind_of("out of scope: nothing like it is known (nearest 0.31)") == "out of scope: nothing like it is known"
    assert kind_of("no answer within 2.5 s") == "no answer within … s"
    assert len(kind_of("a" * 300)) < 120


def test_a_terminal_shows_both_columns_the_reasons_and_the_advice() -> None:
    text = shown(ROWS, 0.8)
    assert "groq by itself answered 3 of 5 messages" in text
    assert "not answered, 40.0%: malformed 2" in text
    assert "61 s were spent waiting for limits" in text
    assert "counts as wrong" in text
    assert "trust: 0.60 (2 of 3, by Laplace's rule) - set cloud.groq.trust" in text
    assert "accept" not in text
    assert "chat -> draw" in text
    assert "accept: none keeps the wrong paths of its answers under 2%" in shown(ROWS)
    sure = shown([heard(1, "draw", "draw", 0.9)])
    assert "accept: 0.00 keeps 1 of 1 answers, 0 of 1 on a wrong path" in sure
    assert "counts as wrong" not in sure
