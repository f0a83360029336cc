"""What ComfyUI says of itself and its memory: GET /system_stats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

GIB: Final = 1024**3
# Computes int8 files of the ConvRot kind by itself from here on.
INT8: Final = (0, 27)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that ComfyUI computes on; all in bytes, and of the computer's memory where `kind` is "cpu".

    `free` is what the driver has free and what torch could use again. `torch_total` is what torch holds, its cache
    included, but neither the context of some 0.5 GB nor weights that are streamed; `torch_free` is the cache.
    """

    name: str
    kind: str
    index: int | None
    total: int
    free: int
    torch_total: int
    torch_free: int

    @property
    def is_card(self) -> bool:
        """Whether it has memory of its own."""
        return self.kind not in {"cpu", ""}


@dataclass(frozen=True, slots=True)
class Stats:
    """How ComfyUI was started, and its devices."""

    version: str
    argv: tuple[str, ...]
    devices: tuple[Device, ...]
    pytorch: str = ""

    def flag(self, name: str) -> str | None:
        """The last value that a flag was given, "" for one without a value; None where it is not there."""
        found: str | None = None
        for n, word in enumerate(self.argv):
            if word == name:
                after = self.argv[n + 1] if n + 1 < len(self.argv) else ""
                found = "" if after.startswith("--") else after
            elif word.startswith(f"{name}="):
                found = word.partition("=")[2]
        return found

    @property
    def kept_free(self) -> int | None:
        """The bytes that it leaves to others by --vram-headroom, else by --reserve-vram; None where neither is set."""
        for name in ("--vram-headroom", "--reserve-vram"):
            try:
                if (said := self.flag(name)) is not None:
                    return round(float(said) * GIB)
            except ValueError:
                continue
        return None

    @property
    def computes_int8(self) -> bool:
        """Whether it is new enough for int8 files."""
        return (version_of(self.version) or INT8) >= INT8


def version_of(text: str) -> tuple[int, ...]:
    """The numbers of a version such as "0.27.1"; none where it has none."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def stats_in(said: object) -> Stats | None:
    """The stats in an answer; None for what are none."""
    if not isinstance(said, dict) or not isinstance(said.get("system"), dict):
        return None
    system: Mapping[str, Any] = said["system"]
    devices = said.get("devices")
    argv = system.get("argv")
    return Stats(
        str(system.get("comfyui_version") or ""),
        tuple(map(str, argv)) if isinstance(argv, list) else (),
        tuple(device_in(it) for it in devices if isinstance(it, dict)) if isinstance(devices, list) else (),
        str(system.get("pytorch_version") or ""),
    )


def device_in(said: Mapping[str, Any]) -> Device:
    """A device as it describes itself; what it leaves out is 0."""

    def size(key: str) -> int:
        value = said.get(key)
        return int(value) if isinstance(value, int | float) else 0

    index = said.get("index")
    return Device(
        str(said.get("name") or ""),
        str(said.get("type") or ""),
        index if isinstance(index, int) else None,
        size("vram_total"),
        size("vram_free"),
        size("torch_vram_total"),
        size("torch_vram_free"),
    )
