"""Who goes away frees the card: while a model's answer is passed on, while a picture is drawn, and in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from tests.journeys.card_house import MAIN, House, on_card, opened_house, opened_router, say

from pointsman.core.plan import Draw
from pointsman.core.relay import Forward
from pointsman.engine.router import Router
from pointsman.testing.ollama import Pace

BODY = {"model": MAIN, "messages": [{"role": "user", "content": "why?"}], "stream": True}


@pytest.fixture
async def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Its model never says its second word."""
    never = asyncio.Event()
    async with opened_house(tmp_path, pace=Pace(piece=1.0), sleep=lambda _: never.wait()) as made:
        yield on_card(monkeypatch, made)


def users(router: Router) -> list[int]:
    owner = router.card
    assert owner is not None
    return [it.users for it in owner.snapshot().tenants if it.phase != "cold"]


def waiting(router: Router) -> int:
    owner = router.card
    assert owner is not None
    return len(owner.snapshot().queue)


async def leave(task: asyncio.Task[object]) -> None:
    """Goes away in the middle."""
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def passed_on(router: Router) -> object:
    async with aclosing(router.relay(await router.place(MAIN), Forward("/api/chat", BODY))) as pieces:
        return [piece async for piece in pieces]


async def test_an_answer_that_is_passed_on(slow: House) -> None:
    async with opened_router(slow.config()) as router:
        asked = asyncio.create_task(passed_on(router))
        await slow.until(lambda: users(router) == [1] and slow.ollama.residency.runners[MAIN].users == 1)
        await leave(asked)
        await slow.until(lambda: users(router) == [0])
        await slow.until(lambda: slow.ollama.residency.runners[MAIN].users == 0)  # and its server stopped


async def test_in_the_queue_for_an_answer_that_would_be_passed_on(slow: House) -> None:
    """The model is in use, and another wants the whole card."""
    pictures = slow.images(workflow="z-image-turbo", most_pictures=1)
    async with opened_router(slow.config(images=pictures)) as router:
        first = asyncio.create_task(passed_on(router))
        await slow.until(lambda: users(router) == [1])
        others = [asyncio.create_task(passed_on(router)) for _ in range(3)]
        await slow.until(lambda: waiting(router) > 0)
        for it in others:
            await leave(it)
        await slow.until(lambda: waiting(router) == 0)
        assert users(router) == [1]
        await leave(first)
        await slow.until(lambda: users(router) == [0])


async def test_a_picture_that_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened_house(tmp_path) as house:
        on_card(monkeypatch, house)
        house.comfyui.mishaps.hang = True
        async with opened_router(house.config()) as router:
            for asked in (say(router, "draw me a cat"), drawn(router)):
                house.comfyui.world.interrupted.clear()
                before = len(house.drawn)
                task: asyncio.Task[object] = asyncio.create_task(asked)
                await house.until(lambda: len(house.drawn) > before and users(router) == [1])  # noqa: B023
                await leave(task)
                await house.until(lambda: users(router) == [0])
            house.comfyui.mishaps.hang = False
            told = await say(router, "draw me a dog")  # its server is free again
            assert told.failed is None
            assert len(told.pictures) == 1


async def drawn(router: Router) -> object:
    async with aclosing(router.draw(Draw("a cat"))) as events:
        return [event async for event in events]
