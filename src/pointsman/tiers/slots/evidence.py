"""What the rules found, as evidence for the tagger: which words of the text their values cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots.words import Word

MAIN: Final = ("prompt", "query", "memory", "code", "expression")
CUT, WHOLE, LIST, STYLE, NEGATIVE, NOTHING = range(6)
KINDS: Final = 6
# The word itself, the one before it and the one after it, and a constant.
WIDTH: Final = 3 * KINDS + 1

Floats = NDArray[np.float32]


def evidence(text: str, words: Sequence[Word], found: Mapping[str, SlotValue]) -> Floats:
    """One row a word, float32 [words, WIDTH].

    A value that is the whole text says little, as the rules then knew nothing to cut; so it is another kind of
    evidence than one that is a part.
    """
    count = len(words)
    rows = np.zeros((count + 2, KINDS), np.float32)
    inner = rows[1:-1]
    main = next((str(found[name]) for name in MAIN if name in found), "")
    if main:
        covered = cover(text, words, main, inner)
        whole = all(mark or not text[start].isalnum() for mark, (start, _) in zip(covered, words, strict=True))
        inner[covered, WHOLE if whole else CUT] = 1
    else:
        inner[:, NOTHING] = 1
    if "style" in found:
        inner[places(text, words, str(found["style"])), STYLE] = 1
    for part in str(found.get("negative", "")).split(", "):
        inner[places(text, words, part), NEGATIVE] = 1
    return np.concatenate([inner, rows[:-2], rows[2:], np.ones((count, 1), np.float32)], axis=1)


def cover(text: str, words: Sequence[Word], value: str, rows: Floats) -> list[bool]:
    """Which words a value covers; one that was put together from two places is looked for in two parts."""
    covered = places(text, words, value)
    if any(covered):
        return covered
    kept, colon, thing = value.partition(": ")
    if colon and kept in text and thing in text:
        rows[places(text, words, kept), LIST] = 1
        return places(text, words, thing)
    low, high = 0, len(value)
    while low < high:  # the longest beginning that stands in the text
        middle = (low + high + 1) // 2
        low, high = (middle, high) if value[:middle] in text else (low, middle - 1)
    head, tail = value[:low].strip(), value[low:].strip(" ,")
    covered = places(text, words, head)
    if tail and tail in text:
        covered = [first or second for first, second in zip(covered, places(text, words, tail), strict=True)]
    return covered


def places(text: str, words: Sequence[Word], value: str) -> list[bool]:
    """Which words lie in a value, where it stands in the text first."""
    start = text.find(value) if value else -1
    if start < 0:
        return [False] * len(words)
    end = start + len(value)
    return [first < end and last > start for first, last in words]
