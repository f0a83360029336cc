"""What is remembered of chats: who answered the last turn, and what was decided of it, for half an hour."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from pointsman.core.category import Catalogue
from pointsman.core.decision import SESSION, Answer, Decision, Signal, TraceLine
from pointsman.core.message import Message, digest_of
from pointsman.core.ports import Clock
from pointsman.tiers.cascade import UNSURE

MOST: Final = 1_000
SECONDS: Final = 1_800.0

Key = tuple[str, ...]


@dataclass(slots=True)
class Stay:
    """What answered a chat's last turn: the footprint of its rung, "" where that takes nothing of the card.

    `chat` names the chat, for whoever keeps a model between two of its rounds.
    """

    footprint: str = ""
    chat: str = ""


class Before(NamedTuple):
    """What is remembered of a decision.

    Of a thousand chats, the traces with their evidence would be 10 MB, and hold words of a person's.
    """

    category: str
    path: str
    confidence: float
    language: str
    signals: tuple[Signal, ...]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """What is remembered of this one."""
        return cls(decision.category, decision.path, decision.confidence, decision.language, decision.signals)


class Session(NamedTuple):
    """One chat: the latest decision, the digest of its message, and what answered."""

    before: Before
    digest: bytes
    stay: Stay
    at: float


class Sessions:
    """The chats of the last half hour, the latest `most` of them; `clock` gives seconds."""

    def __init__(self, clock: Clock, *, most: int = MOST, seconds: float = SECONDS) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._known: OrderedDict[Key, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def continued(self, message: Message) -> Before | None:
        """What was decided of a message that comes again, with what its caller's tools brought; None where unknown."""
        session = self._find(key_of(message))
        if session is None:
            return None
        # Chats that no page names may begin with the same words; the message itself tells them apart.
        same = bool(message.origin.session) or session.digest == digest_of(message.text)
        return session.before if same else None

    def decided(self, message: Message, decision: Decision) -> Stay:
        """Remembers a decision; returns what answers the chat, which whoever answers changes.

        Another path begins anew: what drew a picture does not go on to talk.
        """
        key = key_of(message)
        known = self._find(key)
        goes_on = known is not None and known.before.path == decision.path
        stay = known.stay if known is not None and goes_on else Stay(chat=key[-1])
        self._known[key] = Session(Before.of(decision), digest_of(message.text), stay, self._clock())
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return stay

    def _find(self, key: Key) -> Session | None:
        session = self._known.get(key)
        if session is not None and self._clock() - session.at > self._seconds:
            del self._known[key]
            return None
        return session


def resumed(
    before: Before | None, catalogue: Catalogue, fallback: str, *, new_id: Callable[[], str], now: Clock
) -> Decision:
    """The decision for what a model is at work on already, with tools of its caller's: the one `before`.

    No tier is asked again, and nothing else than a model goes on. Where nobody remembers, it is the `fallback`'s.
    """
    known = before if before is not None and before.category in catalogue else None
    category, confidence = (known.category, known.confidence) if known else (fallback, UNSURE)
    reason = "goes on with the caller's tools" + ("" if known else "; what was decided before is not remembered")
    return Decision(
        id=new_id(),
        category=category,
        path=catalogue.path_of(category),
        confidence=confidence,
        tier=SESSION,
        trace=(TraceLine(SESSION, Answer(category, confidence, 1.0, reason), 0.0),),
        language=known.language if known else "en",
        at=now(),
        signals=known.signals if known else (),
    )


def key_of(message: Message) -> Key:
    """Which chat a message belongs to: what its page calls that, else who it is from and how it began."""
    origin = message.origin
    who = (origin.surface, origin.key, origin.user, origin.guild, origin.channel)
    if origin.session:
        return (*who, "named", origin.session)
    first = next((turn.text for turn in message.history if turn.role == "user"), message.text)
    return (*who, "begun", digest_of(first).hex())
