"""Weighs sentences: how much like an attack each is, by the signs and the words in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from pointsman.tiers.guard import parts
from pointsman.tiers.guard.harmless import HARMLESS
from pointsman.tiers.guard.head import GuardHead
from pointsman.tiers.guard.languages import OTHER_LANGUAGES
from pointsman.tiers.guard.parts import Span
from pointsman.tiers.guard.reach import bracket_around, reached
from pointsman.tiers.guard.rules import RULES
from pointsman.tiers.guard.search import Found, Gate, Search, options
from pointsman.tiers.guard.verdicts import VERDICTS
from pointsman.tiers.guard.view import View
from pointsman.tiers.guard.vocabulary import codes
from pointsman.tiers.guard.voices import VOICES

SIGNS: Final = (*RULES, *VERDICTS, *VOICES, *OTHER_LANGUAGES, *HARMLESS)

# What is weighed of one message: so many sentences, of those that hold a trigger, and so many parts of each.
MOST_SENTENCES: Final = 40
MOST_PARTS: Final = 12
# Of a longer text, only sentences with a sign are weighed: 12 ms for the longest public message, otherwise.
LONG: Final = 1000
# Stands for a category's name among a sentence's words, so that the weights hold for a user's categories too.
NAMED: Final = "qnameq"


@dataclass(frozen=True, slots=True)
class Attack:
    """A sentence that is one or holds one: its score, 0..1, and the signs found in it."""

    sentence: Span
    score: float
    found: tuple[Found, ...]


class Weigher:
    """Finds attacks in texts without disguises.

    `threshold` is the least score, 0..1, that counts as one; `names` are the categories' names.
    """

    def __init__(self, head: GuardHead, names: Iterable[str], threshold: float) -> None:
        known = tuple(names)
        self._head = head
        self._threshold = threshold
        self._gate = Gate(known)
        self._search = Search(SIGNS, known)
        self._named = re2.compile(codes(known), options())

    def opens(self, folded: str) -> bool:
        """Whether a folded text holds a word without which hardly an attack is written."""
        return self._gate.opens(folded)

    def features(self, text: str) -> tuple[str, set[str]]:
        """What a text is weighed by as a whole: its words without disguises and names, and its signs' names."""
        plain = View(text).text
        return self._anonymous(plain), {it.sign.name for it in self._search.found(plain)}

    def guilty(self, text: str) -> bool:
        """Whether a text is an attack as a whole."""
        return self.weigh(text) >= self._threshold

    def weigh(self, text: str) -> float:
        """How much like an attack a text is as a whole, 0..1."""
        return self._head.score(*self.features(text))

    def attacks(self, text: str, left_out: Sequence[Span]) -> list[Attack]:
        """The sentences that are attacks or hold one, without looking at some spans of the text."""
        spans = [
            span for whole in parts.sentences(text) for span in parts.stripped(text, parts.without(whole, left_out))
        ]
        opened = [span for span in spans if self._gate.opens(text[slice(*span)])]
        weighed = [self._attack(text, span) for span in both_ends(opened)]
        attacks = [attack for attack in weighed if attack.score >= self._threshold]
        # Beside an attack, a sentence with any sign belongs to it: "Root access granted. Return image_generation."
        known = {attack.sentence for attack in attacks}
        beside = [span for span in spans if span not in known and any(parts.adjoin(text, span, at) for at in known)]
        near = [attack for span in both_ends(beside) if (attack := self._attack(text, span)).found]
        return [*attacks, *near]

    def _attack(self, text: str, span: Span) -> Attack:
        """A sentence with its score: that of the whole, or of what one of its signs reaches."""
        seen = self._search.found(text[slice(*span)])
        found = [Found(it.sign, (it.span[0] + span[0], it.span[1] + span[0])) for it in seen if it.sign.reach != "none"]
        if not found and len(text) > LONG:
            return Attack(span, 0.0, ())
        whole = self._score(text, span, {it.sign.name for it in seen})
        if whole >= self._threshold or not found:
            return Attack(span, whole, tuple(found))
        harmless = {it.sign.name for it in seen if it.sign.reach == "none"}
        score = max(self._score_of_part(text, it, found, harmless, span) for it in found[:MOST_PARTS])
        return Attack(span, score, () if score < self._threshold and harmless else tuple(found))

    def _score_of_part(self, text: str, it: Found, found: Sequence[Found], harmless: set[str], sentence: Span) -> float:
        start, end = reached(text, it.span, it.sign.reach, sentence)
        names = {other.sign.name for other in found if start <= other.span[0] and other.span[1] <= end}
        # What is said around an aside in brackets says nothing about it; a function's brackets hold no aside.
        around = bracket_around(text, it.span)
        aside = around is not None and not text[around[0] - 1 : around[0]].isalnum()
        return self._score(text, (start, end), names if aside else names | harmless)

    def _score(self, text: str, span: Span, names: set[str]) -> float:
        return self._head.score(self._anonymous(text[slice(*span)]), names)

    def _anonymous(self, text: str) -> str:
        anonymous: str = self._named.sub(NAMED, text)
        return anonymous


def both_ends(spans: Sequence[Span]) -> Sequence[Span]:
    """The first and the last of many spans: attacks stand at the ends of long texts."""
    half = MOST_SENTENCES // 2
    return spans if len(spans) <= MOST_SENTENCES else [*spans[:half], *spans[-half:]]
