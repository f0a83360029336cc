"""All that Pointsman does for the bot, by a router in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision
from pointsman.core.memories import Full, Kept, Memory, Scope
from pointsman.core.message import Message, Origin
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Event, ToolUse
from pointsman.core.service import Known, correction_named, decision_named
from pointsman.engine.agreement import Confirm
from pointsman.engine.known import known_of
from pointsman.engine.router import Router
from pointsman.gpu.snapshot import told


class LocalService:
    """A router as a `Service`. Whoever opened the router closes it, as others may use it, too."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def stream(
        self, message: Message, options: ChatOptions | None = None, *, confirm: Confirm | None = None
    ) -> AsyncGenerator[Event, None]:
        """The whole way of a message: Decided first, then events, ended by exactly one Done or Failed."""
        return self._router.stream(message, options, confirm=confirm)

    async def known(self) -> Known:
        """What can be chosen now."""
        return await known_of(self._router)

    async def find(self, decision_id: str = "") -> Decision:
        """A recorded decision, the latest where no id is given. Raises UnknownDecision."""
        return await self._router.find(decision_id)

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to a decision. Raises UnknownDecision."""
        return await self._router.uses((await self._router.find(decision_id)).id)

    async def preview(self, category: str, *, decision_id: str) -> Preview:
        """What a correction would change among the last decisions. Raises what `correct` does."""
        return await self._router.preview(category, decision_id=decision_named(decision_id))

    async def correct(self, decision_id: str, category: str, *, text: str = "", surface: str = "") -> Correction:
        """Teaches what a decision should have been. Raises BadField, InvalidInput, UnknownDecision."""
        return await self._router.correct(
            decision_named(decision_id), category, text=text, surface=surface or "discord"
        )

    async def undo(self, which: str) -> Correction:
        """Takes a correction back, by its id or its decision's. Raises UnknownCorrection."""
        return await self._router.undo(correction_named(which))

    async def card(self) -> Mapping[str, Any]:
        """The card."""
        return told(self._router.card)

    async def quota(self) -> Sequence[Mapping[str, Any]]:
        """The services that are asked what a message wants."""
        return [standing.to_dict() for standing in await self._router.services()]

    async def memories(self, origin: Origin) -> Sequence[Memory]:
        """What the writer of a message asked to be remembered, as far as it may be told on this occasion."""
        return await self._router.memories(origin)

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None) -> Kept | Full:
        """Remembers something for the writer. Raises InvalidInput."""
        return await self._router.remember(text, origin, scope=scope)

    async def forget(self, ids: Sequence[str], origin: Origin) -> Sequence[Memory]:
        """Forgets memories of the writer's; returns those that were forgotten."""
        return await self._router.forget(ids, origin)

    async def export(self, owner: str) -> Mapping[str, Any]:
        """All that is kept of one person (`Origin.owner`). Raises BadField for nobody's name."""
        return await self._router.export(owner)

    async def erase(self, owner: str) -> Mapping[str, Any]:
        """Erases all that `export` gives; returns how much that was: memories, decisions, corrections."""
        return await self._router.erase(owner)

    async def close(self) -> None:
        """Nothing is its own."""
