"""How a decision explains itself."""

from __future__ import annotations

from pointsman.core.decision import Abstain, Answer, Decision, Signal, TraceLine, explain_line

DECISION = Decision("a1", "general_chat", "llm", 0.5, "fallback", (TraceLine("patterns", Abstain("no match"), 0.1),))


def test_signals_stand_before_the_trace() -> None:
    marked = Decision(
        **{name: getattr(DECISION, name) for name in ("id", "category", "path", "confidence", "tier", "trace")},
        signals=(Signal("injection", 0.987, "guard", ("leak", "mode"), 12), Signal("other", 0.5, "elsewhere")),
    )
    assert marked.explain().splitlines()[1:4] == [
        "  injection     0.99 by guard: leak, mode; judged without 12 of its characters",
        "  other         0.50 by elsewhere",
        "  patterns      0.10 ms  abstains: no match",
    ]
    assert "by guard" not in DECISION.explain()


def test_a_path_that_is_surer_than_the_category_is_shown() -> None:
    line = TraceLine("fast", Answer("web_search", 0.81, 0.9, "words", path_confidence=0.96), 0.1)
    assert "web_search 0.81, its path 0.96, margin 0.90: words" in explain_line(line)
    alike = TraceLine("fast", Answer("web_search", 0.96, 0.9, "words"), 0.1)
    assert "its path" not in explain_line(alike)
