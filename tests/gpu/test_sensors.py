"""Cards that nobody sees, for a while or ever, and clocks that jump."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import GB, IMAGE, MAIN, TINY, Scene, want

from pointsman.core.errors import NoRoom
from pointsman.gpu.arbiter import Arbiter
from pointsman.gpu.reading import Reading
from pointsman.gpu.want import Rung


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_without_a_sensor_nothing_is_loaded_at_first_and_then_by_the_budget_alone(scene: Scene) -> None:
    await scene.used(TINY)
    scene.card.blind = True
    await scene.run(4)
    ticket = scene.arbiter.request(want(MAIN))
    await scene.run(3)
    assert not ticket._lease.done(), "the last reading is too old, and the sensor may be back"
    lease = await scene.until(ticket.lease(), seconds=15)
    assert lease.cold
    with pytest.raises(NoRoom, match=r"ollama:x needs 24\.0 GB"):
        await scene.until(scene.arbiter.request(want(Rung("ollama:x", 24 * GB))).lease(), seconds=2)


async def test_a_blind_release_ends_when_the_server_says_so_and_five_seconds_passed(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.card.blind = True
    await scene.run(15)
    freed = scene.time.now
    await scene.until(scene.arbiter.free(), seconds=20)
    assert 5 <= scene.time.now - freed < 7


async def test_a_blind_release_counts_until_a_silent_server_speaks(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.card.blind = True
    await scene.run(15)
    scene.ollama.silent = True
    ticket = scene.arbiter.request(want(Rung("comfyui:large", 12 * GB), deadline=1000))
    await scene.run(30)
    assert scene.tenant(MAIN).booked == MAIN.bytes
    assert not ticket._lease.done()
    scene.ollama.silent = False
    scene.ollama.drop_behind_our_back(MAIN.tenant)
    await scene.until(ticket.lease(), seconds=30)


async def test_a_hung_sensor_does_not_stop_the_owner(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.cards.hung = True
    await scene.run(5)
    lease = await scene.until(scene.arbiter.request(want(MAIN)).lease(), seconds=0.1)
    assert not lease.cold


class OwnBudget:
    """A budget that nobody measures."""

    source = "static"

    def __init__(self, scene: Scene, total: int) -> None:
        self._scene = scene
        self._total = total

    async def sample(self) -> tuple[Reading, ...]:
        return (Reading("gpu0", self._total, 0, "static", self._scene.time()),)

    async def close(self) -> None:
        pass


async def test_a_static_budget() -> None:
    scene = Scene()
    scene.arbiter = Arbiter(
        probe=OwnBudget(scene, 16 * GB),
        backends=tuple(scene.backends.values()),
        clock=scene.time,
        sleep=scene.time.sleep,
        settings=scene.settings,
        footprints=scene.footprints,
    )
    async with scene:
        await scene.used(MAIN)
        asked = scene.time.now
        lease = await scene.until(scene.arbiter.request(want(IMAGE, kind="image")).lease())
        assert lease.evicted == (MAIN.tenant,)
        assert 5 <= scene.time.now - asked < 7
        scene.ollama.take_behind_our_back("ollama:somebody", 9 * GB, "gpu0")
        await scene.run(2)
        assert scene.arbiter.state.cards["gpu0"].external == 9 * GB


async def test_a_clock_that_jumps_back_stops_nothing(scene: Scene) -> None:
    await scene.used(MAIN)
    ticket = scene.arbiter.request(want(Rung("comfyui:large", 12 * GB)))
    await scene.time.settle()
    scene.time.skew = -3600
    await scene.until(ticket.lease(), seconds=10)
