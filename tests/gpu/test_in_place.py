"""Another picture size, batch or encoder place is no reload: what loads on use serves it as it is."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.gpu.scene import GB, IMAGE, MAIN, MIDDLE, TINY, Scene

from pointsman.gpu import ledger
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import plan
from pointsman.gpu.want import Rung

LARGE = Rung("comfyui:image", 9 * GB, "1024x1024", "z-image")
SMALL = Rung("comfyui:image", 5 * GB, "768x768", "z-image")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def drawn(scene: Scene, rung: Rung) -> tuple[str, ...]:
    """A picture, for which memory is really taken; who gave way to it."""
    ticket = await scene.granted(rung, kind="image")
    lease = await ticket.lease()
    async with scene.comfyui.using(lease.rung, lease.device):
        await scene.run(5)
    ticket.give_back()
    await scene.run(5)
    return lease.evicted


async def test_another_picture_size_is_served_in_place(scene: Scene) -> None:
    for rung in (LARGE, SMALL, LARGE):
        await drawn(scene, rung)
        assert scene.tenant(rung).rung == rung
        assert scene.tenant(rung).booked == LARGE.bytes, "it keeps what it had"
    assert scene.comfyui.calls("unload") == []
    assert scene.comfyui.calls("load") == [IMAGE.tenant]
    assert LARGE.footprint in scene.arbiter.state.footprints
    assert SMALL.footprint not in scene.arbiter.state.footprints, "what it kept says nothing of the small one"


async def test_a_larger_picture_evicts_only_for_what_is_lacking(scene: Scene) -> None:
    await drawn(scene, SMALL)
    await scene.used(replace(MIDDLE, bytes=14 * GB))
    await scene.used(TINY)
    await scene.run(40)
    assert len(await drawn(scene, LARGE)) == 1
    assert scene.comfyui.calls("unload") == []
    card = scene.arbiter.state.cards["gpu0"]
    assert ledger.booked(scene.arbiter.state, "gpu0") + card.external <= card.largest


async def test_it_goes_itself_where_it_keeps_too_much(scene: Scene) -> None:
    """The cache of a large picture and a game leave no room, the small picture from scratch does."""
    await drawn(scene, replace(LARGE, bytes=18 * GB))
    state = scene.arbiter.state
    for external, way in ((5 * GB, "here"), (5_500_000_000, "evict")):
        card = replace(state.cards["gpu0"], external=external)
        moment = Moment(replace(state, cards={"gpu0": card}), scene.time.now, scene.settings)
        found = plan(moment, SMALL, card, None)
        assert found is not None
        assert (found.way, [it.name for it in found.evict]) == (way, [IMAGE.tenant] if way == "evict" else [])


@pytest.mark.parametrize("number", range(20))
async def test_in_whatever_order_sizes_come_the_card_is_not_overfilled(number: int) -> None:
    """Pictures of any size among chats: what is booked and what is taken fits, and every wish is served."""
    chance = random.Random(number)
    async with Scene() as scene:
        scene.comfyui.back_after = chance.choice([0.5, 3.0])
        for _ in range(12):
            if chance.random() < 0.4:
                await scene.used(chance.choice([MAIN, MIDDLE, TINY]))
                await scene.run(chance.uniform(0, 40))
                continue
            size = chance.choice([3, 6, 9, 14, 20])
            await drawn(scene, replace(LARGE, bytes=size * GB, variant=f"{size}"))
            state = scene.arbiter.state
            card = state.cards["gpu0"]
            assert ledger.booked(state, "gpu0") + card.external <= card.largest
            assert scene.card.used <= card.largest
