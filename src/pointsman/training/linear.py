"""Fits the two linear models that a head joins, and holds lines out to see what they say about strangers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pointsman.core.errors import MissingExtra
from pointsman.training.features import Floats, Places, Views

DENSE_C, GRAMS_C = 0.1, 1.0
COLDEST, HOTTEST = 0.02, 20.0  # where a temperature is looked for

Scores = NDArray[np.float64]
Split = tuple[Places, Places]
"""The numbers of the rows that are learnt from, and of those that are held out."""


@dataclass(frozen=True, slots=True)
class Linear:
    """scores = features @ coef.T + intercept; coef [C, F], intercept [C], which is -inf for a class never seen."""

    coef: Floats
    intercept: Floats

    @classmethod
    def of(cls, model: Any, classes: int) -> Self:
        """The weights of a fitted scikit-learn classifier, one row for each of all classes."""
        coef, intercept = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # given as one row, which speaks for the second class against the first
            coef, intercept = np.vstack([-coef, coef]) / 2, np.hstack([-intercept, intercept]) / 2
        rows = np.zeros((classes, coef.shape[1]), dtype=np.float32)
        offsets = np.full(classes, -np.inf, dtype=np.float32)
        rows[model.classes_], offsets[model.classes_] = coef, intercept
        return cls(rows, offsets)

    def scores(self, features: Any) -> Scores:
        """One score a row and class, float64 [N, C]."""
        made: Scores = np.asarray(features @ self.coef.T, dtype=np.float64) + self.intercept
        return made


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What models said of rows that they had not learnt from: row numbers [H], both scores [H, C], labels [H]."""

    rows: Places
    dense: Scores
    grams: Scores
    labels: Places

    def logits(self, mix: float) -> Scores:
        """Both views' scores, joined."""
        joined: Scores = self.dense + mix * self.grams
        return joined


def require(feature: str = "fitting the head") -> None:
    """Raises MissingExtra when the packages that fit are not installed."""
    try:
        import scipy  # noqa: F401 - only whether it is there
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtra("train", feature) from error


def fit_both(views: Views, rows: Places, classes: int) -> tuple[Linear, Linear]:
    """The two views' models on some rows: multinomial regression on vectors, a linear SVM on n-grams.

    The regression's tolerance matters: at 1e-3 it loses 1.7 points of accuracy (measured on
    CLINC150), and on n-grams of 150 classes it learns nothing at all.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    labels = views.labels[rows]
    dense = LogisticRegression(C=DENSE_C, max_iter=400, tol=1e-4).fit(views.vectors[rows], labels)
    grams = LinearSVC(C=GRAMS_C, tol=1e-2, random_state=0).fit(views.grams[rows], labels)
    return Linear.of(dense, classes), Linear.of(grams, classes)


def hold_out(views: Views, splits: Iterable[Split], classes: int) -> HeldOut:
    """Fits on what each split learns from, and scores what it holds out."""
    found: list[tuple[Places, Scores, Scores]] = []
    for learnt, held in splits:
        dense, grams = fit_both(views, learnt, classes)
        found.append((held, dense.scores(views.vectors[held]), grams.scores(views.grams[held])))
    rows, by_dense, by_grams = (np.concatenate(part) for part in zip(*found, strict=True))
    return HeldOut(rows, by_dense, by_grams, views.labels[rows])


def splits_of(labels: Places, folds: int, *, least: int = 1) -> list[Split]:
    """`folds` splits that share every class out evenly; a class with no more than `least` rows is always learnt.

    So each split has learnt something of every class.
    """
    order = np.random.default_rng(0).permutation(len(labels))
    fold = np.full(len(labels), -1)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        if len(members) > least:
            fold[members] = (np.arange(len(members)) + label) % folds
    return [
        (np.flatnonzero(fold != number), np.flatnonzero(fold == number))
        for number in range(folds)
        if (fold == number).any()
    ]


def temperature_of(logits: Scores, labels: Places) -> tuple[float, float]:
    """The temperature that fits logits [N, C] best, and the negative log-likelihood a row that is left.

    Rows whose own class was never seen say nothing about it and are passed over. One row more is
    taken to be wrong, for the runner-up (Laplace's rule of succession): models that made no mistake
    on 50 lines are not certain.
    """
    from scipy.optimize import minimize_scalar

    seen = np.isfinite(logits[np.arange(len(labels)), labels])
    logits, labels = logits[seen], labels[seen]
    second = np.partition(logits, -2, axis=1)[:, -2]

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        highest = scaled.max(axis=1)
        total = highest + np.log(np.exp(scaled - highest[:, None]).sum(axis=1))
        right = (total - scaled[np.arange(len(scaled)), labels]).sum()
        return float((right + (total - second / temperature).mean()) / (len(labels) + 1))

    found = minimize_scalar(loss, bounds=(COLDEST, HOTTEST), method="bounded")
    return float(found.x), float(found.fun)
