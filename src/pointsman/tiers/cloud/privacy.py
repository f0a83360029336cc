"""What of a message may leave this machine, and which messages may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pointsman.core.decision import Abstain, Verdict
from pointsman.core.message import Message
from pointsman.tiers.redaction import redacted

# A longer text is seen as its beginning and its end, of this many characters each; far more than any member looks at,
# so that nothing that is to be hidden is cut in two where somebody would still see it.
ENDS: Final = 6_000


@dataclass(frozen=True, slots=True)
class Privacy:
    """Whether direct messages, messages from single surfaces and of single categories may leave, and how.

    What is not named may. A message is taken to be of the category that the local tiers lean to. With `redact`,
    addresses, numbers and keys in it are hidden first.
    """

    direct_messages: bool = False
    surfaces: Mapping[str, bool] = field(default_factory=dict)
    categories: Mapping[str, bool] = field(default_factory=dict)
    redact: bool = True

    def holds_back(self, message: Message, leaning: Verdict | None) -> str:
        """Why a message stays on this machine; "" when it may leave."""
        origin = message.origin
        if origin.direct and not self.direct_messages:
            return "direct messages stay here"
        if not self.surfaces.get(origin.surface, True):
            return f"messages from {origin.surface} stay here"
        leant = leaning.leaning if isinstance(leaning, Abstain) else leaning
        if leant is not None and not self.categories.get(leant.category, True):
            return f"what looks like {leant.category} stays here"
        return ""

    def leaving(self, message: Message) -> Message:
        """What of a message leaves: its text, redacted; nothing of who said it, where, after what, with which file."""
        return bare(message, redacted) if self.redact else bare(message)


def staying(message: Message) -> Message:
    """What of a message a member on this machine sees: its text as it is."""
    return bare(message)


def bare(message: Message, shown: Callable[[str], str] = lambda text: text) -> Message:
    """A message that is only a text: all that is to be judged, or its ends when that is very long."""
    text = message.text if message.judged is None else message.judged
    ends = text if len(text) <= 2 * ENDS else f"{text[:ENDS]}\n{text[-ENDS:]}"
    return Message(Message(shown(ends)).look)
