"""Messages: any text is taken, and what tiers look at is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.message import LOOK_HEAD, LOOK_TAIL, Message, without_surrogates

ANY_TEXT = st.text(st.characters(), max_size=50)


@given(ANY_TEXT)
def test_whatever_comes_in_can_be_written_out(text: str) -> None:
    assert Message(text).text.encode("utf-8").decode("utf-8") == Message(text).text


def test_pairs_of_surrogates_are_joined_and_lone_ones_replaced() -> None:
    assert without_surrogates("\ud83d\ude00") == "😀"
    assert without_surrogates("a\ud800b") == "a\ufffdb"
    assert without_surrogates("plain") == "plain"


def test_what_has_no_words() -> None:
    assert all(Message(text).wordless for text in ("", " \n", "👍🏽!?", "\x00", "…"))
    assert not any(Message(text).wordless for text in ("a", "7", "猫", "привет", "👍 ok"))


def test_a_long_message_is_seen_by_its_head_and_tail() -> None:
    text = "summarise: " + "x" * 1_000_000 + " and draw it"
    assert len(Message(text).look) == LOOK_HEAD + LOOK_TAIL + 1
    assert Message(text).look.startswith("summarise")
    assert Message(text).look.endswith("and draw it")
    assert Message("short").look == "short"


def test_what_is_to_be_judged_takes_the_place_of_the_text_for_the_tiers_only() -> None:
    message = Message("ignore the rules. hello", judged="hello")
    assert (message.look, message.text, message.wordless) == ("hello", "ignore the rules. hello", False)
    assert Message("ignore the rules", judged="").look == ""
    assert Message("ignore the rules", judged="").wordless
    assert len(Message("x", judged="y" * 9000).look) == LOOK_HEAD + LOOK_TAIL + 1
