"""Who goes away leaves no prompt behind, whenever that is, and stops nobody else's."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from pointsman.core.plan import Draw
from pointsman.core.reply import Progress
from pointsman.testing.comfyui import Pace

FOX = Draw("a red fox", width=64, height=64)
OTHER = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "other"}},
}


def slow_from_the_second_step(house: Any) -> None:
    taken: list[float] = []

    async def slow(seconds: float) -> None:
        if taken:
            await house.fake.world.closing.wait()
        taken.append(seconds)

    house.fake.world.sleep = slow
    house.fake.world.pace = Pace(step=1.0)


async def test_closing_while_it_runs_interrupts_it_by_its_id(house: Any) -> None:
    slow_from_the_second_step(house)
    async with aclosing(house.painter().draw(FOX)) as events:
        async for event in events:
            if isinstance(event, Progress):
                break
    running = house.fake.asked("POST", "/prompt")[0]["prompt_id"]
    assert {"prompt_id": running} in house.fake.asked("POST", "/interrupt")
    assert house.fake.prompts.remaining == 0
    assert house.fake.prompts.ended[running]["status"]["status_str"] == "error"
    await house.fake.until(lambda: not house.fake.sockets.clients)


async def test_closing_while_it_waits_deletes_it_and_lets_the_other_run(house: Any) -> None:
    house.fake.mishaps.hang = True
    first = asyncio.ensure_future(house.pictures(house.painter(), FOX))
    await house.fake.until(lambda: house.fake.prompts.running is not None)
    second = asyncio.ensure_future(house.pictures(house.hasty(), FOX))
    await house.fake.until(lambda: len(house.fake.prompts.pending) == 1)
    waiting = house.fake.prompts.pending[0].id
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert house.fake.asked("POST", "/queue")[0] == {"delete": [waiting]}
    assert not house.fake.asked("POST", "/interrupt")
    assert not house.fake.prompts.pending
    assert house.fake.prompts.running is not None
    house.fake.mishaps.hang = False
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


@pytest.mark.parametrize("turns", range(0, 60, 4))
async def test_cancelling_at_any_moment_leaves_nothing(house: Any, turns: int) -> None:
    house.fake.mishaps.hang = True
    painter = house.hasty()
    drawing = asyncio.ensure_future(house.pictures(painter, FOX))
    for _ in range(turns):
        await asyncio.sleep(0)
    drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    await painter.close()
    assert house.fake.prompts.remaining == 0
    await house.fake.until(lambda: not house.fake.sockets.clients)


async def test_cancelling_twice_does_not_stop_the_taking_back(house: Any) -> None:
    house.fake.mishaps.hang = True
    painter = house.hasty()
    drawing = asyncio.ensure_future(house.pictures(painter, FOX))
    await house.fake.until(lambda: house.fake.prompts.running is not None)
    for _ in range(3):
        drawing.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(drawing, return_exceptions=True)
    await painter.close()
    assert house.fake.prompts.remaining == 0


async def test_what_is_on_its_way_there_is_taken_back_when_it_has_arrived(house: Any) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    submit = house.client.submit

    async def slow(*args: Any, **more: Any) -> str:
        arrived.set()
        await go_on.wait()
        known: str = await submit(*args, **more)
        return known

    house.client.submit = slow
    house.fake.mishaps.hang = True
    painter = house.hasty()
    drawing = asyncio.ensure_future(house.pictures(painter, FOX))
    await arrived.wait()
    drawing.cancel()
    await asyncio.sleep(0)
    assert not house.graphs
    go_on.set()
    await asyncio.gather(drawing, return_exceptions=True)
    assert len(house.graphs) == 1
    assert house.fake.prompts.remaining == 0


async def test_one_that_begins_just_now_is_told_again(house: Any) -> None:
    """A prompt forgets at its beginning that it was to stop; so it is told until it has."""
    house.fake.mishaps.hang = True
    clear = house.fake.world.interrupted.clear
    forgets = [True, True]
    is_set = house.fake.world.interrupted.set

    def forgetful() -> None:
        if forgets:
            forgets.pop()
            clear()
        else:
            is_set()

    house.fake.world.interrupted.set = forgetful
    drawing = asyncio.ensure_future(house.pictures(house.hasty(), FOX))
    await house.fake.until(lambda: house.fake.prompts.running is not None)
    drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    assert house.fake.prompts.remaining == 0
    assert len(house.fake.asked("POST", "/interrupt")) >= 3


async def test_a_finished_picture_is_not_taken_back(house: Any) -> None:
    await house.drawn(house.painter(), FOX)
    assert not house.fake.asked("POST", "/queue")
    assert not house.fake.asked("POST", "/interrupt")


async def test_closing_between_two_pictures_submits_no_further_one(house: Any) -> None:
    slow_from_the_second_step(house)
    async with aclosing(house.painter().draw(Draw("a red fox", width=64, height=64, count=4))) as events:
        async for event in events:
            if isinstance(event, Progress):
                break
    assert len(house.graphs) == 1
    assert house.fake.prompts.remaining == 0


async def test_somebody_elses_prompt_is_left_alone(house: Any) -> None:
    await house.client.submit(OTHER, "other", "somebody", name="other")
    async with aclosing(house.hasty().draw(FOX)) as events:
        await anext(events)
    await house.fake.until(lambda: "other" in house.fake.prompts.ended)
    assert house.fake.prompts.ended["other"]["status"]["status_str"] == "success"
