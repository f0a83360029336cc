"""How often a message is edited: at most once in a time, always to what is newest, and to the last of all."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

from pointsman.core.ports import Clock

State = TypeVar("State")


class Throttle(Generic[State]):
    """When one message may be edited, and to what. `every` seconds lie between two edits; `clock` gives seconds.

    `put` what the message should be, whenever that changes; `take` it when `wait` says 0, write it, and say how that
    went: `wrote` or `failed`. Until then nothing else is given out, so that no write overtakes another. What was put
    between two edits is replaced by what is put later, and only the last is ever written.
    """

    def __init__(self, every: float, clock: Clock) -> None:
        self._every = every
        self._clock = clock
        self._next = -math.inf
        self._wanted: list[State] = []
        self._writing: list[State] = []
        self._written: list[State] = []

    def put(self, state: State) -> None:
        """Says what the message should be; what it is already, or is being made, is not written again."""
        current = self._writing or self._written
        self._wanted = [] if current == [state] else [state]

    def wait(self) -> float | None:
        """In how many seconds there is something to write; None while there is nothing, or something is written."""
        if self._writing or not self._wanted:
            return None
        return max(0.0, self._next - self._clock())

    def take(self) -> State | None:
        """What is to be written now; None where nothing is, or it is too soon."""
        if self.wait() != 0.0:
            return None
        self._writing, self._wanted = self._wanted, []
        self._next = self._clock() + self._every
        return self._writing[0]

    def wrote(self) -> None:
        """Says that what was taken is written."""
        self._written, self._writing = self._writing, []

    def failed(self, retry_after: float = 0.0) -> None:
        """Says that what was taken is not written: it is to be, in `retry_after` seconds, unless there is newer."""
        self._wanted, self._writing = self._wanted or self._writing, []
        self._next = max(self._next, self._clock() + retry_after)

    def later(self, seconds: float) -> None:
        """Lets nothing be written for so long, as Discord said of the channel."""
        self._next = max(self._next, self._clock() + seconds)
