"""What an account has spent of its neurons: over the last 24 hours, or since a fixed hour of the day."""

from __future__ import annotations

from collections import deque
from typing import Final

from pointsman.core.ports import Clock

DAY: Final = 86_400.0
HOUR: Final = 3_600.0


class Neurons:
    """Counts neurons against an `allowance`; `reset_hour` (UTC) is when a day ends, None for the last 24 hours."""

    def __init__(self, allowance: float, clock: Clock, reset_hour: float | None = None) -> None:
        self.allowance = allowance
        self.reset_hour = reset_hour
        self._clock = clock
        self._spent: deque[tuple[float, float]] = deque()

    @property
    def spent(self) -> float:
        """How many are spent now."""
        now = self._clock()
        since = now - DAY if self.reset_hour is None else now - (now - self.reset_hour * HOUR) % DAY
        while self._spent and (self._spent[0][0] < since or (self.reset_hour is None and self._spent[0][0] == since)):
            self._spent.popleft()
        return sum(neurons for _, neurons in self._spent)

    @property
    def used_up(self) -> bool:
        """Whether no call may be made any more; the call that uses the last neuron may use more than there are."""
        return self.spent >= self.allowance

    def spend(self, neurons: float) -> None:
        """Takes so many."""
        self._spent.append((self._clock(), neurons))
