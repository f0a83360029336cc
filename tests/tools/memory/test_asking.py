"""What messages ask of the memory in so many words, and when that is left to a model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.message import Message, Origin, Turn
from pointsman.core.tool import Occasion
from pointsman.tiers import slots
from pointsman.tools.memory.asking import count_named, first_call, ids_in, is_everything, meant

HERE = Origin("cli")
SERVER = Origin("discord", user="ada", channel="c", guild="g")


def asked(text: str, *history: Turn, origin: Origin = HERE) -> tuple[str, dict[str, Any], bool] | None:
    found = slots.find("memory_operation", text, ("action", "memory"))
    first = first_call(Occasion(Message(text, history, origin=origin), found), "reminder")
    return (first.call.name, dict(first.call.arguments), first.answers) if first else None


@pytest.mark.parametrize(
    ("text", "call", "arguments"),
    [
        ("remember that my seat is 14C", "remember", {"text": "my seat is 14C"}),
        ("hey, could you please remember for me that Ines likes tulips?", "remember", {"text": "Ines likes tulips"}),
        ("I hate coriander", "remember", {"text": "I hate coriander"}),
        ("merk dir, dass Oma Käse mag", "remember", {"text": "Oma Käse mag"}),
        ("запомни: код домофона 45", "remember", {"text": "код домофона 45"}),
        ("记住我对花生过敏", "remember", {"text": "我对花生过敏"}),
        ("remind me to call mum at six", "remember", {"text": "reminder: call mum at six"}),
        ("forget my locker code", "forget", {"what": "my locker code"}),
        ("vergiss m12", "forget", {"what": "m12"}),
        ("forget that", "forget", {"what": ""}),
        ("remember that", "remember", {"text": ""}),
        ("これを覚えて", "remember", {"text": ""}),
        ("what's on my shopping list?", "list_memories", {"about": "shopping list"}),
        ("was weißt du über mich?", "list_memories", {"about": ""}),
    ],
)
def test_plain_wishes_need_no_model(text: str, call: str, arguments: dict[str, str]) -> None:
    assert asked(text) == (call, arguments, True)


def test_what_is_recalled_is_put_into_words_by_a_model() -> None:
    assert asked("what's my locker code?") == ("recall", {"query": "my locker code"}, False)


@pytest.mark.parametrize(
    "text",
    [
        "remember my dog is Rex and tell me a joke",
        "remember that my locker is 12. Also what's the weather in Rome?",
        "merk dir, dass ich Tee mag und sag mir das Wetter",
        "remember I like tea? what else do I like",
        "lunch at the harbour on Friday",
        "I was thinking of the long trip that we took last year with the kids in the old van; anyway, recall the ferry",
    ],
)
def test_several_wishes_are_left_to_a_model(text: str) -> None:
    assert asked(text) is None


def test_other_messages_ask_for_nothing() -> None:
    assert first_call(Occasion(Message("hello")), "reminder") is None


@pytest.mark.parametrize(
    ("text", "kept", "scope"),
    [
        ("remember for everyone here: movie night at 8", "movie night at 8", "guild"),
        ("remember that movie night is at 8 for everyone here", "movie night is at 8", "guild"),
        ("merk dir für alle: Kino um acht", "Kino um acht", "guild"),
        ("remember to buy cake for everyone", "buy cake for everyone", None),
    ],
)
def test_that_everybody_may_know_is_said(text: str, kept: str, scope: str | None) -> None:
    found = asked(text, origin=SERVER)
    assert found == ("remember", {"text": kept} | ({"scope": scope} if scope else {}), True)


USER, BOT = "user", "assistant"


@pytest.mark.parametrize(
    ("history", "text"),
    [
        ([], ""),
        ([(USER, "My locker code is 4512."), (BOT, "Got it!")], "My locker code is 4512."),
        ([(USER, "Meine Katze heißt Mimi")], "Meine Katze heißt Mimi"),
        (
            [(USER, "Which apple keeps longest?"), (BOT, "The Cox Orange.")],
            "Which apple keeps longest? The Cox Orange.",
        ),
        ([(USER, "Which apple keeps longest?"), (BOT, "Do you mean raw?")], ""),
        ([(USER, "Which apple keeps longest?"), (BOT, "many\nlines")], ""),
        ([(USER, "draw a fox"), (BOT, "[image]")], ""),
        ([(USER, "My " + "word " * 100), (BOT, "ok")], ""),
        ([("tool", "My code is 1"), ("system", "my rules")], ""),
    ],
)
def test_what_that_is_has_to_be_plain(history: list[tuple[Any, str]], text: str) -> None:
    turns = [Turn(role, said) for role, said in history]
    assert meant(turns) == text
    assert asked("remember that", *turns) == ("remember", {"text": text}, True)


@pytest.mark.parametrize(
    ("what", "ids"),
    [
        ("m12", ["m12"]),
        ("M3, m4 und m7", ["m3", "m4", "m7"]),
        ("m3 m3", ["m3"]),
        ("m3 or so", []),
        ("", []),
        ("and", []),
    ],
)
def test_ids_stand_alone(what: str, ids: list[str]) -> None:
    assert ids_in(what) == ids


@pytest.mark.parametrize(
    "what",
    [
        "all memories", "all my memories", "alles", "alles über mich", "alle Erinnerungen", "todo", "todo sobre mí",
        "todos los recuerdos", "tout", "tout sur moi", "tous mes souvenirs", "tutto", "tutto su di me",
        "tutti i ricordi", "全部",
    ],
)  # fmt: skip
def test_everything_has_many_names(what: str) -> None:
    assert is_everything(what)


def test_a_question_for_all_has_no_subject() -> None:
    """A tagger took the end of it for one."""
    slots = {"action": "list", "memory": "du dir gemerkt hast"}
    first = first_call(Occasion(Message("zeig mir alles, was du dir gemerkt hast"), slots), "Erinnerung")
    assert first is not None
    assert first.call.arguments == {"about": ""}


@pytest.mark.parametrize("what", ["everything about my flat", "all 3 appointments", "alle Termine", "my dog", "all m3"])
def test_not_all_is_everything(what: str) -> None:
    assert not is_everything(what)


@given(st.text(max_size=400))
def test_any_text_can_be_asked(text: str) -> None:
    asked(text)
    meant([Turn("user", text)])
    assert count_named(text) >= 0
    assert isinstance(is_everything(text), bool)


@pytest.mark.parametrize(
    "memory",
    ["then " * 6_000, "x" + "\u3000" * 30_000 + "x", "f\u00fcr alle hier" + "!" * 30_000 + "x", "hier " * 6_000],
)
@pytest.mark.parametrize("action", ["remember", "remind", "forget"])
def test_long_messages_take_no_time_to_speak_of(memory: str, action: str) -> None:
    """Some took minutes, in which nobody else was served."""
    first = first_call(Occasion(Message(memory, origin=SERVER), {"action": action, "memory": memory}), "reminder")
    assert first is None or first.call.name in {"remember", "forget"}
