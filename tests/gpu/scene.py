"""A card, its servers and the arbiter on a clock that is stepped: what the tests of the arbiter play in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from pointsman.gpu.arbiter import Arbiter
from pointsman.gpu.footprints import MemoryFootprints
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Tenant
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.want import Kind, Priority, Rung, Want
from pointsman.testing.card import FakeCard
from pointsman.testing.scripted_backend import FakeCards, ScriptedBackend

T = TypeVar("T")
GB = 10**9

MAIN = Rung("ollama:main", int(14.5 * GB), "ctx=8192", "main")
SHORT = Rung("ollama:main", 11 * GB, "ctx=2048", "main", "a shorter memory")
MIDDLE = Rung("llamacpp:middle", 6 * GB, "", "middle", "a smaller model")
TINY = Rung("ollama:tiny", 2 * GB, "ctx=4096", "tiny", "the smallest model")
IMAGE = Rung("comfyui:image", 7 * GB, "", "z-image")
CLOUD = Rung("", serve="groq", note="answered in the cloud")
HUGE = Rung("ollama:huge", 40 * GB, "", "huge")


def want(*ladder: Rung, kind: Kind = "chat", priority: Priority = "interactive", **more: Any) -> Want:
    """A wish; without rungs, for the main model."""
    return Want(kind, ladder or (MAIN,), priority, **more)


class Steps:
    """A clock that goes on only when told to, and lets everything happen in between."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.skew = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now + self.skew

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def settle(self) -> None:
        """Lets everything happen that can without time going on."""
        loop: Any = asyncio.get_running_loop()
        for _ in range(10_000):
            await asyncio.sleep(0)
            if not loop._ready:
                return
        raise AssertionError("it never comes to rest")

    async def run(self, seconds: float) -> None:
        """Lets so many seconds pass."""
        end = self.now + seconds
        await self.settle()
        while True:
            self._sleepers = [it for it in self._sleepers if not it[1].done()]
            due = min((at for at, _ in self._sleepers), default=end + 1)
            if due > end:
                break
            self.now = max(self.now, due)
            for at, future in self._sleepers:
                if at <= self.now and not future.done():
                    future.set_result(None)
            await self.settle()
        self.now = end
        await self.settle()

    @property
    def waiting(self) -> int:
        """How many wait for time to pass."""
        return sum(1 for _, future in self._sleepers if not future.done())


class Scene:
    """One or more fake cards, Ollama, ComfyUI and llama.cpp as scripted servers, and the arbiter over them."""

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        cards: int = 1,
        total: int = 24 * GB,
        footprints: MemoryFootprints | None = None,
    ) -> None:
        self.time = Steps()
        self.card = FakeCard(total, self.time)
        self.cards = FakeCards(self.card, *(FakeCard(total, self.time, device=f"gpu{n}") for n in range(1, cards)))
        self.ollama = ScriptedBackend("ollama", self.cards, self.time, self.time.sleep)
        self.comfyui = ScriptedBackend("comfyui", self.cards, self.time, self.time.sleep, loads_on_use=True)
        self.llamacpp = ScriptedBackend("llamacpp", self.cards, self.time, self.time.sleep, load_seconds=1.0)
        self.backends = {it.name: it for it in (self.ollama, self.comfyui, self.llamacpp)}
        self.events: list[dict[str, Any]] = []
        self.footprints = footprints or MemoryFootprints()
        self.settings = settings or Settings()
        self.arbiter = Arbiter(
            probe=self.cards,
            backends=tuple(self.backends.values()),
            clock=self.time,
            sleep=self.time.sleep,
            settings=self.settings,
            footprints=self.footprints,
            record=self.events.append,
        )
        self._others: list[int] = []

    async def __aenter__(self) -> Self:
        await self.arbiter.start()
        await self.time.settle()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.arbiter.close()

    async def run(self, seconds: float = 10.0) -> None:
        """Lets so many seconds pass."""
        await self.time.run(seconds)

    async def until(self, work: Coroutine[Any, Any, T] | asyncio.Task[T], seconds: float = 120.0) -> T:
        """What something comes to, within so many seconds."""
        task = asyncio.ensure_future(work)
        for _ in range(int(seconds * 20)):
            await self.time.settle()
            if task.done():
                return task.result()
            await self.time.run(0.05)
        task.cancel()
        raise AssertionError(f"it did not end within {seconds} s")

    async def granted(self, *ladder: Rung, seconds: float = 120.0, **more: Any) -> Ticket:
        """A ticket with its lease."""
        ticket = self.arbiter.request(want(*ladder, **more))
        await self.until(ticket.lease(), seconds)
        return ticket

    async def used(self, *ladder: Rung, **more: Any) -> None:
        """A short use, over at once."""
        (await self.granted(*ladder, **more)).give_back()
        await self.time.settle()

    def others(self, size: int, name: str = "elden.exe", device: str = "gpu0") -> int:
        """Another program takes memory."""
        return self.cards.cards[device].take(name, size)

    def leave(self, number: int, device: str = "gpu0") -> None:
        """Another program gives it back."""
        self.cards.cards[device].give_back(number)

    def tenant(self, rung: Rung) -> Tenant:
        """A tenant as the ledger has it."""
        return self.arbiter.state.tenants[rung.tenant]

    def kinds(self, *kinds: str) -> list[tuple[str, str]]:
        """The trace's events of some kinds."""
        return [(it["kind"], it["tenant"]) for it in self.events if it["kind"] in kinds]
