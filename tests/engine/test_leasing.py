"""Chats and pictures under a lease: who is asked for what, what is told meanwhile, and what becomes of a full card."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

import pytest
from tests.engine.workbench import DECISION, LADDER, Paints, Wishing, executor, run

from pointsman.core.errors import NoRoom, OutOfMemory, Unreachable
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chat, Draw, Plan, Say
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Done, Failed, Status, Text
from pointsman.engine.execute import Executor
from pointsman.engine.leasing import Card
from pointsman.engine.toolbox import Toolbox
from pointsman.engine.workshop import Workshop
from pointsman.gpu.want import Notice, Want
from pointsman.http.errors import Problem
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.testing.scripted_tools import ScriptedTool, ScriptedToolset, call


async def test_a_chat_waits_for_its_lease_and_says_so(big: ScriptedModel, small: ScriptedModel) -> None:
    notices = [Notice("looking", 1, 1.0), Notice("a picture is drawn", 2, 8.0), Notice("a picture is drawn", 2, 5.0)]
    leases = ScriptedLeases(notices=notices)
    events = await run(executor(leases, big=big, small=small), Chat("big"))
    assert events[0] == Status("a picture is drawn: about 8 s, 1 before")
    assert events[1] == Text("I am big")
    assert isinstance(events[2], Done)
    assert (events[2].model, events[2].footer) == ("big", "")
    assert leases.given_back == leases.wanted == [Want("chat", LADDER)]


async def test_a_lower_rung_answers_and_says_why(big: ScriptedModel, small: ScriptedModel) -> None:
    events = await run(executor(ScriptedLeases(take=1), big=big, small=small), Chat("big"))
    done = events[-1]
    assert isinstance(done, Done)
    assert Text("I am small") in events
    assert (done.model, done.footer) == ("small", f"{LADDER[1].note}; It is small.")
    assert not big.asked


async def test_after_a_lower_rung_the_best_is_said_to_be_wanted(big: ScriptedModel, small: ScriptedModel) -> None:
    lower, best = ScriptedLeases(take=1), ScriptedLeases()
    await run(executor(lower, big=big, small=small), Chat("big"))
    await run(executor(best, big=big, small=small), Chat("big"))
    assert lower.hinted == [(Want("chat", LADDER[:1]), 1.0)]
    assert best.hinted == []


async def test_a_refusal_is_told_with_its_cure(big: ScriptedModel, small: ScriptedModel) -> None:
    leases = ScriptedLeases(refusal=NoRoom("a game holds 20 GB", cure="end it", retry_after=60))
    events = await run(executor(leases, big=big, small=small), Chat("big"))
    assert isinstance(events[-1], Failed)
    assert (events[-1].cause, events[-1].cure, events[-1].http_status) == ("a game holds 20 GB", "end it", 503)
    assert leases.given_back == leases.wanted


async def test_a_full_card_is_tried_once_more(small: ScriptedModel) -> None:
    big = ScriptedModel(["never said"], name="big", fail_after=0, error=OutOfMemory("the card is full"))
    leases = ScriptedLeases()
    events = await run(executor(leases, big=big, small=small), Chat("big"))
    assert [type(event) for event in events] == [Status, Failed]
    assert (len(big.asked), len(leases.ran_out), len(leases.given_back)) == (2, 1, 2)


async def test_nothing_is_said_twice_after_a_full_card(small: ScriptedModel) -> None:
    big = ScriptedModel(["once", "never"], name="big", fail_after=1, error=OutOfMemory("the card is full"))
    leases = ScriptedLeases()
    events = await run(executor(leases, big=big, small=small), Chat("big"))
    assert [type(event) for event in events] == [Text, Failed]
    assert (len(big.asked), leases.ran_out, len(leases.given_back)) == (1, [], 1)


async def test_a_first_start_that_was_given_up_is_no_end(big: ScriptedModel, small: ScriptedModel) -> None:
    class Slow(ScriptedLeases):
        def __init__(self) -> None:
            super().__init__()
            self.may_begin = asyncio.Event()

        async def start(self) -> None:
            await self.may_begin.wait()
            await super().start()

    leases = Slow()
    made = executor(leases, big=big, small=small)
    first = asyncio.create_task(run(made, Chat("big")))
    await asyncio.sleep(0)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    leases.may_begin.set()
    assert isinstance((await run(made, Chat("big")))[-1], Done)
    assert leases.started == 1


async def test_a_greeting_leases_nothing(big: ScriptedModel, small: ScriptedModel) -> None:
    leases = ScriptedLeases()
    events = await run(executor(leases, big=big, small=small), Say("Hello!"))
    assert events[0] == Text("Hello!")
    assert leases.wanted == []


async def test_who_goes_away_gives_the_lease_back(big: ScriptedModel, small: ScriptedModel) -> None:
    leases = ScriptedLeases()
    events = executor(leases, big=big, small=small).run(
        Plan(Chat("big")), DECISION, Message("hello there"), ChatOptions()
    )
    async with aclosing(events):
        assert await anext(events) == Text("I am big")
    assert leases.given_back == leases.wanted
    assert big.stopped == 1


async def test_closing_lets_go_of_everything(big: ScriptedModel, small: ScriptedModel) -> None:
    leases, painter = ScriptedLeases(), Paints()
    made = executor(leases, big=big, small=small, painter=painter)
    await run(made, Chat("big"))
    await made.close()
    assert (leases.closed, big.closed, small.closed, painter.closed) == (True, True, True, True)


async def test_nothing_of_the_card_is_opened_for_a_greeting() -> None:
    def opened() -> Card:
        raise AssertionError

    made = Executor(Workshop(models={}, clock=lambda: 0.0, card=opened), answer=str, clock=lambda: 0.0)
    assert (await run(made, Say("Hello!")))[0] == Text("Hello!")
    await made.close()


async def test_the_owner_begins_with_the_first_who_needs_the_card(big: ScriptedModel, small: ScriptedModel) -> None:
    leases = ScriptedLeases()
    made = executor(leases, big=big, small=small)
    await run(made, Say("Hello!"))
    assert leases.started == 0
    await run(made, Chat("big"))
    await run(made, Chat("big"))
    assert leases.started == 1


async def test_a_refusal_says_when_to_ask_again(big: ScriptedModel, small: ScriptedModel) -> None:
    leases = ScriptedLeases(refusal=NoRoom("a game holds 20 GB", retry_after=42.5))
    failed = (await run(executor(leases, big=big, small=small), Chat("big")))[-1]
    assert isinstance(failed, Failed)
    assert failed.retry_after == 42.5
    assert Problem.of_failed(failed).response().headers["retry-after"] == "43"


@pytest.mark.parametrize(("step", "tenant"), [(Chat("big"), "ollama:big"), (Draw("a cat"), "comfyui:z")])
async def test_what_is_probably_wanted_soon_is_told(
    big: ScriptedModel, small: ScriptedModel, step: Chat | Draw, tenant: str
) -> None:
    leases = ScriptedLeases()
    await executor(leases, big=big, small=small, painter=Paints()).workshop.expect(step)
    ((want, probability),) = leases.hinted
    assert want.best.tenant == tenant
    assert 0.5 < probability < 1.0
    assert leases.wanted == []


async def test_nobody_hears_of_what_cannot_be_expected(big: ScriptedModel) -> None:
    class Unlucky(Wishing):
        async def chat(self, model: str, turns: Sequence[Turn], *, background: bool = False) -> Want | None:
            raise Unreachable("nobody answers")

    leases = ScriptedLeases()
    made = Workshop(models={"big": big}, clock=lambda: 0.0, card=lambda: Card(leases, Unlucky()))
    await made.expect(Chat("big"))
    assert leases.hinted == []


@pytest.mark.parametrize("tools", [True, False])
async def test_a_model_is_kept_between_the_rounds_of_a_reply_and_not_after_it(tools: bool) -> None:
    choices = [[call()] if tools else ['{"tool": "look"}'], *([] if tools else [['{"tool": "answer"}']]), ["It is."]]
    model = ScriptedModel(rounds=choices, name="big", tools=tools)
    leases = ScriptedLeases()
    made = Executor(
        Workshop(models={"big": model}, clock=lambda: 0.0, card=lambda: Card(leases, Wishing())),
        answer=str,
        clock=lambda: 0.0,
        toolbox=Toolbox({"box": lambda: ScriptedToolset(ScriptedTool())}),
    )
    events = await run(made, Chat("big", ("box",)))
    assert isinstance(events[-1], Done)
    assert {want.holder for want in leases.wanted} == {DECISION.id}
    # The first time where no tools are known it is asked in vain, and keeps nothing; the answer is the last.
    assert leases.last == ([False, True] if tools else [True, False, False, True])
