"""Games, and loads behind our back: who else holds the card, and what serves meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import CLOUD, GB, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene, want

from pointsman.core.errors import NoRoom
from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Rung


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_game_that_starts_gets_the_room(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.others(9 * GB)
    await scene.run(1.0)
    assert scene.tenant(MAIN).phase == "resident", "one reading may be a spike"
    await scene.run(4)
    assert scene.tenant(MAIN).phase == "cold"
    assert scene.ollama.calls("unloaded") == [f"{MAIN.tenant} deep"], "for a game caches go too"
    released = next(it for it in scene.events if it["kind"] == "release")
    assert released["why"] == "elden.exe holds 9.0 GB"


async def test_a_browser_beside_it_changes_nothing(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.others(1 * GB, "firefox")
    await scene.run(60)
    assert scene.tenant(MAIN).phase == "resident"


async def test_what_is_in_use_stays_whatever_comes(scene: Scene) -> None:
    ticket = await scene.granted(MAIN)
    scene.others(9 * GB)
    await scene.run(60)
    assert scene.ollama.calls("unload") == []
    ticket.give_back()
    await scene.run(5)
    assert scene.tenant(MAIN).phase == "cold"


async def test_the_cheapest_that_is_enough_gives_way_to_others(scene: Scene) -> None:
    for _ in range(3):
        await scene.used(MAIN)
    await scene.used(MIDDLE)
    scene.others(3 * GB, "blender")
    await scene.run(5)
    assert scene.tenant(MIDDLE).phase == "cold"
    assert scene.tenant(MAIN).phase == "resident"


async def test_while_a_game_runs_the_ladder_serves(scene: Scene) -> None:
    scene.others(9 * GB)
    await scene.time.run(0.01)
    lease = await scene.until(scene.arbiter.request(want(MAIN, SHORT, MIDDLE, TINY)).lease())
    assert lease.rung == SHORT, "11 GB fit beside the game, 14.5 do not"
    with pytest.raises(NoRoom, match=r"main needs 14.5 GB of 24.0 GB, and elden.exe holds 9.0 GB"):
        await scene.until(scene.arbiter.request(want(MAIN)).lease(), seconds=1)
    other = await scene.until(scene.arbiter.request(want(MAIN, CLOUD)).lease(), seconds=1)
    assert other.rung == CLOUD


async def test_what_a_game_gave_up_is_not_trusted_at_once(scene: Scene) -> None:
    await scene.used(MAIN)
    game = scene.others(9 * GB)
    await scene.run(10)
    scene.leave(game)
    await scene.run(5)
    ticket = scene.arbiter.request(want(MAIN))
    await scene.run(30)
    assert scene.tenant(MAIN).phase == "cold", "it may be loading its next level"
    lease = await scene.until(ticket.lease(), seconds=25)
    assert 30 < lease.waited < 50


async def test_meanwhile_a_lower_rung_serves_whoever_has_one(scene: Scene) -> None:
    await scene.used(MAIN)
    game = scene.others(9 * GB)
    await scene.run(10)
    scene.leave(game)
    await scene.run(5)
    lease = await scene.until(scene.arbiter.request(want(MAIN, TINY)).lease(), seconds=5)
    assert lease.rung == TINY


async def test_a_better_rung_is_not_waited_for_beyond_patience(scene: Scene) -> None:
    busy = await scene.granted(MAIN, seconds=30)
    lease = await scene.until(scene.arbiter.request(want(Rung("ollama:other", 14 * GB), TINY, patience=5)).lease())
    assert lease.rung == TINY
    patient = scene.arbiter.request(want(Rung("ollama:other", 14 * GB), TINY, patience=100))
    await scene.run(10)
    assert not patient._lease.done()
    busy.give_back()
    assert (await scene.until(patient.lease())).rung.tenant == "ollama:other"


async def test_somebody_elses_load_is_ours_when_we_know_it(scene: Scene) -> None:
    await scene.used(TINY)
    scene.ollama.drop_behind_our_back(TINY.tenant)
    await scene.run(10)
    assert scene.tenant(TINY).phase == "cold", "the server no longer names it"
    scene.ollama.take_behind_our_back(TINY.tenant, TINY.bytes, "gpu0", variant=TINY.variant)
    await scene.run(2)
    assert scene.tenant(TINY).phase == "resident"
    lease = await scene.until(scene.arbiter.request(want(TINY)).lease())
    assert not lease.cold
    assert scene.ollama.calls("load") == [TINY.tenant]


async def test_a_foreign_load_in_another_context_is_replaced(scene: Scene) -> None:
    await scene.used(TINY)
    scene.ollama.take_behind_our_back(MAIN.tenant, MAIN.bytes, "gpu0", variant="ctx=32768")
    await scene.time.run(0.01)
    lease = await scene.until(scene.arbiter.request(want(SHORT)).lease())
    assert lease.rung == SHORT
    assert scene.card.held_by("ollama") == SHORT.bytes + TINY.bytes


async def test_an_unknown_load_counts_as_others(scene: Scene) -> None:
    scene.ollama.take_behind_our_back("ollama:somebody", 12 * GB, "gpu0")
    await scene.time.run(0.01)
    with pytest.raises(NoRoom, match=r"other programs hold 12\.0 GB"):
        await scene.until(scene.arbiter.request(want(MAIN)).lease(), seconds=1)


async def test_a_crashed_server_is_out_of_the_ledger(scene: Scene) -> None:
    await scene.used(MAIN)
    scene.ollama.crash()
    await scene.run(10)
    assert scene.tenant(MAIN).phase == "cold"
    lease = await scene.until(scene.arbiter.request(want(IMAGE, kind="image")).lease())
    assert lease.evicted == ()


async def test_with_two_cards_each_has_its_own() -> None:
    async with Scene(cards=2) as scene:
        first = await scene.until(scene.arbiter.request(want(MAIN)).lease())
        second = await scene.until(scene.arbiter.request(want(Rung("ollama:other", 14 * GB))).lease())
        assert {first.device, second.device} == {"gpu0", "gpu1"}
        assert scene.ollama.calls("unload") == []


async def test_a_rung_goes_where_it_may() -> None:
    async with Scene(cards=2) as scene:
        there = Rung("ollama:other", 14 * GB, devices=("gpu1",))
        lease = await scene.until(scene.arbiter.request(want(there)).lease())
        assert lease.device == "gpu1"
        with pytest.raises(NoRoom, match="gpu7 is not seen"):
            await scene.until(scene.arbiter.request(want(Rung("ollama:x", GB, devices=("gpu7",)))).lease(), seconds=1)


async def test_a_reserve_is_kept_for_others() -> None:
    async with Scene(settings=Settings(reserve=9 * GB)) as scene:
        lease = await scene.until(scene.arbiter.request(want(MAIN, SHORT)).lease())
        assert lease.rung == SHORT
