"""Which language a message is in, as far as its script and its words tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import repeat
from typing import Final

from pointsman.core.category import Catalogue, Utterance

WORDS = re.compile(r"[^\W\d_]+")
# Of a text in ASCII the letters, made small, and a space for all else: so spaces part what `WORDS` finds in it.
LETTERS: Final = bytes(ord(chr(point).lower()) if chr(point).isalpha() else ord(" ") for point in range(128)).ljust(256)

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

FIRST_OF_SCRIPTS: Final = chr(min(first for _, first, _ in SCRIPTS))

ENGLISH: Final = "en"
LOOK: Final = 400  # characters

# A letter of another script is often only quoted ("what does π mean"); a language shows in this share of the letters.
SHOWS: Final = 0.3
# By so much English has to lead for no rounding to matter.
SURELY: Final = 1e-6


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
        # By how much a word speaks for English and against whichever other language it speaks for most.
        self._lean: dict[str, float] = {}
        # What a word that is not English alone says for English, and for each of the others.
        self._shares: dict[str, tuple[float, tuple[tuple[str, float], ...]]] = {}
        for word, uses in counts.items():
            total = sum(uses.values())
            english = uses.pop(ENGLISH, 0) / total
            self._lean[word] = english - max(uses.values(), default=0) / total
            if uses:
                self._shares[word] = english, tuple((language, n / total) for language, n in uses.items())

    def guess(self, text: str) -> str:
        """The BCP 47 primary tag of the likeliest language; "en" when nothing tells."""
        text = text[:LOOK]
        if text.isascii():
            words = text.encode().translate(LETTERS).decode().split()
        else:
            if max(text) >= FIRST_OF_SCRIPTS:
                letters = [ord(character) for character in text if character.isalpha()]
                if letters and (language := by_script(letters)):
                    return language
            words = WORDS.findall(text.lower())
        # No language weighs more than the heaviest of every word together, so most messages are done with here.
        if sum(map(self._lean.get, words, repeat(0.0))) > SURELY:
            return ENGLISH
        return self._heaviest(words)

    def _heaviest(self, words: Iterable[str]) -> str:
        """The language that some words weigh most for; English unless another weighs more."""
        weights = {ENGLISH: 0.0}
        for word in words:
            english, others = self._shares.get(word) or (self._lean.get(word, 0.0), ())
            weights[ENGLISH] += english
            for language, share in others:
                weights[language] = weights.get(language, 0.0) + share
        return max(weights, key=weights.__getitem__)  # the first of equals: English


def languages_of(catalogue: Catalogue) -> Languages:
    """What the utterances of a catalogue tell of languages."""
    return Languages(catalogue.utterances)
