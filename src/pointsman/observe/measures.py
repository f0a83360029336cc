"""The measures that an evaluation is made of: shares, percentiles, calibration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

BINS: Final = 10
# How probable it is that a true share lies below its upper bound, and how exactly that bound is worked out.
SURE: Final = 0.95
TOLERANCE: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions whose confidence is in low..high: how many, how sure on average, how often right."""

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


def ratio(part: float, whole: float) -> float | None:
    """`part` of `whole`, or None when there is no whole."""
    return part / whole if whole else None


def percentile(values: Iterable[float], share: float) -> float | None:
    """The value below which a share (0..1) lies, interpolated between the closest ranks."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = BINS) -> float | None:
    """Expected calibration error of (confidence, right) pairs over equal-width bins.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599.
    """
    cells = confidence_cells(pairs, bins)
    return ratio(sum(abs(confidence - right) for _, confidence, right in cells), len(pairs))


def reliability_bins(pairs: Sequence[tuple[float, bool]], bins: int = BINS) -> tuple[Bin, ...]:
    """Mean confidence and accuracy in equal-width bins; a confidence of 1 belongs to the last."""
    return tuple(
        Bin(place / bins, (place + 1) / bins, n, ratio(confidence, n), ratio(right, n))
        for place, (n, confidence, right) in enumerate(confidence_cells(pairs, bins))
    )


def confidence_cells(pairs: Sequence[tuple[float, bool]], bins: int) -> list[tuple[int, float, int]]:
    """For each bin: how many pairs, the sum of their confidences, how many are right."""
    counts, sums, rights = [0] * bins, [0.0] * bins, [0] * bins
    for confidence, right in pairs:
        place = min(int(confidence * bins), bins - 1)
        counts[place] += 1
        sums[place] += confidence
        rights[place] += right
    return list(zip(counts, sums, rights, strict=True))


def upper_bound(errors: int, n: int, sure: float = SURE) -> float:
    """The share of errors below which the true one lies with probability `sure`, after `errors` of `n`; 1 for none.

    One-sided and exact, so never too low. Source: Clopper and Pearson, "The Use of Confidence or
    Fiducial Limits Illustrated in the Case of the Binomial", 1934. Without an error it is about
    3 / n, the rule of three.
    """
    if errors >= n:
        return 1.0
    low, high = errors / n, 1.0
    while high - low > TOLERANCE:
        middle = (low + high) / 2
        if chance_of_at_most(errors, n, middle) > 1 - sure:
            low = middle
        else:
            high = middle
    return high


def chance_of_at_most(errors: int, n: int, share: float) -> float:
    """How likely `errors` of `n` or fewer are when each is one with probability `share`, 0 < share < 1."""
    odds = math.log(share) - math.log1p(-share)
    term = n * math.log1p(-share)
    total = math.exp(term)
    for count in range(1, errors + 1):
        term += math.log(n - count + 1) - math.log(count) + odds
        total += math.exp(term)
    return total


def needed_for(share: float) -> int:
    """How many messages without a single error show a share of errors: the rule of three (Hanley, 1983)."""
    return math.ceil(3 / share)
