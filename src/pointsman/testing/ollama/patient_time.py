"""A stepped clock for tests that speak over sockets: what is on its way arrives before the time goes on."""

from __future__ import annotations

import asyncio
from typing import Final

from pointsman.testing.stepped_time import SteppedTime

# A request over a new connection of loopback and its answer take some 40 turns of the event loop.
TURNS: Final = 250


class PatientTime(SteppedTime):
    """As `SteppedTime`, but it settles only when requests under way on loopback have been answered."""

    async def settle(self) -> None:
        """Lets everything happen that can without the time going on."""
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def go_on(self, seconds: float) -> None:
        """Moves the time on by so many seconds, from one who waits for it to the next."""
        end = self.now + seconds
        await self.settle()
        while due := [at for at, future in self._sleepers if not future.done() and at <= end]:
            self.now = max(self.now, min(due))
            for at, future in self._sleepers:
                if at <= self.now and not future.done():
                    future.set_result(None)
            self._sleepers = [sleeper for sleeper in self._sleepers if not sleeper[1].done()]
            await self.settle()
        self.now = end
