"""AMD cards, through the files in which Linux tells their memory; no library is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Process, Reading
from pointsman.providers.probes.aside import PATIENCE, Aside
from pointsman.providers.probes.trouble import Trouble, program

NO_CARD: Final = Trouble("there is no AMD card here")
UNREADABLE: Final = Trouble("the memory of the AMD card cannot be read", "look at the rights of /sys/class/drm")
# Every open file of every process is looked at to find who holds memory: tens of milliseconds on a desktop.
PROCESSES_EVERY: Final = 5.0
CARD: Final = re.compile(r"card(\d+)$")
UNITS: Final = {"": 1, "B": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


@dataclass(frozen=True, slots=True)
class Card:
    """A card's folder and its address on the bus, such as 0000:03:00.0."""

    folder: Path
    address: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one client of a card's driver holds of it; several open files may belong to one client."""

    address: str
    client: str
    bytes: int


class AmdProbe:
    """Reads each card of the amdgpu driver; they are called gpu0, gpu1 and so on in the order of Linux.

    `root` is the top of the file system. Source: the kernel's documentation of amdgpu (mem_info_vram_total,
    mem_info_vram_used) and of DRM client usage stats (drm-memory-vram).
    """

    source = "amd-sysfs"

    def __init__(self, *, clock: Clock, root: Path = Path("/"), patience: float = PATIENCE) -> None:
        self.trouble: Trouble | None = None
        self._clock = clock
        self._root = root
        self._holders: dict[str, tuple[Process, ...]] = {}
        self._holders_at = float("-inf")
        self._aside: Aside[tuple[Reading, ...]] = Aside(self._look, patience=patience)

    async def sample(self) -> Sequence[Reading]:
        """A reading of each card; none where there is no such card."""
        found = await self._aside.result()
        if found is None:
            self.trouble = UNREADABLE
        return found or ()

    async def close(self) -> None:
        """Nothing stays open."""

    def _look(self) -> tuple[Reading, ...]:
        cards = list(cards_in(self._root))
        self.trouble = None if cards else NO_CARD
        if not cards:
            return ()
        now = self._clock()
        if not 0 <= now - self._holders_at < PROCESSES_EVERY:
            self._holders, self._holders_at = holders_in(self._root), now
        readings = []
        for number, card in enumerate(cards):
            total = number_in(card.folder / "mem_info_vram_total")
            used = number_in(card.folder / "mem_info_vram_used")
            if not total or used is None:
                self.trouble = UNREADABLE
                continue
            processes = self._holders.get(card.address, ())
            name = text_in(card.folder / "product_name") or "AMD card"
            readings.append(Reading(f"gpu{number}", total, used, self.source, now, name=name[:60], processes=processes))
        return tuple(readings)


def cards_in(root: Path) -> Iterator[Card]:
    """The cards that tell their memory, in the order of Linux."""
    numbered = []
    for folder in names_in(root / "sys/class/drm"):
        found = CARD.match(folder.name)
        if found and (folder / "device/mem_info_vram_total").exists():
            numbered.append((int(found[1]), folder / "device"))
    for _, device in sorted(numbered):
        lines = text_in(device / "uevent").splitlines()
        yield Card(device, next((line[14:] for line in lines if line.startswith("PCI_SLOT_NAME=")), ""))


def holders_in(root: Path) -> dict[str, tuple[Process, ...]]:
    """Who holds memory of each card, by its address, largest first; of other users' processes only root is told."""
    held: dict[str, list[Process]] = {}
    counted: set[tuple[str, str]] = set()
    pids = sorted(int(it.name) for it in names_in(root / "proc") if it.name.isdecimal())
    for pid in pids:
        sums: dict[str, int] = {}
        for share in shares_of(root / "proc" / str(pid)):
            # A child has its parent's open files: what they hold is there once.
            if (share.address, share.client) not in counted:
                counted.add((share.address, share.client))
                sums[share.address] = sums.get(share.address, 0) + share.bytes
        for address, size in sums.items():
            if size:
                name = program(text_in(root / "proc" / str(pid) / "comm"))
                held.setdefault(address, []).append(Process(pid, name, size, "graphics"))
    return {address: tuple(sorted(found, key=lambda it: -(it.bytes or 0))) for address, found in held.items()}


def shares_of(process: Path) -> Iterator[Share]:
    """What each of a process's open files of a card holds."""
    for link in names_in(process / "fd"):
        try:
            opened = str(link.readlink())
        except OSError:  # it has been closed meanwhile
            continue
        if not opened.startswith("/dev/dri/"):
            continue
        lines = text_in(process / "fdinfo" / link.name).splitlines()
        said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        if said.get("drm-driver") == "amdgpu" and "drm-client-id" in said:
            size = size_of(said.get("drm-memory-vram") or said.get("drm-resident-vram") or "")
            yield Share(said.get("drm-pdev", ""), said["drm-client-id"], size)


def size_of(said: str) -> int:
    """The bytes in "123 KiB"; 0 in what is no size."""
    number, _, unit = said.partition(" ")
    factor = UNITS.get(unit.strip().upper())
    return int(number) * factor if number.isdecimal() and factor else 0


def names_in(folder: Path) -> list[Path]:
    """What is in a folder; nothing where it cannot be looked into."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def text_in(file: Path) -> str:
    """What a file says; "" where it cannot be read."""
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def number_in(file: Path) -> int | None:
    """The number that a file holds; None where there is none."""
    said = text_in(file)
    return int(said) if said.isdecimal() else None
