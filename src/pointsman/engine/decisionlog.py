"""Where decisions go: what a router needs of the store."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.record import Row
from pointsman.core.reply import Done, Failed, ToolUse
from pointsman.engine.teaching import CorrectionLog


class DecisionLog(CorrectionLog, Protocol):
    """Where decisions, what became of them, and corrections are kept."""

    async def record(self, decision: Decision, message: Message) -> None:
        """Keeps a decision; it is safe when this returns. Raises StoreError."""
        ...

    async def note(self, decision: Decision, message: Message) -> None:
        """Takes a decision, which every later look sees; it is safe in a moment, and what fails then is logged.

        Raises StoreError.
        """
        ...

    async def record_many(self, made: Sequence[tuple[Decision, Message]]) -> None:
        """Keeps several decisions at once."""
        ...

    def finish(self, decision_id: str, outcome: Done | Failed) -> Awaitable[None]:
        """Takes what became of a decision, which every later look sees; it is safe when the result is there."""
        ...

    async def find(self, decision_id: str = "") -> Decision:
        """The decision whose id begins so, or the latest. Raises UnknownDecision."""
        ...

    async def recent(self, limit: int = 50) -> Sequence[Row]:
        """The latest decisions, newest first."""
        ...

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to a decision, by its whole id."""
        ...

    async def close(self) -> None:
        """Lets go of files."""
        ...
