"""What the bot asks of Pointsman: a router in this process, or a gateway elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision
from pointsman.core.memories import Full, Kept, Memory, Scope
from pointsman.core.message import Message, Origin
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Event, ToolUse
from pointsman.core.service import Known
from pointsman.engine.agreement import Confirm

__all__ = ["Known", "Service"]


class Service(Protocol):
    """Everything that Pointsman does for the bot. Each raises PointsmanError, with cause and cure."""

    def stream(
        self, message: Message, options: ChatOptions | None = None, *, confirm: Confirm | None = None
    ) -> AsyncGenerator[Event, None]:
        """The whole way of a message: Decided first, then events, ended by exactly one Done or Failed."""
        ...

    async def known(self) -> Known:
        """What can be chosen now."""
        ...

    async def find(self, decision_id: str = "") -> Decision:
        """A recorded decision. Raises UnknownDecision."""
        ...

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to a decision."""
        ...

    async def preview(self, category: str, *, decision_id: str) -> Preview:
        """What a correction would change among the last decisions."""
        ...

    async def correct(self, decision_id: str, category: str, *, text: str = "", surface: str = "") -> Correction:
        """Teaches what a decision should have been."""
        ...

    async def undo(self, which: str) -> Correction:
        """Takes a correction back, by its id or its decision's."""
        ...

    async def card(self) -> Mapping[str, Any]:
        """The card, as GET /v1/gpu tells it."""
        ...

    async def quota(self) -> Sequence[Mapping[str, Any]]:
        """The services that are asked what a message wants, as GET /v1/quota lists them."""
        ...

    async def memories(self, origin: Origin) -> Sequence[Memory]:
        """What the writer of a message asked to be remembered, as far as it may be told on this occasion."""
        ...

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None) -> Kept | Full:
        """Remembers something for the writer."""
        ...

    async def forget(self, ids: Sequence[str], origin: Origin) -> Sequence[Memory]:
        """Forgets memories of the writer's; returns those that were forgotten."""
        ...

    async def export(self, owner: str) -> Mapping[str, Any]:
        """All that is kept of one person (`Origin.owner`)."""
        ...

    async def erase(self, owner: str) -> Mapping[str, Any]:
        """Erases all that `export` gives; returns how much that was: memories, decisions, corrections."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...
