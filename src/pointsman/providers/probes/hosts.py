"""The cards of several computers together, each under its computer's name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pointsman.gpu.reading import Reading
from pointsman.providers.probes.trouble import Sensor, Trouble


class HostsProbe:
    """Asks a sensor for each computer; cards elsewhere are called HOST/gpu0, those of this one (host "") gpu0."""

    source = "hosts"

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        self._sensors = dict(sensors)
        self._blind: tuple[str, ...] = tuple(sensors)

    @property
    def trouble(self) -> Trouble | None:
        """What keeps the first of those from seeing a card that saw none last, with the computer's name."""
        for host in self._blind:
            trouble = self._sensors[host].trouble
            if trouble is not None:
                return Trouble(f"{host}: {trouble.what}" if host else trouble.what, trouble.cure)
        return None

    async def sample(self) -> Sequence[Reading]:
        """The readings of all; a computer whose sensor sees nothing has none."""
        found = await asyncio.gather(*(sensor.sample() for sensor in self._sensors.values()))
        self._blind = tuple(host for host, readings in zip(self._sensors, found, strict=True) if not readings)
        return tuple(
            replace(reading, device=device_on(host, reading.device))
            for host, readings in zip(self._sensors, found, strict=True)
            for reading in readings
        )

    async def close(self) -> None:
        """Closes all of them."""
        for sensor in self._sensors.values():
            await sensor.close()


def device_on(host: str, device: str) -> str:
    """What a card of a computer is called."""
    return f"{host}/{device}" if host else device
