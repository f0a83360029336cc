"""Scores that tell in scope from out of scope, and confidence in bins of equal mass."""

from __future__ import annotations

import numpy as np
import pytest

from pointsman.observe.detection import auroc, bar_that_keeps, equal_mass_error


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ([2.0, 3.0], [0.0, 1.0], 1.0),
        ([0.0, 1.0], [2.0, 3.0], 0.0),
        ([1.0, 1.0], [1.0, 1.0, 1.0], 0.5),
        ([1.0, 3.0], [2.0], 0.5),
        ([1.0, 2.0], [1.0], 0.75),
    ],
)
def test_auroc_counts_pairs_in_the_right_order(inside: list[float], outside: list[float], expected: float) -> None:
    assert auroc(np.array(inside), np.array(outside)) == pytest.approx(expected)


def test_auroc_says_what_scikit_learn_says() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(0)
    inside, outside = chance.normal(1, 1, 300).round(1), chance.normal(0, 1, 200).round(1)
    labels = np.r_[np.ones(300), np.zeros(200)]
    assert auroc(inside, outside) == pytest.approx(metrics.roc_auc_score(labels, np.r_[inside, outside]))


def test_the_bar_keeps_what_it_should() -> None:
    scores = np.arange(1000.0)
    assert (scores >= bar_that_keeps(scores)).mean() == pytest.approx(0.95)
    assert (scores >= bar_that_keeps(scores, 0.5)).mean() == pytest.approx(0.5)


def test_confidence_that_is_always_met_has_no_error() -> None:
    confidences = np.repeat([0.2, 0.8], 50)
    right = np.r_[np.arange(50) < 10, np.arange(50) < 40]
    assert equal_mass_error(confidences, right, 2) == pytest.approx(0)


def test_bins_hold_equally_many_however_confidence_is_spread() -> None:
    """Equal widths would put all of these into one bin, where too much and too little cancel out."""
    confidences = np.linspace(0.9, 0.99, 100)
    right = np.arange(100) < 50
    assert equal_mass_error(confidences, right, 2) == pytest.approx((1 - 0.922 + 0.967) / 2, abs=0.002)
    assert equal_mass_error(confidences[:3], right[:3], 15) == pytest.approx(1 - confidences[:3].mean())
