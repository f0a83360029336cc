"""The router: recorded before it is acted on, one end to every reply, and the track each path takes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import aclosing

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Answer, Slots, Verdict
from pointsman.core.errors import ModelFailed, StoreError, UnknownModel
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Abilities, Chat, Draw
from pointsman.core.ports import ChatOptions, Delta
from pointsman.core.reply import Decided, Done, Event, Failed, Status, Text
from pointsman.core.sums.arithmetic import answer
from pointsman.engine.execute import Executor
from pointsman.engine.parts import Parts
from pointsman.engine.router import Router
from pointsman.engine.workshop import Workshop
from pointsman.stores.memory import MemoryStore
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.tiers.cascade import Cascade, Stage

CATALOGUE = Catalogue(
    [
        Category("draw", "pictures", "image", slots=("prompt",)),
        Category("hello", "hello", "simple", replies={"en": ("Hello!",)}),
        Category("sum", "sums", "llm+tools", slots=("expression",)),
        Category("search", "news", "llm+tools", tools=("web_search",)),
        Category("general_chat", "talk", "llm"),
    ]
)


class FirstWord:
    """Decides by the first word, if it is a category."""

    name = "first-word"

    def judge(self, message: Message) -> Verdict:
        word = message.text.partition(" ")[0]
        return Answer(word if word in CATALOGUE else "general_chat", 1.0, 1.0, "its first word")


def rest(category: str, text: str, names: Sequence[str]) -> Slots:
    del category
    return dict.fromkeys(names, text.partition(" ")[2])


def router(model: ScriptedModel, log: MemoryStore | None = None) -> Router:
    return Router(
        Parts(
            catalogue=CATALOGUE,
            cascade=Cascade([Stage(FirstWord(), 0.5)], CATALOGUE, find_slots=rest),
            log=log or MemoryStore(),
            executor=Executor(
                Workshop(models={model.name: model}, clock=lambda: 0.0), answer=answer, clock=lambda: 0.0
            ),
            abilities=lambda: Abilities(main=model.name, small=model.name),
            chance=random.Random(0),
        )
    )


async def events_of(stream: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in stream]


def text_of(events: Sequence[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Text))


async def test_a_reply_begins_with_the_decision_and_ends_once() -> None:
    model = ScriptedModel(["Hi", " there"])
    events = await events_of(router(model).stream(Message("tell me something")))
    assert isinstance(events[0], Decided)
    assert text_of(events) == "Hi there"
    assert sum(isinstance(event, Done | Failed) for event in events) == 1
    done = events[-1]
    assert isinstance(done, Done)
    assert done.model == model.name
    assert done.decision == events[0].decision


async def test_history_goes_to_the_model_in_order() -> None:
    model = ScriptedModel(["ok"])
    history = (Turn("system", "be brief"), Turn("user", "hi"), Turn("assistant", "hello"))
    await events_of(router(model).stream(Message("go on", history=history), ChatOptions(seed=7)))
    turns, options = model.asked[0]
    assert list(turns) == [*history, Turn("user", "go on")]
    assert options.seed == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [("hello friend", "Hello!"), ("sum 23*19", "23*19 = 437"), ("draw a cat", "a cat")],
)
async def test_greetings_sums_and_pictures_wake_no_model(text: str, said: str) -> None:
    model = ScriptedModel(["never"])
    events = await events_of(router(model).stream(Message(text)))
    assert said in text_of(events)
    assert model.asked == []
    assert isinstance(events[-1], Done)


async def test_a_picture_without_a_server_says_what_to_start_and_what_would_be_sent() -> None:
    said = text_of(await events_of(router(ScriptedModel([])).stream(Message("draw a red fox"))))
    assert "ComfyUI" in said
    assert "a red fox" in said


async def test_a_missing_tool_is_said_before_the_model_answers() -> None:
    events = await events_of(router(ScriptedModel(["maybe"])).stream(Message("search news")))
    notices = [event.text for event in events if isinstance(event, Status)]
    assert len(notices) == 1
    assert "web_search" in notices[0]
    assert text_of(events) == "maybe"


async def test_a_sum_without_a_value_is_answered_with_the_reason() -> None:
    events = await events_of(router(ScriptedModel([])).stream(Message("sum 1/0")))
    assert "division by zero" in text_of(events)
    assert isinstance(events[-1], Done)


async def test_what_is_no_sum_fails_with_cause_and_cure() -> None:
    failed = (await events_of(router(ScriptedModel([])).stream(Message("sum 1 apple"))))[-1]
    assert isinstance(failed, Failed)
    assert failed.cause
    assert failed.cure
    assert failed.http_status == 400


async def test_a_model_that_breaks_off_ends_the_reply_with_failed_and_keeps_what_was_said() -> None:
    model = ScriptedModel(["half of it", " the rest"], fail_after=1, error=ModelFailed("it broke", cure="ask again"))
    events = await events_of(router(model).stream(Message("talk")))
    assert text_of(events) == "half of it"
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.cure) == ("it broke", "ask again")


async def test_no_model_is_a_clear_failure() -> None:
    bare = router(ScriptedModel([]))
    bare.parts.executor.workshop.models = {}
    failed = (await events_of(bare.stream(Message("talk"))))[-1]
    assert isinstance(failed, Failed)
    assert failed.http_status == 503
    assert "pull smollm2" in failed.cure


async def test_a_decision_is_on_record_before_anything_is_done_with_it() -> None:
    log, model = MemoryStore(), ScriptedModel(["x"])
    async with aclosing(router(model, log).stream(Message("talk"))) as stream:
        first = await anext(stream)
        assert isinstance(first, Decided)
        assert (await log.find(first.decision.id)).category == "general_chat"
        assert model.asked == []


async def test_nothing_is_done_when_nothing_can_be_recorded() -> None:
    class Closed(MemoryStore):
        async def note(self, decision: object, message: object) -> None:
            raise StoreError("the store is closed", cure="open it again")

    model = ScriptedModel(["x"])
    with pytest.raises(StoreError, match="the store is closed"):
        await events_of(router(model, Closed()).stream(Message("talk")))
    assert model.asked == []


async def test_a_caller_who_goes_away_stops_the_model_and_is_on_record() -> None:
    log, model = MemoryStore(), ScriptedModel(["a", "b"], hold=asyncio.Event())
    async with aclosing(router(model, log).stream(Message("talk"))) as stream:
        decided = await anext(stream)
        reading = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert isinstance(decided, Decided)
    assert model.stopped == 1
    outcome = await log.outcome(decided.decision.id)
    assert outcome is not None
    assert outcome.code == "cancelled"


async def test_an_unknown_model_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownModel, match="auto, scripted"):
        router(ScriptedModel([])).model("gpt-9")


async def test_many_decisions_are_recorded_together() -> None:
    log = MemoryStore()
    made = await router(ScriptedModel([]), log).decide_many([Message("hello"), Message("draw a cat")])
    assert [decision.category for decision in made] == ["hello", "draw"]
    assert (await log.find(made[0].id)) == made[0]


async def test_a_model_that_stops_without_an_end_is_a_failure_and_not_the_callers() -> None:
    class Silent(ScriptedModel):
        async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
            yield Delta("half")

    failed = (await events_of(router(Silent([])).stream(Message("talk"))))[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "model_failed"


async def test_a_caller_who_leaves_at_the_decision_is_on_record() -> None:
    log = MemoryStore()
    async with aclosing(router(ScriptedModel(["x"]), log).stream(Message("talk"))) as stream:
        first = await anext(stream)
    assert isinstance(first, Decided)
    outcome = await log.outcome(first.decision.id)
    assert outcome is not None
    assert outcome.code == "cancelled"


async def test_a_reply_that_is_complete_is_not_spoilt_when_its_end_cannot_be_recorded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Full(MemoryStore):
        def finish(self, decision_id: str, outcome: object) -> Awaitable[None]:
            raise StoreError("the disk is full", cure="free some space")

    events = await events_of(router(ScriptedModel(["fine"]), Full()).stream(Message("talk")))
    assert isinstance(events[-1], Done)
    assert "was not recorded" in caplog.text


@pytest.mark.parametrize(
    ("category", "step"),
    [("general_chat", Chat("scripted")), ("draw", Draw("what is typed")), ("hello", None), ("", None)],
)
async def test_what_is_being_typed_is_judged_here_and_told_to_the_card(
    category: str, step: Chat | Draw | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def foresee(message: Message) -> str:
        assert message.text == "what is typed"
        return category

    log = MemoryStore()
    executor = Executor(Workshop(models={}, clock=lambda: 0.0), answer=answer, clock=lambda: 0.0)
    told: list[Chat | Draw] = []

    async def expect(wanted: Chat | Draw) -> None:
        told.append(wanted)

    monkeypatch.setattr(executor.workshop, "expect", expect)
    made = Router(
        Parts(
            catalogue=CATALOGUE,
            cascade=Cascade([Stage(FirstWord(), 0.5)], CATALOGUE, find_slots=rest),
            log=log,
            executor=executor,
            abilities=lambda: Abilities(main="scripted", small="scripted"),
            chance=random.Random(0),
            foresee=foresee,
        )
    )
    await made.expect("what is typed")
    assert told == ([step] if step else [])
    assert await log.recently_said(10) == []
