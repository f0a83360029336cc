"""The measures that are not trivial: upper bounds of a share."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from pointsman.observe.measures import needed_for, upper_bound


@settings(deadline=None)
@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_the_upper_bound_is_clopper_and_pearsons(counts: tuple[int, int]) -> None:
    errors, n = counts
    assert upper_bound(errors, n) == pytest.approx(beta.ppf(0.95, errors + 1, n - errors), abs=1e-6)


def test_without_errors_it_is_about_the_rule_of_three() -> None:
    assert upper_bound(0, 300) == pytest.approx(0.01, rel=0.01)
    assert upper_bound(0, needed_for(0.003)) <= 0.003
    assert needed_for(0.01) == 300


def test_where_nothing_is_known_anything_may_be() -> None:
    assert upper_bound(0, 0) == 1
    assert upper_bound(5, 5) == 1


def test_it_holds_for_many_messages() -> None:
    bound = upper_bound(500, 50_000)
    assert 0.01 < bound < 0.011
    assert math.isfinite(bound)
