"""The one who looks: at the cards and at the servers, as often as something may change, and not at all otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pointsman.core.errors import PointsmanError
from pointsman.core.ports import Clock
from pointsman.gpu.backend import Backend, Loaded
from pointsman.gpu.calls import Sleep, until, within
from pointsman.gpu.reading import Probe, Reading
from pointsman.gpu.settings import Settings
from pointsman.gpu.sight import Sight
from pointsman.gpu.state import State

# Seconds between two looks at most, while memory moves and while somebody waits.
MOST_MOVING = 0.25
MOST_WAITING = 1.0


class Looker:
    """Takes sights; every call to the probe and to a server ends within `look_limit`.

    `clock` is that of the readings, `now` that of the schedule: they differ when the clock jumps back.
    """

    def __init__(
        self,
        probe: Probe,
        backends: Mapping[str, Backend],
        *,
        clock: Clock,
        now: Clock,
        sleep: Sleep,
        settings: Settings,
    ) -> None:
        self._probe = probe
        self._backends = backends
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._settings = settings
        self._asked_at: dict[str, float] = {}
        self._seen: dict[str, tuple[float, float]] = {}

    async def look(self, state: State, *, busy: bool) -> Sight:
        """One sight. Servers are asked each time while something happens, and now and then otherwise."""
        at, clock = self._now(), self._clock()
        names = [it for it in self._backends if self._due(state, it, at, busy=busy)]
        self._asked_at.update(dict.fromkeys(names, at))
        asked = asyncio.gather(*(self._report(it) for it in names))
        readings = await self._readings()
        reports = await asked
        dated = tuple(self._dated(it, at, clock) for it in readings)
        return Sight(at, dated, dict(zip(names, reports, strict=True)))

    def _dated(self, reading: Reading, at: float, clock: float) -> Reading:
        """A reading in the schedule's time: one that somebody kept is as old as it is, whatever the clock did since."""
        raw, known = self._seen.get(reading.device, (float("nan"), at))
        if reading.at != raw:
            known = at - max(0.0, clock - reading.at)
            self._seen[reading.device] = reading.at, known
        return replace(reading, at=known)

    def _due(self, state: State, name: str, now: float, *, busy: bool) -> bool:
        server = state.servers.get(name)
        if server is not None and now < server.ask_at:
            return False
        return busy or now - self._asked_at.get(name, float("-inf")) >= self._settings.ask_seconds

    async def _readings(self) -> Sequence[Reading]:
        async def sample() -> Sequence[Reading]:
            return await self._probe.sample()

        try:
            return await within(
                self._settings.look_limit, sample(), self._sleep, who=f"the sensor {self._probe.source}"
            )
        except PointsmanError:
            return ()  # the card goes unseen: after a while its budget is all there is

    async def _report(self, name: str) -> Sequence[Loaded] | None:
        async def loaded() -> Sequence[Loaded]:
            return await self._backends[name].loaded()

        try:
            return await within(self._settings.look_limit, loaded(), self._sleep, who=name)
        except PointsmanError:
            return None


def pause(state: State, now: float, asked_at: float, settings: Settings) -> float | None:
    """How long until the next look; None when nobody needs one.

    Deadlines, patience and aging are looked at with each look: whoever waits is not made to wait for a rare one.
    """
    if any(it.phase in {"loading", "releasing"} for it in state.tenants.values()):
        return min(settings.look_moving, settings.look_seconds, MOST_MOVING)
    if state.queue:
        return min(settings.look_seconds, MOST_WAITING)
    if busy(state, now, asked_at, settings) or any(it.phase != "cold" for it in state.tenants.values()):
        return settings.look_seconds
    return settings.look_seconds if now - asked_at < settings.rest_after else None


def busy(state: State, now: float, asked_at: float, settings: Settings) -> bool:
    """Whether something happens: then the servers are asked at every look."""
    moving = any(it.phase in {"loading", "releasing"} for it in state.tenants.values())
    return bool(moving or state.queue or state.grants or state.hints) or now - asked_at < settings.ask_seconds


async def rest(seconds: float | None, hurry: asyncio.Event, sleep: Sleep) -> None:
    """Waits so long, or for ever, and no longer than until somebody is in a hurry."""
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(hurry.wait())]
    if seconds is not None:
        waits.append(asyncio.ensure_future(until(sleep, seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for it in waits:
            it.cancel()
