"""A look at all cards and servers at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pointsman.gpu.backend import Loaded
from pointsman.gpu.reading import Reading


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen: `at` is when looking began, so that all of it is at least as new.

    `reports` are what the servers say that they hold, by their names: None where one did not answer, and no entry
    where it was not asked.
    """

    at: float
    readings: tuple[Reading, ...] = ()
    reports: Mapping[str, Sequence[Loaded] | None] = field(default_factory=dict)
