"""Fits the linear head and its calibration on labelled messages and the catalogue's own utterances.

Needs the `[train]` extra (scikit-learn); what it makes is plain numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.errors import MissingExtra
from pointsman.tiers import ngrams
from pointsman.tiers.encoder import Encoder
from pointsman.tiers.head import Head
from pointsman.tiers.neighbours import Calibration
from pointsman.tiers.surroundings import Surrounding, Surroundings

OWN = "own"

# How much a source's lines count. Utterances written for the product are few, varied and sure;
# lines made from templates repeat themselves.
WEIGHTS = {OWN: 10.0, "written": 0.5}

DENSE_C, GRAMS_C = 0.03, 30.0
MIX = 1.0
FOLDS = 5
RARE = 2  # an n-gram bucket seen in fewer texts tells about those texts, not about language
IN_SCOPE = 0.995  # share of labelled messages that must count as known territory

Matrix = Any  # scipy's sparse matrices carry no useful types
Floats = NDArray[np.float32]
Fit = Callable[[NDArray[np.int64]], tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """A message to learn from: its text, its category, and the data set it is from."""

    text: str
    category: str
    source: str


@dataclass(frozen=True, slots=True)
class Views:
    """The training set in numbers: vectors [N, D], n-gram counts [N, 2^16], labels and weights [N]."""

    vectors: Floats
    grams: Matrix
    labels: NDArray[np.int64]
    weights: Floats
    sources: NDArray[np.str_]


def require() -> None:
    """Raises MissingExtra when the packages that fit are not installed."""
    try:
        import scipy  # noqa: F401 - only whether it is there
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtra("train", "fitting the head") from error


def fit(rows: Sequence[Row], catalogue: Catalogue, vectors: Floats, own: Surroundings, encoder: Encoder) -> Head:
    """A calibrated head for the catalogue's categories.

    `rows` are labelled messages including the catalogue's utterances (source "own"), `vectors`
    theirs in the same order; `own` searches the utterances, for the neighbours' calibration.
    """
    categories = catalogue.names
    labels = np.array([categories.index(row.category) for row in rows])
    weights = np.array([WEIGHTS.get(row.source, 1.0) for row in rows], dtype=np.float32)
    counts, idf = count_grams([row.text for row in rows])
    center, scale = vectors.mean(axis=0), float(vectors.std())
    sources = np.array([row.source for row in rows])
    views = Views((vectors - center) / scale, unit_rows(counts, idf), labels, weights, sources)
    dense, grams = fit_both(views, np.arange(len(rows)))
    temperature = between(views)
    logits = (dense.decision_function(views.vectors) + MIX * grams.decision_function(views.grams)).max(axis=1)
    foreign = [index for index, row in enumerate(rows) if row.source != OWN and encoder.legible(row.text)]
    around = [own.around(vectors[index]) for index in foreign]
    nearest = np.array([surrounding.near[0].similarity for surrounding in around])
    scope_weights = (1.0 / float(logits.std()), 1.0 / float(nearest.std()))
    scores = scope_weights[0] * logits[foreign] + scope_weights[1] * nearest
    return Head(
        categories=categories,
        fingerprint=encoder.fingerprint,
        dense=dense.coef_.astype(np.float32),
        bias=(dense.intercept_ + MIX * grams.intercept_).astype(np.float32),
        center=center,
        scale=scale,
        grams=np.ascontiguousarray(grams.coef_.T.astype(np.float32)),
        idf=idf,
        mix=MIX,
        temperature=temperature,
        scope_weights=scope_weights,
        scope=float(np.quantile(scores, 1 - IN_SCOPE)),
        neighbours=calibrate_neighbours([rows[index].category for index in foreign], around, catalogue),
    )


def count_grams(texts: Sequence[str]) -> tuple[Matrix, Floats]:
    """Which bucket stands in which text, [N, 2^16], and each bucket's inverse document frequency; rare ones get 0."""
    from scipy import sparse

    found = [ngrams.buckets(text) for text in texts]
    pointers = np.cumsum([0, *(len(row) for row in found)])
    ones = np.ones(pointers[-1], dtype=np.float32)
    counts = sparse.csr_matrix((ones, np.concatenate(found), pointers), shape=(len(texts), ngrams.BUCKETS))
    seen = np.asarray(counts.sum(axis=0)).ravel()
    idf = np.where(seen >= RARE, np.log((1 + len(texts)) / (1 + seen)) + 1, 0.0).astype(np.float32)
    return counts, idf


def unit_rows(counts: Matrix, idf: Floats) -> Matrix:
    """The counts weighted by `idf`, each row scaled to unit length, as `ngrams.weighted` does for one text."""
    from scipy import sparse

    weighted = counts.multiply(idf).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.where(lengths == 0, 1.0, lengths)) @ weighted


def fit_both(views: Views, rows: NDArray[np.int64]) -> tuple[Any, Any]:
    """The two views' logistic regressions on some rows.

    The dense view's tolerance matters: at 1e-3 it loses 1.7 points of accuracy (measured on CLINC150).
    """
    from sklearn.linear_model import LogisticRegression

    labels, weights = views.labels[rows], views.weights[rows]
    dense = LogisticRegression(C=DENSE_C, max_iter=400, tol=1e-4, class_weight="balanced")
    grams = LogisticRegression(C=GRAMS_C, max_iter=400, tol=1e-3, class_weight="balanced")
    return dense.fit(views.vectors[rows], labels, weights), grams.fit(views.grams[rows], labels, weights)


def between(views: Views) -> float:
    """The temperature for messages that are neither quite like the training data nor quite unlike it.

    Folds of random lines share sources, and so style, with what they are tested on and flatter
    (temperature too low); folds of whole sources are as strange as any message will be
    (too high). The geometric mean lies between.
    """
    from sklearn.model_selection import GroupKFold, KFold

    lines = temperature_of(views, KFold(FOLDS, shuffle=True, random_state=0).split(views.labels))
    sources = len(set(views.sources.tolist()))
    if sources == 1:
        return lines
    whole = GroupKFold(min(FOLDS, sources)).split(views.labels, groups=views.sources)
    return math.sqrt(lines * temperature_of(views, whole))


def temperature_of(views: Views, folds: Any) -> float:
    """The temperature that fits out-of-fold logits best (least negative log-likelihood)."""
    from scipy.optimize import minimize_scalar

    logits = np.zeros((len(views.labels), int(views.labels.max()) + 1))
    for learnt, held in folds:
        dense, grams = fit_both(views, learnt)
        logits[held] = dense.decision_function(views.vectors[held])
        logits[held] += MIX * grams.decision_function(views.grams[held])

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(scaled)), views.labels]
        return float((np.log(np.exp(scaled).sum(axis=1)) - chosen).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 10.0), method="bounded").x)


def calibrate_neighbours(labels: Sequence[str], around: Sequence[Surrounding], catalogue: Catalogue) -> Calibration:
    """How sure the neighbours may be of a path: logistic regression on messages that are not utterances themselves."""
    from sklearn.linear_model import LogisticRegression

    features, right = [], []
    for label, surrounding in zip(labels, around, strict=True):
        shares = surrounding.shares
        winner = max(shares, key=lambda name: shares[name])
        nearest, share = surrounding.near[0].similarity, shares[winner]
        features.append((nearest, share, nearest * share))
        right.append(catalogue.path_of(winner) == catalogue.path_of(label))
    model = LogisticRegression(C=100.0).fit(np.array(features), np.array(right))
    return Calibration(float(model.intercept_[0]), *(float(weight) for weight in model.coef_[0]))
