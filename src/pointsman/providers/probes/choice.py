"""Which sensor is asked: the one that was chosen, or the first that sees a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Reading
from pointsman.providers.probes.amd import AmdProbe
from pointsman.providers.probes.cached import FRESH, STALE, CachedProbe
from pointsman.providers.probes.comfyui import Close, ComfyProbe, Fetch
from pointsman.providers.probes.memory import MemoryProbe
from pointsman.providers.probes.nvml import NvmlProbe
from pointsman.providers.probes.static import NO_BUDGET, StaticProbe
from pointsman.providers.probes.trouble import Sensor, Trouble

Kind = Literal["auto", "nvml", "amd", "comfyui", "static"]
UNNAMED = Trouble("no ComfyUI is named whose card could be read", "set its address, or another gpu.probe")


class FirstThatSees:
    """Asks sensors in their order, until one has seen a card: from then on that one alone.

    A sensor that saw a card and then goes blind has not made the card empty: a budget that nobody measures must
    not take its place, and neither must another sensor, which may call the cards by other names.
    """

    def __init__(self, sensors: Sequence[Sensor], last: Sensor) -> None:
        self._sensors = tuple(sensors)
        self._last = last
        self._chosen: Sensor | None = None
        self.source = last.source

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing is seen; where a card is, why not all of it."""
        if self._chosen is not None:
            return self._chosen.trouble
        found = [it.trouble for it in self._sensors if it.trouble is not None]
        curable = next((it for it in found if it.cure), None)
        last = self._last.trouble
        if curable is not None or last is None:
            return curable
        return Trouble("; ".join(it.what for it in (*found, last)), last.cure)

    async def sample(self) -> Sequence[Reading]:
        """The readings of the sensor in use."""
        if self._chosen is not None:
            return await self._chosen.sample()
        for sensor in self._sensors:
            if found := await sensor.sample():
                self._chosen, self.source = sensor, sensor.source
                return found
        if self._curable and self._last.source == MemoryProbe.source:
            return ()  # there is a card, and something keeps it from being read
        return await self._last.sample()

    @property
    def _curable(self) -> Trouble | None:
        """What is wrong with a driver that is there; a ComfyUI that does not answer says nothing of a card."""
        drivers = [it for it in self._sensors if it.source != ComfyProbe.source]
        return next((it.trouble for it in drivers if it.trouble is not None and it.trouble.cure), None)

    async def close(self) -> None:
        """Closes all of them."""
        for sensor in (*self._sensors, self._last):
            await sensor.close()


def open_sensor(
    kind: Kind,
    *,
    clock: Clock,
    budgets: Mapping[str, int] | None = None,
    comfyui: Fetch | None = None,
    close_comfyui: Close | None = None,
    library: Any = None,
    root: Path = Path("/"),
    serves: Callable[[str], bool] = lambda _device: True,
    fresh: float = FRESH,
    stale: float = STALE,
) -> CachedProbe:
    """The sensor of that kind, its readings kept for `fresh` seconds and forgotten after `stale`.

    With auto and no card, a budget counts, and without one the computer's own memory: models run in it then.
    `budgets` are bytes by device, for where nothing can be measured; `comfyui` fetches the /system_stats of a remote
    box, and `close_comfyui` closes what it fetches with. `library` stands in for pynvml, and `root` is the top of the
    file system. Devices that `serves` refuses are left out.
    """
    static = StaticProbe(budgets or {}, clock=clock)
    nvml, amd = NvmlProbe(clock=clock, library=library), AmdProbe(clock=clock, root=root)
    remote = [ComfyProbe(comfyui, clock=clock, close=close_comfyui)] if comfyui else []
    chosen: Sensor
    match kind:
        case "auto":
            chosen = FirstThatSees([nvml, amd, *remote], static if budgets else MemoryProbe(clock=clock, root=root))
        case "nvml":
            chosen = nvml
        case "amd":
            chosen = amd
        case "comfyui":
            chosen = remote[0] if remote else Blind(UNNAMED)
        case "static":
            chosen = static if budgets else Blind(NO_BUDGET)
    return CachedProbe(chosen, clock=clock, serves=serves, fresh=fresh, stale=stale)


class Blind:
    """Sees nothing, and says why."""

    source = "none"

    def __init__(self, trouble: Trouble) -> None:
        self.trouble: Trouble | None = trouble

    async def sample(self) -> Sequence[Reading]:
        """Nothing."""
        return ()

    async def close(self) -> None:
        """Nothing is open."""
