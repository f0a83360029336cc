"""Real models under the real arbiter by a real clock: each in a process of its own, whose memory is measured."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from pointsman.build import open_remote
from pointsman.config.models import OpenAiModel
from pointsman.core.errors import ModelFileError, NoRoom
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.gpu.arbiter import Arbiter
from pointsman.gpu.footprints import MemoryFootprints
from pointsman.gpu.reading import Process as Seen
from pointsman.gpu.reading import Reading
from pointsman.gpu.settings import Settings
from pointsman.gpu.want import Rung, Want
from pointsman.providers.modelfiles import smollm2
from pointsman.testing.llama_processes import LlamaProcesses, ProcessMemory, resident

MB: Final = 10**6
# A process with SmolLM2 and 512 tokens takes 176 MB: one has room, two have not.
TOTAL: Final = 320 * MB
MARGIN: Final = 32 * MB
GUESS: Final = 200 * MB
GAME: Final = 150 * MB
VARIANT: Final = "ctx=512"
HANGS: Final = 60  # seconds after which a test is given up
# A game of this card is one of megabytes; looked at often, so that a test need not wait for the next look.
SETTINGS: Final = Settings(margin=MARGIN, look_seconds=0.1, look_moving=0.05, ask_seconds=0.1, game_bytes=GAME // 2)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process takes is read from /proc")


class Watched(LlamaProcesses):
    """Notes how much of the card's memory was in use when each load began."""

    def __init__(self, models: Sequence[str]) -> None:
        try:
            file = smollm2()
        except ModelFileError as error:
            pytest.skip(error.message)
        super().__init__(dict.fromkeys(models, file))
        self.used_at_load: list[int] = []

    async def load(self, rung: Rung, device: str) -> None:
        going = [it.pid for it in self.ending.values()] + [it.process.pid for it in self.running.values()]
        self.used_at_load.append(sum(map(resident, going)))
        await super().load(rung, device)


class Shared(ProcessMemory):
    """The card of those processes, on which a game may take its part."""

    game: Process | None = None

    async def sample(self) -> Sequence[Reading]:
        (reading,) = await super().sample()
        held = resident(self.game.pid) if self.game else 0
        self.most_used = max(self.most_used, reading.used + held)
        playing = (Seen(self.game.pid, "game", held, "graphics"),) if self.game and held else ()
        return (replace(reading, used=reading.used + held, processes=(*reading.processes, *playing)),)

    async def play(self, size: int) -> None:
        """A process of its own takes so many bytes, and more than that for itself."""
        code = f"held = b'x' * {size}\nprint(len(held), flush=True)\ninput()"
        self.game = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=PIPE, stdout=PIPE)
        assert self.game.stdout
        await self.game.stdout.readline()

    async def stop(self) -> None:
        """It ends, if it was begun."""
        if self.game and self.game.stdin:
            self.game.stdin.close()
            await self.game.wait()
            self.game = None


@dataclass
class Scene:
    """The processes, their card, and its owner."""

    processes: Watched
    card: Shared
    arbiter: Arbiter
    footprints: MemoryFootprints = field(default_factory=MemoryFootprints)

    async def chat(self, model: str) -> str:
        """What a model says, over its own server; it is to be leased."""
        running = self.processes.running[f"xllamacpp:{model}"]
        asked = open_remote(OpenAiModel(provider="openai", url=f"{running.url}/v1", model=model))
        try:
            said = [Turn("user", "Say hello.")]
            async with aclosing(asked.chat(said, ChatOptions(max_tokens=4, temperature=0))) as deltas:
                return "".join([delta.text async for delta in deltas])
        finally:
            await asked.close()

    def held(self, model: str) -> int:
        """The bytes that a model's process really takes."""
        return resident(self.processes.running[f"xllamacpp:{model}"].process.pid)

    def phases(self) -> dict[str, str]:
        """The ledger: who is in memory, or on the way."""
        return {it.name: it.phase for it in self.arbiter.snapshot().tenants}

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until something is so; a test that waits in vain fails."""
        async with asyncio.timeout(HANGS):
            while not met():  # noqa: ASYNC110 - other processes and servers tell nobody
                await asyncio.sleep(0.01)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    processes = Watched(["one", "two"])
    card = Shared(processes, TOTAL, time.monotonic)
    footprints = MemoryFootprints()
    arbiter = Arbiter(
        probe=card,
        backends=[processes],
        clock=time.monotonic,
        sleep=asyncio.sleep,
        settings=SETTINGS,
        footprints=footprints,
    )
    await arbiter.start()
    try:
        async with looking(card):
            yield Scene(processes, card, arbiter, footprints)
    finally:
        await arbiter.close()
        await card.stop()
        await processes.close()


@asynccontextmanager
async def looking(card: Shared) -> AsyncIterator[None]:
    """Somebody looks at the card all the time, beside its owner, for the most that was ever used."""

    async def look() -> None:
        while True:
            await card.sample()
            await asyncio.sleep(0.01)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def wish(model: str, *others: Rung) -> Want:
    """A wish for a model, and what would serve in its place."""
    return Want("chat", (Rung(f"xllamacpp:{model}", GUESS, VARIANT, model), *others))


async def test_one_card_for_two_models_and_a_game(scene: Scene) -> None:
    processes, arbiter = scene.processes, scene.arbiter
    one = arbiter.request(wish("one"))
    assert (await one.lease()).cold
    talking = asyncio.create_task(scene.chat("one"))
    two = arbiter.request(wish("two"))
    # While one talks, two waits: whoever is in use is never sent away.
    assert await talking
    assert processes.went == [("load", "one")]
    assert scene.phases() == {"xllamacpp:one": "resident"}
    took = scene.held("one")
    one.give_back()

    lease = await two.lease()
    assert lease.evicted == ("xllamacpp:one",)
    assert processes.went == [("load", "one"), ("unload", "one"), ("load", "two")]
    # The memory of the first was seen free before the second began to load.
    assert processes.used_at_load[1] < 0.25 * took
    assert await scene.chat("two")
    two.give_back()
    assert scene.card.most_used <= TOTAL - MARGIN

    # What was learned is what was measured.
    await scene.until(
        lambda: len(scene.footprints.kept) == 2 and all(it.samples for it in scene.footprints.kept.values())
    )
    for footprint in scene.footprints.kept.values():
        assert footprint.bytes(SETTINGS) == pytest.approx(took, rel=0.15)

    # A game takes half of the card: what is idle gives way, and who asks is told why, or answered elsewhere.
    await scene.card.play(GAME)
    await scene.until(lambda: not scene.phases())
    with pytest.raises(NoRoom) as told:
        async with arbiter.request(wish("one")):
            pytest.fail("there is no room")
    assert "game holds 0.2 GB" in told.value.message
    async with arbiter.request(wish("one", Rung("", serve="elsewhere", note="answered elsewhere"))) as lease:
        assert lease.rung.serve == "elsewhere"
    assert len(processes.used_at_load) == 2
    await scene.card.stop()


async def test_a_model_that_was_killed_is_out_of_the_ledger(scene: Scene) -> None:
    async with scene.arbiter.request(wish("one")):
        assert scene.phases() == {"xllamacpp:one": "resident"}
    killed = scene.processes.running["xllamacpp:one"].process
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    await scene.until(lambda: not scene.phases())
    assert await scene.processes.loaded() == ()
    async with scene.arbiter.request(wish("one")) as lease:
        assert lease.cold
        assert await scene.chat("one")
        assert [it.tenant for it in await scene.processes.loaded()] == ["xllamacpp:one"]
    assert scene.card.most_used <= TOTAL - MARGIN
