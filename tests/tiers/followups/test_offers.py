"""What an assistant offers is found in its last sentences; questions that offer nothing are none."""

from __future__ import annotations

import pytest

from pointsman.tiers.followups import offers


@pytest.mark.parametrize(
    ("said", "asked_for", "does"),
    [
        ("It may rain. Shall I look up the weather?", "look up the weather", "query"),
        ("I could check the live status of LO281 for you.", "check the live status of LO281", "query"),
        ("I could run it to make sure. Shall I?", "run it", "expression"),
        ("Would you like me to add them up?", "add them up", "expression"),
        ("Let me know if you'd like me to search for flights.", "search for flights", "query"),
        ("Soll ich dir einen Pinguin zeichnen?", "einen Pinguin", ""),
        ("灯台の絵を描きましょうか？", "灯台の絵を描いて", "image"),
        ("要我画一个灯塔吗？", "画一个灯塔", "image"),
        ("Напомнить?", "Напомнить", "memory"),
    ],
)
def test_offers(said: str, asked_for: str, does: str) -> None:
    offer = offers.last_offer(said)
    assert offer is not None
    assert offer.request == asked_for
    assert offer.does == does


@pytest.mark.parametrize(
    "said",
    ["What should I draw?", "Which city do you mean?", "Here is your cat.", "Do you have a favourite colour?", "", "?"],
)
def test_no_offers(said: str) -> None:
    assert offers.last_offer(said) is None


def test_pictures_in_what_was_said() -> None:
    assert offers.is_picture("Here you go: ![a cat](cat.png)")
    assert offers.is_picture("[picture]")
    assert offers.is_picture("Here is your drawing!")
    assert not offers.is_picture("The picture of Dorian Gray is a novel.")


def test_what_a_request_does_to_it_has_to_be_found() -> None:
    assert offers.points("draw it")
    assert offers.points("ein Bild davon machen")
    assert not offers.points("draw a cat")
