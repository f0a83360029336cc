"""The seam between the tiers and whatever turns text into vectors."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors, one at a time."""

    @property
    def fingerprint(self) -> str:
        """Names model, pooling and tokenizer by content; vectors of different ones never meet in one index."""
        ...

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        ...

    def encode(self, text: str) -> Vector:
        """The unit vector of a text, float32 [dimensions]."""
        ...

    def legible(self, text: str) -> bool:
        """Whether the encoder can read a text: vectors of texts that it cannot read are all alike."""
        ...
