"""Fits the linear head and its calibration on labelled messages and the catalogue's own utterances.

Needs the `[train]` extra (scikit-learn); what it makes is plain numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.encoder import Encoder
from pointsman.tiers.fast import Fast, FastModel
from pointsman.tiers.head import Head
from pointsman.tiers.neighbours import Calibration
from pointsman.tiers.surroundings import Surrounding, Surroundings
from pointsman.training.features import Floats, Places
from pointsman.training.linear import Linear, Scores, temperature_of
from pointsman.training.readings import Readings
from pointsman.training.rows import OWN, Row, balance, weights_of

# The gist was tuned to tell these categories apart, so a strongly held-in regression on it is enough.
DENSE_C: Final = 0.003
# The two count alike. Lines like those it learnt from want more of the fast model (2), other sources less (0.7).
# The temperature that suits six data sets, half of all lines, which nothing was learnt from (bench/strangers.py).
# Unseen lines of the project's own style want less; what people say lies between, so the geometric mean is taken.
STRANGERS: Final = 2.27
CLEAR: Final = 0.9  # the fast tier's bar
MIX: Final = 1.0
IN_SCOPE: Final = 0.995  # share of messages that must count as known territory

Vote = tuple[float, float, float]
Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """Labelled messages and what the encoder says about each, in the same order."""

    rows: Sequence[Row]
    readings: Readings

    def labels(self, categories: tuple[str, ...]) -> Places:
        """The number of each row's category."""
        return np.array([categories.index(row.category) for row in self.rows])


def fit(
    learnt: Known, unseen: Known, catalogue: Catalogue, *, fast: FastModel, own: Surroundings, encoder: Encoder
) -> Head:
    """A calibrated head for the catalogue's categories, on the gists of an encoder that was tuned for them.

    Its weights come from `learnt`, which the encoder and the fast model learnt from too; so the
    temperature comes from `unseen`, and the bar for out of scope from all. `own` searches the utterances, for
    the neighbours' calibration.
    """

    def same_path(one: str, other: str) -> bool:
        return catalogue.path_of(one) == catalogue.path_of(other)

    categories = catalogue.names
    gists = learnt.readings.gists
    center, scale = gists.mean(axis=0), float(gists.std())
    dense = fit_dense((gists - center) / scale, learnt.labels(categories), weights_of(learnt.rows))
    by_gist = dense.scores((unseen.readings.gists - center) / scale)
    legible = np.array([encoder.legible(row.text) for row in unseen.rows])
    by_gist[~legible] = 0.0
    by_words = np.array([fast.logits(row.text)[0] for row in unseen.rows], dtype=np.float64)
    labels = unseen.labels(categories)
    logits = by_gist + MIX * by_words
    # The head is asked about what the fast tier leaves, so it is on these that its confidence has to be true.
    tier = Fast(fast, catalogue)
    hard = np.array([not is_clear(tier.judge(Message(row.text))) for row in unseen.rows])
    foreign = [place for place, row in enumerate(learnt.rows) if row.source != OWN and encoder.legible(row.text)]
    around = [own.around(learnt.readings.vectors[place]) for place in foreign]
    near = np.array([own.around(vector).near[0].similarity for vector in unseen.readings.vectors[legible]])
    near = np.concatenate([near, [surrounding.near[0].similarity for surrounding in around]])
    by_words = np.array([fast.logits(learnt.rows[place].text)[0] for place in foreign], dtype=np.float64)
    by_foreign = dense.scores((gists[foreign] - center) / scale) + MIX * by_words
    highest = np.concatenate([logits[legible], by_foreign]).max(axis=1)
    scope_weights = (1.0 / float(highest.std()), 1.0 / float(near.std()))
    return Head(
        categories=categories,
        fingerprint=encoder.fingerprint,
        dense=dense.coef,
        bias=dense.intercept,
        center=center,
        scale=scale,
        grams=np.empty((0, len(categories)), dtype=np.float32),
        idf=np.empty(0, dtype=np.float32),
        mix=MIX,
        temperature=math.sqrt(temperature_of(logits[hard], labels[hard])[0] * STRANGERS),
        scope_weights=scope_weights,
        scope=float(np.quantile(scope_scores(highest, near, scope_weights), 1 - IN_SCOPE)),
        neighbours=trust(*votes([learnt.rows[place].category for place in foreign], around, same_path)),
        sees="gist",
        fast=fast,
    )


def is_clear(verdict: Verdict) -> bool:
    """Whether the fast tier decides."""
    return isinstance(verdict, Answer) and verdict.path_confidence >= CLEAR


def fit_dense(features: Floats, labels: Places, weights: Floats) -> Linear:
    """Multinomial logistic regression, rare categories counting more."""
    from sklearn.linear_model import LogisticRegression

    factors = balance(labels, weights, np.arange(len(labels)))
    model = LogisticRegression(C=DENSE_C, max_iter=400, tol=1e-4)
    return Linear.of(model.fit(features, labels, weights * factors[labels]), int(labels.max()) + 1)


def scope_scores(logits: Scores, nearest: Scores, weights: tuple[float, float]) -> Scores:
    """How much at home messages are, as the classifier tier has it: highest logit and nearest similarity, weighed."""
    scores: Scores = weights[0] * logits + weights[1] * nearest
    return scores


def votes(labels: Sequence[str], around: Sequence[Surrounding], same: Same) -> tuple[list[Vote], list[bool]]:
    """What the neighbours of each row say, as (nearest, share, their product), and whether they are right."""
    said, right = [], []
    for label, surrounding in zip(labels, around, strict=True):
        if surrounding.near:
            shares = surrounding.shares
            winner = max(shares, key=lambda name: shares[name])
            nearest, share = surrounding.near[0].similarity, shares[winner]
            said.append((nearest, share, nearest * share))
            right.append(same(winner, label))
    return said, right


def trust(said: Sequence[Vote], right: Sequence[bool], weights: Sequence[float] | None = None) -> Calibration:
    """How sure the neighbours may be: logistic regression from what they say to whether it was right.

    Where it always or never was, nothing can be fitted: the confidence is then Laplace's rule of succession.
    """
    from sklearn.linear_model import LogisticRegression

    if len(set(right)) < 2:
        share = (sum(right) + 1) / (len(right) + 2)
        return Calibration(math.log(share / (1 - share)), 0.0, 0.0)
    model = LogisticRegression(C=100.0).fit(np.array(said), np.array(right), weights)
    return Calibration(float(model.intercept_[0]), *(float(weight) for weight in model.coef_[0]))
