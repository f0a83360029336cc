"""What a card's memory looks like from outside, and who can look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Process:
    """A process that holds memory of a card; `bytes` is None where the driver does not tell (Windows, WSL)."""

    pid: int
    name: str
    bytes: int | None = None
    kind: Literal["compute", "graphics", "both"] = "compute"


@dataclass(frozen=True, slots=True)
class Reading:
    """The memory of one card at one moment, in bytes.

    `reserved` is what the driver keeps for itself and is part of neither `used` nor `free`; `source` names what
    looked (nvml, amd-sysfs, comfyui, static, fake) and `at` is when, in seconds of the caller's clock. With
    `static` nothing looked: `used` is 0 and the budget is what the user gave.
    """

    device: str
    total: int
    used: int
    source: str
    at: float
    reserved: int = 0
    name: str = ""
    processes: tuple[Process, ...] = ()

    @property
    def free(self) -> int:
        """Bytes that nobody holds."""
        return max(0, self.total - self.reserved - self.used)

    @property
    def measured(self) -> bool:
        """Whether somebody looked; otherwise the card is owned by its budget alone."""
        return self.source != "static"


class Probe(Protocol):
    """Looks at the cards."""

    source: str

    async def sample(self) -> Sequence[Reading]:
        """One reading for each card that is seen; none where nothing can be read just now. Never raises."""
        ...

    async def close(self) -> None:
        """Lets go of handles."""
        ...
