"""Which sensor is asked, what is kept of its readings, and that a blind one makes no card look empty."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pointsman.core.errors import Unreachable
from pointsman.gpu.reading import Reading
from pointsman.providers.comfyui.stats import Device, Stats
from pointsman.providers.probes.cached import CachedProbe
from pointsman.providers.probes.choice import FirstThatSees, open_sensor
from pointsman.providers.probes.memory import MemoryProbe
from pointsman.providers.probes.static import StaticProbe
from pointsman.providers.probes.trouble import Trouble, program
from pointsman.testing.nvml import FakeDevice, FakeNvml

GIB = 2**30


class Now:
    def __init__(self) -> None:
        self.time = 10.0

    def __call__(self) -> float:
        return self.time


class Scripted:
    """A sensor that sees what it is told to."""

    def __init__(self, source: str, now: Now, *, sees: bool = True) -> None:
        self.source = source
        self.trouble: Trouble | None = None
        self.sees = sees
        self.looks = 0
        self.closed = False
        self._now = now

    async def sample(self) -> Sequence[Reading]:
        self.looks += 1
        await asyncio.sleep(0)
        return (Reading("gpu0", 24 * GIB, GIB, self.source, self._now()),) if self.sees else ()

    async def close(self) -> None:
        self.closed = True


async def test_a_reading_is_shared_for_a_moment_and_then_taken_anew() -> None:
    now = Now()
    sensor = Scripted("x", now)
    kept = CachedProbe(sensor, clock=now, fresh=0.25, stale=5.0)
    first, second = await asyncio.gather(kept.sample(), kept.sample())
    assert first == second
    assert sensor.looks == 1
    now.time += 0.125
    assert kept.age == 0.125
    await kept.sample()
    assert sensor.looks == 1
    now.time += 0.125
    await kept.sample()
    assert sensor.looks == 2
    await kept.close()
    assert sensor.closed
    assert kept.age == float("inf")


async def test_a_sensor_that_goes_blind_leaves_an_old_reading_with_its_time_and_then_none() -> None:
    now = Now()
    sensor = Scripted("x", now)
    kept = CachedProbe(sensor, clock=now, fresh=0.2, stale=5.0)
    await kept.sample()
    sensor.sees = False
    now.time += 4.5
    assert [it.at for it in await kept.sample()] == [10.0]
    now.time += 0.5
    assert await kept.sample() == ()
    sensor.sees = True
    assert [it.at for it in await kept.sample()] == [15.0]


async def test_readings_of_the_future_are_worth_nothing() -> None:
    now = Now()
    sensor = Scripted("x", now)
    kept = CachedProbe(sensor, clock=now)
    await kept.sample()
    now.time -= 5
    sensor.sees = False
    assert await kept.sample() == ()


async def test_the_first_sensor_that_sees_a_card_is_the_one_from_then_on() -> None:
    now = Now()
    blind, seeing, spare = Scripted("a", now, sees=False), Scripted("b", now), Scripted("c", now)
    chosen = FirstThatSees([blind, seeing, spare], StaticProbe({"gpu0": GIB}, clock=now))
    assert chosen.source == "static"
    assert [it.source for it in await chosen.sample()] == ["b"]
    blind.sees, seeing.sees = True, False
    assert await chosen.sample() == ()  # neither another sensor, nor the budget
    assert (chosen.source, blind.looks, spare.looks) == ("b", 1, 0)
    seeing.trouble = Trouble("it hangs")
    assert chosen.trouble == seeing.trouble
    await chosen.close()
    assert all(it.closed for it in (blind, seeing, spare))


async def test_a_budget_counts_until_a_sensor_sees_a_card() -> None:
    now = Now()
    late = Scripted("a", now, sees=False)
    chosen = FirstThatSees([late], StaticProbe({"gpu0": 20 * GIB}, clock=now))
    (budget,) = await chosen.sample()
    assert (budget.total, budget.used, budget.source, budget.measured) == (20 * GIB, 0, "static", False)
    late.sees = True
    assert [it.source for it in await chosen.sample()] == ["a"]


async def test_why_nothing_is_seen_is_told_by_what_can_be_cured_first() -> None:
    now = Now()
    first, second = Scripted("a", now, sees=False), Scripted("b", now, sees=False)
    first.trouble, second.trouble = Trouble("no such card"), Trouble("out of order", "mend it")
    chosen = FirstThatSees([first, second], StaticProbe({}, clock=now))
    assert await chosen.sample() == ()
    assert chosen.trouble == second.trouble
    second.trouble = Trouble("nor such")
    assert chosen.trouble is not None
    assert chosen.trouble.what == "no such card; nor such; no budget is set (gpu.budget)"
    assert "gpu.budget" in chosen.trouble.cure


async def test_each_kind_is_what_it_is_called(tmp_path: Path) -> None:
    now = Now()

    async def stats() -> Stats:
        raise Unreachable("nobody there", cure="start it")

    given = {"clock": now, "root": tmp_path, "library": FakeNvml(FakeDevice()), "budgets": {"gpu0": GIB}}
    sources = {}
    for kind in ("auto", "nvml", "amd", "comfyui", "static"):
        sensor = open_sensor(kind, comfyui=stats, **given)  # type: ignore[arg-type]
        sources[kind] = ([it.source for it in await sensor.sample()], sensor.source)
        await sensor.close()
    assert sources == {
        "auto": (["nvml"], "nvml"),
        "nvml": (["nvml"], "nvml"),
        "amd": ([], "amd-sysfs"),
        "comfyui": ([], "comfyui"),
        "static": (["static"], "static"),
    }


async def test_auto_goes_on_to_the_remote_box_and_to_the_budget(tmp_path: Path) -> None:
    library, now = FakeNvml(), Now()
    library.fails = {"nvmlInit": "LibraryNotFound"}

    async def stats() -> Stats:
        return Stats("0.8.0", (), (Device("cuda:0 A card", "cuda", 0, 8 * GIB, GIB, 0, 0),))

    remote = open_sensor("auto", clock=now, root=tmp_path, library=library, comfyui=stats, budgets={"gpu0": GIB})
    assert [(it.source, it.used) for it in await remote.sample()] == [("comfyui", 7 * GIB)]
    budget = open_sensor("auto", clock=now, root=tmp_path, library=library, budgets={"gpu0": GIB, "gpu1": 2 * GIB})
    assert [(it.device, it.total) for it in await budget.sample()] == [("gpu0", GIB), ("gpu1", 2 * GIB)]
    nothing = open_sensor("auto", clock=now, root=tmp_path, library=library)
    assert await nothing.sample() == ()
    assert nothing.trouble is not None
    assert "gpu.budget" in nothing.trouble.cure


@pytest.mark.parametrize(("kind", "said"), [("comfyui", "no ComfyUI"), ("static", "no budget")])
async def test_a_kind_without_what_it_needs_sees_nothing_and_says_why(kind: str, said: str) -> None:
    sensor = open_sensor(kind, clock=Now())  # type: ignore[arg-type]
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert said in sensor.trouble.what
    await sensor.close()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("/usr/bin/python3 main.py --listen", "python3"),
        ("C:\\Program Files\\Some Game\\game.exe", "game.exe"),
        ("Xorg", "Xorg"),
        ("", ""),
        ("  ", ""),
        ("/bin/\x1b[31mred", "[31mred"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_program_is_called_by_its_name_alone(said: str, name: str) -> None:
    assert program(said) == name


def no_driver() -> FakeNvml:
    library = FakeNvml()
    library.fails["nvmlInit"] = "LibraryNotFound"
    return library


def with_memory(root: Path, text: str) -> Path:
    (root / "proc").mkdir()
    (root / "proc" / "meminfo").write_text(text)
    return root


async def test_without_any_card_the_computers_memory_is_shared_out(tmp_path: Path) -> None:
    root = with_memory(tmp_path, "MemTotal:       16000000 kB\nMemAvailable:   12000000 kB\nHugePages_Total:       0\n")
    probe = open_sensor("auto", clock=Now(), library=no_driver(), root=root)
    (reading,) = await probe.sample()
    assert (reading.device, reading.source) == ("memory", "memory")
    assert (reading.total, reading.free) == (16_384_000_000, 12_288_000_000)
    assert probe.trouble is not None
    assert "no card is seen" in probe.trouble.what


@pytest.mark.parametrize("text", ["", "MemTotal: much\nMemAvailable: 1 kB\n", "MemTotal: 16000000 kB\n"])
async def test_memory_that_is_not_told_is_none(tmp_path: Path, text: str) -> None:
    probe = open_sensor("auto", clock=Now(), library=no_driver(), root=with_memory(tmp_path, text))
    assert await probe.sample() == ()
    assert probe.trouble is not None
    assert "gpu.budget" in probe.trouble.cure


async def test_a_card_that_cannot_be_read_is_not_the_computers_memory() -> None:
    now = Now()
    sensor = Scripted("nvml", now, sees=False)
    sensor.trouble = Trouble("the driver does not answer", "restart")
    assert await FirstThatSees([sensor], MemoryProbe(clock=now)).sample() == ()


async def test_devices_that_are_switched_off_are_left_out() -> None:
    library = FakeNvml(FakeDevice(), FakeDevice())
    probe = open_sensor("nvml", clock=Now(), library=library, serves=lambda device: device != "gpu0")
    assert [it.device for it in await probe.sample()] == ["gpu1"]


async def test_a_comfyui_that_does_not_answer_is_no_card(tmp_path: Path) -> None:
    async def nobody() -> Stats:
        raise Unreachable("nobody answers", cure="start ComfyUI")

    root = with_memory(tmp_path, "MemTotal:       16000000 kB\nMemAvailable:   12000000 kB\n")
    probe = open_sensor("auto", clock=Now(), library=no_driver(), root=root, comfyui=nobody)
    assert [it.source for it in await probe.sample()] == ["memory"]
