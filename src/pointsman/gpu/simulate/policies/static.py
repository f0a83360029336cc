"""Fixed sets: one tenant at a time, with or without a favourite, or all together for ever."""

from __future__ import annotations

from collections import deque
from typing import Final

from pointsman.gpu.simulate.policies.stages import Staged, own_work
from pointsman.gpu.simulate.scene import LLM
from pointsman.gpu.simulate.world import Do, Request, World

# gpu-broker brings its default model back after some minutes in which nobody asked for anything.
IDLE_RESTORE: Final = 300.0


class Matrix(Staged):
    """A fixed set of tenants that may be there together (llama-swap's matrix "llm & img"): once loaded, they stay."""


class Exclusive(Staged):
    """One tenant at a time, in the order of arrival; a busy one is waited for (llama-swap's default)."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._queue: deque[tuple[str, Do]] = deque()
        self._moving = False

    def need(self, tenant: str, ready: Do) -> None:
        """Waits for its turn."""
        self._queue.append((tenant, ready))
        self._serve()

    def used(self, tenant: str) -> None:
        """Perhaps the next tenant's turn has come."""
        del tenant
        self._serve()

    def _serve(self) -> None:
        while self._queue and not self._moving:
            tenant, ready = self._queue[0]
            if self.world.phase(tenant) == "resident":
                self._queue.popleft()
                ready()
            elif not self.swap(tenant):
                return

    def swap(self, tenant: str) -> bool:
        """Sends away who is there and loads the tenant; whether that could begin."""
        there = next(iter(self.world.held), None)
        waiting = sum(name == there for name, _ in self._queue)  # they are counted as users, and are none yet
        if there is not None and self.using[there] > waiting:
            return False
        self._moving = True
        if there is None:
            self._load(tenant)
        else:
            self.world.release(there, lambda: self._load(tenant))
        return True

    def _load(self, tenant: str) -> None:
        self.world.load(tenant, self._moved, extra=self.start_of(tenant))

    def _moved(self) -> None:
        self._moving = False
        self._serve()

    def start_of(self, tenant: str) -> float:
        """Seconds that a tenant's server takes to start before it loads."""
        del tenant
        return 0.0


class GpuBroker(Exclusive):
    """The same by stopping and starting servers of LLMs, and with the main LLM brought back when nobody asks."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._used_at = 0.0

    def start_of(self, tenant: str) -> float:
        """A server for an LLM is started; ComfyUI stays up and only gives its memory back."""
        return 0.0 if tenant.startswith("comfyui:") else self.world.scene.timing.unit_start

    def used(self, tenant: str) -> None:
        """When nobody asks for a while, the main LLM comes back."""
        super().used(tenant)
        self._used_at = self.world.now
        self.world.at(self.world.now + IDLE_RESTORE, self._restore)

    def _restore(self) -> None:
        quiet = self.world.now >= self._used_at + IDLE_RESTORE and not self._queue and not self._moving
        if quiet and self.world.phase(LLM) == "cold" and not sum(self.using.values()):
            self.swap(LLM)


class Ideal:
    """Nobody's: a card on which everything is there at once, so that a request waits only for those before it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def arrived(self, request: Request) -> None:
        """Runs it."""
        work = own_work(self.world, request)
        size = self.world.sizes[work.tenant]
        self.world.run(work.tenant, work.seconds, lambda: self.world.answer(request, size), request)
