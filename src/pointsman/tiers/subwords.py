"""Words and parts of words as hashed rows of a table: the features of the fast tier, about 20 us a message.

As in fastText (Bojanowski et al., Enriching Word Vectors with Subword Information, 2017) a word
is itself and its character n-grams, so that typos and inflections share most of their features.
What a word contributes depends on the word alone and is remembered; a message then costs one
look-up a word.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from itertools import pairwise
from typing import Final

BITS: Final = 16
BUCKETS: Final = 1 << BITS
LONGEST: Final = 600
HEAD_WORDS, TAIL_WORDS = 60, 20
WORD_LETTERS: Final = 24  # of which parts are made
LONGEST_WORD: Final = 64  # no word of a language is longer, and what is met is remembered

# Fibonacci hashing (Knuth): the top bits of a product with 2^32 / golden ratio spread neighbours apart.
SPREAD: Final = 0x9E3779B1
WORD_MASK: Final = 0xFFFFFFFF
SHIFT: Final = 32 - BITS

# Chinese and Japanese write no spaces: each character is a word, and pairs of words make up the rest.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]")
DIGIT = re.compile(r"\d")
# The same of a text in ASCII, as most are, in a third of the time: one table makes letters small and digits alike, and
# white space of what `\s` takes for it only in other texts.
ASCII_WORD = re.compile(r"\w+|[^\w\s]", re.ASCII)
ALIKE: Final = bytes(
    ord("0") if chr(point).isdigit() else ord(" ") if chr(point).isspace() else ord(chr(point).lower())
    for point in range(128)
) + bytes(range(128, 256))

# One number a kind of feature, so that the word "he" and the part "he" fall into different buckets.
WHOLE, PART, PAIR, FIRST, LAST, OPENING = range(1, 7)


def words(text: str) -> list[str]:
    """The lower-case words and marks of a text, digits made alike; the middle of a long text is left out."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 150]} {text[-150:]}"
    if text.isascii():
        found = ASCII_WORD.findall(text.encode().translate(ALIKE).decode())
    else:
        found = WORD.findall(DIGIT.sub("0", text.lower()))
    if len(text) > LONGEST_WORD:
        found = [word[:LONGEST_WORD] for word in found]
    return found if len(found) <= HEAD_WORDS + TAIL_WORDS else found[:HEAD_WORDS] + found[-TAIL_WORDS:]


def bucket(feature: str, kind: int) -> int:
    """Where a feature of a kind stands in the table."""
    return (zlib.crc32(feature.encode("utf-8", "replace"), kind) * SPREAD & WORD_MASK) >> SHIFT


def parts(word: str) -> list[int]:
    """The buckets of a word's character n-grams with its edges marked: 3 to 5 letters, from 1 outside ASCII."""
    marked = f"<{word[:WORD_LETTERS]}>"
    if not word.isascii():
        spans = ((start, start + length) for length in range(1, 6) for start in range(len(marked) - length + 1))
        return [bucket(marked[start:end], PART) for start, end in spans]
    # As above, with one byte a letter and no call a part: a message of five new words has a hundred.
    letters, crc32 = marked.encode(), zlib.crc32
    spans = ((start, start + length) for length in range(3, 6) for start in range(len(letters) - length + 1))
    return [(crc32(letters[start:end], PART) * SPREAD & WORD_MASK) >> SHIFT for start, end in spans]


def pairs(found: list[str]) -> list[int]:
    """The buckets of what lies between words: neighbouring words, how the message opens, and how it ends."""
    crc32 = zlib.crc32  # as in `bucket`, with no call a pair
    buckets = [
        (crc32(f"{left} {right}".encode("utf-8", "replace"), PAIR) * SPREAD & WORD_MASK) >> SHIFT
        for left, right in pairwise(found)
    ]
    buckets += bucket(found[0], FIRST), bucket(found[-1], LAST), bucket(" ".join(found[:2]), OPENING)
    return buckets
