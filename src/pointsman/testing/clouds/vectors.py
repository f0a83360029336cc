"""Embeddings of a fake: a text's vector is the sum of its words' directions."""

from __future__ import annotations

import base64
import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def vector(text: str, dimensions: int, space: str) -> NDArray[np.float32]:
    """The unit vector of a text, float32 [dimensions]: near those of texts that share words with it.

    Vectors of different spaces, such as two models or two poolings of one, have nothing to do with each other.
    """
    words = re.findall(r"\w+", text.lower()) or [text or " "]
    total: NDArray[np.float64] = np.sum([direction(word, dimensions, space) for word in words], axis=0)
    return (total / np.linalg.norm(total)).astype(np.float32)


def numbers(text: str, dimensions: int, space: str) -> list[float]:
    """The vector as services write it, with six digits."""
    return [round(float(number), 6) for number in vector(text, dimensions, space)]


def packed(text: str, dimensions: int, space: str) -> str:
    """The vector in base64 of little-endian floats, as OpenAI's own client asks for it."""
    return base64.b64encode(vector(text, dimensions, space).astype("<f4").tobytes()).decode()


@lru_cache(maxsize=8192)
def direction(word: str, dimensions: int, space: str) -> NDArray[np.float64]:
    """Where a word points."""
    seed = zlib.crc32(f"{space}\n{word}".encode("utf-8", "replace"))
    return np.random.default_rng(seed).standard_normal(dimensions)
