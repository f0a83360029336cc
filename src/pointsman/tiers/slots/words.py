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
REMEMBERED: Final = 20_000

Word = tuple[int, int]

# What stands around the text: two marks on each side, as the features look two words back and ahead.
EDGES: Final = (0x51, 0x52, 0x53, 0x54)
SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
STEPS: Final = np.array([0x100000001B3, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
FEATURES: Final = 22
KINDS: Final = np.arange(1, FEATURES + 1, dtype=np.uint64)[:, None] * SPREAD
# Two neighbours as one feature; 2 is the word itself, 0 two words back, 4 two words ahead.
PAIRS: Final = ((1, 2), (2, 3), (0, 1), (3, 4), (1, 3))
LONGEST: Final = 64
ORDER: Final = np.arange(LONGEST, dtype=np.uint64)


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
    known = np.array([hashes(text[start:end]) for start, end in words], dtype=np.uint64).T
    whole = np.empty(count + 4, np.uint64)
    whole[:2], whole[2:-2], whole[-2:] = EDGES[:2], known[0], EDGES[2:]
    ends = np.empty((2, count + 2), np.uint64)
    ends[:, 0], ends[:, 1:-1], ends[:, -1] = EDGES[1], known[1:3], EDGES[2]
    first, second, third = whole * STEPS[0], whole * STEPS[1], whole * STEPS[2]
    order = ORDER[:count]
    summed = np.empty((FEATURES, count), np.uint64)
    for back in range(5):
        summed[back] = first[back : back + count]
    for row, (left, right) in enumerate(PAIRS, 5):
        np.add(first[left : left + count], second[right : right + count], out=summed[row])
    for row, start in enumerate(range(3), 10):
        np.add(first[start : start + count], second[start + 1 : start + 1 + count], out=summed[row])
        summed[row] += third[start + 2 : start + 2 + count]
    summed[13:15] = known[1:3]
    summed[15:17] = ends[:, :count]
    summed[17] = ends[0, 2:]
    summed[18] = known[3]
    np.minimum(order, 4, out=summed[19])
    np.minimum(order[::-1], 3, out=summed[20])
    np.minimum(order, 2, out=summed[21])
    summed[21] += first[2:-2]
    summed += KINDS
    summed *= SPREAD
    summed ^= summed >> np.uint64(29)
    summed *= SPREAD
    buckets: NDArray[np.int64] = (summed >> np.uint64(64 - BITS)).T.astype(np.int64)
    return buckets
