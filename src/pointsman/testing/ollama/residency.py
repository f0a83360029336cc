"""Which models are in memory: loaded one at a time, evicted in Ollama's own order, given back late."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from pointsman.core.ports import Clock
from pointsman.testing.card import CardOutOfMemory, FakeCard
from pointsman.testing.ollama.mishaps import BUSY, Mishap, Refusal, struck
from pointsman.testing.ollama.models import OllamaFile, default_context
from pointsman.testing.ollama.runner import Counts, Limits, Pace, Room, Runner, owner_of

Sleep = Callable[[float], Awaitable[object]]

FULL: Final = 0.8  # with another model loaded, a further one may take so much of what is free
RECOVERED: Final = 0.75
RECOVERY_STEP, RECOVERY_SECONDS = 0.25, 5.0
LOAD_OPTIONS: Final = (
    "num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict",
)  # fmt: skip


class Residency:
    """The scheduler of a fake Ollama on a card that it may share with others.

    Another model is only sent away for one that does not fit; where nothing of its own is loaded, what does not fit
    goes to the processor and nobody is told. Others on the card are seen only while something is being loaded.
    """

    def __init__(
        self, card: FakeCard, *, clock: Clock, sleep: Sleep, limits: Limits | None = None, pace: Pace | None = None
    ) -> None:
        self.card = card
        self.limits = limits or Limits()
        self.pace = pace or Pace()
        self.runners: dict[str, Runner] = {}
        self.mishaps: deque[Mishap] = deque()
        self.counts = Counts()
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()  # whoever waits for it waits behind the one whose model is being loaded
        self._waiting = 0
        self._changed = asyncio.Event()
        self._timers: set[asyncio.Task[None]] = set()

    async def acquire(self, file: OllamaFile, options: Mapping[str, Any], keep_alive: float | None) -> Runner:
        """The model in memory, in use from now on. Raises Refusal; being cancelled while it loads drops the load."""
        self.expire_due()
        runner = self.runners.get(file.full_name)
        if runner is not None and self._usable(runner, options):
            return self._use(runner, keep_alive)
        if self._waiting >= self.limits.queue:
            raise Refusal(503, BUSY)
        self._waiting += 1
        try:
            async with self._turn:
                return self._use(await self._brought(file, options, keep_alive), keep_alive)
        finally:
            self._waiting -= 1

    def release(self, runner: Runner) -> None:
        """One use of a model has ended; its keep-alive begins with the last one's end."""
        runner.users -= 1
        if runner.users == 0:
            runner.expires = self._clock() + runner.duration
            if runner.duration <= 0:
                self._drop(runner)
            elif not math.isinf(runner.duration):
                self._later(runner)
        self._tell()

    def expire(self, name: str) -> None:
        """Sends a model away as soon as nobody uses it any more."""
        if (runner := self.runners.get(name)) is not None:
            runner.duration = 0.0
            if not runner.users:
                self._drop(runner)

    def expire_all(self) -> None:
        """Sends all models away as soon as nobody uses them, as Ollama does when one ran out of memory."""
        for name in tuple(self.runners):
            self.expire(name)

    def expire_due(self) -> None:
        """Sends away whose keep-alive is over."""
        now = self._clock()
        for runner in tuple(self.runners.values()):
            if not runner.users and runner.expires <= now:
                self._drop(runner)

    def context_of(self, file: OllamaFile, options: Mapping[str, Any]) -> int:
        """The context that a model is loaded with, never more than it was made for."""
        asked = options.get("num_ctx") or self.limits.context or default_context(self.card.total)
        return min(int(asked), file.context)

    def strike(self, place: str) -> Mishap | None:
        """The next mishap, where it is one for this place."""
        return self.mishaps.popleft() if self.mishaps and self.mishaps[0].place == place else None

    async def close(self) -> None:
        """Ends what goes on, and gives all memory back."""
        for timer in tuple(self._timers):
            timer.cancel()
        await asyncio.gather(*self._timers, return_exceptions=True)
        for runner in tuple(self.runners.values()):
            self._drop(runner)

    def _usable(self, runner: Runner, options: Mapping[str, Any]) -> bool:
        """Whether a model need not be reloaded: automatic layers, contexts and batches never ask for that."""
        if runner.loading:
            return False
        for name in (*LOAD_OPTIONS, "shift"):
            asked, has = options.get(name), runner.options.get(name)
            if name == "num_ctx":
                asked, has = asked and self.context_of(runner.file, options), runner.context
            automatic = asked is None or (name == "num_gpu" and asked < 0)
            if asked != has and not (automatic and name in {"num_ctx", "num_batch", "num_gpu"}):
                return False
        return True

    def _use(self, runner: Runner, keep_alive: float | None) -> Runner:
        runner.users += 1
        runner.expires = math.inf
        if keep_alive is not None:
            runner.duration = keep_alive
        return runner

    async def _brought(self, file: OllamaFile, options: Mapping[str, Any], keep_alive: float | None) -> Runner:
        """The model loaded with these options; others go where it does not fit."""
        parallel = 1 if "embedding" in file.abilities else self.limits.parallel
        predicted = file.predicted(self.context_of(file, options), parallel, options.get("num_batch") or 512)
        tried = False
        while True:
            runner = self.runners.get(file.full_name)
            if runner is not None and self._usable(runner, options):
                return runner
            if runner is not None:
                self.counts.reloads += 1
                await self._evict(runner)
            elif self.runners and (len(self.runners) >= self.limits.loaded or predicted > FULL * self._free()):
                await self._evict(self._victim())
            else:
                try:
                    return await self._loaded(file, options, keep_alive, predicted=predicted, parallel=parallel)
                except CardOutOfMemory:
                    if tried:
                        raise struck(Mishap("load_oom")) from None
                    tried = True
                    while self.runners:
                        await self._evict(self._victim())

    def _victim(self) -> Runner:
        """Who goes next: the first idle one by keep-alive and then by name; without one, the first of all."""
        ordered = sorted(self.runners.values(), key=lambda it: (it.duration, it.file.full_name))
        return next((it for it in ordered if not it.users), ordered[0])

    async def _evict(self, runner: Runner) -> None:
        """Sends a model away and waits until its memory is back, but not for ever."""
        self.counts.evictions += 1
        self.counts.evicted.append(runner.file.full_name)
        owner, before = owner_of(runner.file), self.card.free
        runner.duration = 0.0
        while runner.users:
            self._changed.clear()
            await self._changed.wait()
        self._drop(runner)
        wanted = before + RECOVERED * runner.on_card
        waited = 0.0
        while self.card.held_by(owner) and self.card.free < wanted and waited < RECOVERY_SECONDS:
            await self._sleep(RECOVERY_STEP)
            waited += RECOVERY_STEP

    async def _loaded(
        self,
        file: OllamaFile,
        options: Mapping[str, Any],
        keep_alive: float | None,
        *,
        predicted: int,
        parallel: int,
    ) -> Runner:
        """Loads a model, which takes its time. Raises CardOutOfMemory, Refusal."""
        context = self.context_of(file, options)
        size = file.taken(context, parallel)
        room = Room(self.card.free, self.limits.around, self.limits.target)
        on_card = room.placed(file, size, options.get("num_gpu"))
        duration = self.limits.keep_alive if keep_alive is None else keep_alive
        slots = asyncio.Semaphore(parallel)
        runner = Runner(file, dict(options), context, size, on_card, predicted, duration, slots, users=1)
        self.counts.loads += 1
        if on_card:
            runner.held = self.card.take(owner_of(file), on_card + self.limits.around)
        self.runners[file.full_name] = runner
        began = self._clock()
        try:
            await self._pass(self.pace.start + size / self.pace.load)
            self._strike_load()
        except BaseException as error:
            self.counts.aborted += isinstance(error, asyncio.CancelledError)
            runner.users = 0
            self._drop(runner)
            raise
        runner.load_seconds = self._clock() - began
        runner.loading = False
        self.counts.spills += 0 < on_card < size or (on_card == 0 and options.get("num_gpu") != 0)
        runner.users = 0  # whoever asked for it uses it next, before anybody else can
        return runner

    def _strike_load(self) -> None:
        """Raises the mishap that strikes loads, if there is one."""
        if (mishap := self.strike("load")) is not None:
            raise CardOutOfMemory if mishap.kind == "load_oom" else struck(mishap)

    async def _pass(self, seconds: float) -> None:
        if seconds > 0:
            await self._sleep(seconds)

    def _free(self) -> float:
        """What Ollama takes for free: what the driver says, and no more than its own reckoning leaves."""
        return min(self.card.free, self.card.total - sum(it.predicted for it in self.runners.values()))

    def _drop(self, runner: Runner) -> None:
        """Takes a model off the list at once; its memory comes back later."""
        if self.runners.get(runner.file.full_name) is runner:
            del self.runners[runner.file.full_name]
        if runner.held is not None:
            self.card.give_back(runner.held, after=self.pace.release)
            runner.held = None
        self._tell()

    def _later(self, runner: Runner) -> None:
        async def end() -> None:
            await self._sleep(runner.duration)
            self.expire_due()

        timer = asyncio.get_running_loop().create_task(end())
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)

    def _tell(self) -> None:
        self._changed.set()
