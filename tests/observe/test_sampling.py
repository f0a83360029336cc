"""A sample takes from every category in turn, and the same seed takes the same."""

from __future__ import annotations

import random
from collections import Counter

from pointsman.core.message import Message
from pointsman.observe.evaluation import Gold
from pointsman.observe.labelled import Labelled
from pointsman.observe.sampling import balanced

ROWS = [
    Labelled(Gold(f"{category}{number}", "x", category), Message("x"))
    for category, count in (("a", 90), ("b", 9), ("c", 1))
    for number in range(count)
]


def test_every_category_is_in_it_however_few_are_asked() -> None:
    sample = balanced(ROWS, 13, random.Random(0))
    assert Counter(row.gold.category for row in sample) == {"a": 6, "b": 6, "c": 1}
    assert {row.gold.category for row in sample[:3]} == {"a", "b", "c"}
    assert len({row.gold.id for row in sample}) == 13


def test_a_seed_is_a_sample() -> None:
    one, same, other = (balanced(ROWS, 20, random.Random(seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert sorted(row.gold.id for row in balanced(ROWS, 1000, random.Random(0))) == sorted(row.gold.id for row in ROWS)
