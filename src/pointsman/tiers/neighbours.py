"""Tier 1: what are the nearest known utterances, and do they agree?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.surroundings import Surrounding, Surroundings

# From this similarity on, a message is as good as its neighbour: the same words, or nearly.
NEAR_EXACT = 0.9


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression from the nearest similarity, the share of the vote and their product to P(right).

    The product is needed: agreement among far neighbours says little, and closeness without
    agreement less. Fitted by `pointsman train head` on labelled messages that are not among
    the utterances.
    """

    bias: float
    nearest: float
    share: float
    both: float = 0.0

    def confidence(self, nearest: float, share: float) -> float:
        """P(right), 0..1, from a similarity, -1..1, and a share, 0..1."""
        logit = self.bias + self.nearest * nearest + self.share * share + self.both * nearest * share
        return 1.0 / (1.0 + math.exp(-logit))


class Neighbours:
    """Answers with the category that the nearest utterances vote for, weighed by closeness.

    What users teach works here at once: a new utterance or category needs no fitting.
    """

    name = "neighbours"

    def __init__(self, surroundings: Surroundings, catalogue: Catalogue, calibration: Calibration) -> None:
        self._surroundings = surroundings
        self._catalogue = catalogue
        self._calibration = calibration

    def judge(self, message: Message) -> Verdict:
        """The vote of the nearest utterances; abstains for a message without words or when nothing is known."""
        if message.wordless:
            return Abstain("there are no words in it")
        text = message.look.strip()
        surrounding = self._surroundings.of(text)
        if not surrounding.legible:
            return Abstain("the encoder cannot read it: most of its characters are unknown")
        if not surrounding.near:
            return Abstain("no utterances to compare with")
        return vote(surrounding, self._catalogue, self._calibration)


def vote(surrounding: Surrounding, catalogue: Catalogue, calibration: Calibration) -> Answer:
    """What the nearest utterances vote for, weighed by closeness; there is at least one."""
    shares = surrounding.shares
    category = max(shares, key=lambda name: shares[name])
    path = catalogue.side_of(category)
    on_path = sum(share for name, share in shares.items() if catalogue.side_of(name) == path)
    rivals = [share for name, share in shares.items() if catalogue.side_of(name) != path]
    first = surrounding.near[0]
    agreeing = sum(item.utterance.category == category for item in surrounding.near)
    return Answer(
        category=category,
        confidence=calibration.confidence(first.similarity, shares[category]),
        path_confidence=calibration.confidence(first.similarity, on_path),
        margin=shares[category] - max(rivals, default=0.0),
        reason=(
            f"{agreeing} of the {len(surrounding.near)} nearest agree,"
            f' the nearest at {first.similarity:.2f}: "{first.utterance.text}"'
        ),
        scores=shares,
        evidence=surrounding.evidence,
        language=first.utterance.language if first.similarity >= NEAR_EXACT else "",
    )
