"""Decisions while the process lives: for `open_router(store=False)`, and so for `pointsman eval`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.core.reply import Done, Failed, ToolUse
from pointsman.core.toolcodec import without_words
from pointsman.stores import LISTED_MATCHES, Outcome, Row, ambiguous, outcome_of, unknown
from pointsman.stores.corrections import id_of, unknown_correction
from pointsman.stores.privacy import without_text
from pointsman.tiers.learned import same

# A preview of a correction looks at the latest 200; each takes 10 kB with its trace.
CAPACITY: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision with what a list shows of its message; the message itself may hold megabytes."""

    decision: Decision
    text: str | None
    surface: str


class MemoryStore:
    """The decision log in memory: the last `capacity` decisions, without their messages' history and files.

    With `keep_text` false nothing that a message said is kept, as in the store on disk: no text,
    no slots that hold text, no reasons, no server's error. `clock` gives seconds since the epoch.
    """

    def __init__(self, capacity: int = CAPACITY, *, keep_text: bool = True, clock: Clock = time.time) -> None:
        self._capacity = capacity
        self._keep_text = keep_text
        self._clock = clock
        self._decided: dict[str, Kept] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._corrections: dict[str, Correction] = {}
        self._revision = 0

    async def record(self, decision: Decision, message: Message) -> None:
        """Keeps a decision, and forgets the oldest one when there are too many."""
        surface = message.origin.surface
        if self._keep_text:
            self._decided[decision.id] = Kept(decision, message.text, surface)
        else:
            self._decided[decision.id] = Kept(without_text(decision), None, surface)
        while len(self._decided) > self._capacity:
            oldest = next(iter(self._decided))
            del self._decided[oldest]
            self._outcomes.pop(oldest, None)

    async def note(self, decision: Decision, message: Message) -> None:
        """The same."""
        await self.record(decision, message)

    async def record_many(self, made: Sequence[tuple[Decision, Message]]) -> None:
        """Keeps many decisions."""
        for decision, message in made:
            await self.record(decision, message)

    def finish(self, decision_id: str, outcome: Done | Failed) -> Awaitable[None]:
        """Keeps what became of a decision; nothing when the decision is already forgotten."""
        if decision_id in self._decided:
            kept = outcome_of(outcome, self._clock())
            # A server's error may quote the message.
            self._outcomes[decision_id] = (
                kept if self._keep_text else replace(kept, error="", uses=without_words(kept.uses))
            )
        return done()

    async def find(self, decision_id: str = "") -> Decision:
        """A decision by its id or the beginning of it; the latest when empty.

        Raises UnknownDecision, InvalidInput when several begin so.
        """
        return (await self.said(decision_id))[0]

    async def said(self, decision_id: str = "") -> tuple[Decision, str | None]:
        """The same with the text of its message; None when that is not kept."""
        kept = self._find(decision_id.removeprefix("#"))
        return kept.decision, kept.text

    def _find(self, prefix: str) -> Kept:
        if prefix in self._decided:
            return self._decided[prefix]
        if not prefix and self._decided:
            return self._decided[next(reversed(self._decided))]
        matches = sorted(found for found in self._decided if prefix and found.startswith(prefix))
        if not matches:
            raise unknown(prefix)
        if len(matches) > 1:
            raise ambiguous(prefix, matches[:LISTED_MATCHES], len(matches))
        return self._decided[matches[0]]

    async def recently_said(self, limit: int) -> list[tuple[Decision, str]]:
        """Of the latest decisions, newest first, those whose message's text is kept."""
        return [(row.decision, row.text) for row in await self.recent(limit) if row.text is not None]

    async def recent(self, limit: int = 50) -> list[Row]:
        """The latest decisions, newest first."""
        newest = list(reversed(self._decided.values()))[: max(0, limit)]
        return [Row(kept.decision, kept.text, kept.surface, self._outcomes.get(kept.decision.id)) for kept in newest]

    async def outcome(self, decision_id: str) -> Outcome | None:
        """What became of the decision with that whole id; None while it is open."""
        return self._outcomes.get(decision_id)

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to the decision with that whole id. Raises StoreError."""
        found = await self.outcome(decision_id)
        return found.uses if found else ()

    def revision(self) -> int:
        """A number that grows with every change of a correction."""
        return self._revision

    async def corrections(self) -> list[Correction]:
        """All corrections in the order in which they were made; undone ones without their texts."""
        return list(self._corrections.values())

    async def learn(self, correction: Correction) -> Correction:
        """Keeps a correction until it is undone; returns it with its id and time, or the one that says the same."""
        if earlier := same([it for it in self._corrections.values() if it.undone_at is None], correction):
            return earlier
        made = replace(correction, id=id_of(len(self._corrections) + 1), at=self._clock())
        self._revision += 1
        self._corrections[made.id] = made
        return made

    async def undo(self, correction_id: str) -> Correction:
        """Takes a correction back and forgets its text. Raises UnknownCorrection."""
        found = self._corrections.get(correction_id)
        if found is None or found.undone_at is not None:
            raise unknown_correction(correction_id)
        undone = replace(found, undone_at=self._clock())
        self._revision += 1
        self._corrections[found.id] = replace(undone, text="", vector=b"")
        return undone

    async def sketch(self, corrections: Sequence[Correction]) -> None:
        """Keeps the vectors that another encoder made of corrections."""
        for it in corrections:
            if self._corrections[it.id].undone_at is None:
                self._corrections[it.id] = it

    async def close(self) -> None:
        """Nothing to let go of."""


def done() -> Awaitable[None]:
    """Something that is over."""
    it: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    it.set_result(None)
    return it
