"""The computer's own memory, for where there is no card: models then run on the processor, and take it from there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Reading
from pointsman.providers.probes.trouble import Trouble

DEVICE: Final = "memory"
NO_CARD: Final = Trouble("no card is seen, so that the computer's own memory is shared out")
NOT_TOLD: Final = Trouble(
    "no card is seen, and this system does not tell how much memory is available",
    "set gpu.budget to the memory that may be shared out, such as 20GB, or gpu.enabled: false",
)


class MemoryProbe:
    """Reads /proc/meminfo under `root`: all memory, and what is not available of it (Linux)."""

    source = "memory"

    def __init__(self, *, clock: Clock, root: Path = Path("/")) -> None:
        self.trouble: Trouble | None = NO_CARD
        self._clock = clock
        self._file = root / "proc" / "meminfo"

    async def sample(self) -> Sequence[Reading]:
        """One reading; none where the system does not tell."""
        try:
            rows = [
                line.partition(":") for line in self._file.read_text(encoding="ascii", errors="replace").splitlines()
            ]
            told = {name: int(value.split()[0]) * 1024 for name, _, value in rows if value.strip()}
            total, available = told["MemTotal"], told["MemAvailable"]
        except (OSError, ValueError, KeyError):
            self.trouble = NOT_TOLD
            return ()
        self.trouble = NO_CARD
        used = max(0, total - available)
        return (Reading(DEVICE, total, used, self.source, self._clock(), name="computer's memory"),)

    async def close(self) -> None:
        """Nothing is open."""
