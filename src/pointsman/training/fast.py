"""Fits the fast tier's network on labelled messages and the project's own, and its gate on sources held out.

Needs the `[train]` extra (torch, scikit-learn); what it makes is plain numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.errors import MissingExtra
from pointsman.tiers import subwords
from pointsman.tiers.belief import softmax
from pointsman.tiers.fast import FastModel, Gate
from pointsman.training.rows import Row, balance, folds_of_sources, weights_of

if TYPE_CHECKING:
    import torch

DIMENSIONS, HIDDEN = 16, 48
EPOCHS, BATCH, RATE = 8, 128, 3e-3
# Features left out at random while learning, so that no single word carries a decision alone.
DROPPED: Final = 0.3
SMOOTHING: Final = 0.02
FOLDS: Final = 5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """A text's buckets and their weights, both [features], and which of the buckets are whole words."""

    buckets: NDArray[np.int64]
    weights: Floats
    whole: NDArray[np.int64]


def require() -> None:
    """Raises MissingExtra when the packages that fit are not installed."""
    try:
        import sklearn  # noqa: F401 - only whether it is there
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("train", "fitting the fast tier") from error


def fit(rows: Sequence[Row], catalogue: Catalogue, tell: Callable[[str], None]) -> FastModel:
    """The fast model for the catalogue's categories, with a gate fitted on sources it had not learnt from."""
    categories = catalogue.names
    features = [features_of(row.text) for row in rows]
    labels = np.array([categories.index(row.category) for row in rows])
    weights = weights_of(rows)
    beliefs: list[float] = []
    unknowns: list[float] = []
    right: list[bool] = []
    rivals: list[Floats] = []  # the logits of the right category, then of the others on its path
    paths = np.array([catalogue.path_of(name) for name in categories])
    folds = folds_of_sources(rows, FOLDS)
    for number, (learnt, held) in enumerate(folds, 1):
        tell(f"the fast tier's gate: sources held out, part {number} of {len(folds)}")
        model = quantised(learn(features, labels, weights, learnt), categories, features, learnt)
        for index in held:
            logits, unknown = model.logits(rows[index].text)
            belief, path = likeliest(np.array(softmax(logits)), paths)
            beliefs.append(belief)
            unknowns.append(unknown)
            right.append(path == paths[labels[index]])
            others = np.flatnonzero((paths == path) & (np.arange(len(paths)) != labels[index]))
            if right[-1] and len(others):
                rivals.append(logits[[labels[index], *others]])
    gate = fit_gate(np.array(beliefs), np.array(unknowns), np.array(right), fit_within(rivals))
    tell("fitting the fast tier on everything")
    everything = np.arange(len(rows))
    model = quantised(learn(features, labels, weights, everything), categories, features, everything)
    model.gate = gate
    return model


def features_of(text: str) -> Features:
    """What FastModel.logits sums, as flat lists: weights are 1/sqrt(words), parts also 1/sqrt(parts)."""
    found = subwords.words(text)
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return Features(empty, np.empty(0, dtype=np.float32), empty)
    share = 1.0 / math.sqrt(len(found))
    whole = [subwords.bucket(word, subwords.WHOLE) for word in found]
    buckets, weights = list(whole), [share] * len(whole)
    for word in found:
        pieces = subwords.parts(word)
        buckets += pieces
        weights += [share / math.sqrt(len(pieces))] * len(pieces)
    between = subwords.pairs(found)
    buckets += between
    weights += [share] * len(between)
    return Features(np.array(buckets), np.array(weights, dtype=np.float32), np.array(whole))


def batch_of(
    features: Sequence[Features], chosen: NDArray[np.int64]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Buckets, offsets and weights of some texts, as EmbeddingBag takes them."""
    import torch

    picked = [features[index] for index in chosen]
    offsets = np.cumsum([0, *(len(item.buckets) for item in picked[:-1])])
    return (
        torch.from_numpy(np.concatenate([item.buckets for item in picked])),
        torch.from_numpy(offsets.astype(np.int64)),
        torch.from_numpy(np.concatenate([item.weights for item in picked])),
    )


@dataclass(frozen=True, slots=True)
class Learnt:
    """The network's weights in float32, shapes as in FastModel."""

    table: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats


def learn(
    features: Sequence[Features], labels: NDArray[np.int64], weights: Floats, rows: NDArray[np.int64], seed: int = 0
) -> Learnt:
    """Weights after some epochs of Adam on the rows; the table starts at zero, so what was never seen says nothing."""
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    rows = np.array([row for row in rows if len(features[row].buckets)])
    count = int(labels.max()) + 1
    table = torch.nn.EmbeddingBag(subwords.BUCKETS, DIMENSIONS, mode="sum")
    torch.nn.init.zeros_(table.weight)
    hidden, out = torch.nn.Linear(DIMENSIONS, HIDDEN), torch.nn.Linear(HIDDEN, count)
    optimizer = torch.optim.Adam([*table.parameters(), *hidden.parameters(), *out.parameters()], lr=RATE)
    per_row = torch.from_numpy(weights * balance(labels, weights, rows)[labels])
    targets, steps, step = torch.from_numpy(labels), EPOCHS * math.ceil(len(rows) / BATCH), 0
    for _ in range(EPOCHS):
        shuffled = order.permutation(rows)
        for start in range(0, len(shuffled), BATCH):
            chosen = shuffled[start : start + BATCH]
            buckets, offsets, amounts = batch_of(features, chosen)
            amounts = functional.dropout(amounts, DROPPED)
            scores = out(torch.relu(hidden(table(buckets, offsets, per_sample_weights=amounts))))
            losses = functional.cross_entropy(scores, targets[chosen], reduction="none", label_smoothing=SMOOTHING)
            ((losses * per_row[chosen]).sum() / per_row[chosen].sum()).backward()
            optimizer.step()
            optimizer.zero_grad()
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = RATE * max(0.02, 1 - step / steps)
    layers = (table.weight, hidden.weight, hidden.bias, out.weight, out.bias)
    return Learnt(*(layer.detach().numpy().astype(np.float32) for layer in layers))


def quantised(
    learnt: Learnt, categories: tuple[str, ...], features: Sequence[Features], rows: NDArray[np.int64]
) -> FastModel:
    """The model with its table in 8 bits; the words of the rows are known to it."""
    # The few largest values are cut off: one step of the scale is then a fifth of what it would be.
    scale = float(np.quantile(np.abs(learnt.table[learnt.table != 0.0]), 0.9995)) / 127
    known = np.zeros(subwords.BUCKETS, dtype=bool)
    for row in rows:
        known[features[row].whole] = True
    return FastModel(
        categories=categories,
        table=np.clip(np.round(learnt.table / scale), -127, 127).astype(np.int8),
        scale=scale,
        hidden=learnt.hidden,
        hidden_bias=learnt.hidden_bias,
        out=learnt.out,
        out_bias=learnt.out_bias,
        known=known,
        gate=Gate(0.0, 1.0, 0.0),
    )


def likeliest(probabilities: Floats, paths: NDArray[np.str_]) -> tuple[float, str]:
    """The likeliest path and its probability."""
    by_path = {path: float(probabilities[paths == path].sum()) for path in set(paths.tolist())}
    best = max(by_path, key=lambda path: by_path[path])
    return by_path[best], best


def fit_within(rivals: Sequence[Floats]) -> float:
    """The temperature at which the first of each row of logits is as likely as it turned out to be."""
    from scipy.optimize import minimize_scalar

    def loss(temperature: float) -> float:
        return -float(np.mean([np.log(softmax(row / np.float32(temperature))[0] + 1e-9) for row in rivals]))

    return float(minimize_scalar(loss, bounds=(0.5, 10.0), method="bounded").x)


def fit_gate(
    beliefs: NDArray[np.float64], unknowns: NDArray[np.float64], right: NDArray[np.bool_], within: float
) -> Gate:
    """Logistic regression on the log-odds of the belief and the share of unknown words."""
    from sklearn.linear_model import LogisticRegression

    clipped = np.clip(beliefs, 1e-4, 1 - 1e-4)
    inputs = np.column_stack([np.log(clipped / (1 - clipped)), unknowns])
    model = LogisticRegression(C=100.0).fit(inputs, right)
    belief, unknown = (float(weight) for weight in model.coef_[0])
    return Gate(float(model.intercept_[0]), belief, unknown, within)
