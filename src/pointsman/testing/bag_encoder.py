"""An encoder for tests: a text's vector is the sum of its words' directions; no model, no files."""

from __future__ import annotations

import re
import zlib

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers.encoder import Reading


class BagEncoder:
    """Texts that share words are near each other; `calls` counts how often it was asked."""

    def __init__(self, dimensions: int = 64, *, fingerprint: str = "bag") -> None:
        self.dimensions = dimensions
        self.fingerprint = fingerprint
        self.calls = 0

    def legible(self, text: str) -> bool:
        """Emoji are beyond it, as beyond any encoder of words."""
        return "👍" not in text

    def encode(self, text: str) -> NDArray[np.float32]:
        """The unit vector of a text, float32 [dimensions]."""
        self.calls += 1
        total = np.zeros(self.dimensions)
        for word in text.lower().split() or [""]:
            total += np.random.default_rng(zlib.crc32(word.encode("utf-8", "replace"))).standard_normal(self.dimensions)
        unit: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return unit

    def read(self, text: str) -> Reading:
        """The text's vector, which is also its gist, and one state a word."""
        words = list(re.finditer(r"\S+", text))
        states = np.array([self.encode(word.group()) for word in words], dtype=np.float32)
        vector = self.encode(text)
        return Reading(
            vector, vector, states.reshape(len(words), self.dimensions), tuple(word.span() for word in words)
        )
