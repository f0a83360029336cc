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
        ("Soll ich dir einen Pinguin zeichnen?", "einen Pinguin", "image"),
        ("灯台の絵を描きましょうか？", "灯台の絵を描いて", "image"),
        ("要我画一个灯塔吗？", "画一个灯塔", "image"),
        ("Напомнить?", "Напомнить", "memory"),
        ("Shall I draw you a fox?", "draw me a fox", "image"),
        ("Can I paint us two red houses?", "paint me two red houses", "image"),
        ("Can I draw them a castle?", "draw a castle", "image"),
        ("Shall I draw her a card?", "draw a card", "image"),
        ("Shall I draw her dog?", "draw her dog", "image"),
        ("Shall I draw you riding a horse?", "draw you riding a horse", "image"),
        ("I can remind you at five.", "remind me at five", "memory"),
        ("Shall I find you cheap flights?", "find me cheap flights", "query"),
        ("Soll ich ihm einen Fuchs zeichnen?", "einen Fuchs", "image"),
        ("Zal ik voor jullie een vos tekenen?", "een vos", "image"),
        ("¿Te dibujo un zorro?", "un zorro", "image"),
        ("¿Quieres que te dibuje un zorro?", "un zorro", "image"),
        ("Je peux vous dessiner un renard.", "un renard", "image"),
        ("Vuoi che ti disegni una volpe?", "una volpe", "image"),
        ("Quer que eu te desenhe uma raposa?", "uma raposa", "image"),
        ("Narysować ci lisa?", "lisa", "image"),
        ("Хочешь, я нарисую тебе лису?", "лису", "image"),
        ("I can make a picture of your cat. Want it?", "make a picture of your cat", "image"),
        ("Ich kann dir einen Fuchs zeichnen. Möchtest du das?", "einen Fuchs", "image"),
        ("Lisbon is lovely. Do you want it?", "it", ""),
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
    for request in ("search for it", "search the web for that", "draw her again", "ihn", "suchen", "描いて"):
        assert offers.points(request), request
    assert not offers.points("search for cheap flights")
