"""The seam to whoever gives a probability to each category, and the tier that asks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Shares:
    """What an oracle gave to each category, 0..1 and about 1 in all; `model` is who gave it."""

    model: str
    shares: Mapping[str, float]


class Oracle(Protocol):
    """A decision model, or one that compares a text with descriptions."""

    name: str

    async def shares(self, text: str, options: Mapping[str, str]) -> Shares:
        """The probability of each option; `options` maps names of categories to their descriptions.

        Raises ServiceFailed.
        """
        ...
