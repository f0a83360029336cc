"""A sum goes on: times 3, in meters, and 10 miles."""

from __future__ import annotations

import pytest

from pointsman.tiers.followups.sums import goes_on, merged
from pointsman.tiers.slots.expression import expression_of

GOING_ON = [
    ("17*23", "times 3", "(17*23) times 3"),
    ("17*23", "in binary", "(17*23) in binary"),
    ("5 miles in km", "in meters", "(5 miles in km) in meters"),
    ("5 miles in km", "plus 3 km", "(5 miles in km) plus 3 km"),
    ("5 miles in km", "10 miles", "10 miles in km"),
    ("72 f to c", "80 f", "80 f to c"),
    ("2 liters in cups", "times 3", "(2 liters in cups) times 3"),
]
LOST = [
    ("17*23", "10 miles"),
    ("5 miles in km", "10 kg"),
    ("days until christmas", "in weeks"),
    ("5 miles in km", "in dollars"),
]


@pytest.mark.parametrize(("expression", "core", "wanted"), GOING_ON)
def test_what_is_wanted_after_a_sum(expression: str, core: str, wanted: str) -> None:
    assert goes_on(core)
    assert merged(expression, core, expression_of) == wanted


@pytest.mark.parametrize(("expression", "core"), LOST)
def test_what_cannot_be_told_is_not_computed(expression: str, core: str) -> None:
    assert merged(expression, core, expression_of) == ""
