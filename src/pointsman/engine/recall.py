"""What a router remembers and learns: decisions, what became of them, and corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision
from pointsman.core.happening import Happening, Taught, Watcher
from pointsman.core.record import Row
from pointsman.core.reply import ToolUse
from pointsman.engine.asked import Standing
from pointsman.engine.parts import InForce
from pointsman.engine.watching import Watchers


class Recall:
    """The part of a router that looks back, and learns."""

    _force: InForce
    _watchers: Watchers

    def watch(self, watcher: Watcher, *kinds: type[Happening]) -> Callable[[], None]:
        """Tells somebody of what happens here from now on, of these kinds alone where some are named.

        What is returned ends that.
        """
        return self._watchers.add(watcher, kinds)

    async def find(self, decision_id: str = "") -> Decision:
        """A recorded decision by its id or the beginning of it; the latest when empty. Raises UnknownDecision."""
        with self._force.use() as parts:
            return await parts.log.find(decision_id)

    async def recent(self, limit: int = 50) -> Sequence[Row]:
        """The latest decisions with what became of them, newest first. Raises StoreError."""
        with self._force.use() as parts:
            return await parts.log.recent(limit)

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to a decision, by its whole id. Raises StoreError."""
        with self._force.use() as parts:
            return await parts.log.uses(decision_id)

    async def services(self) -> Sequence[Standing]:
        """How the services stand that are asked what a message wants, in their order; none where none is set up."""
        with self._force.use() as parts:
            return await parts.services.statuses() if parts.services is not None else ()

    async def correct(self, decision_id: str, category: str, *, text: str = "", surface: str = "python") -> Correction:
        """Teaches that a decision's message, and near repeats of it, are of a category; the next decision knows.

        The text of the message is kept until the correction is undone. Give it as `text` where the
        store keeps none. Raises BadField, InvalidInput without a text, UnknownDecision, StoreError.
        """
        with self._force.use() as parts:
            made = await parts.teaching.correct(category, decision_id=decision_id, text=text, surface=surface)
        return self._told(made)

    async def teach(self, text: str, category: str, *, surface: str = "python") -> Correction:
        """The same for a text without a decision. Raises BadField, StoreError."""
        with self._force.use() as parts:
            return self._told(await parts.teaching.correct(category, text=text, surface=surface))

    async def undo(self, which: str = "") -> Correction:
        """Takes back a correction, by its id or its decision's; the latest when empty. Raises UnknownCorrection."""
        with self._force.use() as parts:
            return self._told(await parts.teaching.undo(which), undone=True)

    async def preview(self, category: str, *, decision_id: str = "", text: str = "") -> Preview:
        """What a correction would change among the last 200 decisions, and contradict. Raises what `correct` does."""
        with self._force.use() as parts:
            return await parts.teaching.preview(category, decision_id=decision_id, text=text)

    async def preview_undo(self, which: str = "") -> Preview:
        """What `undo` would change among the last 200 decisions. Raises UnknownCorrection, StoreError."""
        with self._force.use() as parts:
            return await parts.teaching.preview_undo(which)

    async def corrections(self) -> list[Correction]:
        """Every correction in the order in which they were made; those that were undone without their texts."""
        with self._force.use() as parts:
            return await parts.teaching.corrections()

    def _told(self, correction: Correction, *, undone: bool = False) -> Correction:
        self._watchers.tell(Taught(correction, undone))
        return correction
