"""Games, loads behind our back, sensors that fail, and models that take more than was thought."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import CLOUD, GB, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene, want

from pointsman.core.errors import NoRoom
from pointsman.gpu.arbiter import Arbiter
from pointsman.gpu.footprints import Footprint, MemoryFootprints
from pointsman.gpu.reading import Reading
from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Rung, Want


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
