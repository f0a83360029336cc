"""Languages: by script where that tells, else by words that known utterances use."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.category import Utterance
from pointsman.core.language import Languages

SAID = (
    ("en", "good morning to you"),
    ("en", "hello my friend"),
    ("es", "buenos días amigo"),
    ("de", "guten Morgen mein Freund"),
    ("", "near miss without a language"),
)
KNOWN = Languages(Utterance(text, "greeting", language) for language, text in SAID)
# Words of several languages, so that none says much by itself.
SHARED = (
    ("en", "no in a die me"),
    ("es", "no a me en la"),
    ("it", "no in a me la"),
    ("de", "in die an en"),
    ("en", "no in a me an"),
    ("pt", "no a me"),
)
MIXED = Languages(Utterance(text, "talk", language) for language, text in SHARED)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("buenos dias, amigo!", "es"),
        ("BUENOS DÍAS", "es"),
        ("guten morgen", "de"),
        ("good morning", "en"),
        ("こんにちは", "ja"),
        ("猫を描いて", "ja"),
        ("画一只猫", "zh"),
        ("안녕하세요", "ko"),
        ("привет", "ru"),
        ("नमस्ते", "hi"),
        ("what does the letter π mean", "en"),
        ("draw a sign that says 猫", "en"),
        ("東京の天気", "ja"),
        ("xyzzy", "en"),
        ("", "en"),
        ("🐈 123", "en"),
        ("near miss", "en"),
    ],
)
def test_guess(text: str, language: str) -> None:
    assert KNOWN.guess(text) == language


@given(st.lists(st.sampled_from(sorted({word for _, text in SHARED for word in text.split()} | {"xyz"})), max_size=12))
def test_the_language_is_that_which_the_words_weigh_most_for(words: list[str]) -> None:
    uses = {word: Counter(language for language, text in SHARED if word in text.split()) for word in words}
    weights = {"en": 0.0}
    for word in words:
        for language, count in uses[word].items():
            weights[language] = weights.get(language, 0.0) + count / uses[word].total()
    best = max(weights.values())
    guessed = MIXED.guess(" ".join(words))
    assert weights[guessed] == pytest.approx(best)
    assert guessed == "en" or weights["en"] < best + 1e-9


def test_digits_and_marks_part_words_in_every_script() -> None:
    assert KNOWN.guess("Guten_Morgen2mein-freund") == "de"
    assert KNOWN.guess("Guten_Morgen2mein-freund ä") == "de"
