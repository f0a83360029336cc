"""Makes a tier's confidence mean what it says: maps from what it gives to how often that turned out right."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Final, Protocol

from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message

# No tier is ever certain: beyond this a logit says more about rounding than about the message.
LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Logistic:
    """Divides the logit by a temperature and moves it: sigmoid(logit(confidence) / temperature + offset).

    A temperature above 1 makes confident answers less so. Sources: Platt, "Probabilistic Outputs
    for Support Vector Machines", 1999; Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """

    temperature: float = 1.0
    offset: float = 0.0

    def __call__(self, confidence: float) -> float:
        """The probability."""
        held = min(max(confidence, LEAST), 1 - LEAST)
        return 1 / (1 + math.exp(-(math.log(held / (1 - held)) / self.temperature + self.offset)))


@dataclass(frozen=True, slots=True)
class Knots:
    """Straight lines between (confidence, probability) points, level beyond the first and the last.

    Both rise from point to point; there is at least one. Source: isotonic regression (Zadrozny
    and Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", 2002).
    """

    points: tuple[tuple[float, float], ...]

    def __call__(self, confidence: float) -> float:
        """The probability."""
        place = bisect_right(self.points, confidence, key=lambda point: point[0])
        if place in {0, len(self.points)}:
            return self.points[max(place - 1, 0)][1]
        (left, low), (right, high) = self.points[place - 1 : place + 1]
        return low + (high - low) * (confidence - left) / (right - left)


Curve = Logistic | Knots
"""A rising function from a confidence, 0..1, to a probability, 0..1."""


@dataclass(frozen=True, slots=True)
class Maps:
    """The curves of a tier, for whether its category is right and for whether its path is; None changes nothing."""

    category: Curve | None = None
    path: Curve | None = None

    def __bool__(self) -> bool:
        return self.category is not None or self.path is not None


UNCHANGED: Final = Maps()


def calibrated(verdict: Verdict, maps: Maps) -> Verdict:
    """The verdict with its confidences mapped; its margin and scores are the tier's own, as they were."""
    if not maps:
        return verdict
    if isinstance(verdict, Abstain):
        leaning = verdict.leaning
        return verdict if leaning is None else replace(verdict, leaning=mapped(leaning, maps))
    return mapped(verdict, maps)


def mapped(answer: Answer, maps: Maps) -> Answer:
    """The answer with its confidences mapped; a right category is on the right path, so it is no likelier than that."""
    category = answer.confidence if maps.category is None else maps.category(answer.confidence)
    path = answer.path_confidence if maps.path is None else maps.path(answer.path_confidence)
    return replace(answer, confidence=min(category, path), path_confidence=path)


class LocalTier(Protocol):
    """A tier that answers in this process."""

    name: str

    def judge(self, message: Message) -> Verdict:
        """The verdict."""
        ...


class Calibrated:
    """A tier whose answers carry calibrated confidences; otherwise it is the tier that it holds, its `bare` one."""

    def __init__(self, tier: LocalTier, maps: Maps) -> None:
        self.name = tier.name
        self.bare = tier
        self._maps = maps

    def judge(self, message: Message) -> Verdict:
        """What the tier says, with its confidences mapped."""
        return calibrated(self.bare.judge(message), self._maps)
