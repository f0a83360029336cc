"""What was said before a message, and what the local tiers make of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer
from pointsman.core.errors import PointsmanError
from pointsman.core.message import Message, Origin, Turn, digest_of
from pointsman.tiers.cascade import GoesBy, Stage
from pointsman.tiers.votes import Votes
from pointsman.tiers.watch import Watch, seen_at_once

# So many texts' answers are kept; a talk asks about its last turns again and again.
REMEMBERED: Final = 512
NOWHERE: Final = Origin()
PICTURE: Final = "[image]"


@dataclass(frozen=True, slots=True)
class Alone:
    """What a text wants by itself: its category, how sure that and its path are, and what that rests on."""

    category: str
    confidence: float
    path_confidence: float
    goes_by: GoesBy = "meaning"
    language: str = ""

    @property
    def literal(self) -> bool:
        """Whether a pattern or a correction says it."""
        return self.goes_by == "letter"

    @property
    def clear(self) -> bool:
        """Whether its words say it; what goes by meaning has an opinion on texts that lean on others too."""
        return self.goes_by != "meaning"


Decide = Callable[[Message], Alone | None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the user said last, what the assistant said to it ("" when nothing), and how to find what was said before.

    `message` is blank where nobody but the assistant spoke; it has the origin of the one that goes on from it.
    """

    message: Message
    assistant: str
    before: Callable[[], Exchange | None] = lambda: None

    @property
    def user(self) -> str:
        """What of the user's words is to be judged."""
        return self.message.look.strip()

    @property
    def emptied(self) -> bool:
        """Whether the user did nothing but try to steer the router."""
        return self.message.judged is not None and self.message.wordless


def last_exchange(history: Sequence[Turn], watch: Watch | None = None, origin: Origin = NOWHERE) -> Exchange | None:
    """The last exchange of a talk, system and tool turns left out; None when nothing was said.

    What the `watch` takes out of a message counts no more in the turns that follow it. `origin` is where the talk is.
    """
    said: list[str] = []
    for place in range(len(history) - 1, -1, -1):
        turn = history[place]
        if turn.role == "user":
            message = Message(turn.text if turn.judged is None else turn.judged, origin=origin)
            message = seen_at_once(watch, message).shown(message)
            return Exchange(message, joined(said), cache(partial(last_exchange, history[:place], watch, origin)))
        if turn.role == "assistant":
            said.append(shown(turn))
    return Exchange(Message("", origin=origin), joined(said)) if any(said) else None


def shown(turn: Turn) -> str:
    """What the assistant said and showed: a picture without a word about it says that it is one."""
    look = Message(turn.text).look
    return f"{look}\n{PICTURE}" if any(it.is_image for it in turn.attachments) else look


def joined(said: Sequence[str]) -> str:
    """What the assistant said, the last of it first in `said`."""
    return "\n".join(reversed(said)).strip()


class Remembering:
    """Asks about a text once: the answers to the latest texts are kept, by the texts' digests.

    What people said is so not kept in memory, which a configuration may forbid. When `basis`, what
    else the answers depend on, is another object than before, they are all asked for anew.
    """

    def __init__(
        self, decide: Decide, basis: Callable[[], object] = lambda: None, *, capacity: int = REMEMBERED
    ) -> None:
        self._decide = decide
        self._basis = basis
        self._based_on = basis()
        self._capacity = capacity
        self._latest: OrderedDict[tuple[bytes, bytes], Alone | None] = OrderedDict()

    def __call__(self, message: Message) -> Alone | None:
        """What the tiers answer to a text; None when none is sure."""
        if (basis := self._basis()) is not self._based_on:
            self._based_on = basis
            self._latest.clear()
        key = digest_of(message.text), digest_of(message.look)
        if key in self._latest:
            self._latest.move_to_end(key)
            return self._latest[key]
        said = self._latest[key] = self._decide(message)
        if len(self._latest) > self._capacity:
            self._latest.popitem(last=False)
        return said


def decided_by(stages: Sequence[Stage], catalogue: Catalogue) -> Decide:
    """Asks tiers that answer at once what a text wants by itself, as a cascade of them would decide."""

    def decide(message: Message) -> Alone | None:
        votes = Votes(catalogue)
        for stage in stages:
            try:
                said = stage.tier.judge(message)
            except PointsmanError:
                continue
            verdict = votes.weigh(stage, said) if isinstance(said, Answer) else said
            if isinstance(verdict, Answer):
                return Alone(
                    verdict.category, verdict.confidence, verdict.path_confidence, stage.goes_by, verdict.language
                )
        return None

    return decide
