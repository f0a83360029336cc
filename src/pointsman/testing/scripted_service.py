"""Services for tests of the cloud stage: they say what they were told to say, when they were told to."""

from __future__ import annotations

import asyncio

from pointsman.core.deadline import seconds_left
from pointsman.core.decision import Signal, Verdict
from pointsman.core.message import Message
from pointsman.testing.stepped_time import SteppedTime


class ScriptedService:
    """A tier that asks a service: says or raises something after some seconds; None never comes back.

    What it was asked, when, how much time was left then, and whether it was cancelled stays for the test to look at.
    """

    def __init__(self, time: SteppedTime, said: Verdict | BaseException | None, after: float = 0.0) -> None:
        self.name = "scripted"
        self.asked: list[Message] = []
        self.asked_at: list[float] = []
        self.left: list[float] = []
        self.cancelled = False
        self._time = time
        self._said = said
        self._after = after

    async def judge(self, message: Message) -> Verdict:
        """What it was told to say. Raises what it was told to raise."""
        self.asked.append(message)
        self.asked_at.append(self._time.now)
        self.left.append(seconds_left(self._time))
        try:
            while self._said is None:
                await asyncio.Event().wait()
            if self._after:
                await self._time.sleep(self._after)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if isinstance(self._said, BaseException):
            raise self._said
        return self._said


class Stubborn(ScriptedService):
    """A service that does not stop when it is told to, until it is `released`; then it fails."""

    def __init__(self, time: SteppedTime) -> None:
        super().__init__(time, None)
        self.released = asyncio.Event()

    async def judge(self, message: Message) -> Verdict:
        """What it was told to say. Raises what it was told to raise."""
        self.asked.append(message)
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                self.cancelled = True
        raise RuntimeError("too late for anybody")


class ScriptedSensor:
    """A sensor that says or raises something after some seconds; `sensed` are the texts that it was given."""

    def __init__(self, time: SteppedTime, found: Signal | Exception | None, after: float = 0.0) -> None:
        self.name = "marks"
        self.sensed: list[str] = []
        self._time = time
        self._found = found
        self._after = after

    async def sense(self, text: str) -> Signal | None:
        """What it was told to notice. Raises what it was told to raise."""
        self.sensed.append(text)
        if self._after:
            await self._time.sleep(self._after)
        if isinstance(self._found, Exception):
            raise self._found
        return self._found
