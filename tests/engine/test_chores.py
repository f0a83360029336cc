"""A chat page's own jobs: nobody is sent away for them, the main model is not woken, and a page never waits in vain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.engine.workbench import DECISION, LADDER, Wishing, executor

from pointsman.core.errors import ModelFailed, NoRoom, PointsmanError, Unreachable
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chore, Plan
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Done, Event, Failed, Text
from pointsman.engine.execute import Executor
from pointsman.engine.workshop import Workshop
from pointsman.gpu.want import Want
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel

TITLE = replace(DECISION, slots={"job": "title"})
JOB = Message('### Task: a title, as JSON: { "title": ... }\n### Chat History:\nUSER: draw me a fox')
LEAST = {"title": "draw me a fox"}
WAKES, LEAVES = Chore("title", "big", loads=True), Chore("title", "big")


async def done(made: Executor, chore: Chore) -> list[Event]:
    return [event async for event in made.run(Plan(chore), TITLE, JOB, ChatOptions())]


def said(events: Sequence[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Text))


@pytest.mark.parametrize("chore", [WAKES, LEAVES])
async def test_nobody_is_sent_away_for_it_and_the_best_is_not_loaded_after_it(
    big: ScriptedModel, small: ScriptedModel, chore: Chore
) -> None:
    leases = ScriptedLeases(take=1)
    events = await done(executor(leases, big=big, small=small), chore)
    assert said(events) == "I am small"
    (want,) = leases.wanted
    assert (want.priority, want.evicts, want.loads) == ("background", False, chore.loads)
    assert leases.hinted == []


@pytest.mark.parametrize(
    "refusal", [NoRoom("it is not in memory"), Unreachable("nobody answers"), ModelFailed("it broke off")]
)
async def test_where_no_model_can_be_had_the_least_is_said(
    big: ScriptedModel, small: ScriptedModel, refusal: PointsmanError
) -> None:
    events = await done(executor(ScriptedLeases(refusal=refusal), big=big, small=small), LEAVES)
    assert json.loads(said(events)) == LEAST
    assert isinstance(events[-1], Done)
    assert events[-1].model == ""
    assert big.asked == []


async def test_what_breaks_in_the_middle_of_an_answer_is_a_failure(small: ScriptedModel) -> None:
    broken = ScriptedModel(['{"tit'], name="big", fail_after=1)
    events = await done(executor(ScriptedLeases(), big=broken, small=small), LEAVES)
    assert said(events) == '{"tit'
    assert isinstance(events[-1], Failed)


async def test_a_model_that_takes_nothing_of_the_card_is_asked() -> None:
    remote = ScriptedModel(['{"title": "Foxes"}'], name="remote")
    made = Executor(Workshop(models={"remote": remote}, clock=lambda: 0.0), answer=str, clock=lambda: 0.0)
    assert said(await done(made, Chore("title", "remote"))) == '{"title": "Foxes"}'


@pytest.mark.parametrize(("chore", "asked"), [(WAKES, 1), (LEAVES, 0)])
async def test_where_nobody_owns_the_card_nobody_knows_what_is_in_memory(chore: Chore, asked: int) -> None:
    from pointsman.engine.leasing import Card

    model = ScriptedModel(["a title"], name="big")
    shop = Workshop(models={"big": model}, clock=lambda: 0.0, card=lambda: Card(None, Wishing()))
    await done(Executor(shop, answer=str, clock=lambda: 0.0), chore)
    assert len(model.asked) == asked


async def test_a_spare_computer_is_for_people(big: ScriptedModel, small: ScriptedModel) -> None:
    class Spare(Wishing):
        async def chat(self, model: str, turns: Sequence[Turn], *, background: bool = False) -> Want | None:
            elsewhere = replace(LADDER[1], tenant="", serve="small")
            return Want("chat", (LADDER[0], elsewhere), "background")

    leases = ScriptedLeases()
    await done(executor(leases, big=big, small=small, wishes=Spare()), LEAVES)
    assert [want.ladder for want in leases.wanted] == [LADDER[:1]]


async def test_without_any_model_the_least_is_said() -> None:
    made = Executor(Workshop(models={}, clock=lambda: 0.0), answer=str, clock=lambda: 0.0)
    assert json.loads(said(await done(made, Chore("title", "")))) == LEAST
    assert json.loads(said(await done(made, Chore("title", "gone")))) == LEAST
