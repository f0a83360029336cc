"""What people said is shown short, and does nothing to a terminal."""

from __future__ import annotations

from pointsman.cli.quoting import beginning, quoted


def test_a_quoted_text_is_one_harmless_line() -> None:
    assert quoted("a\n\tb") == "'a b'"
    assert quoted("\x1b[31mred\u202e") == "'?[31mred?'"
    assert quoted("x" * 999) == "'" + "x" * 70 + "…'"


def test_the_beginning_of_a_text_is_a_few_harmless_lines() -> None:
    assert beginning(" draw\t me\r\n\x1b[2Ja fox \n") == ["draw me", "?[2Ja fox"]
    assert beginning(" \n") == []
    assert beginning("a\nb\nc\nd\ne") == ["a", "b", "c", "d", "(9 characters in all)"]
    assert beginning("x" * 2000) == ["x" * 100 + "…", "(2,000 characters in all)"]
