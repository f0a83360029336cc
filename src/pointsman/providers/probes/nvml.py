"""NVIDIA cards, through the driver's own library (NVML)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Process, Reading
from pointsman.providers.probes.aside import PATIENCE, Aside
from pointsman.providers.probes.trouble import Trouble, program

# A driver that is not there now may be there later: after a reboot of a container, or an update.
TRY_AGAIN: Final = 60.0
TROUBLES: Final[Mapping[str, Trouble]] = {
    "LibraryNotFound": Trouble("there is no NVIDIA driver here"),
    "DriverNotLoaded": Trouble("the NVIDIA driver is not loaded", "see what nvidia-smi says"),
    "LibRmVersionMismatch": Trouble("the NVIDIA driver was updated while the old one runs", "restart the computer"),
    "NoPermission": Trouble(
        "this user may not ask the NVIDIA driver", "allow access to /dev/nvidia*; to a container, with --gpus all"
    ),
    "GpuIsLost": Trouble("the card has fallen off the bus", "restart the computer; then look at its power and slot"),
    "ResetRequired": Trouble("the card has to be reset", "restart the computer"),
    "NotSupported": Trouble("the NVIDIA driver does not tell this card's memory", "set gpu.budget, such as 24GB"),
}
NO_CARD: Final = Trouble("the NVIDIA driver sees no card", "see what nvidia-smi says; to a container, --gpus all")
NOT_INSTALLED: Final = Trouble("nvidia-ml-py is not installed", "pip install nvidia-ml-py")
# The state of the whole library, not of one card: it is opened anew.
FALLEN: Final = frozenset({"Uninitialized", "DriverNotLoaded", "LibRmVersionMismatch", "LibraryNotFound"})


class NvmlProbe:
    """Reads each NVIDIA card, or each of its parts where it is cut into several (MIG).

    Cards are called gpu0, gpu1 and so on in the driver's order, parts gpu0.mig0 and so on. Memory that the driver
    keeps for itself is told apart where it can (NVML memory version 2). `library` is the module pynvml, or what
    stands in for it. Source: NVIDIA's NVML API reference.
    """

    source = "nvml"

    def __init__(self, *, clock: Clock, library: Any = None, patience: float = PATIENCE) -> None:
        self.trouble: Trouble | None = None
        self._clock = clock
        self._library = library
        self._open = False
        self._closed = False
        self._not_before = float("-inf")
        self._aside: Aside[tuple[Reading, ...]] = Aside(self._look, patience=patience)

    async def sample(self) -> Sequence[Reading]:
        """A reading of each card; none without a driver, or when it hangs."""
        if self._closed:
            return ()
        found = await self._aside.result()
        if found is None:
            self.trouble = Trouble("the NVIDIA driver does not answer", "see whether nvidia-smi does")
        return found or ()

    async def close(self) -> None:
        """Lets go of the driver."""
        self._closed = True
        if self._open:
            self._open = False
            await Aside(self._shut, patience=PATIENCE).result()

    def _shut(self) -> None:
        try:
            self._library.nvmlShutdown()
        except self._library.NVMLError:
            return  # it is gone already

    def _look(self) -> tuple[Reading, ...]:
        if not self._open and not self._opened():
            return ()
        self.trouble = None
        readings: list[Reading] = []
        try:
            count = self._library.nvmlDeviceGetCount()
            for index in range(count):
                readings.extend(self._card(index))
        except self._library.NVMLError as error:
            self._fall(error)
            return ()
        if not count:
            self.trouble = NO_CARD
        return tuple(readings)

    def _opened(self) -> bool:
        """Whether the library is there; it is opened once, and asked again for it now and then."""
        now = self._clock()
        if now < self._not_before:
            return False
        self._not_before = now + TRY_AGAIN
        try:
            self._library = self._library or import_module("pynvml")
            self._library.nvmlInit()
        except ImportError:
            self.trouble = NOT_INSTALLED
            return False
        except self._library.NVMLError as error:
            self.trouble = trouble_of(error)
            return False
        self._open = True
        return True

    def _fall(self, error: Exception) -> None:
        self.trouble = trouble_of(error)
        if kind_of(error) in FALLEN:
            self._open = False
            self._not_before = float("-inf")

    def _card(self, index: int) -> Iterator[Reading]:
        """The readings of one card; a card that is lost does not keep the others from being seen."""
        try:
            handle = self._library.nvmlDeviceGetHandleByIndex(index)
            parts = self._parts(handle)
        except self._library.NVMLError as error:
            self._pass_over(error)
            return
        for device, part in [(f"gpu{index}", handle)] if parts is None else parts_named(index, parts):
            try:
                yield self._reading(device, part)
            except self._library.NVMLError as error:
                self._pass_over(error)

    def _pass_over(self, error: Exception) -> None:
        unless_fallen(error)
        self.trouble = trouble_of(error)

    def _parts(self, handle: Any) -> list[tuple[int, Any]] | None:
        """The parts of a card that is cut into several, with their numbers; None of a whole card."""
        library = self._library
        try:
            current, _ = library.nvmlDeviceGetMigMode(handle)
        except library.NVMLError as error:
            unless_fallen(error)
            return None  # most cards cannot be cut
        if current != library.NVML_DEVICE_MIG_ENABLE:
            return None
        parts = []
        for number in range(library.nvmlDeviceGetMaxMigDeviceCount(handle)):
            try:
                parts.append((number, library.nvmlDeviceGetMigDeviceHandleByIndex(handle, number)))
            except library.NVMLError as error:
                unless_fallen(error)  # otherwise a place that nothing is in
        return parts

    def _reading(self, device: str, handle: Any) -> Reading:
        total, used, reserved = self._memory(handle)
        return Reading(
            device=device,
            total=total,
            used=used,
            source=self.source,
            at=self._clock(),
            reserved=reserved,
            name=self._name(handle),
            processes=self._processes(handle),
        )

    def _memory(self, handle: Any) -> tuple[int, int, int]:
        """Total, used and reserved bytes. The first version counts what the driver keeps as used."""
        library = self._library
        version = getattr(library, "nvmlMemory_v2", None)
        if version is not None:
            try:
                found = library.nvmlDeviceGetMemoryInfo(handle, version=version)
            except library.NVMLError as error:  # drivers before 510 do not have it
                if kind_of(error) not in {"FunctionNotFound", "ArgumentVersionMismatch", "InvalidArgument"}:
                    raise
            else:
                return int(found.total), int(found.used), int(found.reserved)
        found = library.nvmlDeviceGetMemoryInfo(handle)
        return int(found.total), int(found.used), 0

    def _name(self, handle: Any) -> str:
        try:
            return str(self._library.nvmlDeviceGetName(handle))
        except (self._library.NVMLError, UnicodeDecodeError):
            return ""

    def _processes(self, handle: Any) -> tuple[Process, ...]:
        """Who holds memory of the card, largest first; games are on the list for graphics, or on both."""
        compute = self._listed(handle, "nvmlDeviceGetComputeRunningProcesses")
        graphics = self._listed(handle, "nvmlDeviceGetGraphicsRunningProcesses")
        found = []
        for pid in sorted({*compute, *graphics}):
            # On both lists stands the whole of what a process holds, not one part of it on each.
            known = [size for size in (compute.get(pid), graphics.get(pid)) if size is not None]
            name, size = self._program(pid), max(known) if known else None
            if pid in compute and pid in graphics:
                found.append(Process(pid, name, size, "both"))
            else:
                found.append(Process(pid, name, size, "compute" if pid in compute else "graphics"))
        return tuple(sorted(found, key=lambda it: -(it.bytes or 0)))

    def _listed(self, handle: Any, function: str) -> dict[int, int | None]:
        """The bytes of each process by its number: None under Windows and WSL, where the driver does not tell."""
        for version in ("_v3", "_v2"):
            try:
                listed = getattr(self._library, function + version)(handle)
            except AttributeError:
                continue
            except self._library.NVMLError as error:
                unless_fallen(error)
                if kind_of(error) == "FunctionNotFound":
                    continue
                return {}
            return {int(it.pid): None if it.usedGpuMemory is None else int(it.usedGpuMemory) for it in listed}
        return {}

    def _program(self, pid: int) -> str:
        """What a process is called; "" for one that has ended, or that this user may not look at."""
        try:
            return program(self._library.nvmlSystemGetProcessName(pid))
        except (self._library.NVMLError, UnicodeDecodeError):
            return ""


def parts_named(index: int, parts: Sequence[tuple[int, Any]]) -> list[tuple[str, Any]]:
    """The parts of a card, by what they are called."""
    return [(f"gpu{index}.mig{number}", handle) for number, handle in parts]


def unless_fallen(error: Exception) -> None:
    """Raises an error again that is of the whole library."""
    if kind_of(error) in FALLEN:
        raise error


def kind_of(error: Exception) -> str:
    """The kind of an error of the library, such as NotSupported."""
    return type(error).__name__.removeprefix("NVMLError_")


def trouble_of(error: Exception) -> Trouble:
    """What an error of the library means."""
    return TROUBLES.get(kind_of(error)) or Trouble(f"the NVIDIA driver fails: {error}", "see what nvidia-smi says")
