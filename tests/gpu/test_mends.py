"""What would leave somebody waiting for ever, or send somebody away who may stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.gpu.scene import CLOUD, GB, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene, want

from pointsman.core.errors import ModelFailed, NoRoom
from pointsman.gpu.arbiter import Arbiter
from pointsman.gpu.backend import Loaded
from pointsman.gpu.footprints import MemoryFootprints
from pointsman.gpu.reading import Reading
from pointsman.gpu.settings import Settings
from pointsman.gpu.ticket import Ticket
from pointsman.testing.scripted_backend import ScriptedBackend


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


def arbiter_of(scene: Scene, **more: Any) -> Arbiter:
    """An arbiter that has not begun."""
    return Arbiter(
        probe=more.pop("probe", scene.cards),
        backends=tuple(scene.backends.values()),
        clock=scene.time,
        sleep=scene.time.sleep,
        settings=scene.settings,
        footprints=MemoryFootprints(),
        **more,
    )


# The owner is gone


async def broken(scene: Scene) -> None:
    """The owner stops by a fault of ours."""

    def fault() -> None:
        raise RuntimeError("a fault of ours")

    scene.arbiter._post(fault)
    await scene.time.settle()


async def test_after_a_fault_everything_is_refused_at_once(scene: Scene) -> None:
    held = await scene.granted(MAIN)
    waiting = scene.arbiter.request(want())
    await scene.time.settle()
    await broken(scene)
    later = scene.arbiter.request(want())
    errors = []
    for it in (waiting, later):
        with pytest.raises(ModelFailed, match="owner stopped") as caught:
            await scene.until(it.lease(), 1)
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    assert errors[0].cure == errors[1].cure == "restart Pointsman"
    with pytest.raises(ModelFailed, match="owner stopped"):
        await scene.until(scene.arbiter.free(), 1)
    await scene.until(held.ran_out(), 1)


async def test_what_was_not_taken_in_yet_is_refused_too(scene: Scene) -> None:
    held = await scene.granted(MAIN)

    def fault() -> None:
        raise RuntimeError("a fault of ours")

    scene.arbiter._post(fault)
    freeing = asyncio.ensure_future(scene.arbiter.free())
    out = asyncio.ensure_future(held.ran_out())
    with pytest.raises(ModelFailed, match="owner stopped"):
        await scene.until(freeing, 1)
    await scene.until(out, 1)


async def test_after_the_end_nobody_waits(scene: Scene) -> None:
    held = await scene.granted(MAIN)
    await scene.arbiter.close()
    with pytest.raises(NoRoom, match="stopping"):
        await scene.until(scene.arbiter.request(want()).lease(), 1)
    with pytest.raises(NoRoom, match="stopping"):
        await scene.until(scene.arbiter.free(), 1)
    await scene.until(held.ran_out(), 1)


async def test_nothing_is_to_be_freed_before_the_start(scene: Scene) -> None:
    assert await scene.until(arbiter_of(scene).free(), 1) == 0


async def test_a_record_that_fails_is_switched_off(scene: Scene) -> None:
    asked: list[str] = []

    def record(event: dict[str, Any]) -> None:
        asked.append(event["kind"])
        raise OSError("the disk is full")

    arbiter = arbiter_of(scene, record=record)
    await arbiter.start()
    ticket = arbiter.request(want(CLOUD))
    assert (await scene.until(ticket.lease())).rung == CLOUD
    assert asked == ["wish"]
    await arbiter.close()


async def test_each_waiter_gets_an_error_of_its_own(scene: Scene) -> None:
    scene.ollama.faults += ["fail"] * 2
    tickets = [scene.arbiter.request(want()) for _ in range(2)]
    errors = []
    for it in tickets:
        with pytest.raises(ModelFailed, match="broke off") as caught:
            await scene.until(it.lease())
        errors.append(caught.value)
    assert errors[0] is not errors[1]


# Wishes that send nobody away


async def test_a_wish_that_sends_nobody_away_waits_and_is_refused(scene: Scene) -> None:
    await scene.used(MAIN)
    ticket = scene.arbiter.request(want(replace(MIDDLE, bytes=12 * GB), evicts=False, deadline=60))
    other = scene.arbiter.request(want(replace(MAIN, variant="ctx=2048"), evicts=False, deadline=60))
    await scene.run(40)
    assert scene.ollama.calls("unload") == []
    await scene.used(TINY, seconds=8)  # nothing is kept free for it
    for it in (ticket, other):
        with pytest.raises(NoRoom, match="no room for it in 60 s"):
            await scene.until(it.lease(), 30)
    assert scene.ollama.calls("unload") == []


async def test_a_wish_that_sends_nobody_away_gets_what_is_there_or_fits(scene: Scene) -> None:
    await scene.used(MAIN)
    for rung in (MAIN, MIDDLE):
        (await scene.granted(rung, evicts=False)).give_back()
    lease = await (await scene.granted(replace(IMAGE, bytes=9 * GB), MIDDLE, evicts=False)).lease()
    assert (lease.rung, lease.evicted) == (MIDDLE, ())


# Looking


async def test_deadlines_are_kept_where_looks_are_rare() -> None:
    async with Scene(settings=Settings(look_seconds=60.0, look_moving=20.0)) as scene:
        await scene.granted(MAIN)
        asked_at = scene.time.now
        with pytest.raises(NoRoom):
            await scene.until(scene.arbiter.request(want(deadline=5)).lease(), 30)
        assert 5 <= scene.time.now - asked_at <= 6.5
    async with Scene(settings=Settings(look_seconds=60.0, look_moving=20.0)) as scene:
        await scene.used(MAIN)
        asked_at = scene.time.now
        await scene.until(scene.arbiter.free(), 30)
        assert scene.time.now - asked_at <= 2


# Tenants that are configured


async def test_what_a_server_holds_already_is_ours_when_it_is_known_by_name(scene: Scene) -> None:
    scene.ollama.take_behind_our_back(MAIN.tenant, MAIN.bytes, "gpu0", variant=MAIN.variant)
    arbiter = arbiter_of(scene, known=(MAIN.tenant, IMAGE.tenant))
    await arbiter.start()
    await scene.run(10)
    tenant = arbiter.state.tenants[MAIN.tenant]
    assert (tenant.phase, tenant.booked) == ("resident", MAIN.bytes)
    assert arbiter.state.tenants[IMAGE.tenant].phase == "cold"
    assert arbiter.state.cards["gpu0"].external == 0
    await arbiter.close()


class Sum(ScriptedBackend):
    """A server that tells only its sum, as ComfyUI does."""

    async def loaded(self) -> tuple[Loaded, ...]:
        held = sum(it.bytes for it in self.seats.values())
        return (Loaded(f"{self.name}:", held, held, device="gpu0"),) if held else ()


async def test_so_is_the_sum_of_a_server_that_tells_no_names(scene: Scene) -> None:
    scene.backends["comfyui"] = comfyui = Sum("comfyui", scene.cards, scene.time, scene.time.sleep, loads_on_use=True)
    comfyui.take_behind_our_back(IMAGE.tenant, 12 * GB, "gpu0")
    arbiter = arbiter_of(scene, known=(MAIN.tenant, IMAGE.tenant))
    await arbiter.start()
    await scene.run(10)
    tenant = arbiter.state.tenants[IMAGE.tenant]
    assert (tenant.phase, tenant.booked) == ("resident", 12 * GB)
    assert arbiter.state.cards["gpu0"].external == 0
    lease = await scene.until(arbiter.request(want()).lease())
    assert lease.evicted == (IMAGE.tenant,)
    await scene.run(30)
    assert arbiter.state.tenants[IMAGE.tenant].phase == "cold"
    await arbiter.close()


class Budget:
    """A card that no sensor sees: only its size is known."""

    source = "static"

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    async def sample(self) -> list[Reading]:
        return [replace(it, source="static", used=0) for it in await self._scene.cards.sample()]

    async def close(self) -> None:
        """Nothing is open."""


async def test_on_a_card_that_nobody_sees_the_sum_is_not_counted_twice(scene: Scene) -> None:
    scene.backends["comfyui"] = comfyui = Sum("comfyui", scene.cards, scene.time, scene.time.sleep, loads_on_use=True)
    comfyui.take_behind_our_back(IMAGE.tenant, 12 * GB, "gpu0")
    arbiter = arbiter_of(scene, known=(IMAGE.tenant,), probe=Budget(scene))
    await arbiter.start()
    await scene.run(30)
    assert arbiter.state.tenants[IMAGE.tenant].booked == 12 * GB
    assert arbiter.state.cards["gpu0"].external == 0
    await arbiter.close()


# A dead server on a card that nobody sees


async def dead(scene: Scene, ticket: Ticket | None = None) -> None:
    """Nobody sees the card any more, and Ollama is dead."""
    scene.card.blind = True
    await scene.run(15)
    scene.ollama.silent = True
    if ticket is None:
        await scene.used(CLOUD)


async def test_freeing_ends_when_nobody_can_say_that_it_is_free(scene: Scene) -> None:
    await scene.used(MAIN)
    await dead(scene)
    asked_at = scene.time.now
    assert await scene.until(scene.arbiter.free(), 60) == 0
    assert 35 <= scene.time.now - asked_at < 37
    assert scene.tenant(MAIN).booked == MAIN.bytes, "it counts as long as nobody knows"


async def test_running_out_ends_then_too(scene: Scene) -> None:
    ticket = await scene.granted(MAIN)
    await dead(scene, ticket)
    await scene.until(ticket.ran_out(), 60)
    assert scene.tenant(MAIN).phase == "releasing"


async def test_a_wish_for_that_memory_is_refused_with_the_reason(scene: Scene) -> None:
    await scene.used(MAIN)
    await dead(scene)
    ticket = scene.arbiter.request(want(replace(MIDDLE, bytes=12 * GB)))
    with pytest.raises(NoRoom, match=r"ollama does not answer, so that the 14\.5 GB of ollama:main"):
        await scene.until(ticket.lease(), 60)
    beside = await scene.until(scene.arbiter.request(want(MIDDLE)).lease(), 10)
    assert beside.rung == MIDDLE, "what fits beside it is served"


# The rest


async def test_not_everybody_may_wait() -> None:
    async with Scene(settings=Settings(most_waiting=3)) as scene:
        await scene.granted(MAIN)
        tickets = [scene.arbiter.request(want()) for _ in range(4)]
        with pytest.raises(NoRoom, match="3 wait already"):
            await scene.until(tickets[3].lease(), 1)
        assert len(scene.arbiter.state.queue) == 3


async def test_a_slow_lease_still_names_the_rung_that_was_asked_for(scene: Scene) -> None:
    await scene.used(SHORT)
    scene.ollama.spill(MAIN.tenant, 2 * GB)
    await scene.run(10)
    lease = await (await scene.granted(SHORT)).lease()
    assert lease.rung == SHORT
    assert "2.0 GB" in lease.note


async def test_a_lease_that_nobody_gave_back_is_forgotten() -> None:
    async with Scene(settings=Settings(longest_lease=60.0)) as scene:
        ticket = await scene.granted(MAIN)
        await scene.run(70)
        assert ticket.id not in scene.arbiter._owner.desk.tickets
