"""Decisions while the process lives: for a home that cannot be written to, and for --no-store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.core.reply import Done, Failed
from pointsman.stores import LISTED_MATCHES, Outcome, Row, ambiguous, outcome_of, unknown

CAPACITY: Final = 1000


class MemoryStore:
    """The decision log in memory: the last `capacity` decisions. `clock` gives seconds since the epoch."""

    def __init__(self, capacity: int = CAPACITY, *, clock: Clock = time.time) -> None:
        self._capacity = capacity
        self._clock = clock
        self._decided: dict[str, tuple[Decision, Message]] = {}
        self._outcomes: dict[str, Outcome] = {}

    async def record(self, decision: Decision, message: Message) -> None:
        """Keeps a decision, and forgets the oldest one when there are too many."""
        self._decided[decision.id] = (decision, message)
        while len(self._decided) > self._capacity:
            oldest = next(iter(self._decided))
            del self._decided[oldest]
            self._outcomes.pop(oldest, None)

    async def record_many(self, made: Sequence[tuple[Decision, Message]]) -> None:
        """Keeps many decisions."""
        for decision, message in made:
            await self.record(decision, message)

    async def finish(self, decision_id: str, outcome: Done | Failed) -> None:
        """Keeps what became of a decision; nothing when the decision is already forgotten."""
        if decision_id in self._decided:
            self._outcomes[decision_id] = outcome_of(outcome, self._clock())

    async def find(self, decision_id: str = "") -> Decision:
        """A decision by its id or the beginning of it; the latest when empty.

        Raises UnknownDecision, InvalidInput when several begin so.
        """
        prefix = decision_id.removeprefix("#")
        if prefix in self._decided:
            return self._decided[prefix][0]
        if not prefix and self._decided:
            return self._decided[next(reversed(self._decided))][0]
        matches = sorted(found for found in self._decided if prefix and found.startswith(prefix))
        if not matches:
            raise unknown(prefix)
        if len(matches) > 1:
            raise ambiguous(prefix, matches[:LISTED_MATCHES], len(matches))
        return self._decided[matches[0]][0]

    async def recent(self, limit: int = 50) -> list[Row]:
        """The latest decisions, newest first."""
        newest = list(reversed(self._decided.values()))[: max(0, limit)]
        return [
            Row(decision, message.text, message.origin.surface, self._outcomes.get(decision.id))
            for decision, message in newest
        ]

    async def outcome(self, decision_id: str) -> Outcome | None:
        """What became of the decision with that whole id; None while it is open."""
        return self._outcomes.get(decision_id)

    async def close(self) -> None:
        """Nothing to let go of."""
