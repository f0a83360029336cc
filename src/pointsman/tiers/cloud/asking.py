"""Asks the members about one message: in order, side by side where one is slow, and never past the deadline."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Final

from pointsman.core.deadline import seconds_left
from pointsman.core.decision import Answer, Signal, Verdict
from pointsman.core.errors import PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.tiers.cloud.members import Member, Sensor
from pointsman.tiers.cloud.opinions import Opinions

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

# With less than this left nobody is asked any more: a call over the network takes longer, and would only cost.
LEAST_SECONDS: Final = 0.05
# For so long a verdict waits for sensors that are not done; they only mark, and most answer as fast as members do.
SENSING_SECONDS: Final = 0.25
# Of more than two at once the third would spend quota for hardly any time.
SIDE_BY_SIDE: Final = 2


@dataclass(frozen=True, slots=True)
class Patience:
    """How time is told and waited for, and whether a slow member gets company (`hedge`)."""

    clock: Clock
    sleep: Sleep
    hedge: bool


class Asking:
    """One message's way through the members; what is still going on when it ends is cancelled, and not waited for.

    `own` is what members on this machine see, `sent` what the others do. Tasks that were let go are kept in `let_go`
    until they have ended, as nobody else holds them.
    """

    def __init__(
        self,
        members: Sequence[Member],
        sensors: Sequence[Sensor],
        opinions: Opinions,
        patience: Patience,
        *,
        own: Message,
        sent: Message,
        let_go: set[asyncio.Task[Any]],
    ) -> None:
        self._waiting = deque(members)
        self._sensors = sensors
        self._opinions = opinions
        self._patience = patience
        self._own = own
        self._sent = sent
        self._let_go = let_go
        self._started: list[asyncio.Task[Any]] = []
        self._running: dict[asyncio.Task[Verdict], Member] = {}
        self._asked_at: dict[asyncio.Task[Verdict], float] = {}
        self._sensing: dict[asyncio.Task[Signal | None], Sensor] = {}
        # When the one of those being asked who was asked first is slow: done when they are.
        self._slow: asyncio.Task[None] | None = None
        self._timed: asyncio.Task[Verdict] | None = None

    async def verdict(self) -> tuple[Verdict, tuple[Signal, ...]]:
        """The first sure answer, or an abstention with all that was said; and what the sensors noticed."""
        seconds = seconds_left(self._patience.clock)
        try:
            alarm = self._start(self._pause(seconds))
            return await self._first_sure(alarm, seconds), await self._noticed(alarm)
        finally:
            self._let_all_go()
            await asyncio.sleep(0)  # whoever was cancelled hears of it now, and most have ended by then

    async def _first_sure(self, alarm: asyncio.Task[None], seconds: float) -> Verdict:
        self._ask_next()
        while self._running:
            timers = {alarm} if self._slow is None or self._slow.done() else {alarm, self._slow}
            await asyncio.wait({*self._running, *timers}, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in self._running if task.done()]:
                unheard = [f"{self._running[one].name}: no answer yet" for one in self._before(task)]
                settled = self._settled(task, self._running.pop(task), unheard)
                if settled is not None:
                    return settled
            if alarm.done():
                for member in self._running.values():
                    self._opinions.note(f"{member.name}: no answer within {seconds:.2g} s")
                break
            self._ask_next()
        return self._opinions.conclusion()

    def _ask_next(self) -> None:
        """Asks the next member when nobody is being asked, or beside a slow one."""
        if self._slow and self._timed not in self._running:
            self._slow.cancel()
            self._slow = None  # whoever was slow is done, which says nothing about the others
        at_once = SIDE_BY_SIDE if self._slow and self._slow.done() else 1
        while self._waiting and len(self._running) < at_once:
            if seconds_left(self._patience.clock) < LEAST_SECONDS:
                self._opinions.note(f"no time left for {', '.join(member.name for member in self._waiting)}")
                self._waiting.clear()
                return
            member = self._waiting.popleft()
            if not member.local:
                self._start_sensing()
            task = self._start(member.say(self._own if member.local else self._sent))
            self._running[task] = member
            self._asked_at[task] = self._patience.clock()
        if self._patience.hedge and self._slow is None and self._waiting:
            self._timed, member = next(iter(self._running.items()))
            self._slow = self._start(self._until_slow(member, self._asked_at[self._timed]))

    async def _until_slow(self, member: Member, asked_at: float) -> None:
        slow_at = asked_at + await member.patience()
        await self._pause(max(0.0, slow_at - self._patience.clock()))

    async def _pause(self, seconds: float) -> None:
        await self._patience.sleep(seconds)

    def _before(self, task: asyncio.Task[Verdict]) -> list[asyncio.Task[Verdict]]:
        """Those asked before somebody who is done that are not."""
        return [one for one in takewhile(lambda one: one is not task, self._running) if not one.done()]

    def _settled(self, task: asyncio.Task[Verdict], member: Member, unheard: Sequence[str]) -> Verdict | None:
        """What a member's end decides, those `unheard` told in its reason; None when somebody else is to be asked."""
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            said = task.result()
            if isinstance(said, Answer):
                sure = self._opinions.weigh(member.name, said)
                return sure and replace(sure, reason="; ".join([*unheard, sure.reason]))
            self._opinions.note(named(member, said.reason))
            return None
        self._opinions.note(complaint(member, error))
        # Where only its address or its account is wrong, the others are not concerned.
        if isinstance(error, ServiceFailed) and not error.treatment.failover and error.scope != "service":
            return self._opinions.conclusion()  # the others would be asked the same, and refuse it too
        if not isinstance(error, PointsmanError | TimeoutError | asyncio.CancelledError):
            told(f"the member {member.name}", error)
        return None

    def _start_sensing(self) -> None:
        if not self._sensing:
            self._sensing = {self._start(sensor.sense(self._sent.text)): sensor for sensor in self._sensors}

    async def _noticed(self, alarm: asyncio.Task[None]) -> tuple[Signal, ...]:
        """What the sensors noticed; one that failed or is late noticed nothing."""
        pause: asyncio.Task[None] | None = None
        while pending := {task for task in self._sensing if not task.done()}:
            pause = pause or self._start(self._pause(SENSING_SECONDS))
            if alarm.done() or pause.done():
                break
            await asyncio.wait({*pending, alarm, pause}, return_when=asyncio.FIRST_COMPLETED)
        found: list[Signal] = []
        for task, sensor in self._sensing.items():
            if not task.done() or task.cancelled():
                continue
            error = task.exception()
            if error is None:
                found += [signal] if (signal := task.result()) else []
            elif not isinstance(error, PointsmanError | TimeoutError):
                told(f"the sensor {sensor.name}", error)
        return tuple(found)

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._started.append(task)
        return task

    def _let_all_go(self) -> None:
        for task in self._started:
            if not task.done():
                task.cancel()
            self._let_go.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._let_go.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, or asyncio complains that nobody did


def named(member: Member, reason: str) -> str:
    """A reason with who gave it, unless it begins with that."""
    return reason if reason.startswith(member.name) else f"{member.name}: {reason}"


def complaint(member: Member, error: BaseException) -> str:
    """What went wrong with a member, in the words of the reason; an unforeseen error could quote the message."""
    match error:
        case PointsmanError():
            return named(member, error.message)
        case TimeoutError():
            return f"{member.name}: took too long"
        case asyncio.CancelledError():
            return f"{member.name}: broke off"
    return f"{member.name}: an unforeseen {type(error).__name__}"


def told(who: str, error: BaseException) -> None:
    """Logs a bug by its places, as what an error says may quote the message."""
    places = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s failed with %s:\n%s", who, type(error).__name__, places)
