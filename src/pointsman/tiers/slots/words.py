"""The words of a text as hashed features of a table: what the slot tagger looks at."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 14
BUCKETS: Final = 1 << BITS
REMEMBERED: Final = 10_000
# More letters than any word has; a message of one long run of letters would otherwise be remembered whole.
WORD_LETTERS: Final = 48

Word = tuple[int, int]

# What stands around the text: two marks on each side, as the features look two words back and ahead.
EDGES: Final = (0x51, 0x52, 0x53, 0x54)
SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
STEPS: Final = np.array([0x100000001B3, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)[:, None, None]
# The rows of what is known of each word, two places longer on both sides than the text.
WHOLE, HEAD, TAIL, LOOKS, BEGUN, LEFT, OPENING, NONE = range(8)
# A feature joins up to three words: which row, and where: 2 is the word itself, 0 two words back, 4 two words ahead.
Part = tuple[int, int]
NO_PART: Final[Part] = (NONE, 2)
JOINED: Final[tuple[tuple[Part, ...], ...]] = (
    *(((WHOLE, place),) for place in range(5)),
    *(((WHOLE, left), (WHOLE, right)) for left, right in ((1, 2), (2, 3), (0, 1), (3, 4), (1, 3))),
    *(((WHOLE, start), (WHOLE, start + 1), (WHOLE, start + 2)) for start in range(3)),
    ((HEAD, 2),), ((TAIL, 2),), ((HEAD, 1),), ((TAIL, 1),), ((HEAD, 3),),
    ((LOOKS, 2),), ((BEGUN, 2),), ((LEFT, 2),), ((OPENING, 2), (WHOLE, 2)),
)  # fmt: skip
FEATURES: Final = len(JOINED)
KINDS: Final = np.arange(1, FEATURES + 1, dtype=np.uint64)[:, None] * SPREAD
PARTS: Final = np.array([(parts + (NO_PART,) * 3)[:3] for parts in JOINED]).transpose(2, 1, 0)  # [row or place, 3, F]
LONGEST: Final = 64
ORDER: Final = np.arange(LONGEST)


def words_of(text: str) -> list[Word]:
    """Where the words and signs of a text stand, as [start, end) in characters.

    A run of letters and digits is a word; every other sign stands alone, and so does every character of the
    scripts that put no spaces between words.
    """
    found: list[Word] = []
    place, length = 0, len(text)
    while place < length:
        character = text[place]
        if character.isspace():
            place += 1
            continue
        end = place + 1
        if character.isalnum() and not spaceless(character):
            while end < length and (text[end].isalnum() or marks(text[end])) and not spaceless(text[end]):
                end += 1
        else:
            while end < length and marks(text[end]):
                end += 1
        found.append((place, end))
        place = end
    return found


def spaceless(character: str) -> bool:
    """Whether a character is of a script without spaces between words, or of Korean, which hangs particles on them."""
    return "\u2e80" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" or "\uf900" <= character <= "\ufaff"


def marks(character: str) -> bool:
    """Whether a character only changes the one before it, as the vowels of Devanagari do."""
    return character > "\u02ff" and unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=REMEMBERED)
def hashes(word: str) -> tuple[int, int, int, int]:
    """A word, its first three letters, its last three, and its looks, each as a number."""
    plain = word.lower()
    if any(map(str.isdigit, plain)):
        plain = "".join("0" if letter.isdigit() else letter for letter in plain)
    first = word[0]
    looks = "A" if first.isupper() else "a" if first.isalpha() else "0" if first.isdigit() else first
    return number(plain), number(plain[:3]), number(plain[-3:]), number(looks + str(min(len(word), 3)))


def number(part: str) -> int:
    """A part of a word as a number of 32 bits."""
    return zlib.crc32(part.encode("utf-8", "replace"))


def features(text: str, words: Sequence[Word]) -> NDArray[np.int64]:
    """The buckets of every word's features, int64 [words, FEATURES], each below BUCKETS; for LONGEST words at most.

    A word is seen with two words on either side: itself, its beginning and end, its neighbours alone, in pairs and in
    threes, and where in the text it stands.
    """
    count = len(words)
    if not count:
        return np.zeros((0, FEATURES), dtype=np.int64)
    width = count + 4
    known = np.zeros((8, width), np.uint64)
    known[:LEFT, :2], known[:LEFT, -2:] = EDGES[:2], EDGES[2:]
    known[: LOOKS + 1, 2:-2] = np.array(
        [hashes(text[start : min(end, start + WORD_LETTERS)]) for start, end in words], dtype=np.uint64
    ).T
    order = ORDER[:count]
    known[BEGUN, 2:-2] = np.minimum(order, 4)
    known[LEFT, 2:-2] = np.minimum(order[::-1], 3)
    known[OPENING, 2:-2] = np.minimum(order, 2)
    places = (PARTS[0] * width + PARTS[1])[:, :, None] + order  # [3, FEATURES, words]
    summed = (known.take(places) * STEPS).sum(axis=0) + KINDS
    summed *= SPREAD
    summed ^= summed >> np.uint64(29)
    summed *= SPREAD
    buckets: NDArray[np.int64] = (summed >> np.uint64(64 - BITS)).T.astype(np.int64)
    return buckets
