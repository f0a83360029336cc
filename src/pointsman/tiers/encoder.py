"""The seam between the tiers and whatever turns text into vectors."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class Encoder(Protocol):
    """Turns a text into a unit vector, float32 [dimensions].

    `fingerprint` names model, pooling and tokenizer by content: vectors of different
    fingerprints never meet in one index.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode(self, text: str) -> Vector: ...
