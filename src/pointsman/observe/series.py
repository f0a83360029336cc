"""Counts and histograms that cost a message next to nothing: told by one thread, read by any.

The library's own take a lock and walk their buckets for every number: 1.5 us against 0.3 us, ten to thirty times a
message. What is written down is the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString


class Counts:
    """A counter, by the values of its labels."""

    def __init__(self, registry: CollectorRegistry, name: str, what: str, *labels: str) -> None:
        self._name = name
        self._what = what
        self._labels = labels
        self._counted: defaultdict[tuple[str, ...], float] = defaultdict(float)
        registry.register(self)

    def add(self, *values: str, number: float = 1.0) -> None:
        """Counts one more, or `number` more."""
        self._counted[values] += number

    def collect(self) -> Iterator[CounterMetricFamily]:
        """All that was counted."""
        family = CounterMetricFamily(self._name, self._what, labels=self._labels)
        for values, number in self._counted.copy().items():
            family.add_metric(values, number)
        yield family


class Distribution:
    """A histogram, by the values of its labels; without labels it is there from the beginning."""

    def __init__(
        self, registry: CollectorRegistry, name: str, what: str, bounds: Sequence[float], *labels: str
    ) -> None:
        self._name = name
        self._what = what
        self._labels = labels
        self._bounds = tuple(bounds)
        self._names = [floatToGoString(it) for it in (*bounds, float("inf"))]  # type: ignore[no-untyped-call]
        # Of each series how many fell between two bounds, and their sum at the end.
        empty = [0.0] * (len(self._bounds) + 2)
        self._rows: defaultdict[tuple[str, ...], list[float]] = defaultdict(empty.copy)
        if not labels:
            self._rows[()] = empty.copy()
        registry.register(self)

    def observe(self, amount: float, *values: str) -> None:
        """Counts an amount."""
        row = self._rows[values]
        row[bisect_left(self._bounds, amount)] += 1
        row[-1] += amount

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """All that was counted."""
        family = HistogramMetricFamily(self._name, self._what, labels=self._labels)
        for values, row in self._rows.copy().items():
            *numbers, together = row.copy()
            family.add_metric(values, list(zip(self._names, accumulate(numbers), strict=True)), together)
        yield family
