"""Our series are written down just as the library's own would be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram

from pointsman.observe.series import Counts, Distribution

BOUNDS = (0.001, 0.5, 1.0, 10.0)
AMOUNTS = st.one_of(st.sampled_from(BOUNDS), st.floats(0, 100, allow_nan=False))
NAMES = st.text(max_size=5)


def written(registry: CollectorRegistry) -> set[tuple[str, tuple[tuple[str, str], ...], float]]:
    samples = [it for family in registry.collect() for it in family.samples if not it.name.endswith("_created")]
    return {(it.name, tuple(sorted(it.labels.items())), round(it.value, 6)) for it in samples}


@given(st.lists(st.tuples(AMOUNTS, NAMES), max_size=30))
def test_a_distribution_is_a_histogram(amounts: list[tuple[float, str]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    distribution = Distribution(ours, "x_seconds", "what", BOUNDS, "name")
    histogram = Histogram("x_seconds", "what", ["name"], registry=theirs, buckets=BOUNDS)
    for amount, name in amounts:
        distribution.observe(amount, name)
        histogram.labels(name).observe(amount)
    assert written(ours) == written(theirs)


@given(st.lists(st.tuples(st.integers(0, 5), NAMES, NAMES), max_size=30))
def test_counts_are_a_counter(counted: list[tuple[int, str, str]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counts = Counts(ours, "x", "what", "one", "other")
    counter = Counter("x", "what", ["one", "other"], registry=theirs)
    for number, one, other in counted:
        counts.add(one, other, number=number)
        counter.labels(one, other).inc(number)
    assert written(ours) == written(theirs)


def test_without_labels_it_is_there_before_anything_happened() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    Distribution(ours, "x", "what", BOUNDS)
    Histogram("x", "what", registry=theirs, buckets=BOUNDS)
    assert written(ours) == written(theirs)
