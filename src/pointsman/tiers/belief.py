"""From one probability a category to the likeliest category of the likeliest path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Belief:
    """The likeliest path and its likeliest category; `margin` is the distance to the next path, all 0..1."""

    category: str
    path: str
    of_category: float
    of_path: float
    margin: float


def believe(scores: Mapping[str, float], path_of: Mapping[str, str]) -> Belief:
    """Sums belief by path first, because a wrong path is what hurts.

    Knowledge .30, reasoning .25, chat .25, picture .20 is a sure "llm" and not a doubtful "knowledge".
    """
    by_path: dict[str, float] = {}
    for name, probability in scores.items():
        by_path[path_of[name]] = by_path.get(path_of[name], 0.0) + probability
    path = max(by_path, key=lambda name: by_path[name])
    category = max((name for name in scores if path_of[name] == path), key=lambda name: scores[name])
    rival = max((belief for name, belief in by_path.items() if name != path), default=0.0)
    return Belief(category, path, scores[category], by_path[path], by_path[path] - rival)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities from logits, without overflow."""
    powers = np.exp(logits - logits.max())
    result: NDArray[np.float32] = powers / powers.sum()
    return result
