"""Counts of what a cascade did with labelled messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pointsman.observe.measures import upper_bound

# A share of fewer answers than this says nothing, and a bar for them would follow chance.
LEAST_ANSWERS: Final = 25


@dataclass(frozen=True, slots=True)
class Tally:
    """What a cascade did with `n` messages: `answered` by a tier, `wrong` of them on a wrong path, in mean `ms`.

    `pictures` of the `others` messages that want no picture were sent to the painter.
    """

    n: int = 0
    answered: int = 0
    wrong: int = 0
    pictures: int = 0
    others: int = 0
    total_ms: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.n + other.n,
            self.answered + other.answered,
            self.wrong + other.wrong,
            self.pictures + other.pictures,
            self.others + other.others,
            self.total_ms + other.total_ms,
        )

    @property
    def coverage(self) -> float:
        """The share that a tier answered."""
        return self.answered / self.n if self.n else 0.0

    @property
    def error(self) -> float:
        """The share of wrong paths among the answered."""
        return self.wrong / self.answered if self.answered else 0.0

    @property
    def picture_error(self) -> float:
        """The share of pictures by mistake among the messages that want none."""
        return self.pictures / self.others if self.others else 0.0

    @property
    def error_bound(self) -> float:
        """What the true error is below, with 95 % probability."""
        return upper_bound(self.wrong, self.answered)

    @property
    def picture_bound(self) -> float:
        """What the true share of pictures by mistake is below, with 95 % probability."""
        return upper_bound(self.pictures, self.others)

    @property
    def ms(self) -> float:
        """Mean milliseconds a message."""
        return self.total_ms / self.n if self.n else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """The tally as data for JSON."""
        return {
            "n": self.n,
            "answered": self.answered,
            "wrong": self.wrong,
            "coverage": self.coverage,
            "error": self.error,
            "error_bound": self.error_bound,
            "pictures": self.pictures,
            "others": self.others,
            "picture_error": self.picture_error,
            "picture_bound": self.picture_bound,
            "mean_ms": self.ms,
        }


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies."""
    return sum(tallies, Tally())
