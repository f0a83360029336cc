"""A stand-in for NVIDIA's module pynvml: cards, parts, processes, and every way in which the driver fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

# The errors that the library has a number for, as its header names them.
CODES: Final = {
    "Uninitialized": 1,
    "InvalidArgument": 2,
    "NotSupported": 3,
    "NoPermission": 4,
    "NotFound": 6,
    "InsufficientSize": 7,
    "DriverNotLoaded": 9,
    "Timeout": 10,
    "LibraryNotFound": 12,
    "FunctionNotFound": 13,
    "GpuIsLost": 15,
    "ResetRequired": 16,
    "LibRmVersionMismatch": 18,
    "ArgumentVersionMismatch": 25,
    "Unknown": 999,
}


class NvmlError(Exception):
    """Any error of the library; its number is `value`."""

    value = 0


def error_class(name: str) -> type[NvmlError]:
    """The class of one kind of error, called as the library calls it."""
    return type(f"NVMLError_{name}", (NvmlError,), {"value": CODES[name]})


ERRORS: Final = {name: error_class(name) for name in CODES}


@dataclass(frozen=True, slots=True)
class Memory:
    """Version 2 of a card's memory, in bytes."""

    total: int
    reserved: int
    free: int
    used: int


@dataclass(frozen=True, slots=True)
class MemoryV1:
    """Version 1: what the driver keeps is part of what is used."""

    total: int
    free: int
    used: int


@dataclass(frozen=True, slots=True)
class FakeProcess:
    """A process as the library lists it; None where the driver does not tell."""

    pid: int
    usedGpuMemory: int | None  # noqa: N815 - the library's own name


@dataclass(slots=True)
class FakeDevice:
    """A card, or a part of one; `fails` maps functions to the kind of error that they raise for it."""

    name: str = "NVIDIA GeForce RTX 4090"
    total: int = 24 * 2**30
    used: int = 0
    reserved: int = 400 * 2**20
    compute: Sequence[FakeProcess] = ()
    graphics: Sequence[FakeProcess] = ()
    parts: Sequence[FakeDevice | None] = ()
    fails: dict[str, str] = field(default_factory=dict)


class FakeNvml:
    """Behaves as the module does, as far as probes use it.

    `fails` maps functions to the kind of error that they raise. A function in `lacks` is not in the driver: it raises
    FunctionNotFound. `names` are the processes' names as the driver tells them. `calls` holds what was called.
    """

    NVML_DEVICE_MIG_ENABLE = 1
    nvmlMemory_v2 = 0x02000028  # noqa: N815 - the library's own name
    NVMLError = NvmlError

    def __init__(self, *devices: FakeDevice) -> None:
        self.devices = list(devices)
        self.fails: dict[str, str] = {}
        self.lacks: set[str] = set()
        self.names: dict[int, str] = {}
        self.calls: list[str] = []
        self.opened = 0
        self.before_count: Callable[[], None] = lambda: None

    def _called(self, function: str, device: FakeDevice | None = None) -> None:
        self.calls.append(function)
        failing = self.fails.get(function) or (device.fails.get(function) if device else None)
        if failing:
            raise ERRORS[failing](failing)
        if function in self.lacks:
            raise ERRORS["FunctionNotFound"]("Function Not Found")
        if not self.opened and function != "nvmlInit":
            raise ERRORS["Uninitialized"]("Uninitialized")

    def nvmlInit(self) -> None:  # noqa: N802 - the library's own names, here and below
        """Opens the library; counted."""
        self._called("nvmlInit")
        self.opened += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        """Closes it as often as it was opened."""
        self._called("nvmlShutdown")
        self.opened -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        """How many cards there are."""
        self.before_count()
        self._called("nvmlDeviceGetCount")
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeDevice:  # noqa: N802
        """A card by its place."""
        self._called("nvmlDeviceGetHandleByIndex", self.devices[index])
        return self.devices[index]

    def nvmlDeviceGetName(self, handle: FakeDevice) -> str:  # noqa: N802
        """What it is called."""
        self._called("nvmlDeviceGetName", handle)
        return handle.name

    def nvmlDeviceGetMemoryInfo(self, handle: FakeDevice, version: int | None = None) -> Memory | MemoryV1:  # noqa: N802
        """Its memory, in the version that is asked for."""
        function = "nvmlDeviceGetMemoryInfo_v2" if version else "nvmlDeviceGetMemoryInfo"
        self._called(function, handle)
        free = handle.total - handle.reserved - handle.used
        if version:
            return Memory(handle.total, handle.reserved, free, handle.used)
        return MemoryV1(handle.total, free, handle.used + handle.reserved)

    def nvmlDeviceGetMigMode(self, handle: FakeDevice) -> list[int]:  # noqa: N802
        """Whether it is cut into parts, now and after a reset."""
        self._called("nvmlDeviceGetMigMode", handle)
        if not handle.parts:
            raise ERRORS["NotSupported"]("Not Supported")
        return [1, 1]

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: FakeDevice) -> int:  # noqa: N802
        """How many parts it may have."""
        self._called("nvmlDeviceGetMaxMigDeviceCount", handle)
        return len(handle.parts)

    def nvmlDeviceGetMigDeviceHandleByIndex(self, device: FakeDevice, index: int) -> FakeDevice:  # noqa: N802
        """One part; places may be empty."""
        self._called("nvmlDeviceGetMigDeviceHandleByIndex", device)
        part = device.parts[index]
        if part is None:
            raise ERRORS["NotFound"]("Not Found")
        return part

    def nvmlDeviceGetComputeRunningProcesses_v3(self, handle: FakeDevice) -> list[FakeProcess]:  # noqa: N802
        """Who computes on it."""
        self._called("nvmlDeviceGetComputeRunningProcesses_v3", handle)
        return list(handle.compute)

    def nvmlDeviceGetComputeRunningProcesses_v2(self, handle: FakeDevice) -> list[FakeProcess]:  # noqa: N802
        """The same of an older driver."""
        self._called("nvmlDeviceGetComputeRunningProcesses_v2", handle)
        return list(handle.compute)

    def nvmlDeviceGetGraphicsRunningProcesses_v3(self, handle: FakeDevice) -> list[FakeProcess]:  # noqa: N802
        """Who draws with it: desktops and games."""
        self._called("nvmlDeviceGetGraphicsRunningProcesses_v3", handle)
        return list(handle.graphics)

    def nvmlDeviceGetGraphicsRunningProcesses_v2(self, handle: FakeDevice) -> list[FakeProcess]:  # noqa: N802
        """The same of an older driver."""
        self._called("nvmlDeviceGetGraphicsRunningProcesses_v2", handle)
        return list(handle.graphics)

    def nvmlSystemGetProcessName(self, pid: int) -> str:  # noqa: N802
        """What a process is called, as a path."""
        self._called("nvmlSystemGetProcessName")
        if pid not in self.names:
            raise ERRORS["NotFound"]("Not Found")
        return self.names[pid]
