"""Fits curves from confidence to probability, and keeps one only where it does better on messages it has not seen.

scikit-learn has all of this and costs 250 MB; what is needed here fits in a page of numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.observe.measures import Bin, calibration_error, reliability_bins
from pointsman.tiers.calibration import LEAST, Curve, Knots, Logistic

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# A curve bends confidence within these limits: a small file must not make a tier certain, or useless.
COLDEST, HOTTEST = 0.5, 2.0
FARTHEST: Final = 2.0
# Isotonic regression is fitted on this many groups of equal size at most, of this many answers at least.
GROUPS: Final = 12
GROUP_SIZE: Final = 50
DIGITS: Final = 3
KNOT_DIGITS: Final = 4
STEPS: Final = 30


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of curve: its name, how to fit it, and how many right and how many wrong answers that takes."""

    name: str
    fit: Callable[[Floats, Flags], Curve]
    least: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A curve fitted on `n` answers, None when none does better than the tier's own confidence.

    `before` and `after` are the expected calibration errors without it and with it, the latter
    cross-fitted: each answer judged by a curve that was fitted without it. `bins_before` and
    `bins_after` show the same in ten steps of confidence.
    """

    kind: str
    curve: Curve | None
    n: int
    before: float | None
    after: float | None
    bins_before: tuple[Bin, ...] = ()
    bins_after: tuple[Bin, ...] = ()


def fit(confidences: Floats, right: Flags, folds: NDArray[np.int_]) -> Fitted:
    """The simplest curve that is no worse than any other, for answers in some folds.

    A more complex one must lower the cross-fitted logarithmic loss by more than the standard
    error of the difference (the one-standard-error rule; Hastie et al., "The Elements of
    Statistical Learning", 7.10).
    """
    best: Kind | None = None
    mapped = confidences
    rarer = min(int(right.sum()), int((~right).sum()))
    for kind in KINDS:
        if rarer < kind.least:
            break
        tried = cross_fitted(kind, confidences, right, folds)
        gains = losses(mapped, right) - losses(tried, right)
        if gains.mean() > gains.std() / np.sqrt(len(gains)):
            best, mapped = kind, tried
    before, after = (list(zip(shown.tolist(), right.tolist(), strict=True)) for shown in (confidences, mapped))
    return Fitted(
        kind="none" if best is None else best.name,
        curve=None if best is None else best.fit(confidences, right),
        n=len(right),
        before=calibration_error(before),
        after=calibration_error(after),
        bins_before=reliability_bins(before),
        bins_after=reliability_bins(after),
    )


def cross_fitted(kind: Kind, confidences: Floats, right: Flags, folds: NDArray[np.int_]) -> Floats:
    """What curves make of confidences that they were not fitted on."""
    mapped = np.empty_like(confidences)
    for fold in np.unique(folds):
        inside = folds == fold
        mapped[inside] = applied(kind.fit(confidences[~inside], right[~inside]), confidences[inside])
    return mapped


def applied(curve: Curve, confidences: Floats) -> Floats:
    """What a curve makes of confidences."""
    return np.array([curve(confidence) for confidence in confidences.tolist()], dtype=np.float64)


def losses(probabilities: Floats, right: Flags) -> Floats:
    """The logarithmic loss of each answer."""
    held = np.clip(probabilities, LEAST, 1 - LEAST)
    return -np.log(np.where(right, held, 1 - held))


def logits(confidences: Floats) -> Floats:
    """The logits of confidences."""
    held = np.clip(confidences, LEAST, 1 - LEAST)
    return np.log(held / (1 - held))


def temperature(confidences: Floats, right: Flags) -> Logistic:
    """The temperature that makes what happened likeliest."""
    slope, _ = newton(confidences, right, moves=False)
    return logistic(slope, 0.0)


def platt(confidences: Floats, right: Flags) -> Logistic:
    """The temperature and the offset that make what happened likeliest."""
    return logistic(*newton(confidences, right, moves=True))


def logistic(slope: float, offset: float) -> Logistic:
    """The curve, within its limits, in few digits."""
    return Logistic(
        round(float(np.clip(1 / max(slope, 1 / HOTTEST), COLDEST, HOTTEST)), DIGITS),
        round(float(np.clip(offset, -FARTHEST, FARTHEST)), DIGITS),
    )


def newton(confidences: Floats, right: Flags, *, moves: bool) -> tuple[float, float]:
    """Slope and offset on the logit by Newton's method.

    The aims are (right + 1) / (right + 2) and 1 / (wrong + 2) in place of 1 and 0, so that few
    answers make no tier certain (Platt 1999, section 2.2).
    """
    hits = int(right.sum())
    aims = np.where(right, (hits + 1) / (hits + 2), 1 / (len(right) - hits + 2))
    inputs = np.stack([logits(confidences), np.ones(len(right))])[: 2 if moves else 1]
    weights = np.array([1.0, 0.0])[: len(inputs)]
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(weights @ inputs, -30, 30)))
        gradient = inputs @ (chances - aims)
        curvature = (inputs * (chances * (1 - chances))) @ inputs.T + 1e-6 * np.eye(len(inputs))
        step = np.clip(np.linalg.solve(curvature, gradient), -1, 1)
        weights = weights - step
        if np.abs(step).max() < 1e-6:
            break
    return float(weights[0]), float(weights[1]) if moves else 0.0


def isotonic(confidences: Floats, right: Flags) -> Knots:
    """Straight lines between the means of groups of like confidence, which rise with it.

    A group's share of right answers is (right + 1) / (n + 2), so that no knot says 0 or 1.
    """
    order = np.argsort(confidences, kind="stable")
    groups = np.array_split(order, max(1, min(GROUPS, len(order) // GROUP_SIZE)))
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    centres = np.array([confidences[group].mean() for group in groups])
    shares = np.array([(right[group].sum() + 1) / (len(group) + 2) for group in groups])
    rising, starts = pool(shares, sizes)
    points: dict[float, float] = {}
    for first, last, share in zip(starts, [*starts[1:], len(groups)], rising, strict=True):
        centre = float(np.average(centres[first:last], weights=sizes[first:last]))
        points[round(centre, KNOT_DIGITS)] = round(float(share), KNOT_DIGITS)
    return Knots(tuple(points.items()))


def pool(values: Sequence[float] | Floats, weights: Sequence[float] | Floats) -> tuple[list[float], list[int]]:
    """The rising values nearest to some in weighted squares, one a block, and where each block starts.

    Adjacent violators are pooled (Ayer et al. 1955; Barlow et al. 1972), in linear time.
    """
    blocks: list[tuple[float, float, int]] = []
    for place, (value, weight) in enumerate(zip(values, weights, strict=True)):
        blocks.append((float(value), float(weight), place))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (low, light, first), (high, heavy, _) = blocks[-2:]
            blocks[-2:] = [((low * light + high * heavy) / (light + heavy), light + heavy, first)]
    return [value for value, _, _ in blocks], [first for _, _, first in blocks]


# From the simplest to the one that bends most.
KINDS: Final = (Kind("temperature", temperature, 10), Kind("Platt", platt, 20), Kind("isotonic", isotonic, 100))
