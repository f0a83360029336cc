"""Measures of a classifier that may refuse: does it know what it does not know, and how sure may one be of it?"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

EQUAL_BINS: Final = 15
KEPT: Final = 0.95

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auroc(inside: Values, outside: Values) -> float:
    """The probability that a message in scope scores higher than one that is not; a tie counts half.

    `inside` and `outside` are scores, float64 [messages], of at least one message each.
    """
    scores = np.concatenate([inside, outside])
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]  # equal scores share the mean of their ranks
    above = ranks[: len(inside)].sum() - len(inside) * (len(inside) + 1) / 2
    return float(above / (len(inside) * len(outside)))


def bar_that_keeps(scores: Values, share: float = KEPT) -> float:
    """The score that a share of messages reaches."""
    return float(np.quantile(scores, 1 - share))


def equal_mass_error(confidences: Values, right: Flags, bins: int = EQUAL_BINS) -> float:
    """Expected calibration error over bins of equally many messages, which no empty bin can flatter.

    Source: Nguyen and O'Connor, "Posterior Calibration and Exploratory Analysis for Natural
    Language Processing Models", 2015 (adaptive bins).
    """
    order = np.argsort(confidences, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(confidences[part].mean() - right[part].mean())) * len(part) for part in parts]
    return sum(gaps) / len(order)
