"""What a mode does with a reply, and what a chat with the caller's own tools goes on with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.engine.test_router import events_of, router, text_of

from pointsman.core.decision import Mode
from pointsman.core.message import Message, ToolCall, Turn
from pointsman.core.plan import Abilities
from pointsman.core.reply import Decided, Done, Status
from pointsman.engine.router import Router
from pointsman.stores.memory import MemoryStore
from pointsman.testing.scripted_model import ScriptedModel

AFTER = (Turn("assistant", "", (ToolCall("look", id="1"),)), Turn("tool", "rain", tool="look", call_id="1"))


def in_mode(mode: Mode, model: ScriptedModel, log: MemoryStore | None = None) -> Router:
    made = router(model, log)
    abilities = Abilities(main=model.name, small="tiny", mode=mode)
    return Router(replace(made.parts, abilities=lambda: abilities))


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("hello friend", "chat scripted (full: say)"),
        ("sum 23*19", "chat scripted (full: compute)"),
        ("draw a cat", "chat scripted (full: draw)"),
        ("search news", "chat scripted"),
    ],
)
async def test_in_the_shadow_all_is_decided_and_the_main_model_answers(text: str, plan: str) -> None:
    model, log = ScriptedModel(["I", " am"], note="It is small."), MemoryStore()
    message = Message(text, (Turn("system", "be brief"),))
    events = await events_of(in_mode("shadow", model, log).stream(message))
    decided, done = events[0], events[-1]
    assert isinstance(decided, Decided)
    assert decided.decision.category == text.split(maxsplit=1)[0]
    assert decided.decision.mode == "shadow"
    assert decided.decision.plan == plan
    assert (await log.find(decided.decision.id)).plan == plan
    assert text_of(events) == "I am"
    assert not [it for it in events if isinstance(it, Status)]
    assert isinstance(done, Done)
    assert done.footer == ""  # as if nobody stood between
    assert [list(turns) for turns, _ in model.asked] == [[*message.history, Turn("user", text)]]


async def test_assist_serves_what_needs_no_chat_model() -> None:
    model = ScriptedModel(["from the main model"])
    made = in_mode("assist", model)
    assert text_of(await events_of(made.stream(Message("hello friend")))) == "Hello!"
    assert text_of(await events_of(made.stream(Message("sum 23*19")))) == "23*19 = 437"
    assert model.asked == []
    assert text_of(await events_of(made.stream(Message("search news")))) == "from the main model"


@pytest.mark.parametrize("text", ["search news", "draw a cat", "hello friend"])
async def test_what_goes_on_with_the_callers_tools_is_not_decided_anew(text: str) -> None:
    """A word of its history may look like a wish for a picture; a model is at work on it, and stays."""
    model = ScriptedModel(["it rains"])
    made = router(model)
    first = (await events_of(made.stream(Message(text))))[0]
    asked = len(model.asked)
    events = await events_of(made.stream(Message(text, after=AFTER)))
    again = events[0]
    assert isinstance(first, Decided)
    assert isinstance(again, Decided)
    assert (again.decision.category, again.decision.tier) == (first.decision.category, "session")
    assert text_of(events) == "it rains"
    turns, _ = model.asked[asked]
    assert list(turns)[-2:] == list(AFTER)


async def test_without_a_memory_of_it_a_model_goes_on_all_the_same() -> None:
    model = ScriptedModel(["it rains"])
    events = await events_of(router(model).stream(Message("draw a cat", after=AFTER)))
    assert isinstance(events[0], Decided)
    assert (events[0].decision.category, events[0].decision.tier) == ("general_chat", "session")
    assert text_of(events) == "it rains"
