"""What is remembered of chats: by whom, for how long, and what goes on with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from tests.engine.workbench import DECISION, LADDER, executor

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Answer, Decision, TraceLine
from pointsman.core.message import Message, Origin, ToolCall, Turn
from pointsman.core.plan import Chat, Plan
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Done, Event
from pointsman.engine.sessions import Before, Sessions, Stay, key_of, resumed
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.testing.stepped_time import SteppedTime

PICTURE = replace(DECISION, path="image", category="draw")
CATALOGUE = Catalogue([Category("draw", "pictures", "image"), Category("talk", "talk", "llm")])
AFTER = (Turn("assistant", "", (ToolCall("look", id="1"),)), Turn("tool", "rain", tool="look", call_id="1"))


def said(text: str, *before: str, session: str = "", user: str = "", key: str = "") -> Message:
    history = tuple(Turn("user" if n % 2 == 0 else "assistant", it) for n, it in enumerate(before))
    return Message(text, history, origin=Origin("http", user=user, session=session, key=key))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (said("hi", session="a"), said("and now?", "hello", session="a"), True),
        (said("hi", session="a"), said("hi", session="b"), False),
        (said("hi", session="a", user="ann"), said("hi", session="a", user="bob"), False),
        (said("hi", session="a", key="k1"), said("hi", session="a", key="k2"), False),
        (said("hi"), said("and now?", "hi", "hello"), True),  # no page names it: it began in the same way
        (said("hi"), said("and now?", "hey", "hello"), False),
        (said("hi", user="ann"), said("hi", user="bob"), False),
        (said("hi", key="k1"), said("hi", key="k2"), False),
        (said("a"), said("a", session="a"), False),
    ],
)
def test_which_messages_are_of_one_chat(one: Message, other: Message, *, same: bool) -> None:
    assert (key_of(one) == key_of(other)) is same


def test_who_answered_stays_as_long_as_the_path_does() -> None:
    sessions = Sessions(SteppedTime())
    stay = sessions.decided(said("a", session="s"), DECISION)
    stay.footprint = "ollama:small@"
    assert sessions.decided(said("b", session="s"), DECISION) is stay
    assert sessions.decided(said("c", session="s"), PICTURE).footprint == ""
    assert sessions.decided(said("d", session="other"), DECISION).footprint == ""


def test_half_an_hour_and_a_thousand_chats_are_remembered() -> None:
    time = SteppedTime()
    sessions = Sessions(time, most=3, seconds=1800)
    first = sessions.decided(said("a", session="0"), DECISION)
    time.now += 1800
    assert sessions.decided(said("b", session="0"), DECISION) is first
    time.now += 1801
    assert sessions.decided(said("c", session="0"), DECISION) is not first
    for number in range(10):
        sessions.decided(said("a", session=str(number)), DECISION)
    assert len(sessions) == 3


def test_no_words_of_a_person_are_kept() -> None:
    sessions = Sessions(SteppedTime())
    told = TraceLine("fast", Answer("draw", 0.9, 0.9, "near 'a secret'"), 1.0)
    sessions.decided(said("a secret", session="s"), replace(DECISION, trace=(told,), slots={"prompt": "a secret"}))
    kept = sessions.continued(again(said("a secret", session="s")))
    assert kept is not None
    assert "secret" not in repr(kept)


def again(message: Message) -> Message:
    return replace(message, after=AFTER)


def test_a_message_that_comes_again_with_what_tools_brought_is_known() -> None:
    sessions = Sessions(SteppedTime())
    assert sessions.continued(again(said("weather?"))) is None
    sessions.decided(said("weather?", "hi", "hello"), DECISION)
    assert sessions.continued(again(said("weather?", "hi", "hello"))) == Before.of(DECISION)
    assert sessions.continued(again(said("news?", "hi", "hello"))) is None  # another chat that began with "hi"
    sessions.decided(said("weather?", session="s"), DECISION)
    assert sessions.continued(again(said("weather? (reworded)", session="s"))) == Before.of(
        DECISION
    )  # its page says so


@pytest.mark.parametrize(
    ("before", "category", "confidence"),
    [
        (replace(DECISION, category="talk", confidence=0.8), "talk", 0.8),
        (replace(PICTURE, confidence=0.9), "draw", 0.9),  # in the shadow, models answer that as well
        (replace(DECISION, category="removed"), "talk", 0.3),  # by a new configuration
        (None, "talk", 0.3),
    ],
)
def test_what_goes_on_keeps_its_category(before: Decision | None, category: str, confidence: float) -> None:
    made = resumed(Before.of(before) if before else None, CATALOGUE, "talk", new_id=lambda: "new", now=lambda: 7.0)
    assert (made.id, made.at, made.category, made.confidence, made.tier) == (
        "new",
        7.0,
        category,
        confidence,
        "session",
    )
    assert made.path == CATALOGUE.path_of(category)
    assert [line.tier for line in made.trace] == ["session"]
    assert made.reason.startswith("goes on with the caller's tools")


async def reply(leases: ScriptedLeases, big: ScriptedModel, small: ScriptedModel, stay: Stay) -> list[Event]:
    def events() -> AsyncGenerator[Event, None]:
        return executor(leases, big=big, small=small).run(
            Plan(Chat("big")), DECISION, Message("hello there"), ChatOptions(), stay=stay
        )

    return [event async for event in events()]


async def test_the_next_turn_prefers_what_answered_the_last(big: ScriptedModel, small: ScriptedModel) -> None:
    stay, first, second = Stay(), ScriptedLeases(take=1), ScriptedLeases(take=1)
    done = (await reply(first, big, small, stay))[-1]
    assert isinstance(done, Done)
    assert "a game holds 9 GB" in done.footer
    assert stay.footprint == LADDER[1].footprint
    assert len(first.hinted) == 1
    done = (await reply(second, big, small, stay))[-1]
    assert [want.prefers for want in second.wanted] == [LADDER[1].footprint]
    assert isinstance(done, Done)
    assert done.footer == "small goes on, as it answered before; It is small."  # why it once stood in may be over
    assert second.hinted == []


async def test_with_the_callers_tools_the_model_is_kept_for_the_chat(big: ScriptedModel, small: ScriptedModel) -> None:
    from pointsman.core.tool import ToolSpec

    leases = ScriptedLeases()
    options = ChatOptions(tools=(ToolSpec("look", "looks", {}),))
    made = executor(leases, big=big, small=small)
    _ = [it async for it in made.run(Plan(Chat("big")), DECISION, Message("hm"), options, stay=Stay(chat="c1"))]
    assert [want.holder for want in leases.wanted] == ["c1"]
