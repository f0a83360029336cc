"""Short messages are read in 13 languages: what joins them, what is left, and whether they are whole replies."""

from __future__ import annotations

import pytest

from pointsman.tiers.followups.reading import calls_off, read, reshapes

REPLIES = {
    "yes": (
        "yes", "Yes please!", "sure, go ahead", "ja, gerne", "sí, por favor", "oui, vas-y", "sì grazie", "sim",
        "ja graag", "tak, poproszę", "да, давай", "はい、お願いします", "好的", "네", "हाँ", "ok",
    ),
    "no": (
        "no", "nope", "no thanks", "no it's fine as it is", "leave it like that", "nein danke", "no, gracias",
        "non merci", "no grazie", "não, obrigado", "nee, hoeft niet", "nie, dzięki", "нет, спасибо", "いいえ、結構です",
        "不用了，谢谢", "아니요 괜찮아요", "नहीं, रहने दो",
    ),
    "again": (
        "again", "one more", "another one please", "try again", "2 more like that", "noch einmal", "otra vez",
        "encore une fois", "un'altra", "mais uma vez", "nog een keer", "jeszcze raz", "ещё раз", "もう一枚", "再来一张",
        "하나 더", "एक और",
    ),
    "pick": ("the second one", "number 2", "der zweite", "el segundo", "le deuxième", "二つ目", "第二个", "두 번째"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "form"), [(text, form) for form, texts in REPLIES.items() for text in texts])
def test_whole_replies(text: str, form: str) -> None:
    assert read(text).form == form


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("now in blue", "in blue"),
        ("and in Paris?", "in Paris"),
        ("thanks, and in Paris please", "in Paris"),
        ("jetzt in blau", "in blau"),
        ("y en París?", "en París"),
        ("maintenant en bleu", "en bleu"),
        ("adesso in blu", "in blu"),
        ("e em Paris?", "em Paris"),
        ("en in Parijs?", "in Parijs"),
        ("a w Paryżu?", "w Paryżu"),
        ("а в Париже?", "в Париже"),
        ("今度は青で", "青で"),
        ("巴黎呢？", "巴黎"),
        ("파리는?", "파리"),
        ("और पेरिस में?", "पेरिस में"),
    ],
)
def test_what_joins_a_message_to_the_talk_is_taken_off(text: str, core: str) -> None:
    reading = read(text)
    assert (reading.core, reading.form, reading.joined) == (core, "open", True)


@pytest.mark.parametrize(
    "text",
    [
        "what's the capital of peru", "now remind me to buy paint", "wie alt werden Hunde?", "¿cuál es la capital?",
        "quel est le plus grand lac ?", "quanto vive un cane?", "qual é a capital?", "hoe oud wordt een hond?",
        "jaka jest stolica?", "сколько живут собаки?", "首都は何ですか？", "首都是哪里？", "수도는 어디야?",
        "राजधानी क्या है?",
    ],
)  # fmt: skip
def test_questions_and_orders_are_wishes_of_their_own(text: str) -> None:
    assert read(text).form == "own"


@pytest.mark.parametrize("text", ["so cute!!", "haha nice", "i love it", "sehr schön", "c'est beau", "可愛い！", "lol"])
def test_remarks_want_nothing(text: str) -> None:
    assert read(text).form == "remark"


@pytest.mark.parametrize(
    "text",
    [
        "shorter",
        "more formal please",
        "in german",
        "as a list",
        "kürzer",
        "más corto",
        "plus court",
        "más breve",
        "короче",
    ],
)
def test_other_shapes_of_an_answer(text: str) -> None:
    assert reshapes(read(text).core)


def test_nice_is_no_opening_when_it_says_what_is_nice() -> None:
    assert read("nice hat").core == "nice hat"
    assert read("nice, a hat").core == "a hat"


def test_what_calls_a_note_off() -> None:
    assert calls_off("cancel that")
    assert not calls_off("nope")
