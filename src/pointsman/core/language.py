"""Which language a message is in, as far as its script and its words tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import repeat
from typing import Final

from pointsman.core.category import Catalogue, Utterance

WORDS = re.compile(r"[^\W\d_]+")

# (first, last) code points of scripts that one language dominates among chat users; Japanese
# is tried before Chinese because Japanese text mixes kana with Han.
SCRIPTS: Final = (
    ("ja", 0x3040, 0x30FF),
    ("ko", 0xAC00, 0xD7AF),
    ("ru", 0x0400, 0x04FF),
    ("hi", 0x0900, 0x097F),
    ("ar", 0x0600, 0x06FF),
    ("he", 0x0590, 0x05FF),
    ("el", 0x0370, 0x03FF),
    ("th", 0x0E00, 0x0E7F),
    ("zh", 0x4E00, 0x9FFF),
)


ENGLISH: Final = "en"
LOOK: Final = 400  # characters

# A letter of another script is often only quoted ("what does π mean"); a language shows in this share of the letters.
SHOWS: Final = 0.3


def by_script(points: list[int]) -> str:
    """The language that the scripts of some letters show; "" when they show none."""
    counts = {language: sum(first <= point <= last for point in points) for language, first, last in SCRIPTS}
    if counts["ja"]:
        counts["ja"] += counts["zh"]
    best = max(counts, key=lambda language: counts[language])  # the first of equals: Japanese before Chinese
    return best if counts[best] > SHOWS * len(points) else ""


class Languages:
    """Guesses a language from script, then from words that known utterances use.

    A word counts for a language by the share of its uses in that language, so "no" (es, it, en)
    says little and "gracias" a lot.
    """

    def __init__(self, utterances: Iterable[Utterance]) -> None:
        counts: dict[str, dict[str, int]] = {}
        for utterance in utterances:
            if not utterance.language:
                continue
            for word in WORDS.findall(utterance.text.lower()):
                uses = counts.setdefault(word, {})
                uses[utterance.language] = uses.get(utterance.language, 0) + 1
        self._english: dict[str, float] = {}
        self._foreign: dict[str, tuple[tuple[str, float], ...]] = {}
        for word, uses in counts.items():
            total = sum(uses.values())
            self._english[word] = uses.pop(ENGLISH, 0) / total
            if uses:  # apart, because most words of most messages are English alone
                self._foreign[word] = tuple((language, n / total) for language, n in uses.items())

    def guess(self, text: str) -> str:
        """The BCP 47 primary tag of the likeliest language; "en" when nothing tells."""
        text = text[:LOOK]
        letters = [] if text.isascii() else [ord(character) for character in text if character.isalpha()]
        if letters and (language := by_script(letters)):
            return language
        words = WORDS.findall(text.lower())
        weights: dict[str, float] = {}
        for shares in filter(None, map(self._foreign.get, words)):
            for language, share in shares:
                weights[language] = weights.get(language, 0.0) + share
        if not weights:
            return ENGLISH
        best = max(weights, key=weights.__getitem__)
        return best if weights[best] > sum(map(self._english.get, words, repeat(0.0))) else ENGLISH


def languages_of(catalogue: Catalogue) -> Languages:
    """What the utterances of a catalogue tell of languages."""
    return Languages(catalogue.utterances)
