"""What models take: learned from what the card and the servers show."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import GB, IMAGE, MAIN, Scene, want

from pointsman.gpu.footprints import Footprint, MemoryFootprints
from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Rung


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_footprint_is_learned_and_kept(scene: Scene) -> None:
    scene.ollama.sizes[MAIN.tenant] = 16 * GB
    await scene.used(MAIN)
    await scene.run(1)
    assert scene.tenant(MAIN).booked == 16 * GB
    kept = scene.footprints.kept[MAIN.footprint]
    assert kept.samples == (16 * GB,)
    assert kept.cold
    assert 1.9 < kept.cold[0] < 2.5
    async with Scene(footprints=MemoryFootprints({MAIN.footprint: kept})) as later:
        ticket = later.arbiter.request(want())
        await later.run(1)
        assert later.tenant(MAIN).booked == 16 * GB
        ticket.give_back()


async def test_a_game_that_starts_during_a_load_is_not_learned_as_part_of_it(scene: Scene) -> None:
    ticket = scene.arbiter.request(want())
    await scene.run(1)
    scene.others(3 * GB)
    await scene.until(ticket.lease())
    await scene.run(2)
    assert scene.tenant(MAIN).booked == MAIN.bytes
    assert scene.arbiter.state.cards["gpu0"].external == 3 * GB


async def test_the_peak_of_a_picture_is_learned(scene: Scene) -> None:
    scene.comfyui.sizes[IMAGE.tenant] = 9 * GB
    ticket = await scene.granted(IMAGE, kind="image")
    lease = await ticket.lease()
    async with scene.comfyui.using(lease.rung, lease.device):
        await scene.run(3)
    ticket.give_back()
    await scene.run(2)
    assert scene.footprints.kept[IMAGE.footprint].samples == (9 * GB,)
    assert scene.tenant(IMAGE).booked == 9 * GB


async def test_a_spilled_model_is_booked_with_all_its_bytes_and_said_to_be_slow(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.ollama.spill(MAIN.tenant, 6 * GB)
    scene.ollama.seats[MAIN.tenant].spilled = 7 * GB
    await scene.run(2)
    assert scene.tenant(MAIN).booked == 15.5 * GB
    lease = await scene.until(scene.arbiter.request(want()).lease())
    assert "7.0 GB of it lie in the computer's memory" in lease.note
    assert [it["kind"] for it in scene.events].count("spilled") == 1


async def test_layers_that_were_left_out_on_purpose_have_not_spilled(scene: Scene) -> None:
    partial = Rung("ollama:big", 8 * GB, "ctx=8192,gpu=20")
    await scene.used(partial)
    scene.ollama.seats[partial.tenant].spilled = 10 * GB
    await scene.run(2)
    assert (scene.tenant(partial).booked, scene.tenant(partial).spilled) == (8 * GB, 0)


def test_a_footprint_is_the_largest_of_the_last_ones_and_forgets_slowly() -> None:
    settings = Settings()
    footprint = Footprint()
    for size in (16 * GB, 14 * GB, 14 * GB):
        footprint = footprint.measured(size, settings)
    assert footprint.bytes(settings) == int(16 * GB * 0.98**2)
    for _ in range(8):
        footprint = footprint.measured(14 * GB, settings)
    assert footprint.bytes(settings) == 14 * GB
    assert footprint.ran_out(14 * GB, 24 * GB, settings).bytes(settings) == int(14 * GB * 1.15)
    assert footprint.ran_out(14 * GB, 15 * GB, settings).bytes(settings) == 15 * GB


def test_warm_loads_tell_what_a_reload_takes() -> None:
    settings = Settings()
    footprint = Footprint().timed(60, settings, warm=False)
    assert footprint.seconds == 60
    for seconds in (3, 9, 4):
        footprint = footprint.timed(seconds, settings, warm=True)
    assert footprint.seconds == 4
