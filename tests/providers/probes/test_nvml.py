"""NVIDIA's driver, as a faithful stand-in plays it; and the real library, as far as a machine has a driver."""

from __future__ import annotations

import logging
import threading

import pytest

from pointsman.gpu.reading import Process
from pointsman.providers.probes.nvml import NvmlProbe
from pointsman.testing.nvml import CODES, FakeDevice, FakeNvml, FakeProcess

MIB, GIB = 2**20, 2**30


class Now:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def probe(*devices: FakeDevice, **given: float) -> tuple[NvmlProbe, FakeNvml, Now]:
    now, library = Now(), FakeNvml(*devices)
    return NvmlProbe(clock=now, library=library, **given), library, now


async def test_a_card_is_read_with_what_the_driver_keeps_told_apart() -> None:
    sensor, _, _ = probe(FakeDevice(used=9 * GIB, reserved=500 * MIB))
    (card,) = await sensor.sample()
    assert (card.device, card.name, card.source, card.at) == ("gpu0", "NVIDIA GeForce RTX 4090", "nvml", 100.0)
    assert (card.total, card.used, card.reserved) == (24 * GIB, 9 * GIB, 500 * MIB)
    assert card.free == 15 * GIB - 500 * MIB
    assert card.measured
    assert sensor.trouble is None


async def test_the_library_is_opened_once_and_closed_once() -> None:
    sensor, library, _ = probe(FakeDevice())
    for _ in range(3):
        await sensor.sample()
    assert library.calls.count("nvmlInit") == 1
    await sensor.close()
    await sensor.close()
    assert library.calls.count("nvmlShutdown") == 1
    assert library.opened == 0
    assert await sensor.sample() == ()
    assert library.calls.count("nvmlInit") == 1


async def test_an_unused_probe_asks_for_no_driver() -> None:
    sensor, library, _ = probe(FakeDevice())
    await sensor.close()
    assert library.calls == []


async def test_without_the_second_version_of_memory_the_first_serves() -> None:
    for kind in ("FunctionNotFound", "ArgumentVersionMismatch", "InvalidArgument"):
        sensor, _, _ = probe(FakeDevice(used=GIB, reserved=MIB, fails={"nvmlDeviceGetMemoryInfo_v2": kind}))
        (card,) = await sensor.sample()
        assert (card.used, card.reserved) == (GIB + MIB, 0), kind
        assert card.free == 23 * GIB - MIB


async def test_a_module_that_has_never_heard_of_the_second_version_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FakeNvml, "nvmlMemory_v2")
    sensor, library, _ = probe(FakeDevice(used=GIB))
    (card,) = await sensor.sample()
    assert card.used == GIB + 400 * MIB
    assert "nvmlDeviceGetMemoryInfo_v2" not in library.calls


async def test_who_holds_memory_is_merged_by_process_and_the_largest_stands_first() -> None:
    sensor, library, _ = probe(
        FakeDevice(
            used=12 * GIB,
            compute=[FakeProcess(10, GIB), FakeProcess(20, 8 * GIB)],
            graphics=[FakeProcess(30, 200 * MIB), FakeProcess(10, 3 * GIB)],
        )
    )
    library.names = {
        10: "Z:\\games\\my game\\Game.exe",
        20: "/usr/lib/ollama/llama-server --port 1",
        30: "/usr/bin/Xorg",
    }
    (card,) = await sensor.sample()
    assert card.processes == (
        Process(20, "llama-server", 8 * GIB, "compute"),
        Process(10, "Game.exe", 3 * GIB, "both"),
        Process(30, "Xorg", 200 * MIB, "graphics"),
    )


async def test_under_windows_and_wsl_processes_have_no_bytes() -> None:
    sensor, _, _ = probe(FakeDevice(used=12 * GIB, compute=[FakeProcess(7, None)], graphics=[FakeProcess(7, None)]))
    (card,) = await sensor.sample()
    assert card.processes == (Process(7, "", None, "both"),)
    assert card.used == 12 * GIB


async def test_a_process_that_is_told_on_one_list_only_keeps_its_bytes() -> None:
    sensor, _, _ = probe(FakeDevice(compute=[FakeProcess(7, None)], graphics=[FakeProcess(7, MIB)]))
    assert (await sensor.sample())[0].processes[0].bytes == MIB


async def test_an_older_driver_lists_processes_its_own_way() -> None:
    sensor, library, _ = probe(FakeDevice(compute=[FakeProcess(7, GIB)]))
    library.lacks = {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v3"}
    assert [it.pid for it in (await sensor.sample())[0].processes] == [7]


@pytest.mark.parametrize("kind", ["NotSupported", "NoPermission", "InsufficientSize", "Unknown"])
async def test_a_card_whose_processes_are_not_told_is_read_all_the_same(kind: str) -> None:
    functions = ("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v3")
    sensor, _, _ = probe(FakeDevice(used=GIB, compute=[FakeProcess(7, 1)], fails=dict.fromkeys(functions, kind)))
    (card,) = await sensor.sample()
    assert (card.used, card.processes) == (GIB, ())


async def test_a_name_that_is_no_text_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecodable(*_: object) -> str:
        return b"\xff".decode()

    monkeypatch.setattr(FakeNvml, "nvmlSystemGetProcessName", undecodable)
    sensor, _, _ = probe(FakeDevice(compute=[FakeProcess(7, MIB)], fails={"nvmlDeviceGetName": "Unknown"}))
    (card,) = await sensor.sample()
    assert (card.name, card.processes[0].name) == ("", "")


async def test_several_cards_keep_their_numbers_when_one_is_lost() -> None:
    sensor, _, _ = probe(
        FakeDevice("first"), FakeDevice("lost", fails={"nvmlDeviceGetMemoryInfo_v2": "GpuIsLost"}), FakeDevice("third")
    )
    assert [(it.device, it.name) for it in await sensor.sample()] == [("gpu0", "first"), ("gpu2", "third")]
    assert sensor.trouble is not None
    assert "fallen off the bus" in sensor.trouble.what


@pytest.mark.parametrize("kind", ["GpuIsLost", "ResetRequired", "NotSupported", "NoPermission", "Timeout", "Unknown"])
@pytest.mark.parametrize("function", ["nvmlDeviceGetHandleByIndex", "nvmlDeviceGetMemoryInfo_v2"])
async def test_no_error_of_a_card_gets_out(kind: str, function: str) -> None:
    sensor, _, _ = probe(FakeDevice(fails={function: kind}))
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert sensor.trouble.what


async def test_a_card_that_shares_the_computers_memory_says_so() -> None:
    sensor, _, _ = probe(FakeDevice("NVIDIA GB10", fails={"nvmlDeviceGetMemoryInfo_v2": "NotSupported"}))
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert "gpu.budget" in sensor.trouble.cure


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("LibraryNotFound", "no NVIDIA driver"),
        ("DriverNotLoaded", "not loaded"),
        ("LibRmVersionMismatch", "updated"),
        ("NoPermission", "may not"),
        ("Unknown", "fails"),
    ],
)
async def test_without_a_driver_there_are_no_readings_and_it_is_asked_again_after_a_minute(
    kind: str, said: str
) -> None:
    sensor, library, now = probe(FakeDevice())
    library.fails = {"nvmlInit": kind}
    for _ in range(3):
        assert await sensor.sample() == ()
        now.time += 10
        assert sensor.trouble is not None
        assert said in sensor.trouble.what
    assert library.calls == ["nvmlInit"]
    library.fails = {}
    now.time += 60
    assert len(await sensor.sample()) == 1
    assert sensor.trouble is None


async def test_a_driver_with_no_card_says_so() -> None:
    sensor, _, _ = probe()
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert "no card" in sensor.trouble.what


@pytest.mark.parametrize("function", ["nvmlDeviceGetCount", "nvmlDeviceGetMigMode", "nvmlDeviceGetMemoryInfo_v2"])
async def test_a_driver_that_goes_away_is_opened_anew(function: str) -> None:
    sensor, library, _ = probe(FakeDevice(used=GIB))
    assert len(await sensor.sample()) == 1
    library.fails, library.opened = {function: "Uninitialized"}, 0
    assert await sensor.sample() == ()
    library.fails = {}
    assert [it.used for it in await sensor.sample()] == [GIB]
    assert library.calls.count("nvmlInit") == 2


async def test_a_driver_that_hangs_is_asked_once_and_its_answer_taken_when_it_comes() -> None:
    sensor, library, _ = probe(FakeDevice(used=GIB), patience=0.0)
    go, asked = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        go.wait()

    library.before_count = hang
    assert await sensor.sample() == ()
    assert asked.wait(20)
    assert await sensor.sample() == ()
    assert sensor.trouble is not None
    assert "does not answer" in sensor.trouble.what
    sensor._aside._patience = 20.0
    go.set()
    assert [it.used for it in await sensor.sample()] == [GIB]
    assert library.calls.count("nvmlDeviceGetCount") == 1


async def test_a_sensor_that_fails_as_nobody_thought_has_seen_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sensor, library, _ = probe(FakeDevice())
    library.devices = [None]  # type: ignore[list-item]
    with caplog.at_level(logging.CRITICAL):
        assert await sensor.sample() == ()


async def test_a_card_that_is_cut_into_parts_is_read_by_its_parts() -> None:
    whole = FakeDevice(
        "NVIDIA H200",
        fails={"nvmlDeviceGetMemoryInfo_v2": "NoPermission"},
        parts=[FakeDevice("H200 MIG 1g.18gb", total=18 * GIB, used=GIB), None, FakeDevice("H200 MIG 3g.71gb")],
    )
    sensor, _, _ = probe(FakeDevice(), whole)
    assert [it.device for it in await sensor.sample()] == ["gpu0", "gpu1.mig0", "gpu1.mig2"]
    assert sensor.trouble is None


async def test_a_card_that_could_be_cut_and_is_not_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeNvml, "nvmlDeviceGetMigMode", lambda *_: [0, 1])
    sensor, _, _ = probe(FakeDevice(parts=[FakeDevice()]))
    assert [it.device for it in await sensor.sample()] == ["gpu0"]


def test_the_stand_in_has_nothing_that_the_library_has_not() -> None:
    real = pytest.importorskip("pynvml")
    for name in [it for it in vars(FakeNvml) if it.startswith(("nvml", "NVML"))]:
        assert hasattr(real, name), name
    assert FakeNvml.nvmlMemory_v2 == real.nvmlMemory_v2
    assert FakeNvml.NVML_DEVICE_MIG_ENABLE == real.NVML_DEVICE_MIG_ENABLE
    for kind, code in CODES.items():
        made = getattr(real, f"NVMLError_{kind}")()
        assert made.value == code
        assert isinstance(made, real.NVMLError)
        assert type(made).__name__ == f"NVMLError_{kind}"


async def test_the_real_library_is_read_or_says_why_not() -> None:
    pytest.importorskip("pynvml")
    sensor = NvmlProbe(clock=lambda: 1.0)
    found = await sensor.sample()
    if not found:
        assert sensor.trouble is not None
        assert sensor.trouble.what
    for card in found:
        assert 0 < card.used + card.reserved <= card.total
        assert card.name
    await sensor.close()
