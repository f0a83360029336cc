"""Fitting curves: only where they help, never beyond what the answers show."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from pointsman.build import curve_of
from pointsman.config.calibration import CurveSection
from pointsman.observe.tuning.fit import applied, fit, isotonic, platt, pool, temperature
from pointsman.observe.tuning.trust import curve_to_dict
from pointsman.tiers.calibration import Knots, Logistic


def claims(n: int, *, truth: Logistic, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confidences whose true chance is what `truth` makes of them, whether they were right, and folds."""
    chance = np.random.default_rng(seed)
    confidences = 1 / (1 + np.exp(-chance.normal(1.5, 1.5, n)))
    right = chance.random(n) < applied(truth, confidences)
    return confidences, right, np.arange(n) % 5


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.5, 9)), min_size=1, max_size=30))
def test_pooled_values_rise_keep_the_mean_and_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    values, weights = np.array(pairs).T
    blocks, starts = pool(values, weights)
    assert all(low < high for low, high in pairwise(blocks))
    sizes = np.diff([*starts, len(values)])
    rising = np.repeat(blocks, sizes)
    assert np.average(rising, weights=weights) == pytest.approx(np.average(values, weights=weights))
    reference = isotonic_regression(values, sample_weight=weights)
    assert rising == pytest.approx(reference, abs=1e-9)


def test_pooling_again_changes_nothing() -> None:
    blocks, _ = pool([0.1, 0.5, 0.3, 0.9], [1, 1, 1, 1])
    assert blocks == pytest.approx([0.1, 0.4, 0.9])
    assert pool(blocks, [1, 2, 1])[0] == blocks


def test_a_temperature_is_found_again() -> None:
    confidences, right, _ = claims(6000, truth=Logistic(1.6, 0.0))
    assert temperature(confidences, right).temperature == pytest.approx(1.6, abs=0.12)


def test_temperature_and_offset_are_found_again() -> None:
    confidences, right, _ = claims(6000, truth=Logistic(1.3, -0.8))
    found = platt(confidences, right)
    assert found.temperature == pytest.approx(1.3, abs=0.12)
    assert found.offset == pytest.approx(-0.8, abs=0.12)


def test_what_claims_too_much_is_mended() -> None:
    found = fit(*claims(1500, truth=Logistic(1.5, -0.7)))
    assert found.kind == "Platt"
    assert found.before is not None
    assert found.after is not None
    assert found.after < found.before / 2
    assert found.after < 0.04
    assert sum(cell.n for cell in found.bins_after) == found.n == 1500


def test_what_is_true_already_is_left_alone() -> None:
    found = fit(*claims(1500, truth=Logistic()))
    assert (found.kind, found.curve) == ("none", None)
    assert found.after == found.before


def test_what_no_logistic_bends_takes_isotonic_regression() -> None:
    chance = np.random.default_rng(1)
    confidences = chance.random(4000)
    right = chance.random(4000) < np.where(confidences < 0.5, 0.1, np.where(confidences < 0.9, 0.75, 0.8))
    found = fit(confidences, right, np.arange(4000) % 5)
    assert found.kind == "isotonic"
    assert isinstance(found.curve, Knots)
    assert found.curve(0.3) < 0.2 < 0.6 < found.curve(0.7)


@pytest.mark.parametrize("wrong", [0, 3, 9])
def test_few_mistakes_show_nothing(wrong: int) -> None:
    right = np.arange(1000) >= wrong
    assert fit(np.full(1000, 0.8), right, np.arange(1000) % 5).curve is None


def test_no_answers_are_no_reason_to_fail() -> None:
    found = fit(np.empty(0), np.empty(0, dtype=bool), np.empty(0, dtype=np.int_))
    assert (found.n, found.before, found.curve) == (0, None, None)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=60, max_size=400))
def test_isotonic_knots_rise_and_are_never_certain(pairs: list[tuple[float, bool]]) -> None:
    confidences, right = (np.array(column) for column in zip(*pairs, strict=True))
    points = isotonic(confidences, right.astype(bool)).points
    assert 1 <= len(points) <= 12
    for (left, low), (east, high) in pairwise(points):
        assert left < east
        assert low <= high
    assert all(0 < share < 1 for _, share in points)


@pytest.mark.parametrize("curve", [Logistic(0.906, -0.309), Knots(((0.1, 0.2), (0.95, 0.9))), Logistic()])
def test_a_curve_comes_back_from_the_configuration_as_it_went_in(curve: Logistic | Knots) -> None:
    assert curve_of(CurveSection.model_validate(curve_to_dict(curve))) == curve
