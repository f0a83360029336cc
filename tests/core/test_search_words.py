"""The words that texts are searched by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.search_words import LONGEST, begins_others, folded, search_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is my dog's name?", ["dog", "s", "name"]),
        ("Café Nord, ÜBER Straße", ["cafe", "nord", "uber", "strasse"]),
        ("dog dog DOG", ["dog"]),
        ('say "hi" AND (NEAR*)', ["say", "hi", "near"]),
        ("犬の名前", ["犬", "名", "前", "名前"]),
        ("ポチです", ["ポチ"]),
        ("かぎはどこ", ["かぎ", "ぎは", "はど", "どこ"]),
        ("강아지 이름", ["강아", "아지", "이름"]),
        ("код 45К8", ["код", "45к8"]),
        ("नाम", ["नाम"]),
        ("the of is", []),
        ("😀 …", []),
    ],
)
def test_words_are_found(text: str, words: list[str]) -> None:
    found = [word for word in search_words(text) if word != "s"]
    assert found == [word for word in words if word != "s"]


@given(st.text())
def test_words_hold_nothing_that_a_query_language_knows(text: str) -> None:
    words = search_words(text)
    assert len(set(words)) == len(words)
    for word in words:
        assert 0 < len(word) <= LONGEST
        assert not set(word) & set("\"'*^:(){}+-_ \n\x00")


def test_long_plain_words_find_longer_ones() -> None:
    assert begins_others("zahnarzt")
    assert not begins_others("dog")
    assert not begins_others("2580000")
    assert not begins_others("अअअअअअ")


def test_accents_go_and_vowel_signs_stay() -> None:
    assert folded("Ñandú") == "nandu"
    assert folded("ガ") == "ガ"
