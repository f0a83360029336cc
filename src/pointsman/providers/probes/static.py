"""A budget that the user gave: nobody looks, so only what Pointsman loads itself is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pointsman.core.ports import Clock
from pointsman.gpu.reading import Reading
from pointsman.providers.probes.trouble import Trouble

NO_BUDGET: Final = Trouble(
    "no budget is set (gpu.budget)", "set gpu.budget to the memory that may be shared out, such as 20GB"
)


class StaticProbe:
    """Says of each device the budget that it was given, in bytes; nothing is measured."""

    source = "static"

    def __init__(self, budgets: Mapping[str, int], *, clock: Clock) -> None:
        self.trouble: Trouble | None = None if budgets else NO_BUDGET
        self._budgets = dict(budgets)
        self._clock = clock

    async def sample(self) -> Sequence[Reading]:
        """A reading of each device, with nothing used; none without a budget."""
        now = self._clock()
        return tuple(Reading(device, total, 0, self.source, now) for device, total in self._budgets.items())

    async def close(self) -> None:
        """Nothing is open."""
