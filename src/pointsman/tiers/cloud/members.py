"""Who is asked in the cloud stage: members about the category, sensors about what else is worth knowing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from pointsman.core.decision import Abstain, Answer, Signal, Verdict
from pointsman.core.errors import PointsmanError
from pointsman.core.message import Message
from pointsman.tiers.cascade import Tier

# How long a member whose times nobody knows is waited for before another one is asked beside it, in seconds.
UNKNOWN_P95: Final = 1.0

P95 = Callable[[], Awaitable[float | None]]
"""How many seconds somebody's answers take 19 times in 20; None when that is not known. Raises PointsmanError."""


@dataclass(frozen=True, slots=True)
class Member:
    """A tier that asks one service; `local` when the service runs on this machine, so that what it is told stays.

    With `at_home` it is in the house, if on another machine.
    """

    name: str
    tier: Tier
    local: bool = False
    p95: P95 | None = None
    at_home: bool = False

    async def say(self, message: Message) -> Verdict:
        """What the service says of a message. Raises what its tier raises."""
        verdict = self.tier.judge(message)
        return verdict if isinstance(verdict, Answer | Abstain) else await verdict

    async def patience(self) -> float:
        """How many seconds to wait before another member is asked as well."""
        try:
            known = await self.p95() if self.p95 else None
        except PointsmanError:
            known = None  # the times are only looked up, and asking goes on without them
        return UNKNOWN_P95 if known is None else known


class Sensor(Protocol):
    """Marks messages that are sent to the cloud anyway, such as with how likely they try to steer the router."""

    name: str

    async def sense(self, text: str) -> Signal | None:
        """What it noticed; None when that is nothing. Raises ServiceFailed."""
        ...
