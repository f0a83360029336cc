"""From one probability a category to the likeliest category of the likeliest path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# On this path the category chooses the words of the reply, so one of its categories has to be likelier than not.
TEMPLATES: Final = "simple"
LIKELY: Final = 0.5


class Belief(NamedTuple):
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
        side = path_of[name]
        by_path[side] = by_path.get(side, 0.0) + probability
    path = max(by_path, key=by_path.__getitem__)
    category = max([name for name in scores if path_of[name] == path], key=scores.__getitem__)
    of_path = by_path.pop(path)
    if path == TEMPLATES and scores[category] < LIKELY:
        of_path = scores[category]
    return Belief(category, path, scores[category], of_path, of_path - max(by_path.values(), default=0.0))


def softmax(logits: NDArray[np.float32]) -> list[float]:
    """Probabilities from logits, without overflow; for ten numbers, plain arithmetic is faster than arrays."""
    numbers = logits.tolist()
    highest = max(numbers)
    powers = [math.exp(number - highest) for number in numbers]
    total = sum(powers)
    return [power / total for power in powers]
