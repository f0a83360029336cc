"""Hashed word and character n-grams of a text, as sparse weighted features.

Words 1-2 and characters 2-5, hashed into 2^16 buckets, weighted by inverse document frequency
and scaled to unit length: what a linear head needs to see spelling, where an encoder sees
meaning (it knows neither "asap plz" nor most of Finnish). All n-grams of a length are hashed
in one numpy pass, about 60 us for a 20-word message.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

BUCKETS: Final = 1 << 16
LONGEST: Final = 600
CHARACTERS: Final = (2, 3, 4, 5)

WORD = re.compile(r"\w+|[^\w\s]")
DIGIT = re.compile(r"\d")

# Odd 64-bit constants: one polynomial base for characters, one multiplier a family of n-grams,
# so that the trigram "abc" and the word "abc" land in different buckets.
BASE: Final = np.uint64(0x9E3779B97F4A7C15)
FAMILIES: Final = tuple(
    np.uint64(value)
    for value in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
)
SHIFT: Final = np.uint64(64 - 16)


def folded(text: str) -> str:
    """Lower case, compatibility forms joined, digits made alike, white space collapsed, cut at 600 characters.

    "23*19" and "7*8" then share their features.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 150]} {text[-150:]}"
    return " ".join(DIGIT.sub("0", text.lower()).split())


def buckets(text: str) -> NDArray[np.int64]:
    """The distinct buckets, ascending, that a text's n-grams fall into; empty for a blank text."""
    plain = folded(text)
    if not plain:
        return np.empty(0, dtype=np.int64)
    codes = np.frombuffer(f" {plain} ".encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    hashes = []
    with np.errstate(over="ignore"):
        grams = codes
        for length in range(2, CHARACTERS[-1] + 1):
            if len(codes) < length:
                break
            grams = grams[:-1] * BASE + codes[length - 1 :]
            hashes.append(mixed(grams, FAMILIES[length - 2]))
        words = np.fromiter((zlib.crc32(word.encode()) for word in WORD.findall(plain)), dtype=np.uint64)
        hashes.append(mixed(words + np.uint64(1), FAMILIES[4]))
        if len(words) > 1:
            hashes.append(mixed(words[:-1] * BASE + words[1:], FAMILIES[3] ^ FAMILIES[4]))
    found: NDArray[np.int64] = np.unique(np.concatenate(hashes)).astype(np.int64)
    return found


def mixed(values: NDArray[np.uint64], family: np.uint64) -> NDArray[np.uint64]:
    """Hash values spread over the buckets: multiply, fold the high half in, multiply, keep the top bits."""
    spread = values * family
    spread ^= spread >> np.uint64(32)
    result: NDArray[np.uint64] = (spread * BASE) >> SHIFT
    return result


def weighted(found: NDArray[np.int64], idf: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights of the buckets: inverse document frequency, scaled to unit length; float32, same shape."""
    weights = idf[found]
    length = float(np.sqrt(weights @ weights))
    scaled: NDArray[np.float32] = weights / np.float32(length) if length else weights
    return scaled
