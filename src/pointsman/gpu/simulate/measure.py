"""What a policy made of a day, and of many: counts, waiting times, memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pointsman.gpu.simulate.scene import GB
from pointsman.gpu.simulate.trace import Kind


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered: `seconds` after it came; `touched` bytes were loaded or held for it."""

    kind: Kind
    seconds: float
    touched: int
    degraded: bool = False


@dataclass(slots=True)
class Tally:
    """What happened on one card with one policy.

    `loads` counts every load, `overcommits` those begun although more was then wanted than the card has, `spilled`
    holds the requests for which work began while that was so, `caught` those during which others grew beyond what was
    free; both by number. `squeezed` is for how
    many seconds more was wanted than there is, `resident` the most bytes that tenants held together.
    """

    asked: int = 0
    loads: int = 0
    overcommits: int = 0
    refused: int = 0
    squeezed: float = 0.0
    resident: int = 0
    spilled: set[int] = field(default_factory=set)
    caught: set[int] = field(default_factory=set)
    answers: list[Answered] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many requests were answered."""
        return len(self.answers)

    def add(self, answer: Answered) -> None:
        """One more."""
        self.answers.append(answer)


@dataclass(frozen=True, slots=True)
class Row:
    """A policy's figures over all days.

    `cold_loads`, `spills`, `overcommits`, `caught`, `refused` and `squeezed_s` are means of a day; the percentiles are
    over all answers together, in seconds from request to the end of the answer. `image_gb` is the most that was loaded
    or held for a picture, `resident_gb` the most that was there at once; `degraded_share` is the share of chats that a
    smaller model, or less of one, answered. What there was none of is None.
    """

    policy: str
    cold_loads: float
    spills: float
    overcommits: float
    image_gb: float | None
    image_p50_s: float | None
    image_p95_s: float | None
    chat_p50_s: float | None
    chat_p95_s: float | None
    degraded_share: float | None
    resident_gb: float
    caught: float
    refused: float
    unanswered: float
    squeezed_s: float
    images: float
    chats: float

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def row_of(policy: str, days: Sequence[Tally]) -> Row:
    """The figures of a policy over so many days, of which there is at least one."""
    answers = [answer for day in days for answer in day.answers]
    images = [answer for answer in answers if answer.kind == "image"]
    chats = [answer for answer in answers if answer.kind == "chat"]

    def mean(values: Iterable[float]) -> float:
        return round(sum(values) / len(days), 4)

    return Row(
        policy=policy,
        cold_loads=mean(day.loads for day in days),
        spills=mean(len(day.spilled) for day in days),
        overcommits=mean(day.overcommits for day in days),
        image_gb=max((gigabytes(it.touched) for it in images), default=None),
        image_p50_s=percentile([it.seconds for it in images], 0.5),
        image_p95_s=percentile([it.seconds for it in images], 0.95),
        chat_p50_s=percentile([it.seconds for it in chats], 0.5),
        chat_p95_s=percentile([it.seconds for it in chats], 0.95),
        degraded_share=round(sum(it.degraded for it in chats) / len(chats), 4) if chats else None,
        resident_gb=max(gigabytes(day.resident) for day in days),
        caught=mean(len(day.caught) for day in days),
        refused=mean(day.refused for day in days),
        unanswered=mean(day.asked - day.answered - day.refused for day in days),
        squeezed_s=mean(day.squeezed for day in days),
        images=mean(sum(it.kind == "image" for it in day.answers) for day in days),
        chats=mean(sum(it.kind == "chat" for it in day.answers) for day in days),
    )


def gigabytes(size: int) -> float:
    """Bytes as GB, to a hundredth."""
    return round(size / GB, 2)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that so great a share is not above; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 2)
