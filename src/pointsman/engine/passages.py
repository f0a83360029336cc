"""Passages of text as vectors, for programs that search in texts of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Passages(Protocol):
    """Turns passages into vectors that can be compared with each other, one at a time."""

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        ...

    def passage(self, text: str) -> tuple[NDArray[np.float32], int]:
        """The unit vector of a passage, float32 [dimensions], and how many of its tokens were read."""
        ...
