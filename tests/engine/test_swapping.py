"""Other parts are put in force while replies go on: each ends with those it began with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest
from tests.engine.workbench import Wishing

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Mode
from pointsman.core.errors import ConfigError
from pointsman.core.happening import Happening, Reloaded
from pointsman.core.message import Message
from pointsman.core.plan import Abilities
from pointsman.core.reply import Decided, Done, Status, Text
from pointsman.core.tool import Toolset
from pointsman.engine.execute import Executor
from pointsman.engine.leasing import Card
from pointsman.engine.parts import Parts, Shared
from pointsman.engine.router import Router
from pointsman.engine.workshop import GIVING_WAY, Workshop
from pointsman.stores.memory import MemoryStore
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.testing.scripted_tools import ScriptedTool, ScriptedToolset
from pointsman.tiers.cascade import Cascade

CATALOGUE = Catalogue([Category("general_chat", "talk", "llm"), Category("search", "news", "llm+tools")])


@dataclass
class Closes:
    closed: int = 0

    async def close(self) -> None:
        self.closed += 1


def define(function: Callable[..., Any], **how: Any) -> Toolset:
    del how
    return ScriptedToolset(ScriptedTool(), name=function.__name__)


def parts(
    shop: Workshop, *owns: Any, main: str = "big", mode: Mode = "full", catalogue: Catalogue = CATALOGUE
) -> Parts:
    return Parts(
        catalogue=catalogue,
        cascade=Cascade([], catalogue, find_slots=lambda *_: {}),
        log=MemoryStore(),
        executor=Executor(shop, answer=str, clock=lambda: 0.0),
        abilities=lambda: Abilities(main=main, small=main, mode=mode),
        chance=random.Random(1),
        define=define,
        owns=owns,
    )


def shop_of(*models: ScriptedModel, leases: ScriptedLeases | None = None, before: Workshop | None = None) -> Workshop:
    def card() -> Card:
        return Card(leases, Wishing()) if leases else Card()

    gone = before.gone if before else None
    return Workshop(models={it.name: it for it in models}, clock=lambda: 0.0, card=card, before=gone)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_reply_ends_with_what_it_began_with() -> None:
    hold, first = asyncio.Event(), Closes()
    old, new = ScriptedModel(["old"], hold=hold), ScriptedModel(["new"])
    router = Router(parts(shop_of(old), first, main="scripted"))
    async with aclosing(router.stream(Message("hm"))) as begun:
        assert isinstance(await anext(begun), Decided)
        going_on = asyncio.ensure_future(anext(begun))
        await settle()
        router.swap(parts(shop_of(new), main="scripted", mode="assist"))
        events = [it async for it in router.stream(Message("hm"))]
        assert isinstance(events[0], Decided)
        assert events[0].decision.mode == "assist"
        assert events[1] == Text("new")
        await settle()
        assert first.closed == 0
        hold.set()
        assert await going_on == Text("old")
        assert isinstance([it async for it in begun][-1], Done)
    await settle()
    assert first.closed == 1
    await router.close()
    assert first.closed == 1


async def test_what_nobody_uses_is_closed_at_once_and_what_both_have_is_not() -> None:
    shared, own, other = Closes(), Closes(), Closes()
    both = Shared(shared)
    shop = shop_of()
    router = Router(parts(shop, both, own))
    both.hold()
    router.swap(parts(shop, both, other))
    await settle()
    assert (shared.closed, own.closed, other.closed) == (0, 1, 0)
    await router.close()
    assert (shared.closed, own.closed, other.closed) == (1, 1, 1)


async def test_two_never_own_one_card_and_who_waits_for_it_hears_why() -> None:
    hold = asyncio.Event()
    big, later = ScriptedModel(["old"], name="big", hold=hold), ScriptedModel(["new"], name="big")
    first, second = ScriptedLeases(), ScriptedLeases()
    old = shop_of(big, leases=first)
    new = shop_of(later, leases=second, before=old)
    router = Router(parts(old, old))
    async with aclosing(router.stream(Message("hm"))) as begun:
        assert isinstance(await anext(begun), Decided)
        going_on = asyncio.ensure_future(anext(begun))
        await settle()
        router.swap(parts(new, new))
        async with aclosing(router.stream(Message("hm"))) as waiting:
            assert isinstance(await anext(waiting), Decided)
            assert await anext(waiting) == Status(GIVING_WAY)
            answer = asyncio.ensure_future(anext(waiting))
            await settle()
            assert (first.closed, second.started, answer.done()) == (False, 0, False)
            hold.set()
            assert await going_on == Text("old")
            assert isinstance([it async for it in begun][-1], Done)
            assert await answer == Text("new")
            assert (first.closed, second.started) == (True, 1)
    await router.close()


async def test_one_that_never_had_the_card_does_not_hand_it_on() -> None:
    old = shop_of()
    new = shop_of(before=old)
    last = shop_of(before=new)
    await new.close()
    await settle()
    waiting = asyncio.ensure_future(new.gone.wait())
    await settle()
    assert not waiting.done()
    await old.close()
    await waiting
    await last.close()
    await settle()
    assert last.gone.is_set()


async def test_models_that_need_no_card_do_not_wait_for_it() -> None:
    hold = asyncio.Event()
    big, remote = ScriptedModel(["old"], name="big", hold=hold), ScriptedModel(["far"], name="remote")
    old = shop_of(big, leases=ScriptedLeases())
    router = Router(parts(old, old))
    async with aclosing(router.stream(Message("hm"))) as begun:
        await anext(begun)
        going_on = asyncio.ensure_future(anext(begun))
        await settle()
        router.swap(parts(shop_of(remote, leases=ScriptedLeases(), before=old), main="remote"))
        events = [it async for it in router.stream(Message("hm"))]
        assert [type(it) for it in events] == [Decided, Text, Done]
        hold.set()
        await going_on
    await router.close()


async def test_functions_outlive_a_new_configuration() -> None:
    router = Router(parts(shop_of()))

    @router.tool
    def dice() -> int:
        return 4

    assert dice() == 4
    router.swap(parts(shop_of()))
    assert router.parts.executor.tools.toolbox.added == {"general_chat": ("dice",), "search": ("dice",)}
    await router.close()


async def test_a_configuration_without_a_functions_category_is_refused_and_changes_nothing() -> None:
    router = Router(parts(shop_of()))
    router.tool(categories="search")(lambda: 4)
    before = router.parts
    with pytest.raises(ConfigError, match="no category 'search'"):
        router.swap(parts(shop_of(), catalogue=Catalogue([Category("general_chat", "talk", "llm")])))
    assert router.parts is before
    await router.close()


async def test_whoever_watches_hears_of_it_and_goes_on_watching() -> None:
    now = iter([1.0, 2.0, 3.0])
    router = Router(parts(shop_of()), now=lambda: next(now))
    heard: list[Happening] = []
    router.watch(heard.append)
    router.refused("p.yaml:3: no such key")
    assert (router.loading.at, router.loading.problem) == (1.0, "p.yaml:3: no such key")
    router.swap(parts(shop_of()))
    router.took(["tiers"])
    assert (router.loading.at, router.loading.problem) == (2.0, "")
    assert heard == [Reloaded(problem="p.yaml:3: no such key"), Reloaded(("tiers",))]
    await router.decide(Message("hm"))
    assert len(heard) == 3
    await router.close()
