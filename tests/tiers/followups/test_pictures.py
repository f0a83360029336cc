"""A wish is merged into the prompt: in the place of one of its kind, else behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers.followups.pictures import Merged, merged

CAT = "a cat on a skateboard"


@pytest.mark.parametrize(
    ("prompt", "wish", "wanted"),
    [
        (CAT, "in blue", f"{CAT}, in blue"),
        (f"{CAT}, in blue", "in red", f"{CAT}, in red"),
        ("a red car", "make it blue", "a blue car"),
        ("a red car and a green tree", "in blue", "a red car and a green tree, in blue"),
        ("a fox at night", "at dawn", "a fox at dawn"),
        ("a cat in a garden", "on the moon", "a cat on the moon"),
        ("a knight", "riding a snail", "a knight riding a snail"),
        ("a cat with a hat", "make the hat green", "a cat with a green hat"),
        ("a cat with a red hat", "make the hat green", "a cat with a green hat"),
        ("a mermaid", "her tail should be purple", "a mermaid with a purple tail"),
        ("a unicorn", "the horn is too short", "a unicorn with a longer horn"),
        (CAT, "add a hat", f"{CAT} with a hat"),
        (CAT, "give it wings", f"{CAT} with wings"),
        (CAT, "make it a dog", "a dog on a skateboard"),
        (CAT, "with a dog instead of a cat", "a dog on a skateboard"),
        (CAT, "replace the skateboard with a surfboard", "a cat on a surfboard"),
        ("two foxes dancing", "three foxes", "three foxes dancing"),
        (CAT, "it's too dark", f"{CAT}, brighter"),
        (CAT, "a bit bigger", f"{CAT}, bigger"),
        (CAT, "one with wings", f"{CAT} with wings"),
        ("a picture", "a hedgehog on a scooter", "a hedgehog on a scooter"),
        ("ein Hund", "mach ihn größer", "ein Hund, größer"),
        ("un gato", "hazlo más grande", "un gato, más grande"),
        ("кот", "сделай его синим", "кот, синим"),
        ("一只猫", "改成蓝色", "一只猫, 蓝色"),
        ("고양이", "파란색으로 바꿔줘", "고양이, 파란색"),
        ("एक बिल्ली", "इसे नीला करो", "एक बिल्ली, नीला"),
    ],
)
def test_wishes(prompt: str, wish: str, wanted: str) -> None:
    assert merged(prompt, wish).prompt == wanted


@pytest.mark.parametrize(
    ("prompt", "wish", "wanted"),
    [
        ("a cat with a hat", "without the hat", Merged("a cat")),
        ("a cat with a red hat, at night", "remove the hat", Merged("a cat, at night")),
        ("un gatto con cappello", "senza cappello", Merged("un gatto")),
        ("a cat", "no text", Merged("a cat", "text")),
        ("猫", "帽子なしで", Merged("猫", "帽子")),
    ],
)
def test_what_is_to_go_leaves_the_prompt_or_is_named(prompt: str, wish: str, wanted: Merged) -> None:
    assert merged(prompt, wish) == wanted


def test_what_is_wanted_instead_or_besides() -> None:
    assert merged(CAT, "a dog", instead=True).prompt == "a dog on a skateboard"
    assert merged(CAT, "a dog", plus=True).prompt == f"{CAT} and a dog"


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_texts_can_be_merged(prompt: str, wish: str) -> None:
    assert isinstance(merged(prompt, wish).prompt, str)
