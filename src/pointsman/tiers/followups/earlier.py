"""What was said before a message, and what the local tiers make of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer
from pointsman.core.errors import PointsmanError
from pointsman.core.message import LOOK_HEAD, LOOK_TAIL, Message, Turn, without_surrogates
from pointsman.tiers.cascade import Stage

# So many texts' answers are kept; a talk asks about its last turns again and again.
REMEMBERED: Final = 512

# These look at words. On a text that leans on others they are silent; those that look at meaning always have one.
CLEAR: Final = frozenset({"corrections", "patterns", "fast"})


@dataclass(frozen=True, slots=True)
class Alone:
    """What a text wants by itself: its category, how sure that and its path are, and the tier that says so."""

    category: str
    confidence: float
    path_confidence: float
    tier: str = ""
    language: str = ""

    @property
    def clear(self) -> bool:
        """Whether its very words say it."""
        return self.tier in CLEAR


Decide = Callable[[str], Alone | None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the user said last, what the assistant said to it ("" when nothing), and all that was said before."""

    user: str
    assistant: str
    before: tuple[Turn, ...] = ()


def shortened(text: str) -> str:
    """The beginning and the end of what somebody said, which may hold a picture of megabytes."""
    return text if len(text) <= LOOK_HEAD + LOOK_TAIL else f"{text[:LOOK_HEAD]}\n{text[-LOOK_TAIL:]}"


def last_exchange(history: Sequence[Turn]) -> Exchange | None:
    """The last exchange of a talk, system and tool turns left out; None when nothing was said."""
    said: list[str] = []
    for place in range(len(history) - 1, -1, -1):
        turn = history[place]
        if turn.role == "user":
            user = without_surrogates(shortened(turn.text)).strip()
            return Exchange(user, "\n".join(reversed(said)).strip(), tuple(history[:place]))
        if turn.role == "assistant":
            said.append(without_surrogates(shortened(turn.text)))
    return Exchange("", "\n".join(reversed(said)).strip()) if any(said) else None


class Remembering:
    """Asks about a text once: the answers to the latest texts are kept, by the texts' digests.

    What people said is so not kept in memory, which a configuration may forbid.
    """

    def __init__(self, decide: Decide, capacity: int = REMEMBERED) -> None:
        self._decide = decide
        self._capacity = capacity
        self._latest: OrderedDict[bytes, Alone | None] = OrderedDict()

    def __call__(self, text: str) -> Alone | None:
        """What the tiers answer to a text; None when none is sure."""
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if key in self._latest:
            self._latest.move_to_end(key)
            return self._latest[key]
        said = self._latest[key] = self._decide(text)
        if len(self._latest) > self._capacity:
            self._latest.popitem(last=False)
        return said


def decided_by(stages: Sequence[Stage], catalogue: Catalogue) -> Decide:
    """Asks tiers that answer at once what a text wants by itself, as a cascade of them would decide."""

    def decide(text: str) -> Alone | None:
        message = Message(text)
        votes: dict[str, float] = {}
        for stage in stages:
            try:
                said = stage.tier.judge(message)
            except PointsmanError:
                continue
            if not isinstance(said, Answer):
                continue
            side = catalogue.side_of(said.category)
            verdict = stage.weigh(said, votes.get(side, 0.0))
            if isinstance(verdict, Answer):
                confidences = (verdict.confidence, verdict.path_confidence)
                return Alone(verdict.category, *confidences, stage.tier.name, verdict.language)
            if stage.votes:
                votes[side] = max(votes.get(side, 0.0), said.path_confidence)
        return None

    return decide
