"""Which pictures are not drawn, by the words that name them."""

from __future__ import annotations

import pytest

from pointsman.core.plan import Draw
from pointsman.core.reply import Picture
from pointsman.providers.comfyui.policy import EverythingGoes, PicturePolicy, RefusedWords

POLICY = RefusedWords(["Nude", "grandma’s house", "Café", "  "])


@pytest.mark.parametrize(
    "prompt",
    [
        "a nude",
        "NUDE, oil",
        "a n\u200bude statue",
        "ｎｕｄｅ",
        "\N{MATHEMATICAL BOLD CAPITAL N}\N{MATHEMATICAL BOLD CAPITAL U}DE",
        "\N{DOUBLE-STRUCK CAPITAL N}ude",
        "at grandma’s   house",
        "the cafe\u0301",
        "le cafe",
        "nude!",
    ],
)
def test_a_word_in_any_spelling_is_refused(prompt: str) -> None:
    assert "are not drawn here" in (POLICY.allows(Draw(prompt)) or "")


@pytest.mark.parametrize("prompt", ["a denuded hill", "nudes", "house of grandma’s", "a cafeteria", ""])
def test_parts_of_words_and_other_orders_pass(prompt: str) -> None:
    assert POLICY.allows(Draw(prompt)) is None


def test_the_style_counts_and_the_negative_does_not() -> None:
    assert POLICY.allows(Draw("x", style="nude study"))
    assert POLICY.allows(Draw("x", negative="nude")) is None


def test_a_phrase_does_not_reach_from_the_prompt_into_the_style() -> None:
    assert POLICY.allows(Draw("at grandma’s", style="house")) is None


@pytest.mark.parametrize("policy", [EverythingGoes(), RefusedWords([]), RefusedWords([" "])])
def test_without_words_everything_passes(policy: PicturePolicy) -> None:
    assert policy.allows(Draw("nude")) is None
    assert policy.looks(Picture(b"")) is None
