"""How good the general head is on a public intent set: with all its training lines, and with a few an intent."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from pointsman.observe.detection import Flags, Values, auroc, bar_that_keeps, equal_mass_error
from pointsman.observe.intent_sets import IntentSet
from pointsman.observe.set_layouts import Line
from pointsman.tiers.encoder import Encoder, Vector
from pointsman.tiers.head import Head
from pointsman.training import general
from pointsman.training.features import Floats, buckets_of, unit_rows
from pointsman.training.linear import Scores

CHUNK: Final = 500  # messages whose similarities to all known lines stand in memory at once

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lines:
    """Texts and their vectors, float32 [texts, dimensions]."""

    texts: Sequence[str]
    vectors: Floats


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a system says of messages: an intent each, how sure it is (0..1, if it says), how in scope they look.

    `bar` is the least `scope` that it would answer by itself.
    """

    intents: Sequence[str]
    confidences: Values | None
    scope: Values
    bar: float | None = None


class System(Protocol):
    """Something that learns intents and guesses them."""

    def __call__(self, lines: Lines, intents: Sequence[str]) -> Callable[[Lines], Guesses]:
        """Learns from lines and their intents; what it returns guesses."""
        ...


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over several draws of training lines; `sd` is 0 for one."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Measured:
    """How good a system is with `shots` lines an intent (0: all), each figure by its name.

    accuracy   right among the test lines in scope, nothing refused
    ece        expected calibration error of those, 15 bins of equal mass
    auroc      P(a line in scope looks more so than one that is not)
    in95       right and not refused, when the bar refuses 5 % of the validation lines
    oos95      out-of-scope lines that are refused at that bar
    refused    test lines in scope that are refused at the bar that the training lines gave
    oos        out-of-scope lines that are refused at it
    seconds    what learning took
    """

    system: str
    shots: int
    seeds: int
    lines: int
    figures: Mapping[str, Figure]


def measure(
    data: IntentSet, vectors: Mapping[str, Vector], name: str, system: System, *, shots: int, seeds: int
) -> Measured:
    """Figures of a system on a set; `vectors` are the unit vectors of its lines by text."""

    def with_vectors(texts: Sequence[str]) -> Lines:
        return Lines(texts, np.stack([vectors[text] for text in texts]))

    runs: list[dict[str, float]] = []
    val, test = (with_vectors([line.text for line in lines]) for lines in (data.val, data.test))
    oos = with_vectors(data.oos) if data.oos else None
    gold = np.array([line.intent for line in data.test])
    learnt: Sequence[Line] = ()
    for seed in range(seeds if shots else 1):
        learnt = data.drawn(shots, seed) if shots else data.train
        began = time.perf_counter()
        guess = system(with_vectors([line.text for line in learnt]), [line.intent for line in learnt])
        seconds = time.perf_counter() - began
        made = guess(test)
        found = figures_of(made, gold == np.array(made.intents), guess(val), guess(oos) if oos else None)
        runs.append(found | {"seconds": seconds})
    figures = {key: spread_of([run[key] for run in runs]) for key in runs[0]}
    return Measured(name, shots, len(runs), len(learnt), figures)


def figures_of(made: Guesses, right: Flags, val: Guesses, oos: Guesses | None) -> dict[str, float]:
    """The figures of one run."""
    found = {"accuracy": float(right.mean())}
    if made.confidences is not None:
        found["ece"] = equal_mass_error(made.confidences, right)
    if oos is not None:
        bar = bar_that_keeps(val.scope)
        found["auroc"] = auroc(made.scope, oos.scope)
        found["in95"] = float((right & (made.scope >= bar)).mean())
        found["oos95"] = float((oos.scope < bar).mean())
        if made.bar is not None:
            found["refused"] = float((made.scope < made.bar).mean())
            found["oos"] = float((oos.scope < made.bar).mean())
    return found


def spread_of(values: Sequence[float]) -> Figure:
    """Mean and standard deviation."""
    return Figure(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0)


def pointsman(encoder: Encoder) -> System:
    """The general head, read as the classifier tier reads it."""

    def learn(lines: Lines, intents: Sequence[str]) -> Callable[[Lines], Guesses]:
        head = general.fit(lines.texts, intents, lines.vectors, encoder)
        return lambda asked: guesses_of(head, lines.vectors, asked)

    return learn


def guesses_of(head: Head, known: Floats, asked: Lines) -> Guesses:
    """What the classifier tier would say of many messages, with `known` lines to be near to."""
    logits = logits_of(head, asked)
    scaled = logits / head.temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    by_logit, by_similarity = head.scope_weights
    return Guesses(
        intents=[head.categories[column] for column in logits.argmax(axis=1)],
        confidences=(scaled / scaled.sum(axis=1, keepdims=True)).max(axis=1),
        scope=by_logit * logits.max(axis=1) + by_similarity * nearest(known, asked.vectors),
        bar=head.scope,
    )


def logits_of(head: Head, asked: Lines) -> Scores:
    """The head's logits of many messages at once, float64 [messages, categories]; `Head.logits` for one."""
    dense = ((asked.vectors - head.center) / head.scale) @ head.dense.T + head.bias
    made: Scores = np.asarray(
        dense + head.mix * (unit_rows(buckets_of(asked.texts), head.idf) @ head.grams), np.float64
    )
    return made


def nearest(known: Floats, vectors: Floats) -> Values:
    """The highest cosine similarity of each vector to any known one."""
    parts = [(vectors[at : at + CHUNK] @ known.T).max(axis=1) for at in range(0, len(vectors), CHUNK)]
    return np.concatenate(parts).astype(np.float64)
