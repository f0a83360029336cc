"""How alike two texts are in their wording: folded to what does not matter, then letter by letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np

from pointsman.core.message import LOOK_HEAD, LOOK_TAIL
from pointsman.tiers.folding import Folding

# Two texts share this part of their trigrams before their letters are laid side by side: of 3,856 pairs of like public
# messages whose letters agree to two thirds it passes over 9, and of all comparisons it leaves 4 in 1,000 to be made.
SHARED: Final = 0.35
# Characters that are laid side by side, from a text's beginning and its end; what a message wants stands there.
HEAD, TAIL = 300, 100
# Apostrophes, and what only chooses or joins glyphs.
IGNORED: Final = "'’‘ʼ`´\ufe0e\ufe0f\u200d"  # noqa: RUF001
COMMAND: Final = "/!"


def folded(character: str) -> str:
    """What becomes of a character: apostrophes and joiners go, punctuation and white space become a space."""
    return "" if character in IGNORED else " " if unicodedata.category(character)[0] in "PZC" else character


FOLDING: Final = Folding(folded)


def fold(text: str) -> str:
    """`text` without what does not tell messages apart: case, white space and punctuation.

    A text of nothing else ("?!") stays as it is but for case and white space. A leading / or !
    that makes a word a chat program's command stays too.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = plain.casefold()
    words = " ".join(plain.translate(FOLDING).split())
    if not words:
        return " ".join(plain.split())
    start = plain.lstrip()[:2]
    return start[0] + words if start[0] in COMMAND and start[1:].isalnum() else words


def key_of(text: str) -> str:
    """What two messages share when one repeats the other; of a long text, its length, head and tail."""
    if len(text) <= LOOK_HEAD + LOOK_TAIL:
        return fold(text)
    return f"{len(text)} {fold(text[:LOOK_HEAD])} {fold(text[-LOOK_TAIL:])}"


def alike(one: str, other: str) -> float:
    """The share of letters that two folded texts have in common in the same order, 0..1 (1: all of them).

    Twice the longest common subsequence over both lengths, computed on the bits of whole numbers:
    Hyyrö, Bit-parallel LCS-length computation revisited, 2004. 15 µs for 50 characters.
    """
    one, other = ends(one), ends(other)
    if not one or not other:
        return float(one == other)
    places: dict[str, int] = {}
    for place, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << place
    everything = (1 << len(one)) - 1
    unmatched = everything
    for letter in other:
        hit = unmatched & places.get(letter, 0)
        unmatched = (unmatched + hit | unmatched - hit) & everything
    common = len(one) - unmatched.bit_count()
    return 2 * common / (len(one) + len(other))


def ends(text: str) -> str:
    """A text, or the beginning and the end of a long one."""
    return text if len(text) <= HEAD + TAIL else text[:HEAD] + text[-TAIL:]


def trigrams(folded: str) -> set[str]:
    """The runs of three characters in a folded text, its edges included."""
    padded = f" {ends(folded)} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


class Wordings:
    """Folded texts that can be searched for those of a like wording, without looking at all of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)
        owned = [trigrams(text) for text in self._texts]
        self._sizes = np.array([len(grams) for grams in owned], dtype=np.int64)
        places: dict[str, list[int]] = {}
        for place, grams in enumerate(owned):
            for gram in grams:
                places.setdefault(gram, []).append(place)
        self._places = {gram: np.array(found, dtype=np.int64) for gram, found in places.items()}

    def like(self, folded: str, least: float) -> list[tuple[int, float]]:
        """The places of texts that share at least that part of their letters with a folded text, and the part."""
        if not self._texts:
            return []
        grams = trigrams(folded)
        found = [self._places[gram] for gram in grams if gram in self._places]
        if not found:
            return []
        shared = np.bincount(np.concatenate(found), minlength=len(self._texts))
        close = np.flatnonzero(2 * shared >= SHARED * (self._sizes + len(grams))).tolist()
        parts = [(place, alike(self._texts[place], folded)) for place in close]
        return [(place, part) for place, part in parts if part >= least]
