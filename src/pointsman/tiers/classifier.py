"""Tier 1: a calibrated linear head on the message's vector and its n-grams."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.head import Head
from pointsman.tiers.surroundings import Surrounding, Surroundings


class Classifier:
    """Answers with the likeliest category of the likeliest path.

    Belief is summed by path first, because a wrong path is what hurts: knowledge .30,
    reasoning .25, chat .25, picture .20 is a sure "llm" and not a doubtful "knowledge".
    Out of scope is judged by the highest logit and the nearest utterance together, never by
    the softmax, which is sure of anything (reference: CLINC150 out-of-scope AUROC .982
    against .961). A category of the user's that the head was not fitted on is left to the
    neighbours: when they vote for one, this tier abstains.
    """

    name = "classifier"

    def __init__(self, head: Head, surroundings: Surroundings, catalogue: Catalogue) -> None:
        self._head = head
        self._surroundings = surroundings
        self._columns = [column for column, name in enumerate(head.categories) if name in catalogue]
        self._path_of = {name: catalogue.path_of(name) for name in head.categories if name in catalogue}

    def judge(self, message: Message) -> Verdict:
        """The head's answer; abstains without words, out of scope, and before categories it does not know."""
        if message.wordless:
            return Abstain("there are no words in it")
        text = message.look.strip()
        if not self._columns:
            return Abstain("none of the head's categories is configured")
        surrounding = self._surroundings.of(text)
        logits = self._head.logits(surrounding.vector, text)[self._columns]
        answer = self._answer(softmax(logits / np.float32(self._head.temperature)), surrounding)
        return self._unknown(surrounding, answer) or self._out_of_scope(logits, surrounding, answer) or answer

    def _answer(self, probabilities: NDArray[np.float32], surrounding: Surrounding) -> Answer:
        scores = dict(zip(self._path_of, probabilities.tolist(), strict=True))
        by_path: dict[str, float] = {}
        for name, probability in scores.items():
            by_path[self._path_of[name]] = by_path.get(self._path_of[name], 0.0) + probability
        path = max(by_path, key=lambda name: by_path[name])
        category = max((name for name in scores if self._path_of[name] == path), key=lambda name: scores[name])
        rival = max((p for name, p in by_path.items() if name != path), default=0.0)
        return Answer(
            category=category,
            confidence=scores[category],
            path_confidence=by_path[path],
            margin=by_path[path] - rival,
            reason=because(category, path, by_path[path], surrounding),
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


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities from logits, without overflow."""
    powers = np.exp(logits - logits.max())
    result: NDArray[np.float32] = powers / powers.sum()
    return result
