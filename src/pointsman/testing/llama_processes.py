"""A real backend for the arbiter's tests: each model in a process of its own, whose memory is measured.

`python -m pointsman.testing.llama_processes FILE CONTEXT` is such a process: it loads a GGUF file with xllamacpp's
own server, writes the server's address on a line, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pointsman.core.errors import ModelFailed
from pointsman.core.ports import Clock
from pointsman.gpu.backend import Loaded
from pointsman.gpu.reading import Process as Seen
from pointsman.gpu.reading import Reading
from pointsman.gpu.want import Rung

STARTS_IN: Final = 60.0
VARIANT: Final = "ctx="


@dataclass(frozen=True, slots=True)
class Running:
    """A model's process, its server's address, and the rung that it was loaded for."""

    process: Process
    url: str
    variant: str


class LlamaProcesses:
    """A Backend (gpu/backend.py) that loads by starting a process and unloads by ending it; `files` by model.

    Tenants are xllamacpp:MODEL, variants ctx=TOKENS. `went` notes loads and unloads in order.
    """

    name = "xllamacpp"
    loads_on_use = False

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = files
        self.running: dict[str, Running] = {}
        self.ending: dict[str, Process] = {}
        self.went: list[tuple[str, str]] = []

    async def load(self, rung: Rung, device: str) -> None:
        """Starts the model's process and waits for its server. Raises ModelFailed."""
        del device
        model = rung.tenant.removeprefix(f"{self.name}:")
        self.went.append(("load", model))
        arguments = (str(self.files[model]), rung.variant.removeprefix(VARIANT) or "512")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __spec__.name, *arguments, stdin=PIPE, stdout=PIPE
        )
        async with asyncio.timeout(STARTS_IN):
            line = await process.stdout.readline() if process.stdout else b""
        if not line.startswith(b"http"):
            await process.wait()
            raise ModelFailed(f"{model}: its process ended with {process.returncode}", cure="none: this is a test")
        self.running[rung.tenant] = Running(process, line.decode().strip(), rung.variant)

    async def unload(self, tenant: str, *, deep: bool = False) -> None:
        """Tells the model's process to end, and does not wait for it."""
        del deep
        running = self.running.pop(tenant, None)
        if running and running.process.stdin:
            self.went.append(("unload", tenant.removeprefix(f"{self.name}:")))
            self.ending[tenant] = running.process
            running.process.stdin.close()

    async def loaded(self) -> Sequence[Loaded]:
        """The models whose processes live, with their processes' memory."""
        held = [(tenant, it, resident(it.process.pid)) for tenant, it in self.running.items()]
        return tuple(Loaded(tenant, size, size, it.variant) for tenant, it, size in held if size)

    async def close(self) -> None:
        """Ends all processes."""
        for tenant in tuple(self.running):
            await self.unload(tenant)
        for process in self.ending.values():
            await process.wait()


class ProcessMemory:
    """A Probe whose card is the memory of those processes: `total` bytes, of which they use what they really do."""

    source = "processes"

    def __init__(self, processes: LlamaProcesses, total: int, clock: Clock, device: str = "memory") -> None:
        self.device = device
        self.total = total
        self.most_used = 0
        self._processes = processes
        self._clock = clock

    async def sample(self) -> Sequence[Reading]:
        """The resident memory of every process, also of those that are ending."""
        held = self._processes
        pids = [it.process.pid for it in held.running.values()] + [it.pid for it in held.ending.values()]
        seen = tuple(Seen(pid, "xllamacpp", resident(pid)) for pid in pids)
        used = sum(it.bytes or 0 for it in seen)
        self.most_used = max(self.most_used, used)
        return (Reading(self.device, self.total, used, self.source, self._clock(), processes=seen),)

    async def close(self) -> None:
        """Nothing is open."""


def resident(pid: int) -> int:
    """The bytes of a process that are in memory; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    found = [line for line in lines if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) * 1024 if found else 0


def main() -> None:
    """Loads and serves a model until standard input ends."""
    import xllamacpp

    given = xllamacpp.CommonParams()
    given.model.path = sys.argv[1]
    given.n_ctx = int(sys.argv[2])
    given.n_gpu_layers = 0
    given.fit_params = False
    given.verbosity = -1
    given.ui = given.endpoint_slots = False
    server = xllamacpp.Server(given)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
