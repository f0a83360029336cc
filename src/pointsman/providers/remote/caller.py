"""Calls one service: minds circuits, quota and deadline, tries once more where that helps, then the next model."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from pointsman.core.deadline import NEVER, seconds_left
from pointsman.core.faults import FaultKind, Scope, ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers.remote.account import Account, Answered, Dropped, Faulted, Outcome, Permit, Terms
from pointsman.providers.remote.asking import Ask, Called, Metered, Service
from pointsman.providers.remote.circuit import Recovery
from pointsman.providers.remote.complaints import Complaints
from pointsman.providers.remote.ledger import Ledger, Shelf
from pointsman.providers.remote.meters import Limit
from pointsman.providers.remote.status import ServiceStatus, status_of
from pointsman.providers.remote.wire import Reply, Request

logger = logging.getLogger("pointsman.providers")

T = TypeVar("T")

# Before a second try: long enough for a hiccup to pass, short enough to fit into a deadline of 2 s.
JITTER: Final = (0.25, 0.5)
# After a stated wait: those who were told the same do not come back at the same moment.
STATED_JITTER: Final = (0.02, 0.25)
# No answer from outside comes sooner: a second try that has less time left is not worth its cost.
QUICKEST: Final = 0.2
# With less than this nothing is sent at all.
SOON: Final = 0.01

# What reading an answer of an unforeseen shape runs into.
MISREAD: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


class Sender(Protocol):
    """Sends requests: `wire.Wire`."""

    async def send(self, request: Request, seconds: float) -> Reply:
        """The answer, whatever its status. Raises ServiceFailed when there is none within the seconds."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Good(Generic[T]):
    """What a call brought."""

    value: T


@dataclass(frozen=True, slots=True)
class Bad:
    """What went wrong; the model's circuit is open for `rest` seconds."""

    fault: ServiceFailed
    rest: float = 0.0


class Caller:
    """Calls one service on behalf of everybody in this process, and in agreement with other processes.

    `models` are asked in their order; `limits` are what the service allows, and `recovery` how its quota comes back.
    `credential_digest` stands for the key and the address, which are not kept: whatever calls the same service gives
    the same one. `clock` gives seconds from any start and is the deadline's; `now` seconds since the epoch.
    `patience` is how many seconds a call may take, and a wait be, where no deadline is set.
    """

    def __init__(
        self,
        service: Service,
        wire: Sender,
        shelf: Shelf,
        *,
        models: Sequence[str],
        limits: Sequence[Limit] = (),
        credential_digest: str = "",
        recovery: Recovery = "stated",
        clock: Clock = time.monotonic,
        now: Clock = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: random.Random | None = None,
        patience: float = 10.0,
    ) -> None:
        self.service = service
        self.models = tuple(models)
        self._wire = wire
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._chance = chance or random.Random()
        self._patience = patience
        terms = Terms(service.name, tuple(limits), recovery, credential_digest)
        self._ledger = Ledger(shelf, terms, now=now)
        self._ending: set[asyncio.Task[Any]] = set()
        self._complaints = Complaints(clock)

    async def call(self, ask: Callable[[str], Ask[T]], models: Sequence[str] = ()) -> Called[T]:
        """What the first of the models that can answers; without `models`, those that it was made with.

        `ask` makes the call for one model. Raises ServiceFailed: of the last model that was tried.
        """
        began = self._clock()
        failed: ServiceFailed | None = None
        gone = False
        for model in models or self.models:
            if failed and self._left < SOON:
                break
            try:
                value = await self._patiently(ask(model), model)
            except ServiceFailed as fault:
                failed = fault
                gone |= fault.kind == "model_gone" and fault.asked
                # What holds for the whole service holds for its next model; that a key may not use one model does not.
                if fault.scope == "service" or not (fault.treatment.next_model or fault.kind == "auth"):
                    break
            else:
                self._complaints.mourned = False
                return Called(value, model, self._clock() - began)
        if gone and not self._complaints.mourned:
            self._complaints.mourn(await self.status(), self.models)
        raise failed or self._fault("bad_request", "no model of it is configured", "", asked=False)

    async def status(self) -> ServiceStatus:
        """How the service stands: what is left in calls, circuits, counts, times."""
        return status_of(await self._account(), self.models, self._now())

    async def p95(self, model: str = "") -> float | None:
        """The seconds within which 19 of 20 of a model's latest answers came; None when there were too few.

        Without `model`, the first one's.
        """
        model = model or (self.models[0] if self.models else "")
        tally = (await self._account()).tallies.get(model)
        return tally.percentile(0.95) if tally else None

    async def forgive(self, served: Collection[str]) -> None:
        """Lets a service be asked again whose key was refused, and models that are `served` again.

        For whoever has just seen that it lets us in; without that, a refused key stays refused until it is changed.
        """
        await self._started(self._ledger.forgive(served))

    async def close(self) -> None:
        """Ends what is being written down, and closes the connections; the shelf is its owner's to close."""
        while self._ending:
            await asyncio.gather(*self._ending, return_exceptions=True)
        await self._wire.close()

    @property
    def _left(self) -> float:
        left = seconds_left(self._clock)
        return self._patience if left == NEVER else left

    async def _patiently(self, ask: Ask[T], model: str) -> T:
        """One call, and a second one where the fault, the circuit and the time that is left allow it."""
        first = await self._once(ask, model)
        if isinstance(first, Good):
            return first.value
        pause = self._pause(first)
        if pause is None:
            raise self._complaints.about(first.fault)
        await self._sleep(pause)
        second = await self._once(ask, model)
        if isinstance(second, Good):
            return second.value
        # That it was not asked again, because others failed meanwhile, says less than what it answered.
        raise self._complaints.about(second.fault if second.fault.asked else first.fault)

    def _pause(self, tried: Bad) -> float | None:
        """The seconds to wait before a second try; None when there should be none."""
        fault = tried.fault
        if not fault.retry:
            return None
        if fault.wait is None:
            pause = self._chance.uniform(*JITTER)
        elif fault.asked or seconds_left(self._clock) == NEVER:
            pause = fault.wait + self._chance.uniform(*STATED_JITTER)
        else:
            # Somebody is waiting, and nothing was lost by asking: another model or service answers sooner.
            return None
        return pause if pause >= tried.rest and pause + QUICKEST <= self._left else None

    async def _once(self, ask: Ask[T], model: str) -> Good[T] | Bad:
        given = self._left
        if given < SOON:
            return Bad(self._fault("server", "no time is left to ask it", model, retry=False, asked=False))
        try:
            permit = await self._admitted(ask, model)
        except ServiceFailed as refusal:
            return Bad(refusal)
        began = self._clock()
        try:
            got, outcome = await self._sent(ask, model, given)
        except BaseException as error:
            # Whatever was sent counts as spent. A hedge that lost is cancelled before the deadline, and says nothing
            # about the service; one that was still waiting at the deadline was too slow.
            late = isinstance(error, asyncio.CancelledError) and seconds_left(self._clock) < SOON
            fault = self._fault("server", "no answer before the deadline", model)
            waited = self._clock() - began
            await self._settled(permit, Faulted(fault, within=waited) if late else Dropped())
            raise
        if isinstance(got, ServiceFailed):
            return Bad(got, await self._settled(permit, outcome))
        # The message does not wait for the books. What the call had reserved stays reserved until they are written,
        # and whoever is to be let pass next comes after them: an account is changed by one at a time, in order.
        self._started(self._written(permit, outcome))
        return Good(got)

    async def _sent(self, ask: Ask[T], model: str, given: float) -> tuple[T | ServiceFailed, Outcome]:
        began = self._clock()
        try:
            reply = await self._wire.send(ask.request, given)
        except ServiceFailed as fault:
            fault.model = fault.model or model
            if not fault.asked:
                return fault, Dropped(sent=False)
            waited = self._clock() - began
            # One that failed by itself did so before its time was up.
            return fault, Faulted(fault, within=waited if waited >= given - SOON else None)
        seconds = self._clock() - began
        metered = Metered()
        try:
            metered = self.service.metered(reply)
            failed = self.service.fault_of(reply, model)
            if failed is None:
                return ask.read(reply), Answered(metered, seconds)
        except ServiceFailed as error:
            failed = error
        except MISREAD as error:
            failed = self._fault("malformed", f"its answer cannot be read ({type(error).__name__})", model, "model")
        failed.model = failed.model or model
        return failed, Faulted(failed, metered)

    async def _admitted(self, ask: Ask[T], model: str) -> Permit:
        admitting = self._started(self._ledger.admit(model, ask.cost))
        try:
            return await asyncio.shield(admitting)
        except asyncio.CancelledError:
            # The store may have let it pass already: what it reserved, or the probe, is given back.
            self._started(self._unsent(admitting))
            raise

    async def _unsent(self, admitting: asyncio.Task[Permit]) -> None:
        with suppress(ServiceFailed):
            await self._ledger.settle(await admitting, Dropped(sent=False))

    async def _settled(self, permit: Permit, outcome: Outcome) -> float:
        # Shielded: a caller who goes away takes no settlement with him.
        return await asyncio.shield(self._started(self._ledger.settle(permit, outcome)))

    async def _written(self, permit: Permit, outcome: Outcome) -> None:
        try:
            await self._ledger.settle(permit, outcome)
        except Exception as error:  # noqa: BLE001 - nobody waits for it, so it has to be said here
            what = type(error).__name__
            logger.error("%s: what a call took could not be written down: %s", self.service.name, what)  # noqa: TRY400 - what it quotes is not for the log

    async def _account(self) -> Account:
        # In a task, so that it comes after what is about to be written.
        return await self._started(self._ledger.account())

    def _started(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task

    def _fault(
        self,
        kind: FaultKind,
        words: str,
        model: str,
        scope: Scope = "service",
        *,
        retry: bool | None = None,
        asked: bool = True,
    ) -> ServiceFailed:
        return ServiceFailed(kind, words, service=self.service.name, model=model, retry=retry, scope=scope, asked=asked)
