"""The arbiter on a stepped clock: leases, evictions, and what anybody may do with a ticket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import CLOUD, GB, HUGE, IMAGE, MAIN, SHORT, TINY, Scene, want

from pointsman.core.errors import NoRoom
from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Lease, Rung

LARGE = Rung("comfyui:large", 12 * GB, "", "large pictures")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_lease_waits_for_the_load(scene: Scene) -> None:
    ticket = scene.arbiter.request(want())
    lease = await scene.until(ticket.lease())
    assert (lease.rung, lease.device, lease.cold) == (MAIN, "gpu0", True)
    assert 2 <= lease.waited < 3
    assert scene.card.used == MAIN.bytes


async def test_the_second_time_it_is_there(scene: Scene) -> None:
    await scene.used(MAIN)
    lease = await scene.until(scene.arbiter.request(want()).lease())
    assert (lease.cold, lease.waited) == (False, 0)
    assert scene.ollama.calls("load") == [MAIN.tenant]


async def test_a_picture_never_wakes_the_chat_model(scene: Scene) -> None:
    await scene.used(IMAGE, kind="image")
    assert scene.ollama.log == []


async def test_an_idle_model_gives_way_and_its_memory_is_seen_free_first(scene: Scene) -> None:
    scene.ollama.back_after = 2.0
    await scene.used(MAIN)
    asked_at = scene.time.now
    ticket = await scene.granted(LARGE, kind="image")
    lease = await ticket.lease()
    assert lease.evicted == (MAIN.tenant,)
    assert scene.time.now - asked_at >= 2.0, "the server had said that it was gone 2 s before it was"
    assert scene.card.used == 0
    order = scene.kinds("release", "released", "load")
    assert order[-3:] == [("release", MAIN.tenant), ("released", MAIN.tenant), ("load", LARGE.tenant)]


async def test_what_never_comes_back_is_somebody_elses_after_five_seconds(scene: Scene) -> None:
    scene.ollama.back_after = 1000.0
    await scene.used(MAIN)
    ticket = scene.arbiter.request(want(LARGE, kind="image"))
    await scene.run(4.0)
    assert scene.tenant(MAIN).phase == "releasing"
    assert scene.tenant(MAIN).booked == MAIN.bytes, "it counts until it is seen free"
    await scene.run(2.0)
    assert scene.tenant(MAIN).phase == "cold"
    assert scene.arbiter.state.cards["gpu0"].external == MAIN.bytes
    assert scene.comfyui.calls("load") == []
    ticket.give_back()


async def test_a_model_in_use_is_waited_for(scene: Scene) -> None:
    chat = await scene.granted(MAIN)
    ticket = scene.arbiter.request(want(LARGE, kind="image", deadline=1000))
    await scene.run(60)
    assert scene.ollama.calls("unload") == []
    chat.give_back()
    lease = await scene.until(ticket.lease())
    assert lease.evicted == (MAIN.tenant,)


async def test_nothing_is_evicted_when_that_is_not_enough(scene: Scene) -> None:
    await scene.used(TINY)
    chat = await scene.granted(MAIN)
    ticket = scene.arbiter.request(want(LARGE, kind="image"))
    await scene.run(15)
    assert scene.ollama.calls("unload") == [], "the tiny model's 2 GB do not make the room"
    chat.give_back()
    await scene.until(ticket.lease())


async def test_a_pinned_model_never_gives_way() -> None:
    async with Scene(settings=Settings(pinned=frozenset({MAIN.tenant}))) as scene:
        await scene.used(MAIN)
        with pytest.raises(NoRoom, match=r"ollama:main is pinned with 14\.5 GB"):
            await scene.until(scene.arbiter.request(want(LARGE)).lease(), seconds=3)


async def test_another_context_is_a_reload(scene: Scene) -> None:
    await scene.used(MAIN)
    lease = await scene.until(scene.arbiter.request(want(SHORT)).lease())
    assert (lease.rung, lease.evicted) == (SHORT, (MAIN.tenant,))
    assert scene.card.used == SHORT.bytes


async def test_the_cloud_needs_no_card(scene: Scene) -> None:
    lease = await scene.until(scene.arbiter.request(want(HUGE, CLOUD)).lease(), seconds=0.5)
    assert (lease.rung, lease.device) == (CLOUD, "")
    assert scene.card.used == 0


async def test_a_cancelled_waiter_leaves_the_queue_and_loads_nothing(scene: Scene) -> None:
    chat = await scene.granted(MAIN)
    waiter = asyncio.ensure_future(scene.arbiter.request(want(LARGE)).lease())
    await scene.run(1)
    waiter.cancel()
    await scene.time.settle()
    chat.give_back()
    await scene.run(60)
    assert scene.comfyui.calls("load") == []
    assert scene.arbiter.snapshot().queue == ()


async def test_a_load_survives_whoever_asked_for_it(scene: Scene) -> None:
    waiter = asyncio.ensure_future(scene.arbiter.request(want()).lease())
    await scene.run(1)
    waiter.cancel()
    await scene.run(3)
    assert scene.tenant(MAIN).phase == "resident"
    assert scene.ollama.calls("loaded") == [MAIN.tenant]


async def test_giving_back_twice_is_once(scene: Scene) -> None:
    first = await scene.granted(MAIN)
    second = scene.arbiter.request(want())
    first.give_back()
    first.give_back()
    await scene.until(second.lease())
    first.give_back()
    await scene.time.settle()
    assert scene.tenant(MAIN).leases == {second.id}


async def test_a_lease_as_a_context(scene: Scene) -> None:
    async def use() -> Lease:
        async with scene.arbiter.request(want()) as lease:
            assert scene.tenant(MAIN).leases
            return lease

    assert (await scene.until(use())).rung == MAIN
    await scene.time.settle()
    assert not scene.tenant(MAIN).leases


async def test_a_crashed_holder_does_not_keep_the_card_for_ever() -> None:
    async with Scene(settings=Settings(longest_lease=100)) as scene:
        await scene.granted(MAIN)
        ticket = scene.arbiter.request(want(LARGE))
        await scene.until(ticket.lease(), seconds=110)


async def test_closing_refuses_whoever_waits() -> None:
    scene = Scene()
    await scene.arbiter.start()
    ticket = scene.arbiter.request(want())
    await scene.run(1)
    await scene.arbiter.close()
    with pytest.raises(NoRoom, match="stopping"):
        await ticket.lease()


async def test_free_releases_what_is_idle_and_tells_how_much_came_back(scene: Scene) -> None:
    await scene.used(MAIN)
    tiny = await scene.granted(TINY)
    assert await scene.until(scene.arbiter.free()) == MAIN.bytes
    assert scene.ollama.calls("unloaded") == [f"{MAIN.tenant} deep"]
    assert scene.tenant(TINY).leases == {tiny.id}
    assert await scene.until(scene.arbiter.free(MAIN.tenant)) == 0


async def test_free_by_name_releases_even_what_is_pinned() -> None:
    async with Scene(settings=Settings(pinned=frozenset({MAIN.tenant}))) as scene:
        await scene.used(MAIN)
        assert await scene.until(scene.arbiter.free()) == 0
        assert await scene.until(scene.arbiter.free(MAIN.tenant)) == MAIN.bytes


async def test_nobody_looks_where_nobody_asks(scene: Scene) -> None:
    await scene.run(70)
    looks = scene.cards.looks
    await scene.run(3600)
    assert scene.cards.looks == looks
    assert scene.time.waiting == 0, "no timer is left"
    await scene.used(TINY)
    assert scene.cards.looks > looks


async def test_it_looks_four_times_a_second_while_memory_moves_and_once_otherwise(scene: Scene) -> None:
    await scene.run(5)
    looks = scene.cards.looks
    await scene.run(10)
    assert 9 <= scene.cards.looks - looks <= 11
    scene.ollama.load_seconds = 20
    ticket = scene.arbiter.request(want())
    await scene.run(1)
    looks = scene.cards.looks
    await scene.run(10)
    assert 39 <= scene.cards.looks - looks <= 41
    ticket.give_back()


async def test_a_real_clock_serves_as_well() -> None:
    scene = Scene()
    loop = asyncio.get_running_loop()
    arbiter = type(scene.arbiter)(
        probe=scene.cards,
        backends=(scene.comfyui,),
        clock=loop.time,
        sleep=asyncio.sleep,
        settings=Settings(),
        footprints=scene.footprints,
    )
    await arbiter.start()
    async with arbiter.request(want(IMAGE, kind="image")) as lease:
        assert lease.rung == IMAGE
    await arbiter.close()


async def test_the_snapshot_tells_everything(scene: Scene) -> None:
    scene.others(3 * GB)
    ticket = await scene.granted(MAIN)
    waiting = scene.arbiter.request(want(LARGE, kind="image", deadline=1000))
    await scene.run(2)
    said = scene.arbiter.snapshot().to_dict()
    (card,) = said["cards"]
    assert (card["booked"], card["external"], card["holders"]) == (MAIN.bytes, 3 * GB, "elden.exe holds 3.0 GB")
    (tenant,) = said["tenants"]
    assert (tenant["name"], tenant["phase"], tenant["users"]) == (MAIN.tenant, "resident", 1)
    assert (tenant["booked"], tenant["reported"], tenant["measured"]) == (MAIN.bytes,) * 3
    assert (said["queue"][0]["position"], said["queue"][0]["tenant"]) == (1, LARGE.tenant)
    ticket.give_back()
    waiting.give_back()
