"""What was fetched a short while ago."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.testing.stepped_time import SteppedTime
from pointsman.tools.web.fresh import Fresh


def test_a_value_is_kept_for_its_time() -> None:
    time = SteppedTime()
    kept: Fresh[str, int] = Fresh(600, 10, clock=time)
    kept.put("a", 1)
    time.now = 599.9
    assert kept.get("a") == 1
    time.now = 600.0
    assert kept.get("a") is None
    assert len(kept) == 0


def test_putting_it_again_makes_it_new() -> None:
    time = SteppedTime()
    kept: Fresh[str, int] = Fresh(600, 10, clock=time)
    kept.put("a", 1)
    time.now = 500.0
    kept.put("a", 2)
    time.now = 1_000.0
    assert kept.get("a") == 2


def test_a_clock_that_was_put_back_keeps_nothing() -> None:
    time = SteppedTime()
    time.now = 1_000.0
    kept: Fresh[str, int] = Fresh(600, 10, clock=time)
    kept.put("a", 1)
    time.now = 0.0
    assert kept.get("a") is None


def test_with_no_time_nothing_is_kept() -> None:
    kept: Fresh[str, int] = Fresh(0, 10, clock=SteppedTime())
    kept.put("a", 1)
    assert kept.get("a") is None


def test_what_was_used_longest_ago_goes_first() -> None:
    kept: Fresh[str, int] = Fresh(600, 2, clock=SteppedTime())
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 100))))
def test_it_never_grows_beyond_its_bound(puts: list[tuple[int, float]]) -> None:
    time = SteppedTime()
    kept: Fresh[int, int] = Fresh(50, 4, clock=time)
    for key, passes in puts:
        time.now += passes
        kept.put(key, key)
        assert kept.get(key) == key
        assert len(kept) <= 4
