"""Finds the slots of a message: by rules, by a tagger on the message's words, and where these differ, with the encoder.

The rules cost a tenth of a millisecond and the tagger about as much; the encoder twenty times that, unless it has
read the message already to decide. So it is asked only of pictures, and where the two cheap ones do not agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pointsman.core.decision import Slots, SlotValue
from pointsman.core.message import without_surrogates
from pointsman.core.sums import arithmetic
from pointsman.tiers import slots
from pointsman.tiers.encoder import Reading
from pointsman.tiers.slots import expression, memory, picture, query
from pointsman.tiers.slots.evidence import evidence
from pointsman.tiers.slots.linear import regex
from pointsman.tiers.slots.memory import DEVANAGARI
from pointsman.tiers.slots.spans import values
from pointsman.tiers.slots.tagger import Tagger
from pointsman.tiers.slots.words import LONGEST, words_of

KIND_OF: Final = (
    ("picture", picture.NAMES, "prompt"),
    ("search", query.NAMES, "query"),
    ("memory", memory.NAMES, "memory"),
    ("code", expression.NAMES, "code"),
)
# Of what the encoder helps to tell the words: F1 0.846 -> 0.868 for pictures, and nothing for the others
# (bench/slots.py), for which it would be asked for nothing in every seventh message.
READ: Final = ("picture",)
# What rules read exactly where they find it: numbers, and what must be computable.
EXACT: Final = ("width", "height", "count", "seed", "negative", "expression", "action")
STAND_IN: Final = ("prompt", "query")
FENCE: Final = "```"
# A value that runs to the end of the text and holds none of these is not looked at again: that spares the tagger half
# of everyday messages that have slots, and costs 0.0004 of F1 on hard ones.
DOUBTFUL: Final = (
    r"[,.:;!?\"“„()\n]|\b(?:please|pls|plz|draw|paint|make|pictures?|images?|photo|remind|remember|search|google|look"
    r"|find|note|styles?|without|no|add|forget|again|can|could|you|tell|versions?|of them|run|it|that|this"
    r"|for me|online|web|internet|check|know)\b"
)
# A thing to remember may name a list, no other value may.
DOUBTFUL_LIST: Final = r"\blists?\b"
# Nor may a bare description or query that is the whole text hold one of these.
ASKS: Final = r"\b(?:hey|hi|bot|want|need|would|show|give|get|now|next|ok|same|i'm|asked|for)\b"
SIGNS: Final = r"[\d`()=;{}\[\]<>$|\"']"
CLOSING: Final = " \t\n?!.。"

# The latest answers are kept: a follow-up and the decision look at the same message.
Read = Callable[[str], Reading]


class SlotFinder:
    """Finds slots as `slots.find` does, and better where rules have no words for what was said."""

    def __init__(self, taggers: Mapping[str, Tagger], read: Read | None = None) -> None:
        """`read` is the encoder's, asked only where rules and words differ; without it, they decide alone."""
        self._taggers = taggers
        self._read = read

    def __call__(self, category: str, text: str, names: Sequence[str]) -> Slots:
        """The slots that a category asks for by name, as far as the text says them, in the category's order."""
        if not names or not text or text.isspace():
            return {}
        text = without_surrogates(text).strip()
        ruled = slots.find(category, text, names)
        # The tagger cannot tell words of these scripts apart; the rules have their wording.
        if not text.isascii() and max(text) >= DEVANAGARI:
            return ruled
        found = dict(ruled)
        for kind, known, main in KIND_OF:
            if kind in self._taggers and main in names:
                own = {name: value for name, value in ruled.items() if name in known}
                found |= self._better(self._taggers[kind], text, own, main, self._read if kind in READ else None)
        return {name: found[name] for name in names if name in found}

    def _better(self, tagger: Tagger, text: str, ruled: Slots, main: str, read: Read | None) -> dict[str, SlotValue]:
        """The rules' values where the words' tagger agrees, else what tagger and encoder say together."""
        if FENCE in text or sure(text, ruled, main):
            return dict(ruled)
        words = words_of(text)
        if not words or len(words) > LONGEST:
            return dict(ruled)
        found = evidence(text, words, ruled)
        tagged = merged(ruled, values(text, tagger.spans(text, words, found)))
        if tagged == ruled or read is None:
            return tagged
        return merged(ruled, values(text, tagger.spans(text, words, found, read(text))))


def sure(text: str, ruled: Slots, main: str) -> bool:
    """Whether the rules left nothing that looks like more of a request: they cut one off the front, or saw none."""
    if "expression" in ruled:
        return True
    value = str(ruled.get(main, ""))
    body = text.rstrip(CLOSING)
    if main == "code" and not value:
        return regex(SIGNS).search(text) is None
    if main == "memory" and value not in text:
        kept, _, thing = value.partition(": ")  # put together from what is said about a list
        return body.endswith(kept) and thing in text and regex(DOUBTFUL).search(thing) is None
    if not value or not (body.endswith(value) or value == text):
        return False
    if len(value) >= len(body) and (main not in STAND_IN or regex(ASKS).search(value)):
        return False
    if main != "memory" and regex(DOUBTFUL_LIST).search(value):
        return False
    return regex(DOUBTFUL).search(value) is None


def merged(ruled: Slots, tagged: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    """What the tagger says, with what the rules know exactly, and the rules' whole answer where it says nothing."""
    said = dict(tagged)
    if "expression" in said and not computable(str(said["expression"])):
        del said["expression"]
    if "expression" in ruled or "expression" in said:
        said.pop("code", None)
    said |= {name: ruled[name] for name in EXACT if name in ruled}
    for name in STAND_IN if ruled.get("action") == "list" else (*STAND_IN, "memory"):
        if name in ruled and name not in said:
            said[name] = ruled[name]
    return said


def computable(text: str) -> bool:
    """Whether it is a sum; a lone number, such as the 6.5 of "radius 6.5", is none."""
    return arithmetic.is_sum(text)
