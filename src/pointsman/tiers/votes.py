"""How the tiers of a cascade stand by each other: an answer that decides nothing still speaks for its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Verdict

if TYPE_CHECKING:
    from pointsman.tiers.cascade import Stage


class Votes:
    """Weighs what one tier after the other says of a message: votes below the bar help later answers on their path."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._given: dict[str, float] = {}

    def weigh(self, stage: Stage, said: Verdict) -> Verdict:
        """What a tier said, weighed in its place with what the tiers before it gave to the same path."""
        if isinstance(said, Abstain):
            return said
        side = self._catalogue.side_of(said.category)
        before = self._given.get(side, 0.0)
        if stage.votes:
            self._given[side] = max(before, said.path_confidence)
        return stage.weigh(said, before)
