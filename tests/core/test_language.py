"""Languages: by script where that tells, else by words that known utterances use."""

from __future__ import annotations

import pytest

from pointsman.core.category import Utterance
from pointsman.core.language import Languages

KNOWN = Languages(
    Utterance(text, "greeting", language)
    for language, text in (
        ("en", "good morning to you"),
        ("en", "hello my friend"),
        ("es", "buenos días amigo"),
        ("de", "guten Morgen mein Freund"),
        ("", "near miss without a language"),
    )
)


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
