"""Servers that fail, hang, run out of memory, or keep what they said they gave back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import GB, IMAGE, MAIN, MIDDLE, TINY, Scene, want

from pointsman.core.errors import ModelFailed, OutOfMemory, StoreError, Unreachable
from pointsman.gpu.footprints import Footprint, MemoryFootprints
from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Rung


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_load_that_fails_is_told_to_whoever_asked(scene: Scene) -> None:
    scene.ollama.faults = ["fail"]
    with pytest.raises(ModelFailed, match="broke off"):
        await scene.until(scene.arbiter.request(want()).lease())
    await scene.run(15)
    assert scene.tenant(MAIN).phase == "cold"
    assert (await scene.until(scene.arbiter.request(want()).lease())).cold, "later it is tried again"


async def test_the_next_rung_serves_while_a_model_fails(scene: Scene) -> None:
    scene.ollama.faults = ["fail"]
    lease = await scene.until(scene.arbiter.request(want(MAIN, MIDDLE)).lease())
    assert lease.rung == MIDDLE


async def test_a_dead_server_is_said_to_be_one(scene: Scene) -> None:
    scene.ollama.crash()
    with pytest.raises(Unreachable, match="ollama does not answer"):
        await scene.until(scene.arbiter.request(want()).lease())
    await scene.run(5)
    with pytest.raises(Unreachable):
        await scene.until(scene.arbiter.request(want(TINY)).lease(), seconds=3)


async def test_a_hung_load_ends_at_its_limit_and_others_go_on() -> None:
    async with Scene(settings=Settings(load_limit=30)) as scene:
        scene.ollama.faults = ["hang"]
        ticket = scene.arbiter.request(want())
        await scene.run(1)
        other = scene.arbiter.request(want(MIDDLE))
        with pytest.raises(Unreachable, match="did not answer within 30 s"):
            await scene.until(ticket.lease(), seconds=35)
        await scene.until(other.lease(), seconds=15)


async def test_out_of_memory_while_loading_is_tried_once_more_with_15_percent(scene: Scene) -> None:
    await scene.used(TINY)
    scene.ollama.faults = ["oom"]
    lease = await scene.until(scene.arbiter.request(want()).lease())
    assert lease.cold
    booked = [it["bytes"] for it in scene.events if it["kind"] == "load" and it["tenant"] == MAIN.tenant]
    assert booked == [MAIN.bytes, int(MAIN.bytes * 1.15)]
    assert scene.tenant(TINY).phase == "cold", "everything idle goes first"


async def test_out_of_memory_twice_is_an_error(scene: Scene) -> None:
    scene.ollama.faults = ["oom", "oom"]
    with pytest.raises(OutOfMemory, match="ran out of memory"):
        await scene.until(scene.arbiter.request(want()).lease())
    assert scene.ollama.calls("load") == [MAIN.tenant] * 2


async def test_out_of_memory_in_use(scene: Scene) -> None:
    await scene.used(TINY)
    ticket = await scene.granted(MAIN)
    await scene.run(2)
    await scene.until(ticket.ran_out())
    assert scene.card.used == 0, "it returns when the memory is back"
    assert scene.footprints.kept[MAIN.footprint].samples[0] == int(MAIN.bytes * 1.15)
    lease = await scene.until(scene.arbiter.request(want()).lease())
    assert scene.tenant(MAIN).booked >= int(MAIN.bytes * 1.12)
    assert lease.cold


async def test_running_out_never_makes_a_model_too_large_for_the_card(scene: Scene) -> None:
    large = Rung("ollama:large", 22 * GB)
    for _ in range(5):
        ticket = await scene.granted(large)
        await scene.until(ticket.ran_out())
    await scene.until(scene.arbiter.request(want(large)).lease())


async def test_a_server_that_does_not_let_go_keeps_its_place_and_is_left_alone_for_a_while(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.ollama.unload_faults = ["unreachable"]
    ticket = scene.arbiter.request(want(Rung("comfyui:large", 12 * GB), deadline=1000))
    await scene.run(8)
    assert scene.tenant(MAIN).phase == "resident"
    assert scene.ollama.calls("unload") == [MAIN.tenant]
    await scene.until(ticket.lease(), seconds=20)
    assert scene.ollama.calls("unload") == [MAIN.tenant] * 2


async def test_a_hung_release_ends_too() -> None:
    async with Scene(settings=Settings(unload_limit=5)) as scene:
        await scene.used(MAIN)
        scene.ollama.unload_faults = ["hang"]
        await scene.until(scene.arbiter.free(), seconds=15)


async def test_pictures_of_somebody_else_hold_the_memory_until_they_are_done(scene: Scene) -> None:
    """/free says yes at once and gives the memory back when the job ends, here 40 s later."""
    await scene.used(IMAGE, kind="image")
    seat = scene.comfyui.begin_use(IMAGE, "gpu0")
    await scene.run(2)
    large = Rung("ollama:large", 20 * GB)
    ticket = scene.arbiter.request(want(large, deadline=1000))
    await scene.run(40)
    assert scene.ollama.calls("load") == []
    scene.comfyui.end_use(seat)
    await scene.until(ticket.lease(), seconds=60)


async def test_a_workflow_in_use_keeps_its_server_from_being_asked_to_free_another(scene: Scene) -> None:
    other = Rung("comfyui:other", 5 * GB)
    idle = await scene.granted(other, kind="image")
    async with scene.comfyui.using(other, "gpu0"):
        await scene.run(2)
    idle.give_back()
    busy = await scene.granted(IMAGE, kind="image")
    async with scene.comfyui.using(IMAGE, "gpu0"):
        ticket = scene.arbiter.request(want(MAIN, deadline=1000))
        await scene.run(60)
        assert scene.comfyui.calls("unload") == []
    busy.give_back()
    await scene.until(ticket.lease(), seconds=40)


class Unwritable(MemoryFootprints):
    """A store that fails."""

    async def read(self) -> dict[str, Footprint]:
        raise StoreError("the database is locked", cure="close what holds it")

    async def keep(self, key: str, footprint: Footprint) -> None:
        raise StoreError("the database is locked", cure="close what holds it")


async def test_a_store_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with Scene(footprints=Unwritable()) as scene:
        await scene.used(MAIN)
        await scene.run(2)
        assert scene.tenant(MAIN).booked == MAIN.bytes
    assert "learned anew" in caplog.text


async def test_a_fault_of_ours_leaves_nobody_waiting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pointsman.gpu.owner.schedule", broken)
    with pytest.raises(ModelFailed, match="the card's owner stopped"):
        await scene.until(scene.arbiter.request(want()).lease(), seconds=1)
