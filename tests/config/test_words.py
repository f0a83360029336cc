"""Named word lists in category files: what they stand for, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config import category_file, intents
from pointsman.core.category import Pattern
from pointsman.core.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    made.mkdir()
    return made


def refused(folder: Path, text: str, cache: Path) -> str:
    (folder / "bad.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        intents.load(folder, cache_folder=cache)  # the shipped files are read once for all tests
    assert caught.value.cure
    return caught.value.message.replace(f"{folder}/", "")


def worded(words: str, regex: str, unless: str = "") -> str:
    pattern = f"patterns:\n- name: p\n  regex: '{regex}'\n  unless: '{unless}'\n"
    return f"name: x\ndescription: d\npath: llm\nwords:\n{words}{pattern}"


def pattern_of(text: str) -> Pattern:
    (pattern,) = intents.read_category(text, "x.yaml").value().patterns
    return pattern


def test_words_stand_for_their_alternatives() -> None:
    pattern = pattern_of(worded("  thanks: [thank you, thx+]\n  no: [not]\n", "^{thanks}!?$", "\\b{no} {thanks}"))
    assert pattern.regex == "^(?:thank you|thx+)!?$"
    assert pattern.unless == "\\b(?:not) (?:thank you|thx+)"


def test_words_may_use_the_lists_before_them() -> None:
    words = "  noun: [cat, dog]\n  pet: ['my {noun}s?', budgie]\n  all: ['{pet}', '{noun}']\n"
    assert pattern_of(worded(words, "{all}")).regex == "(?:(?:my (?:cat|dog)s?|budgie)|(?:cat|dog))"


@pytest.mark.parametrize(
    "regex",
    ["a{2,5}b{3}c{1,}", "[{a}]", "[^]{a}]", r"\{a\}", r"\{a}", r"\x{a}", "{}", "{ a }", "{2}", r"[\]{a}]"],
)
def test_other_braces_are_left_alone(regex: str) -> None:
    assert pattern_of(worded("  a: [b]\n", regex + "{a}")).regex == regex + "(?:b)"


def test_words_take_a_repeat() -> None:
    assert pattern_of(worded("  w: ['\\w+ ']\n", "{w}{0,4}cat")).regex == r"(?:\w+ ){0,4}cat"


@pytest.mark.parametrize(
    ("words", "regex", "said"),
    [
        (
            "  thanks: [thx]\n",
            "{thansk}",
            "bad.yaml:8: patterns.0.regex: there are no words {thansk}; did you mean 'thanks'?",
        ),
        ("  ab: [x]\n", "{ab}{A-b}", "bad.yaml:8: patterns.0.regex: there are no words {A-b}; did you mean 'ab'?"),
        ("  a:\n  - x\n  - '{c}'\n", "{a}", "bad.yaml:7: words.a.1: there are no words {c}"),
        ("  a: ['{b}']\n  b: [x]\n", "{a}", "bad.yaml:5: words.a.0: {b} is listed only further down"),
        ("  a: ['{b}']\n  b: ['{a}']\n", "{a}", "bad.yaml:5: words.a.0: {b} is listed only further down"),
        ("  a: ['{a}']\n", "{a}", "bad.yaml:5: words.a.0: {a} stands for itself"),
        ("  a: [x]\n  b: [y]\n", "{a}", "bad.yaml:6: words.b: no pattern uses it"),
        ("  a: []\n", "{a}", "bad.yaml:5: words.a: holds no words"),
        ("  a: ['']\n", "{a}", "bad.yaml:5: words.a.0: should have at least 1 character"),
        ("  a: x\n", "{a}", "bad.yaml:5: words.a: should be a list"),
        ("  a: [12]\n", "{a}", "bad.yaml:5: words.a.0: should be a text"),
        ("  A: [x]\n", "{A}", "bad.yaml:5: words.A: this key should match"),
        ("  a:\n  - x(\n  - y)\n", "{a}", "bad.yaml:6: words.a.0: RE2 cannot read 'x(': missing )"),
        (
            "  a: [x]\n  b: ['{a}', '{a}(?=y)']\n",
            "{b}",
            "bad.yaml:6: words.b.1: RE2 cannot run '(?:x)(?=y)': it looks ahead",
        ),
    ],
)
def test_wrong_words_are_said_with_file_and_line(
    folder: Path, shared_cache: Path, words: str, regex: str, said: str
) -> None:
    assert refused(folder, worded(words, regex), shared_cache).startswith(said)


def test_words_are_wanted_where_unless_uses_them(folder: Path, shared_cache: Path) -> None:
    said = refused(folder, worded("  a: [x]\n", "{a}", "{b}"), shared_cache)
    assert said == "bad.yaml:9: patterns.0.unless: there are no words {b}"


def test_words_come_back_from_the_cache(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "x.yaml").write_text(worded("  a: [b, 'c+']\n", "^{a}$"))
    first = intents.load(folder, cache_folder=tmp_path / "cache")
    monkeypatch.setattr(category_file, "wrong_alternatives", lambda _: pytest.fail("RE2 is asked again"))
    second = intents.load(folder, cache_folder=tmp_path / "cache")
    assert second["x"].patterns == first["x"].patterns
    assert second["x"].patterns[0].regex == "^(?:b|c+)$"
