"""The tagger's words and their features."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers.slots.words import BUCKETS, FEATURES, LONGEST, features, words_of


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in words_of(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("draw a fox, 16:9!", ["draw", "a", "fox", ",", "16", ":", "9", "!"]),
        ("don't", ["don", "'", "t"]),
        ("  two\n spaces ", ["two", "spaces"]),
        ("画一只猫 now", ["画", "一", "只", "猫", "now"]),
        ("가방 a", ["가", "방", "a"]),
        ("दिल्ली में", ["दिल्ली", "में"]),
        ("x=[1]", ["x", "=", "[", "1", "]"]),
        ("", []),
    ],
)
def test_words_are_runs_of_letters_and_single_signs(text: str, words: list[str]) -> None:
    assert said(text) == words


@given(st.text(max_size=80))
def test_words_hold_every_character_that_is_no_space_once(text: str) -> None:
    places = words_of(text)
    assert all(start < end for start, end in places)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(places))
    assert "".join(said(text)).replace(" ", "") == "".join(text.split())


@given(st.text(max_size=200))
def test_each_word_has_the_same_number_of_features(text: str) -> None:
    words = words_of(text)[:LONGEST]
    found = features(text, words)
    assert found.shape == (len(words), FEATURES)
    assert ((found >= 0) & (found < BUCKETS)).all()


def test_a_word_is_seen_with_its_neighbours() -> None:
    first, second = (features(text, words_of(text)) for text in ("draw a red fox now", "draw a red cat now"))
    assert np.array_equal(first[:2, :4], second[:2, :4])  # two words back to one ahead: the same for both
    assert first[1, 4] != second[1, 4]  # two ahead of "a"
    assert first[2, 3] != second[2, 3]  # one ahead of "red"
    assert first[3, 2] != second[3, 2]  # the word itself
    assert first[4, 1] != second[4, 1]  # one back from "now"


def test_digits_are_alike_and_case_is_a_feature_of_its_own() -> None:
    small, large, other = (features(text, words_of(text))[0] for text in ("12 a", "98 a", "Ab a"))
    assert np.array_equal(small, large)
    lower = features("ab a", words_of("ab a"))[0]
    assert (lower == other).sum() == FEATURES - 1
