"""Tier 1: a calibrated linear head on what the encoder sees of a message, joined with what its words say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.belief import believe, softmax
from pointsman.tiers.head import Head
from pointsman.tiers.surroundings import Surrounding, Surroundings

# 31 of 31 labelled messages without words want nothing but talk: (31 + 1) / (31 + 2), Laplace's rule.
WORDLESS: Final = 0.97


class Classifier:
    """Answers with the likeliest category of the likeliest path.

    Out of scope is judged by the highest logit and the nearest utterance together, never by the
    softmax, which is sure of anything (CLINC150 out-of-scope AUROC .982 against .961), and only
    where it matters: an answer on the fallback's own path costs nothing. A category of the user's
    that the head was not fitted on is left to the neighbours: when they vote for one, this tier
    abstains.
    """

    name = "classifier"

    def __init__(self, head: Head, surroundings: Surroundings, catalogue: Catalogue, fallback: str = "") -> None:
        self._head = head
        self._surroundings = surroundings
        self._fallback = fallback if fallback in catalogue else ""
        self._fallback_path = catalogue.path_of(fallback) if fallback in catalogue else ""
        self._columns = [column for column, name in enumerate(head.categories) if name in catalogue]
        self._path_of = {name: catalogue.side_of(name) for name in head.categories if name in catalogue}

    def judge(self, message: Message) -> Verdict:
        """The head's answer; abstains out of scope, and before categories it does not know."""
        if message.wordless:
            return self._talk()
        text = message.look.strip()
        if not self._columns:
            return Abstain("none of the head's categories is configured")
        surrounding = self._surroundings.of(text)
        reading = self._surroundings.reading(text)
        logits = self._head.logits(reading, text, legible=surrounding.legible)[self._columns]
        answer = self._answer(softmax(logits / np.float32(self._head.temperature)), surrounding)
        return self._unknown(surrounding, answer) or self._out_of_scope(logits, surrounding, answer) or answer

    def _talk(self) -> Verdict:
        """Emoji, dots and blanks ask for nothing, and go where doubt goes."""
        if not self._fallback:
            return Abstain("there are no words in it")
        return Answer(
            category=self._fallback,
            confidence=WORDLESS,
            path_confidence=WORDLESS,
            margin=WORDLESS,
            reason="there are no words in it, so nothing to paint, to look up or to compute",
        )

    def _answer(self, probabilities: Sequence[float], surrounding: Surrounding) -> Answer:
        scores = dict(zip(self._path_of, probabilities, strict=True))
        belief = believe(scores, self._path_of)
        return Answer(
            category=belief.category,
            confidence=belief.of_category,
            path_confidence=belief.of_path,
            margin=belief.margin,
            reason=because(belief.category, belief.path, belief.of_path, surrounding),
            scores=scores,
            evidence=surrounding.evidence,
        )

    def _unknown(self, surrounding: Surrounding, answer: Answer) -> Abstain | None:
        shares = surrounding.shares
        favourite = max(shares, key=lambda name: shares[name], default="")
        if favourite and favourite not in self._head.categories:
            return Abstain(f"the nearest utterances are of {favourite}, which the head does not know", answer)
        return None

    def _out_of_scope(self, logits: NDArray[np.float32], surrounding: Surrounding, answer: Answer) -> Abstain | None:
        if self._path_of[answer.category] == self._fallback_path:
            return None  # where a message that nobody knows would go anyway
        if not surrounding.legible:
            return None  # its nearest similarity is unknown, and the n-grams still tell
        nearest = surrounding.near[0].similarity if surrounding.near else 0.0
        by_logit, by_similarity = self._head.scope_weights
        score = by_logit * float(logits.max()) + by_similarity * nearest
        if score < self._head.scope:
            return Abstain(f"out of scope: nothing like it is known (nearest {nearest:.2f})", answer)
        return None


def because(category: str, path: str, belief: float, surrounding: Surrounding) -> str:
    """The reason in words: the path's probability, and the nearest utterance of the same category if any."""
    support = next((item for item in surrounding.near if item.utterance.category == category), None)
    like = f', like "{support.utterance.text}" ({support.similarity:.2f})' if support else ""
    return f"path {path} {belief:.2f}{like}"
