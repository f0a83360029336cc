"""Amounts as people read them."""

from __future__ import annotations

import pytest

from pointsman.observe.amounts import in_gb, seconds, size

GB, MB = 10**9, 10**6


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "0"),
        (1, "under 1 MB"),
        (MB, "1 MB"),
        (512 * MB, "512 MB"),
        (999 * MB, "999 MB"),
        (GB - 1, "1.0 GB"),
        (GB, "1.0 GB"),
        (25_769_803_776, "25.8 GB"),
        (-2 * GB, "-2.0 GB"),
    ],
)
def test_sizes(amount: int, said: str) -> None:
    assert size(amount) == said


@pytest.mark.parametrize(
    ("amount", "said"), [(None, "-"), (0, "0"), (MB, "<0.1"), (100 * MB, "0.1"), (9_340_000_000, "9.3")]
)
def test_sizes_in_a_column(amount: int | None, said: str) -> None:
    assert in_gb(amount) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0.0, "0 s"),
        (0.4, "0.4 s"),
        (3.0, "3 s"),
        (3.2, "3.2 s"),
        (9.98, "10 s"),
        (42.4, "42 s"),
        (125.0, "2 min"),
        (7200.0, "2 h"),
    ],
)
def test_times(amount: float, said: str) -> None:
    assert seconds(amount) == said
