"""What recorded decisions add up to: what messages of a category cost, and how the days went; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from pointsman.core.correction import Correction
from pointsman.observe.measures import percentile, ratio
from pointsman.stores.figures import Figures
from pointsman.tiers.cascade import FALLBACK

DAY = 86_400.0
QUARTER = 900
CANCELLED = "cancelled"
ENOUGH = 20  # fewer replies say little of their p95


@dataclass(frozen=True, slots=True)
class Cost:
    """What messages of a category cost, where one model ("" for none) answered them.

    Of `n` messages `ended` were answered or failed, `failed` of these. `p50` and `p95` are seconds of the whole reply,
    `deciding` the middle one in milliseconds, `speed` tokens a second, `read` and `written` tokens a message; None
    where nothing is known.
    """

    category: str
    model: str
    n: int
    ended: int
    failed: int
    p50: float | None
    p95: float | None
    deciding: float | None
    speed: float | None
    read: float | None
    written: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day here: its decisions by tier and by category, how many no tier was sure of, and what was corrected."""

    date: str
    n: int
    tiers: Mapping[str, int]
    categories: Mapping[str, int]
    unsure: int
    confidence: float | None
    corrections: int


def costs(rows: Iterable[Figures]) -> list[Cost]:
    """What each category costs with each model, the most frequent first; who went away tells nothing of a cost."""
    groups: dict[tuple[str, str], list[Figures]] = {}
    for row in rows:
        groups.setdefault((row.category, row.model), []).append(row)
    found = [cost(category, model, group) for (category, model), group in merged(groups).items()]
    return sorted(found, key=lambda it: (-it.n, it.category, it.model))


def merged(groups: Mapping[tuple[str, str], list[Figures]]) -> dict[tuple[str, str], list[Figures]]:
    """The groups, where messages that no model is known of go with the most frequent model of their category.

    A reply that failed names no model; it would otherwise stand in a line of its own.
    """
    made = {key: [*rows] for key, rows in groups.items()}
    for (category, model), rows in groups.items():
        others = [key for key in groups if key[0] == category and key[1]]
        done = [row for row in rows if row.ended and not row.code]
        if not model and others and not done:
            made[max(others, key=lambda key: len(groups[key]))] += made.pop((category, model))
    return made


def cost(category: str, model: str, rows: Sequence[Figures]) -> Cost:
    """What these cost."""
    ended = [row for row in rows if row.ended and row.code != CANCELLED]
    done = [row for row in ended if not row.code]
    seconds = [row.seconds for row in done]
    wrote = [row for row in done if row.completion_tokens]
    return Cost(
        category,
        model,
        len(rows),
        len(ended),
        len(ended) - len(done),
        percentile(seconds, 0.5),
        percentile(seconds, 0.95),
        percentile([row.latency_ms for row in rows], 0.5),
        percentile([row.completion_tokens / row.seconds for row in wrote if row.seconds > 0], 0.5),
        ratio(sum(row.prompt_tokens for row in wrote), len(wrote)),
        ratio(sum(row.completion_tokens for row in wrote), len(wrote)),
    )


def by_model(rows: Iterable[Figures]) -> dict[str, Cost]:
    """The same for each model, whatever it was asked."""
    groups: dict[str, list[Figures]] = {}
    for row in rows:
        groups.setdefault(row.model, []).append(row)
    return {model: cost("", model, group) for model, group in groups.items() if model}


def spared(rows: Sequence[Figures], main: str) -> float | None:
    """The share of the answered messages for which the main model was not asked."""
    done = [row for row in rows if row.ended and not row.code]
    return ratio(sum(row.model != main for row in done), len(done))


def days(rows: Iterable[Figures], corrections: Iterable[Correction], since: float, now: float) -> list[Day]:
    """Each day from `since` until `now`, the first with a decision or a correction at the beginning."""
    groups: dict[str, list[Figures]] = {}
    for row in rows:
        groups.setdefault(day_of(row.at), []).append(row)
    taught = Counter(day_of(it.at) for it in corrections if since <= it.at <= now)
    known = sorted({*groups, *taught})
    if not known:
        return []
    return [day(it, groups.get(it, ()), taught[it]) for it in every(known[0], day_of(now))]


def day(date: str, rows: Sequence[Figures], corrections: int) -> Day:
    """One day."""
    return Day(
        date,
        len(rows),
        Counter(row.tier for row in rows),
        Counter(row.category for row in rows),
        sum(row.tier == FALLBACK for row in rows),
        ratio(sum(row.confidence for row in rows), len(rows)),
        corrections,
    )


def day_of(at: float) -> str:
    """The day of a time, as it is told here."""
    return day_with(int(at // QUARTER))


@lru_cache(maxsize=10_000)
def day_with(quarter: int) -> str:
    """The day that a quarter of an hour is in: days begin with one everywhere, and each is asked for often."""
    return datetime.fromtimestamp(quarter * QUARTER).astimezone().strftime("%Y-%m-%d")


def every(first: str, last: str) -> list[str]:
    """All days from one to another."""
    begin, end = (datetime.fromisoformat(it) for it in (first, last))
    return [(begin + timedelta(days=n)).strftime("%Y-%m-%d") for n in range(max(0, (end - begin).days) + 1)]


def confusions(corrections: Iterable[Correction]) -> Counter[tuple[str, str]]:
    """How often each category was corrected to which: (right, decided)."""
    return Counter((it.category, it.was) for it in corrections if it.undone_at is None and it.was)
