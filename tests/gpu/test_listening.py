"""Others may listen to what happens on the card: the metrics, beside the recorder."""

from __future__ import annotations

from typing import Any

from tests.gpu.scene import GB, MAIN, Scene, want

from pointsman.gpu.want import Rung
from pointsman.observe.swaps import NOBODY, Swap, Swaps

LARGE = Rung("llamacpp:large", 18 * GB, "", "a large model")


async def test_they_hear_what_the_recorder_hears_until_they_leave() -> None:
    heard: list[dict[str, Any]] = []
    async with Scene() as scene:
        leave = scene.arbiter.listen(heard.append)
        await scene.used(MAIN)
        leave()
        scene.arbiter.request(want())
        await scene.run(1)
    assert heard
    assert scene.events[: len(heard)] == heard
    assert len(scene.events) > len(heard)


async def test_one_that_fails_is_not_told_again_and_the_others_are() -> None:
    asked: list[str] = []

    def fails(event: dict[str, Any]) -> None:
        asked.append(event["kind"])
        raise ValueError("it cannot count")

    async with Scene() as scene:
        scene.arbiter.listen(fails)
        await scene.used(MAIN)
    assert asked == ["wish"]
    assert len(scene.events) > 1


async def test_a_swap_is_what_they_hear_of_one_that_makes_room_for_another() -> None:
    swaps, found = Swaps(), []
    async with Scene() as scene:
        scene.ollama.back_after = 2.0
        scene.arbiter.listen(lambda event: found.append(swaps(event)))
        await scene.used(MAIN)
        await scene.used(LARGE)
    first, second = [it for it in found if it]
    assert (first.was, first.now) == (NOBODY, MAIN.tenant)
    assert second == Swap(MAIN.tenant, LARGE.tenant, second.seconds)
    assert 3 <= second.seconds < 4, "2 s until the memory was seen to be free, and 1 s for the load"
