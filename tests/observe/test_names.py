from __future__ import annotations

from pointsman.observe.names import Names


def test_what_is_known_has_its_name_and_the_rest_is_other() -> None:
    names = Names(["main"])
    assert (names.of("main"), names.of("stranger"), names.of("")) == ("main", "other", "other")


def test_what_is_admitted_is_known_from_then_on_while_there_is_room() -> None:
    names = Names(most=2)
    assert [names.admit(it) for it in ("a", "b", "c", "a")] == ["a", "b", "other", "a"]
    assert names.of("b") == "b"


def test_nobody_gets_a_name_that_would_break_a_line_or_fill_the_memory() -> None:
    names = Names()
    assert {names.admit(it) for it in ("", "a\nb", "x" * 101, "\x1b[2J")} == {"other"}
    assert names.admit("x" * 100) == "x" * 100
