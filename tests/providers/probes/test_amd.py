"""AMD's files, as a tree of our own has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.gpu.reading import Process
from pointsman.providers.probes.amd import AmdProbe, size_of

GIB, MIB = 2**30, 2**20
FIRST, SECOND = "0000:03:00.0", "0000:0a:00.0"


class Tree:
    """A file system with cards and processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "sys/class/drm").mkdir(parents=True)
        (root / "proc").mkdir()

    def card(self, number: int, address: str, total: int, used: int, name: str = "") -> Path:
        device = self.root / f"sys/class/drm/card{number}/device"
        device.mkdir(parents=True)
        (device / "mem_info_vram_total").write_text(f"{total}\n")
        (device / "mem_info_vram_used").write_text(f"{used}\n")
        (device / "uevent").write_text(f"DRIVER=amdgpu\nPCI_SLOT_NAME={address}\n")
        if name:
            (device / "product_name").write_text(f"{name}\n")
        return device

    def process(self, pid: int, name: str, *clients: tuple[str, int, str], opened: str = "/dev/dri/renderD128") -> None:
        folder = self.root / f"proc/{pid}"
        for part in ("fd", "fdinfo"):
            (folder / part).mkdir(parents=True)
        (folder / "comm").write_text(f"{name}\n")
        for number, (address, client, size) in enumerate(clients):
            (folder / f"fd/{number}").symlink_to(opened)
            (folder / f"fdinfo/{number}").write_text(
                f"pos:\t0\ndrm-driver:\tamdgpu\ndrm-client-id:\t{client}\ndrm-pdev:\t{address}\n"
                f"drm-memory-vram:\t{size}\ndrm-memory-gtt:\t77 KiB\n"
            )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "root")


class Now:
    def __init__(self) -> None:
        self.time = 50.0

    def __call__(self) -> float:
        return self.time


async def test_cards_are_read_in_the_order_of_linux(tree: Tree) -> None:
    tree.card(10, SECOND, 8 * GIB, GIB)
    tree.card(2, FIRST, 24 * GIB, 9 * GIB, "AMD Radeon RX 7900 XTX")
    (tree.root / "sys/class/drm/card2-DP-1").mkdir()
    (tree.root / "sys/class/drm/renderD128").mkdir()
    (tree.root / "sys/class/drm/card0/device").mkdir(parents=True)  # another maker's
    cards = await AmdProbe(clock=Now(), root=tree.root).sample()
    assert [(it.device, it.total, it.used, it.name) for it in cards] == [
        ("gpu0", 24 * GIB, 9 * GIB, "AMD Radeon RX 7900 XTX"),
        ("gpu1", 8 * GIB, GIB, "AMD card"),
    ]
    assert (cards[0].source, cards[0].at, cards[0].reserved) == ("amd-sysfs", 50.0, 0)


async def test_who_holds_memory_is_found_by_client_once_each(tree: Tree) -> None:
    tree.card(0, FIRST, 24 * GIB, 9 * GIB)
    tree.card(1, SECOND, 8 * GIB, GIB)
    tree.process(100, "ollama", (FIRST, 1, "8 GiB"), (FIRST, 1, "8 GiB"), (FIRST, 2, "1024 KiB"))
    tree.process(101, "ollama-child", (FIRST, 1, "8 GiB"))  # its parent's open files
    tree.process(200, "game", (FIRST, 9, "512 MiB"), (SECOND, 1, "64 MiB"))
    tree.process(300, "idle", (FIRST, 12, "0"))
    first, second = await AmdProbe(clock=Now(), root=tree.root).sample()
    assert first.processes == (
        Process(100, "ollama", 8 * GIB + MIB, "graphics"),
        Process(200, "game", 512 * MIB, "graphics"),
    )
    assert second.processes == (Process(200, "game", 64 * MIB, "graphics"),)


async def test_other_files_are_not_asked_for_memory(tree: Tree) -> None:
    tree.card(0, FIRST, 24 * GIB, 0)
    tree.process(100, "editor", (FIRST, 1, "8 GiB"), opened="/home/somebody/notes")
    (tree.root / "proc/self").mkdir()
    (tree.root / "proc/77").mkdir()  # ended between two looks
    (card,) = await AmdProbe(clock=Now(), root=tree.root).sample()
    assert card.processes == ()


async def test_processes_are_looked_for_every_five_seconds_and_memory_each_time(tree: Tree) -> None:
    device, now = tree.card(0, FIRST, 24 * GIB, GIB), Now()
    sensor = AmdProbe(clock=now, root=tree.root)
    assert (await sensor.sample())[0].processes == ()
    tree.process(100, "game", (FIRST, 1, "8 GiB"))
    (device / "mem_info_vram_used").write_text(str(9 * GIB))
    now.time += 4.9
    (card,) = await sensor.sample()
    assert (card.used, card.processes) == (9 * GIB, ())
    now.time += 0.1
    assert [it.name for it in (await sensor.sample())[0].processes] == ["game"]
    now.time = 0.0  # the clock was set back
    tree.process(101, "other", (FIRST, 2, "1 GiB"))
    assert [it.name for it in (await sensor.sample())[0].processes] == ["game", "other"]


async def test_without_a_card_there_are_no_readings(tree: Tree, tmp_path: Path) -> None:
    for root in (tree.root, tmp_path / "nowhere"):
        sensor = AmdProbe(clock=Now(), root=root)
        assert await sensor.sample() == ()
        assert sensor.trouble is not None
        assert "no AMD card" in sensor.trouble.what
        await sensor.close()


@pytest.mark.parametrize("said", ["", "lots", "-1", "0x10"])
async def test_a_number_that_cannot_be_read_is_no_empty_card(tree: Tree, said: str) -> None:
    broken = tree.card(0, FIRST, 24 * GIB, GIB)
    tree.card(1, SECOND, 8 * GIB, GIB)
    (broken / "mem_info_vram_used").write_text(said)
    sensor = AmdProbe(clock=Now(), root=tree.root)
    assert [it.device for it in await sensor.sample()] == ["gpu1"]
    assert sensor.trouble is not None
    assert "cannot be read" in sensor.trouble.what


@pytest.mark.parametrize(
    ("said", "size"),
    [("123 KiB", 123 * 1024), ("5 MiB", 5 * MIB), ("7", 7), ("1 GiB", GIB), ("x KiB", 0), ("1 furlong", 0), ("", 0)],
)
def test_sizes(said: str, size: int) -> None:
    assert size_of(said) == size


async def test_this_machine_is_read_without_harm() -> None:
    cards = await AmdProbe(clock=Now()).sample()
    assert all(0 <= card.used <= card.total for card in cards)
