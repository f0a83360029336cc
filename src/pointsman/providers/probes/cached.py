"""A sensor whose readings are kept for a moment, so that everybody who asks at once shares one look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Reading
from pointsman.providers.probes.trouble import Sensor, Trouble

FRESH: Final = 0.2
# Longer than that nobody is told an old reading: a game starts within it. Whoever gates on a reading then has none.
STALE: Final = 5.0


class CachedProbe:
    """Passes a sensor's readings on; those of the last `fresh` seconds are not looked for again.

    When the sensor sees nothing, its last readings, with their old time, are passed on until they are `stale`
    seconds old, and then nothing: no memory is called free because it was free once. Devices that `serves` refuses are
    left out.
    """

    def __init__(
        self,
        sensor: Sensor,
        *,
        clock: Clock,
        serves: Callable[[str], bool] = lambda _device: True,
        fresh: float = FRESH,
        stale: float = STALE,
    ) -> None:
        self._sensor = sensor
        self._clock = clock
        self._serves = serves
        self._fresh = fresh
        self._stale = stale
        self._kept: tuple[Reading, ...] = ()
        self._looking = asyncio.Lock()
        self.source = sensor.source

    @property
    def trouble(self) -> Trouble | None:
        """Why the sensor sees nothing."""
        return self._sensor.trouble

    @property
    def age(self) -> float:
        """Seconds since the readings that are kept were taken; infinite where there are none."""
        return self._clock() - min((it.at for it in self._kept), default=float("-inf"))

    async def sample(self) -> Sequence[Reading]:
        """The readings of now, or of a moment ago."""
        async with self._looking:
            # A clock that was set back makes readings of the future, which are worth nothing either.
            if 0 <= self.age < self._fresh:
                return self._kept
            found = tuple(it for it in await self._sensor.sample() if self._serves(it.device))
            self.source = self._sensor.source
            if found:
                self._kept = found
            elif not 0 <= self.age < self._stale:
                self._kept = ()
            return self._kept

    async def close(self) -> None:
        """Closes the sensor."""
        self._kept = ()
        await self._sensor.close()
