"""Wording: what is folded away, how much of it two texts share, and a search that finds what is alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers.wording import Wordings, alike, fold, key_of


@pytest.mark.parametrize(
    "same",
    [
        ("What's up?", "whats  up", "WHAT’S UP!!", "what's\nup…", "“What's up”"),
        ("Straße", "STRASSE"),
        ("じゃあね！", "じゃあね"),
        ("¿Qué tal?", "qué tal"),
        ("naïve", "nai\u0308ve"),
        ("❤️ you", "❤ you"),
        ("?!", " ?! "),
        ("👍", "👍\ufe0f"),
        ("/imagine a fox", "/Imagine a fox!"),
    ],
)
def test_case_white_space_and_punctuation_do_not_tell_texts_apart(same: tuple[str, ...]) -> None:
    assert len({key_of(text) for text in same}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/imagine a fox", "imagine a fox"),
        ("!draw", "draw"),
        ("?!", "?"),
        ("👍", "👎"),
        ("किताब", "कताब"),
        ("c++", "c"),
        ("a" * 5000, "a" * 5001),
        ("a" * 3000 + "b" * 2000, "a" * 3000 + "c" * 2000),
    ],
)
def test_what_else_differs_does(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_the_middle_of_a_long_text_is_not_looked_at() -> None:
    assert key_of("a" * 3000 + "b" * 100 + "c" * 1000) == key_of("a" * 3000 + "d" * 100 + "c" * 1000)


@given(st.text(max_size=60))
def test_any_text_folds_once_and_for_all(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def subsequence(one: str, other: str) -> int:
    """The longest common subsequence, as the textbook has it."""
    row = [0] * (len(other) + 1)
    for letter in one:
        diagonal = 0
        for place, against in enumerate(other, 1):
            above = row[place]
            row[place] = diagonal + 1 if letter == against else max(above, row[place - 1])
            diagonal = above
    return row[-1]


@given(st.text("abc ", max_size=90), st.text("abc ", max_size=90))
def test_alike_is_the_longest_common_subsequence_over_both_lengths(one: str, other: str) -> None:
    expected = 2 * subsequence(one, other) / (len(one) + len(other)) if one and other else float(one == other)
    assert alike(one, other) == alike(other, one) == pytest.approx(expected)


def test_of_long_texts_both_ends_are_compared() -> None:
    assert alike("a" * 300 + "b" * 5000 + "c" * 100, "a" * 300 + "d" * 9000 + "c" * 100) == 1.0


@given(st.lists(st.text("ab ", min_size=1, max_size=12), max_size=8), st.text("ab ", max_size=12))
def test_a_search_finds_equal_texts_and_nothing_below_the_bar(texts: list[str], text: str) -> None:
    found = dict(Wordings(texts).like(text, 0.8))
    assert {place for place, known in enumerate(texts) if known == text} <= found.keys()
    assert all(part == alike(texts[place], text) >= 0.8 for place, part in found.items())


def test_a_search_among_many_finds_the_few() -> None:
    texts = [f"tell me about the number {number}" for number in range(300)] + ["draw a red fox in the snow"]
    ((place, part),) = Wordings(texts).like("please draw a red fox in the snow", 0.8)
    assert place == 300
    assert part == pytest.approx(0.881, abs=0.001)
    assert Wordings([]).like("anything", 0.1) == Wordings(texts).like("ж", 0.1) == []
