"""What its writer wants kept in the house: who answers, what is left out, and what is said where nobody is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.engine.talking import Table
from tests.engine.talking import text_of as words_of
from tests.engine.test_router import events_of, router, text_of
from tests.engine.workbench import DECISION, Paints, Wishing, executor

from pointsman.core.message import Command, Message, Turn
from pointsman.core.plan import Abilities, Chat, Chore, Draw, Plan, Step
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Decided, Done, Event, Failed, Picture, Status
from pointsman.engine.execute import Executor
from pointsman.engine.leasing import Card
from pointsman.engine.router import Router
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.testing.scripted_tools import ScriptedTool, ScriptedToolset, call

OUTSIDE = "is outside the house, and nothing of this is to leave it"
HERE = Message("hello there", local=True)


async def run(made: Executor, step: Step, message: Message = HERE) -> list[Event]:
    return [event async for event in made.run(Plan(step), DECISION, message, ChatOptions())]


def failed(events: Sequence[Event]) -> Failed:
    assert isinstance(events[-1], Failed)
    return events[-1]


class TestModels:
    async def test_a_rung_outside_is_left_out_of_the_ladder(self, small: ScriptedModel) -> None:
        leases, far = ScriptedLeases(), ScriptedModel(["from afar"], name="big", outside=True)
        events = await run(executor(leases, big=far, small=small), Chat("big"))
        assert text_of(events) == "I am small"
        assert [rung.serve for rung in leases.wanted[0].ladder] == ["small"]
        assert far.asked == []
        await run(executor(leases, big=far, small=small), Chat("big"), Message("hello there"))
        assert len(leases.wanted[1].ladder) == 2

    async def test_without_any_other_it_is_said_what_to_do(self) -> None:
        leases = ScriptedLeases()
        far, farther = (ScriptedModel(["from afar"], name=name, outside=True) for name in ("big", "small"))
        told = failed(await run(executor(leases, big=far, small=farther), Chat("big")))
        assert told.cause == f"big {OUTSIDE}"
        assert told.cure == "set models.main or models.small to one in the house, or let this leave it"
        assert (told.http_status, leases.wanted, far.asked, farther.asked) == (400, [], [], [])

    async def test_nor_is_one_asked_that_takes_nothing_of_the_card(self, big: ScriptedModel) -> None:
        far = ScriptedModel(["from afar"], name="small", outside=True)
        made = executor(ScriptedLeases(), big=big, small=far)
        assert failed(await run(made, Chat("small"))).cause == f"small {OUTSIDE}"
        assert far.asked == []

    async def test_a_pages_own_job_is_done_without_a_model_then(self, big: ScriptedModel) -> None:
        far = ScriptedModel(["a title from afar"], name="small", outside=True)
        made = executor(ScriptedLeases(), big=big, small=far)
        events = await run(made, Chore("title", "small", loads=True))
        assert isinstance(events[-1], Done)
        assert "afar" not in text_of(events)
        assert far.asked == []

    async def test_between_two_rounds_with_tools_neither(self) -> None:
        model = ScriptedModel(rounds=[[call(what="moon")], ["It is full."]])
        table = Table(model, ScriptedToolset(ScriptedTool("look", "the moon is full")))
        model.outside = True
        assert failed(await table.say(Message("how is the moon?", local=True))).cause == f"scripted {OUTSIDE}"
        assert model.asked == []
        assert table.executor._local == set()


class TestPictures:
    async def test_they_are_not_drawn_outside(self, big: ScriptedModel, small: ScriptedModel) -> None:
        painter = Paints()
        made = executor(ScriptedLeases(), big=big, small=small, painter=painter)
        assert any(isinstance(it, Picture) for it in await run(made, Draw("a cat")))
        made.workshop._card = Card(ScriptedLeases(), Wishing(), painter, paints_outside=True)
        told = failed(await run(made, Draw("a cat")))
        assert told.cause == f"the picture server {OUTSIDE}"
        assert "images.comfyui.url" in told.cure
        assert any(isinstance(it, Picture) for it in await run(made, Draw("a cat"), Message("a cat")))
        assert len(painter.drawn) == 2


class TestRouter:
    def opened(self, main: ScriptedModel, small: ScriptedModel, **more: Any) -> Router:
        made = router(main)
        made.parts.executor.workshop.models = {main.name: main, small.name: small}
        outside = frozenset(it.name for it in (main, small) if it.outside)
        abilities = Abilities(main=main.name, small=small.name, outside=outside, **more)
        return Router(replace(made.parts, abilities=lambda: abilities))

    async def test_the_other_model_answers_and_that_is_said(self, small: ScriptedModel) -> None:
        main = ScriptedModel(["from afar"], name="far", outside=True)
        events = await events_of(self.opened(main, small).stream(Message("talk to me", local=True)))
        remark = "small answers, as far is outside the house, which nothing of this is to leave"
        assert [it.text for it in events if isinstance(it, Status)] == [remark]
        done = events[-1]
        assert isinstance(done, Done)
        assert (text_of(events), done.model) == ("I am small", "small")
        assert done.footer == f"{remark}; It is small."
        assert main.asked == []
        assert list(small.asked[0][0]) == [Turn("user", "talk to me")]  # no model is told of it

    async def test_what_reaches_outside_is_left_out_and_the_model_told(self, small: ScriptedModel) -> None:
        main = ScriptedModel(["I cannot look"], name="near")
        made = self.opened(main, small, tools={"web_search": ""}, reaching=frozenset({"web_search"}))
        events = await events_of(made.stream(Message("search news", local=True)))
        assert isinstance(events[0], Decided)
        assert events[0].decision.plan == "chat near"
        notice = "left out, as nothing of this is to leave the house: web_search"
        assert [it.text for it in events if isinstance(it, Status)] == [notice]
        assert notice in main.asked[0][0][0].text

    @pytest.mark.parametrize(
        ("message", "looks"),
        [
            (Message("talk"), True),
            (Message("talk", local=True), False),
            (Message("talk", command=Command(model="near")), False),
            (Message("a cat", command=Command("draw", {"prompt": "a cat"})), False),
        ],
    )
    async def test_nobody_is_woken_ahead(
        self, small: ScriptedModel, monkeypatch: pytest.MonkeyPatch, message: Message, *, looks: bool
    ) -> None:
        expected: list[str] = []

        async def expect(text: str) -> None:
            expected.append(text)

        made = self.opened(ScriptedModel(["x"], name="near"), small)
        made._force.parts = replace(made.parts, services=object())  # type: ignore[arg-type]
        monkeypatch.setattr(made, "expect", expect)
        await events_of(made.stream(message))
        await asyncio.sleep(0)
        assert expected == (["talk"] if looks else [])


async def test_a_call_that_was_held_back_does_not_go_outside_either() -> None:
    tool = ScriptedTool("post", "posted", effect="destroys")
    table = Table(ScriptedModel(rounds=[[call("post", what="it")], ["I asked."]]), ScriptedToolset(tool))
    toolbox = table.executor.tools.toolbox
    toolbox.reaching = frozenset(table.names)
    asked = words_of(await table.say("post it"))
    code = asked.rpartition("confirm ")[2].strip()
    events = await table.say(Message(f"confirm {code}", local=True))
    assert "post was not run: left out, as nothing of this is to leave the house" in words_of(events)
    assert (tool.called, isinstance(events[-1], Done)) == ([], True)
