"""What a model is shown of a conversation on Discord."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.config.discord import History
from pointsman.core.message import Attachment, Origin, Turn
from pointsman.discord import wording
from pointsman.discord.context import MOST_TEXT, SEVERAL, Enclosed, Seen, message_of, said, session_of, turns_of
from pointsman.discord.split import split

ME = "1"
ORIGIN = Origin("discord", user="2", channel="9", guild="8")
FOX = Enclosed("fox.png", "image/png", "https://cdn.example/fox.png")


def by(name: str, text: str, *attachments: Enclosed, **names: str) -> Seen:
    """What somebody wrote; the author's id is made of his name, and names go by id."""
    known = {key.removeprefix("id"): value for key, value in names.items()}
    return Seen("77", f"user {name}", name, text, attachments=attachments, names=known)


def ours(text: str, *attachments: Enclosed) -> Seen:
    return Seen("78", ME, "Pointsman", text, is_bot=True, attachments=attachments)


def test_a_chain_is_a_conversation_oldest_first() -> None:
    turns, warnings = turns_of([by("Ann", "hello"), ours("Hello!"), by("Ann", "how are you?")], ME)
    assert turns == (Turn("user", "hello"), Turn("assistant", "Hello!"), Turn("user", "how are you?"))
    assert warnings == ()


def test_several_people_are_kept_apart_by_their_names() -> None:
    turns, _ = turns_of([by("Ann", "I like foxes"), by("Ben", "I like owls"), by("Ann", "why?")], ME)
    assert [it.text for it in turns] == ["Ann: I like foxes", "Ben: I like owls", "Ann: why?"]


def test_who_asks_now_is_one_of_them() -> None:
    chain = [by("Ann", "I like foxes"), ours("Nice.")]
    message, _ = message_of(by("Ben", "<@1> who likes what?"), chain, ME, ORIGIN, prompt="Be brief. ")
    assert message.history[0] == Turn("system", f"Be brief.\n\n{SEVERAL}")
    assert [it.text for it in message.history[1:]] == ["Ann: I like foxes", "Nice."]
    assert message.text == "Ben: who likes what?"
    assert message.judged == "who likes what?"
    alone, _ = message_of(by("Ann", "<@1> and I?"), chain, ME, ORIGIN)
    assert alone.text == "and I?"
    assert alone.judged is None
    assert [it.text for it in alone.history] == ["I like foxes", "Nice."]


@pytest.mark.parametrize(
    ("name", "shown"), [("A:\nB", "A B: hi"), ("x" * 99, f"{'x' * 32}: hi"), ("\u200b", "Somebody: hi")]
)
def test_a_name_is_one_short_line(name: str, shown: str) -> None:
    turns, _ = turns_of([by(name, "hi"), by("Ben", "hi")], ME)
    assert turns[0].text == shown


def test_what_the_model_is_told_first_comes_first() -> None:
    message, _ = message_of(by("Ann", "hello"), [ours("Hi.")], ME, ORIGIN, prompt="Be brief.")
    assert message.history == (Turn("system", "Be brief."), Turn("assistant", "Hi."))
    assert message.origin == ORIGIN


def test_the_bots_own_lines_are_no_part_of_what_it_said() -> None:
    text = f"Two.\n{wording.note('general_chat · main · 1.2 s')}"
    chain = [by("Ann", "1 + 1?"), ours(wording.waiting("loading main: about 20 s")), ours(text)]
    turns, _ = turns_of([*chain, by("Ann", "sure?"), ours(wording.warning("It failed.\nAsk again. #d1"))], ME)
    assert [it.text for it in turns] == ["1 + 1?", "Two.", "sure?"]


def test_parts_of_one_reply_are_one_turn() -> None:
    code = "\n".join(f"x = {number}" for number in range(700))
    reply = f"Here:\n```python\n{code}\n```\nThat was it."
    parts = [ours(it.strip()) for it in split(reply)]
    assert len(parts) > 2
    parts[-1] = ours(f"{parts[-1].text}\n{wording.note('footer')}")
    turns, _ = turns_of([by("Ann", "code?"), *parts], ME)
    assert turns[1] == Turn("assistant", reply)


def test_a_reply_that_came_as_a_file_is_what_stands_in_it() -> None:
    file = Enclosed(wording.REPLY_FILE, "text/markdown", "https://cdn.example/1", text="All of it.")
    turns, _ = turns_of([ours("All"), ours(wording.in_file(10), file)], ME)
    assert turns == (Turn("assistant", "All of it."),)


def test_pictures_are_shown_and_text_files_are_read() -> None:
    notes = Enclosed("notes.txt", "text/plain; charset=utf-8", text="buy milk\n")
    seen = by("Ann", "see these", FOX, notes, Enclosed("song.mp3", "audio/mpeg"))
    message, warnings = message_of(seen, [], ME, ORIGIN)
    assert message.attachments == (Attachment("image/png", FOX.url, "fox.png"),)
    assert message.text == "see these\n\n[notes.txt]\nbuy milk\n\n[song.mp3: a file that cannot be read here]"
    assert message.judged == "see these"
    assert len(warnings) == 1
    assert "song.mp3" in warnings[0].replace("\\", "")
    earlier, _ = turns_of([by("Ann", "", FOX), ours(wording.note("seed 7"), FOX)], ME)
    assert earlier == (
        Turn("user", "", attachments=(FOX.attachment,)),
        Turn("assistant", "", attachments=(FOX.attachment,)),
    )


def test_a_long_file_is_read_in_part() -> None:
    seen = by("Ann", "sum it up", Enclosed("long.md", "", text="x" * (MOST_TEXT + 1)))
    message, warnings = message_of(seen, [], ME, ORIGIN)
    assert message.text.endswith("\n" + "x" * MOST_TEXT)
    assert "20,000" in warnings[0]


@pytest.mark.parametrize(
    ("name", "media_type", "is_text"),
    [
        ("a.txt", "", True),
        ("a", "text/x-python", True),
        ("a", "application/json; charset=utf-8", True),
        ("A.PY", "application/octet-stream", True),
        ("a.png", "image/png", False),
        ("a.zip", "application/zip", False),
    ],
)
def test_files_that_are_worth_reading(name: str, media_type: str, is_text: bool) -> None:
    assert Enclosed(name, media_type).is_text is is_text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<@1> draw a fox", "draw a fox"),
        ("<@!1>draw a fox", "draw a fox"),
        ("hey <@1> draw a fox", "hey draw a fox"),
        ("draw a fox <@1>", "draw a fox"),
        ("<@1>", ""),
        ("what is in <#1>?", "what is in #a-channel?"),
        ("<@1> greet <@5> in <#6> of <@&7>", "greet @Ann in #den of @mods"),
        ("<@1> greet <@99>", "greet @somebody"),
        ("<@1> what is <:blob:123> and <a:wave:456>?", "what is :blob: and :wave:?"),
        ("try </draw:123>", "try /draw"),
        ("<@1>\n```py\nx  =  1\n```", "```py\nx  =  1\n```"),
        ("1 < 2 and <b>", "1 < 2 and <b>"),
    ],
)
def test_mentions_can_be_read(text: str, read: str) -> None:
    assert said(by("Ben", text, id5="Ann", id6="den", id7="mods"), ME) == read


def test_the_role_of_the_bot_is_a_mention_of_it() -> None:
    assert said(by("Ben", "<@&3> hello", id3="Pointsman"), {ME, "3"}) == "hello"


def test_only_the_last_messages_are_shown_and_it_is_said() -> None:
    chain = [by("Ann", f"message {number}") for number in range(30)]
    turns, warnings = turns_of(chain, ME)
    assert [turns[0].text, turns[-1].text, len(turns)] == ["message 5", "message 29", 25]
    assert warnings == ("Only the last 25 messages are taken into account.",)
    assert turns_of(chain[:25], ME)[1] == ()
    assert turns_of(chain, ME, History(messages=0)) == ((), (wording.only_last(0),))


def test_only_so_many_characters_are_shown() -> None:
    chain = [by("Ann", "a" * 60), ours("b" * 60), by("Ann", "c" * 30)]
    turns, warnings = turns_of(chain, ME, History(characters=100))
    assert [it.text[0] for it in turns] == ["b", "c"]
    assert warnings == ("Only the last 100 characters of this conversation are taken into account.",)
    turns, _ = turns_of([by("Ann", "a" * 50 + "b" * 50)], ME, History(characters=50))
    assert turns[0].text == "…" + "b" * 50


CHAINS = st.lists(
    st.builds(
        Seen,
        id=st.just("7"),
        author_id=st.sampled_from("234"),
        author_name=st.sampled_from(["Ann", "Ben"]),
        text=st.text(max_size=60),
        is_bot=st.booleans(),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(CHAINS, st.integers(0, 10), st.integers(0, 200))
def test_limits_hold_and_whatever_is_left_out_is_said(chain: list[Seen], messages: int, characters: int) -> None:
    limits = History(messages=messages, characters=characters)
    turns, warnings = turns_of(chain, ME, limits)
    everything, _ = turns_of(chain, ME, History(messages=100, characters=10**9))
    assert len(turns) <= messages
    assert sum(len(it.text.removeprefix("…")) for it in turns) <= characters
    assert bool(warnings) is (turns != everything)
    assert turns == everything[len(everything) - len(turns) :] or turns[0].text.startswith("…")


@settings(deadline=None)
@given(CHAINS)
def test_two_replies_never_follow_each_other(chain: list[Seen]) -> None:
    turns, _ = turns_of(chain, ME, History(messages=100, characters=10**9))
    assert all("user" in (one.role, other.role) for one, other in pairwise(turns))


def test_a_conversation_is_known_by_its_thread_or_by_its_first_message() -> None:
    assert session_of(by("Ann", "hello")) == "77"
    assert session_of(by("Ann", "hello"), thread="88") == "88"
    assert session_of(None) == ""


def test_a_picture_that_a_command_asked_for_says_what_it_was_asked_for() -> None:
    picture = Enclosed("fox.png", "image/png", "data:image/png;base64,", alt="a fox in the snow")
    chain = [Seen("1", "me", "Pointsman", "", is_bot=True, attachments=(picture,))]
    turns, _ = turns_of(chain, "me")
    assert [(turn.role, turn.text) for turn in turns] == [("user", "a fox in the snow"), ("assistant", "")]
    asked = Seen("0", "7", "Ann", "draw a fox in the snow, please")
    turns, _ = turns_of([asked, *chain], "me")
    assert [turn.role for turn in turns] == ["user", "assistant"]


def test_of_earlier_turns_too_the_tiers_see_no_name() -> None:
    chain = [Seen("1", "7", "Ann", "<@9> draw a cat"), Seen("2", "8", "Ben", "nice")]
    turns, _ = turns_of(chain, "9")
    assert [(turn.text, turn.judged) for turn in turns] == [("Ann: draw a cat", "draw a cat"), ("Ben: nice", "nice")]
