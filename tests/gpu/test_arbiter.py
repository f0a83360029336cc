"""The arbiter on a stepped clock: what it does, one example each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import IMAGE, MAIN, Scene, want


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_lease_waits_for_the_load_and_says_so(scene: Scene) -> None:
    ticket = scene.arbiter.request(want())
    lease = await scene.until(ticket.lease())
    assert (lease.rung, lease.device, lease.cold) == (MAIN, "gpu0", True)
    assert 2 <= lease.waited < 3
    assert scene.card.used == MAIN.bytes


async def test_both_stay_when_both_fit(scene: Scene) -> None:
    await scene.used(MAIN)
    image = await scene.granted(IMAGE, kind="image")
    lease = await scene.until(image.lease())
    assert lease.waited < 1.5
    assert scene.ollama.calls("unload") == []
