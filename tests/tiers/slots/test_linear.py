"""The slots' patterns: run by RE2 alone, and found at the right characters."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pointsman.tiers import slots
from pointsman.tiers.slots import linear

MODULES = sorted(Path(slots.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_uses_an_engine_that_backtracks(module: Path) -> None:
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert not imported & {"re", "regex", "fnmatch"}


@pytest.mark.parametrize(
    ("text", "start", "end"), [("a fox runs", 2, 5), ("ä fox", 2, 5), ("🦊 FOX", 2, 5), ("狐fox", 1, 4)]
)
def test_places_count_characters(text: str, start: int, end: int) -> None:
    match = linear.regex("(?P<animal>fox)(?P<none>z)?").search(text)
    assert match is not None
    assert (match.start, match.end) == (start, end)
    assert match.group("animal").lower() == "fox"
    assert match.group("none") == ""
    assert match.groups == 2


def test_all_matches_are_found_in_order() -> None:
    found = [(match.group(), match.start) for match in linear.regex(r"\pL+").finditer("öl und 水")]
    assert found == [("öl", 0), ("und", 3), ("水", 7)]


def test_a_match_at_the_beginning_only() -> None:
    assert linear.regex("fox").match("a fox") is None
    assert linear.regex("(?:a+)+b").search("a" * 4000) is None


@pytest.mark.parametrize(("text", "held"), [("a Fox", True), ("foxes", False), ("wölfe, fox", True), ("", False)])
def test_whether_a_text_holds_a_pattern(text: str, *, held: bool) -> None:
    pattern = r"\bfox\b"
    assert linear.holds(pattern, text) is held
    assert (linear.regex(pattern).search(text) is not None) is held
