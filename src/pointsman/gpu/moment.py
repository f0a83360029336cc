"""What every decision looks at: the state, the time, the constants, and what was already promised in this turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pointsman.gpu.settings import Settings
from pointsman.gpu.state import State


@dataclass(frozen=True, slots=True)
class Moment:
    """The state at a time.

    `claimed` are bytes of cards that wishes served earlier will take; `closed` names tenants that nobody else may
    begin to use, because such a wish waits for them to be idle.
    """

    state: State
    now: float
    settings: Settings
    claimed: Mapping[str, int] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
