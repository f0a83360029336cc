"""What one tier or service is worth by itself, and what to set in its configuration; pure."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pointsman.observe.evaluation import Evaluation, Gold, Prediction, evaluate
from pointsman.observe.measures import upper_bound

# The share of wrong paths among what a tier answers, under which the bar is to keep it.
WRONG_PATHS: Final = 0.02
STEPS: Final = 100
QUOTED: Final = re.compile(r'"[^"]*"|\'[^\']*\'')
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """A labelled message with what a tier said to it: a prediction, or None and `why` not, in a few words.

    `path_confidence` is what the bar of a tier looks at, 0..1; `model` is who answered, where there are several.
    """

    gold: Gold
    made: Prediction | None
    path_confidence: float = 0.0
    why: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """How often a label is right, by Laplace's rule of succession: (`right` + 1) / (`n` + 2)."""

    value: float
    right: int
    n: int


@dataclass(frozen=True, slots=True)
class Bar:
    """The lowest `accept` for which less than 2 % of the answers above it take a wrong path.

    `kept` of `answered` are above it, `wrong` of them on a wrong path; the true share of these is below `at_most`
    with 95 % certainty.
    """

    accept: float
    kept: int
    answered: int
    wrong: int
    at_most: float


@dataclass(frozen=True, slots=True)
class TierAlone:
    """The result: what is right of what it `answered`, and of all that it was asked.

    In `on_all` a message without an answer counts as wrong, on a wrong path, and not as a picture. `unanswered`
    counts those by reason. `trust` is for labels without a probability, `bar` for answers with one.
    """

    name: str
    asked: int
    answered: int
    unanswered: Mapping[str, int]
    models: Mapping[str, int]
    on_all: Evaluation
    on_answered: Evaluation | None
    trust: Trust | None
    bar: Bar | None

    def to_dict(self) -> dict[str, Any]:
        """The result as data for JSON, without `on_all`; nothing is rounded."""
        share = 1 - self.answered / self.asked
        answered = None if self.on_answered is None else self.on_answered.to_dict()["overall"]
        return {
            "name": self.name,
            "asked": self.asked,
            "answered": self.answered,
            "unanswered_share": share,
            "unanswered": dict(self.unanswered),
            "models": dict(self.models),
            "on_answered": answered,
            "trust": self.trust and dataclasses.asdict(self.trust),
            "bar": self.bar and dataclasses.asdict(self.bar),
        }


def measured(name: str, heard: Sequence[Heard], path_of: Mapping[str, str], *, label: float | None = None) -> TierAlone:
    """What a tier is worth by what it said; `label` is what it gives to a label that comes without a probability.

    Raises InvalidInput where nothing was heard.
    """
    made = {it.gold.id: it.made for it in heard if it.made is not None}
    answers = [it for it in heard if it.made is not None]
    gold = [it.gold for it in answers]
    only_labels = label is not None and all(it.made and it.made.confidence == label for it in answers)
    return TierAlone(
        name=name,
        asked=len(heard),
        answered=len(answers),
        unanswered=dict(Counter(it.why for it in heard if it.made is None).most_common()),
        models=dict(Counter(it.model for it in answers if it.model).most_common()),
        on_all=evaluate([it.gold for it in heard], made, path_of),
        on_answered=evaluate(gold, made, path_of) if answers else None,
        trust=trust_of(answers) if only_labels and answers else None,
        bar=None if only_labels else lowest_bar(answers, path_of),
    )


def trust_of(answers: Sequence[Heard]) -> Trust:
    """How often a label is right."""
    right = sum(it.made is not None and it.made.category == it.gold.category for it in answers)
    return Trust((right + 1) / (len(answers) + 2), right, len(answers))


def lowest_bar(answers: Sequence[Heard], path_of: Mapping[str, str], most: float = WRONG_PATHS) -> Bar | None:
    """The lowest bar, in hundredths, above which the share of wrong paths stays under `most`; None where none does."""
    said = [(it.path_confidence, it.made is None or it.made.path != path_of[it.gold.category]) for it in answers]
    for step in range(STEPS + 1):
        accept = step / STEPS
        kept = [wrong for confidence, wrong in said if confidence >= accept]
        if kept and sum(kept) < most * len(kept):
            return Bar(accept, len(kept), len(said), sum(kept), upper_bound(sum(kept), len(kept)))
    return None


def kind_of(reason: str) -> str:
    """The kind of a reason: without what it quotes, its numbers, and its details in brackets."""
    plain = NUMBER.sub("…", QUOTED.sub("…", reason)).partition(" (")[0]
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
