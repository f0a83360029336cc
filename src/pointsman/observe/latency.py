"""How long each way of finding out what a message wants takes: calls, shares, percentiles, side by side; pure."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, Final, Literal

from pointsman.core.category import Utterance
from pointsman.observe.measures import percentile, ratio

Kind = Literal["tier", "cascade", "model", "service", "cloud"]
Outcome = Literal["answered", "abstained", "failed"]

# What people say to a router is short, and what is sent to services is counted in tokens.
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One question to one contestant: how long it took, and what came of it.

    `fault` is the kind of a failure, "" without one; `words` says why it failed or abstained. `asked` is False when
    nothing was sent, because a circuit was open or a quota used up.
    """

    ms: float
    outcome: Outcome
    fault: str = ""
    words: str = ""
    asked: bool = True

    @property
    def failure(self) -> str:
        """The kind of a failure as it is counted: what was not even sent is told apart."""
        return self.fault if self.asked else f"{self.fault} (not asked)"


@dataclass(frozen=True, slots=True)
class Row:
    """A contestant's calls. Times are milliseconds of the calls that did not fail; the first is none of them."""

    name: str
    kind: Kind
    first: Call | None = None
    calls: tuple[Call, ...] = ()

    @property
    def times(self) -> list[float]:
        """The times of the calls that brought a verdict, in order."""
        return [call.ms for call in self.calls if call.outcome != "failed"]

    @property
    def p50(self) -> float | None:
        """The median time; None when there is none."""
        return percentile(self.times, 0.5)

    @property
    def p95(self) -> float | None:
        """The time within which 19 of 20 calls came back; None when there is none."""
        return percentile(self.times, 0.95)

    @property
    def errors(self) -> Mapping[str, int]:
        """How often each kind of failure happened, the most frequent first."""
        return dict(Counter(call.failure for call in self.calls if call.outcome == "failed").most_common())

    @property
    def error_share(self) -> float | None:
        """The share of the calls that failed."""
        return ratio(sum(self.errors.values()), len(self.calls))

    @property
    def abstained_share(self) -> float | None:
        """The share of the calls that brought an abstention."""
        return ratio(sum(call.outcome == "abstained" for call in self.calls), len(self.calls))

    @property
    def reasons(self) -> Mapping[str, str]:
        """For each kind of failure the words of its first, and of what was abstained from most those of the reason."""
        every = (*self.calls, *([self.first] if self.first else []))
        found = {call.failure: call.words for call in reversed(every) if call.outcome == "failed"}
        abstained = Counter(call.words for call in self.calls if call.outcome == "abstained").most_common(1)
        return found | ({"abstained": abstained[0][0]} if abstained else {})


@dataclass(frozen=True, slots=True)
class Latencies:
    """All contestants, side by side; `skipped` says of others why they were not asked."""

    rows: tuple[Row, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def base(self) -> float | None:
        """What the others are compared with: the median of the whole local cascade, in ms."""
        return next((row.p50 for row in self.rows if row.kind == "cascade"), None)

    def times_base(self, row: Row) -> float | None:
        """How many times as long a contestant takes as the whole local cascade, at the median."""
        return None if row.p50 is None or not self.base else row.p50 / self.base

    def to_dict(self) -> dict[str, Any]:
        """What `bench --json` prints."""
        return {
            "rows": [self._row(row) for row in self.rows],
            "skipped": dict(self.skipped),
            "interrupted": self.interrupted,
        }

    def _row(self, row: Row) -> dict[str, Any]:
        first = row.first
        return {
            "name": row.name,
            "kind": row.kind,
            "calls": len(row.calls),
            "first_ms": rounded(first.ms) if first and first.outcome != "failed" else None,
            "p50_ms": rounded(row.p50),
            "p95_ms": rounded(row.p95),
            "errors": dict(row.errors),
            "error_share": rounded(row.error_share),
            "abstained_share": rounded(row.abstained_share),
            "times_cascade": rounded(self.times_base(row)),
            "reasons": dict(row.reasons),
        }


def rounded(value: float | None) -> float | None:
    """Four digits that count: more is noise."""
    return None if value is None else float(f"{value:.4g}")


def sample(utterances: Iterable[Utterance], most: int, rng: random.Random) -> list[str]:
    """At most so many short texts, each once, in turn from every category and within each from every language."""
    groups: dict[str, dict[str, list[str]]] = {}
    for it in {it.text: it for it in utterances if len(it.text) <= LONGEST and any(map(str.isalnum, it.text))}.values():
        groups.setdefault(it.category, {}).setdefault(it.language, []).append(it.text)
    drawn = []
    for languages in groups.values():
        queues = list(languages.values())
        for queue in queues:
            rng.shuffle(queue)
        rng.shuffle(queues)
        drawn.append(in_turn(queues))
    return in_turn(drawn)[:most]


def in_turn(queues: Sequence[Sequence[str]]) -> list[str]:
    """One of each queue, then the next of each; none is an empty text."""
    return [text for text in chain.from_iterable(zip_longest(*queues, fillvalue="")) if text]
