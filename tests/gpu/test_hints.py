"""Preloads: what is probably wanted soon is there, and nobody pays for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import CLOUD, GB, MAIN, MIDDLE, Scene, want

from pointsman.gpu.want import Rung, Want


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_hint_loads_before_it_is_asked_for(scene: Scene) -> None:
    scene.arbiter.hint(Want("preload", (MAIN,)), 0.8)
    await scene.run(5)
    lease = await scene.until(scene.arbiter.request(want()).lease())
    assert (lease.cold, lease.waited) == (False, 0)


async def test_an_unlikely_hint_loads_nothing(scene: Scene) -> None:
    scene.arbiter.hint(Want("preload", (MAIN,)), 0.3)
    await scene.run(5)
    assert scene.ollama.log == []


async def test_a_hint_does_not_send_away_what_is_worth_more(scene: Scene) -> None:
    scene.ollama.load_seconds = 12.0
    for _ in range(20):
        await scene.used(MAIN)
    await scene.run(40)
    scene.arbiter.hint(Want("preload", (Rung("llamacpp:large", 12 * GB),)), 0.5)
    await scene.run(5)
    assert scene.tenant(MAIN).phase == "resident"


async def test_a_hint_sends_away_what_nobody_used_for_long(scene: Scene) -> None:
    await scene.used(MAIN)
    await scene.run(7200)
    scene.arbiter.hint(Want("preload", (Rung("llamacpp:large", 12 * GB),)), 0.9)
    await scene.run(5)
    assert scene.tenant(MAIN).phase == "cold"
    assert scene.llamacpp.calls("loaded") == ["llamacpp:large"]


async def test_a_real_wish_ends_a_hint_that_has_not_begun(scene: Scene) -> None:
    scene.card.blind = True
    await scene.run(5)
    scene.arbiter.hint(Want("preload", (MAIN,)), 0.9)
    await scene.time.settle()
    await scene.used(CLOUD)
    scene.card.blind = False
    await scene.run(5)
    assert scene.ollama.log == []


async def test_after_a_preload_in_vain_there_is_none_for_ten_minutes(scene: Scene) -> None:
    scene.arbiter.hint(Want("preload", (MAIN,)), 0.9)
    await scene.run(90)
    scene.arbiter.hint(Want("preload", (MIDDLE,)), 0.9)
    await scene.run(5)
    assert scene.llamacpp.log == []
    await scene.run(600)
    scene.arbiter.hint(Want("preload", (MIDDLE,)), 0.9)
    await scene.run(5)
    assert scene.llamacpp.calls("loaded") == [MIDDLE.tenant]
