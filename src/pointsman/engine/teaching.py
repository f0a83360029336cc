"""Corrections: what one would change, learned and undone at once, and noticed when another process made it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

from pointsman.core.category import Catalogue
from pointsman.core.correction import Conflict, Correction, Flip, Preview
from pointsman.core.decision import COMMAND, Decision
from pointsman.core.errors import BadField, InvalidInput, StoreError, UnknownCorrection, UnknownDecision
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.tiers.encoder import Vector
from pointsman.tiers.learned import Learned, LearnedNow, conflicts_of, counting, packed, same, supposing
from pointsman.tiers.wording import key_of

logger = logging.getLogger(__name__)

# How many of the latest decisions are looked at for what a correction would change.
RECENT: Final = 200
# What other processes taught is looked for so often, and not for every message: under load a look waits for the thread
# that writes, which was a tenth of what a message cost.
LOOK_SECONDS: Final = 0.02

# The tier that goes by what was said before; its decisions are about more than the text that was sent.
FOLLOW_UPS: Final = "followups"

# The category of a message, found without asking anybody outside and without recording; "" where only they could tell.
Categorise = Callable[[Message], Awaitable[str]]


class CorrectionLog(Protocol):
    """Where corrections are kept, beside the decisions that they are about."""

    def revision(self) -> int:
        """A number that grows when any process changes a correction; costs microseconds."""
        ...

    async def corrections(self) -> list[Correction]:
        """All corrections in the order in which they were made; undone ones without their texts."""
        ...

    async def learn(self, correction: Correction) -> Correction:
        """Keeps a correction; returns it with its id and time, or the one in effect that says the same already."""
        ...

    async def undo(self, correction_id: str) -> Correction:
        """Takes one back and forgets its text. Raises UnknownCorrection."""
        ...

    async def sketch(self, corrections: Sequence[Correction]) -> None:
        """Keeps the vectors that another encoder made of corrections."""
        ...

    async def said(self, decision_id: str = "") -> tuple[Decision, str | None]:
        """A decision and its message's text, None when that is not kept. Raises UnknownDecision."""
        ...

    async def recently_said(self, limit: int) -> list[tuple[Decision, str]]:
        """Of the latest decisions, newest first, those whose message's text is kept."""
        ...


class Sketcher(Protocol):
    """Makes the vectors by which texts are compared."""

    @property
    def fingerprint(self) -> str:
        """Names what makes them."""
        ...

    def vector_of(self, text: str) -> Vector | None:
        """The unit vector of a text; None when it cannot be read."""
        ...


class Teaching:
    """Keeps what the tiers have learned in step with the log, and changes both.

    `categorise` serves previews; `sketcher` is asked for only when there is something to sketch.
    """

    def __init__(
        self,
        log: CorrectionLog,
        catalogue: Catalogue,
        categorise: Categorise,
        *,
        learned: LearnedNow | None = None,
        sketcher: Callable[[], Sketcher | None] = lambda: None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._log = log
        self._catalogue = catalogue
        self._categorise = categorise
        self._learned = learned or LearnedNow()
        self._sketcher = sketcher
        self._revision = 0
        self._clock = clock
        self._looked = -LOOK_SECONDS
        self._changing = asyncio.Lock()  # else two see that something is not known, and both learn it

    async def refresh(self) -> None:
        """Takes in what other processes taught. What cannot be read is logged, and decisions go on without it."""
        now = self._clock()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        revision = self._log.revision()
        if revision == self._revision:
            return
        try:
            await self._take_in()
        except StoreError:
            logger.exception("corrections cannot be read, so new ones do not count yet")
        else:
            self._revision = revision

    async def corrections(self) -> list[Correction]:
        """All corrections in the order in which they were made; undone ones without their texts."""
        return await self._log.corrections()

    async def preview(self, category: str, *, decision_id: str = "", text: str = "") -> Preview:
        """What a correction of a decision, or of a text, would change; changes nothing.

        Raises BadField, InvalidInput when the decision's text is not kept or not all that it rests on,
        UnknownDecision, StoreError.
        """
        wanted = await self._wanted(category, decision_id, text, "")
        known = await self._effective()
        if earlier := same(known, wanted):
            return Preview(earlier, (), conflicts_of(earlier, known), len(await self._log.recently_said(RECENT)))
        return await self._consequences(wanted, known, [*known, wanted], conflicts_of(wanted, known))

    async def correct(self, category: str, *, decision_id: str = "", text: str = "", surface: str) -> Correction:
        """Learns that a decision's message, or a text, is of a category; it counts in the very next decision.

        What has been said before stays as it was said: the same correction again changes nothing.
        Raises what `preview` raises.
        """
        wanted = await self._wanted(category, decision_id, text, surface)
        async with self._changing:
            if earlier := same(await self._effective(), wanted):
                return earlier
            made = await self._log.learn(wanted)
            await self._take_in()
        return made

    async def preview_undo(self, which: str = "") -> Preview:
        """What taking a correction back would change; changes nothing. Raises UnknownCorrection, StoreError."""
        known = await self._effective()
        undone = await self._chosen(which)
        return await self._consequences(undone, known, [it for it in known if it.id != undone.id], ())

    async def undo(self, which: str = "") -> Correction:
        """Takes back a correction: by its id, by that of its decision or the beginning of it, or the latest.

        An earlier correction of the same text counts again. The text of the one undone is
        forgotten here, though it is returned once more. Raises UnknownCorrection, StoreError.
        """
        async with self._changing:
            chosen = await self._chosen(which)
            undone = await self._log.undo(chosen.id)
            await self._take_in()
        return undone

    async def _take_in(self) -> None:
        self._learned.become(Learned(await self._effective()))

    async def _effective(self) -> list[Correction]:
        """The corrections that count, each with the vector of the encoder that is in use."""
        known = counting(await self._log.corrections(), self._catalogue)
        sketcher = self._sketcher() if known else None
        if sketcher is None:
            return [replace(it, encoder="", vector=b"") for it in known]
        fresh = [self._sketched(it) if it.encoder != sketcher.fingerprint else it for it in known]
        changed = [it for it, before in zip(fresh, known, strict=True) if it is not before]
        if changed:
            with suppress(StoreError):  # then they are sketched again at the next start
                await self._log.sketch(changed)
        return fresh

    def _sketched(self, correction: Correction) -> Correction:
        sketcher = self._sketcher()
        if sketcher is None:
            return correction
        look = Message(correction.text)
        vector = None if look.wordless else sketcher.vector_of(look.look.strip())
        return replace(correction, encoder=sketcher.fingerprint, vector=b"" if vector is None else packed(vector))

    async def _wanted(self, category: str, decision_id: str, text: str, surface: str) -> Correction:
        """The correction that somebody asks for, without an id."""
        if category not in self._catalogue:
            known = ", ".join(self._catalogue.names)
            raise BadField("category", f"there is no category {category[:100]!r}", cure=f"use one of: {known}")
        decision: Decision | None = None
        if decision_id:
            decision, kept = await self._log.said(decision_id)
            stands_alone(decision)
            text = text_of(decision, kept, text)
        if not text.strip():
            raise BadField("text", "there is nothing in the text", cure="say what was said")
        about = Correction("", Message(text).text, category, surface=surface)
        if decision is not None:
            about = replace(about, was=decision.category, decision_id=decision.id)
        return self._sketched(about)

    async def _chosen(self, which: str) -> Correction:
        """The correction that is to be undone; also one whose category is not there any more."""
        which = which.removeprefix("#")
        known = [it for it in await self._log.corrections() if it.undone_at is None]
        if not known:
            raise UnknownCorrection("nothing is corrected", cure="correct something: pointsman correct ID CATEGORY")
        found = [it for it in known if which in {"", it.id}] or await self._about(which, known)
        if not found:
            raise UnknownCorrection(
                f"no correction in effect has, or is of a decision with, the id {which[:64]!r}",
                cure="`pointsman correct --list` shows what is in effect",
            )
        return found[-1]

    async def _about(self, which: str, known: Sequence[Correction]) -> list[Correction]:
        """The corrections of the decision whose id begins so, or of its text. Raises InvalidInput for several ids."""
        try:
            decision, text = await self._log.said(which)
        except UnknownDecision:  # forgotten, and its correction is not
            return [it for it in known if it.decision_id and it.decision_id == which]
        of_it = [it for it in known if it.decision_id == decision.id]
        return of_it or [it for it in known if text is not None and key_of(it.text) == key_of(text)]

    async def _consequences(
        self,
        about: Correction,
        known: Sequence[Correction],
        changed: Sequence[Correction],
        contradicted: Sequence[Conflict],
    ) -> Preview:
        recent = await self._log.recently_said(RECENT)
        found = await flips(recent, Learned(known), Learned(changed), self._categorise)
        return Preview(about, found, contradicted, len(recent))


async def flips(
    recent: Sequence[tuple[Decision, str]], known: Learned, changed: Learned, categorise: Categorise
) -> list[Flip]:
    """Which of some decisions would become others if `changed` were learned and not `known`; same order.

    A text is looked at without its conversation, so what would be decided otherwise anyway is
    left out: there is a flip only where `changed` makes the difference. What this process has
    taken in plays no part: it may be nothing yet. What was asked for by a command stays so.
    """
    found = []
    seen: dict[str, tuple[str, str]] = {}
    for decision, text in recent:
        if decision.tier == COMMAND:
            continue
        if text not in seen:
            message = Message(text)
            seen[text] = await foreseen(message, known, categorise), await foreseen(message, changed, categorise)
        before, after = (category or decision.category for category in seen[text])
        if after not in {before, decision.category}:
            found.append(Flip(decision.id, text, decision.category, after))
    return found


async def foreseen(message: Message, learned: Learned, categorise: Categorise) -> str:
    """The category of a message if `learned` were what has been learned."""
    await asyncio.sleep(0)  # 200 messages take half a second; others have their turn before each
    with supposing(learned):
        return await categorise(message)


def stands_alone(decision: Decision) -> None:
    """Raises InvalidInput for a decision that rests on what was said before: its text means nothing by itself."""
    if decision.tier == FOLLOW_UPS:
        raise InvalidInput(
            f"decision {decision.id} rests on what was said before it, and a correction teaches a text by itself: "
            "these words would be taken so in every conversation",
            cure='teach the whole wish by its text (pointsman correct --text "..." CATEGORY), '
            "or switch the tier `followups` off",
        )


def text_of(decision: Decision, kept: str | None, given: str) -> str:
    """The text that a decision was about. Raises InvalidInput when nobody knows it, BadField when it is another."""
    if kept is None and not given:
        raise InvalidInput(
            f"the text of decision {decision.id} is not kept (see store.keep_text), so there is nothing to learn",
            cure=f"say it again: pointsman correct {decision.id} CATEGORY --text TEXT, or send it as `text`",
        )
    if kept is not None and given and key_of(kept) != key_of(given):
        raise BadField("text", f"decision {decision.id} was about another text", cure="leave the text out")
    return given if kept is None else kept
