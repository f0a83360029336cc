"""How good decisions are on labelled messages: pure functions of what was wanted and what was decided."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput
from pointsman.observe.measures import BINS, Bin, calibration_error, percentile, ratio, reliability_bins
from pointsman.tiers.cascade import FALLBACK

IMAGE: Final = "image"
NONE: Final = "none"
# Who decides by asking a language model, or leaves it to one.
ASKING: Final = frozenset({FALLBACK, "judge"})


@dataclass(frozen=True, slots=True)
class Gold:
    """A labelled message: the category that is right, and the slice of the set that it belongs to."""

    id: str
    text: str
    category: str
    slice: str = "core"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was decided for a message; `confidence` is 0..1, `latency_ms` milliseconds."""

    category: str
    path: str
    confidence: float
    tier: str
    latency_ms: float

    @classmethod
    def of(cls, decision: Decision) -> Prediction:
        """The part of a decision that is measured."""
        return cls(decision.category, decision.path, decision.confidence, decision.tier, decision.latency_ms)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of `n` messages; None where nothing is there to take a share of.

    `path_error` is the share that went down a wrong path; `image_fpr` the share of the `other_n`
    messages not for the image path that went down it; `image_fnr` the share of the `image_n`
    messages for it that did not.
    """

    n: int
    accuracy: float | None
    path_error: float | None
    image_fpr: float | None
    image_fnr: float | None
    image_n: int
    other_n: int


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """Precision, recall and F1 of a category that `n` messages have; None where undefined."""

    precision: float | None
    recall: float | None
    f1: float | None
    n: int


@dataclass(frozen=True, slots=True)
class TierScore:
    """What a tier decided: how many, what share of all, how well, how truly it said how sure it was, how fast (ms)."""

    n: int
    share: float
    accuracy: float
    path_error: float
    ece: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """`n` messages of category `gold` were taken for `guess`; None means that nothing was decided."""

    gold: str
    guess: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result.

    `ece` is the expected calibration error over `bins`. `coverage` is the share that was decided
    before any language model was asked. `matrix` counts messages by right category (rows) and decided category
    (columns), both in the order of `categories`. `paths` counts them by "right->decided" path.
    `missing` were not decided at all: wrong, and not drawn.
    """

    overall: Rates
    macro_f1: float | None
    ece: float | None
    coverage: float
    missing: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    categories: Mapping[str, CategoryScore]
    slices: Mapping[str, Rates]
    tiers: Mapping[str, TierScore]
    bins: tuple[Bin, ...]
    matrix: tuple[tuple[int, ...], ...]
    confusions: tuple[Confusion, ...]
    paths: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The result as data for JSON; nothing is rounded."""
        data = dataclasses.asdict(self)
        figures = ("macro_f1", "ece", "coverage", "missing", "p50_ms", "p95_ms", "p99_ms")
        data["overall"] |= {name: data.pop(name) for name in figures}
        return data


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled message beside what was decided for it."""

    gold: str
    gold_path: str
    slice: str
    made: Prediction | None

    @property
    def guess(self) -> str | None:
        """The category that was decided."""
        return None if self.made is None else self.made.category

    @property
    def path(self) -> str:
        """The path that was decided, or "none"."""
        return NONE if self.made is None else self.made.path

    @property
    def right(self) -> bool:
        """Whether the category is right."""
        return self.guess == self.gold


def evaluate(
    gold: Sequence[Gold],
    predictions: Mapping[str, Prediction],
    path_of: Mapping[str, str],
    *,
    bins: int = BINS,
    asking: Collection[str] = ASKING,
) -> Evaluation:
    """Measures predictions, by message id, against labels; `path_of` gives every category's path.

    `asking` names the tiers that do not count as coverage.

    A label without a prediction counts as wrong. Raises InvalidInput for an empty set, a repeated
    or unknown id, an unknown category, or a confidence outside 0..1.
    """
    check(gold, predictions, path_of)
    rows = [Judged(label.category, path_of[label.category], label.slice, predictions.get(label.id)) for label in gold]
    made = [(row.made, row.right) for row in rows if row.made is not None]
    believed = [(prediction.confidence, right) for prediction, right in made]
    latencies = [prediction.latency_ms for prediction, _ in made]
    categories = {name: category_score(name, rows) for name in path_of}
    scored = [score.f1 for score in categories.values() if score.n and score.f1 is not None]
    pairs = Counter((row.gold, row.guess) for row in rows)
    paths = Counter((row.gold_path, row.path) for row in rows)
    return Evaluation(
        overall=rates(rows),
        macro_f1=ratio(sum(scored), len(scored)),
        ece=calibration_error(believed, bins),
        coverage=sum(prediction.tier not in asking for prediction, _ in made) / len(rows),
        missing=len(rows) - len(made),
        p50_ms=percentile(latencies, 0.50),
        p95_ms=percentile(latencies, 0.95),
        p99_ms=percentile(latencies, 0.99),
        categories=categories,
        slices={
            name: rates([row for row in rows if row.slice == name]) for name in sorted({row.slice for row in rows})
        },
        tiers=tier_scores(rows, bins),
        bins=reliability_bins(believed, bins),
        matrix=tuple(tuple(pairs[right, guess] for guess in path_of) for right in path_of),
        confusions=tuple(Confusion(right, guess, n) for (right, guess), n in pairs.most_common() if right != guess),
        paths={f"{right}->{decided}": n for (right, decided), n in sorted(paths.items())},
    )


def check(gold: Sequence[Gold], predictions: Mapping[str, Prediction], path_of: Mapping[str, str]) -> None:
    """Raises InvalidInput for labels or predictions that cannot be measured."""
    if not gold:
        raise InvalidInput("there are no labelled messages", cure="give at least one")
    ids = Counter(label.id for label in gold)
    for label in gold:
        if ids[label.id] > 1:
            raise InvalidInput(f"the id {label.id!r} is repeated", cure="give every message an id of its own")
        if label.category not in path_of:
            raise unknown_category(label.id, label.category, path_of)
    for key, prediction in predictions.items():
        if key not in ids:
            raise InvalidInput(f"the id {key!r} is not in the labelled set", cure="predict only what is labelled")
        if prediction.category not in path_of:
            raise unknown_category(key, prediction.category, path_of)
        if not 0.0 <= prediction.confidence <= 1.0:
            raise InvalidInput(f"{key!r}: confidence {prediction.confidence} is not in 0..1", cure="give a probability")


def unknown_category(where: str, category: object, known: Iterable[str]) -> InvalidInput:
    """The error for a category that there is no path for."""
    return InvalidInput(f"{where}: unknown category {category!r}", cure=f"use one of: {', '.join(known)}")


def rates(rows: Sequence[Judged]) -> Rates:
    """The shares of right categories, wrong paths and wrong pictures."""
    images = [row for row in rows if row.gold_path == IMAGE]
    others = [row for row in rows if row.gold_path != IMAGE]
    return Rates(
        n=len(rows),
        accuracy=ratio(sum(row.right for row in rows), len(rows)),
        path_error=ratio(sum(row.path != row.gold_path for row in rows), len(rows)),
        image_fpr=ratio(sum(row.path == IMAGE for row in others), len(others)),
        image_fnr=ratio(sum(row.path != IMAGE for row in images), len(images)),
        image_n=len(images),
        other_n=len(others),
    )


def category_score(name: str, rows: Sequence[Judged]) -> CategoryScore:
    """Precision, recall and F1 of one category."""
    hits = sum(row.gold == row.guess == name for row in rows)
    said = sum(row.guess == name for row in rows)
    support = sum(row.gold == name for row in rows)
    return CategoryScore(ratio(hits, said), ratio(hits, support), ratio(2 * hits, said + support), support)


def tier_scores(rows: Sequence[Judged], bins: int = BINS) -> dict[str, TierScore]:
    """How much of the work each tier did, how well and how fast, in the order in which they first decided."""
    tiers: dict[str, list[tuple[Judged, Prediction]]] = {}
    for row in rows:
        if row.made is not None:
            tiers.setdefault(row.made.tier, []).append((row, row.made))
    return {
        name: TierScore(
            n=len(made),
            share=len(made) / len(rows),
            accuracy=sum(row.right for row, _ in made) / len(made),
            path_error=sum(row.path != row.gold_path for row, _ in made) / len(made),
            ece=calibration_error([(prediction.confidence, row.right) for row, prediction in made], bins),
            p50_ms=percentile([prediction.latency_ms for _, prediction in made], 0.50),
            p95_ms=percentile([prediction.latency_ms for _, prediction in made], 0.95),
            p99_ms=percentile([prediction.latency_ms for _, prediction in made], 0.99),
        )
        for name, made in tiers.items()
    }
