"""Fits the guard's weights on attack lines and on harmless ones that look like them.

Needs the `[train]` extra (scikit-learn); what it makes is plain numpy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pointsman.config import intents
from pointsman.core.category import Catalogue
from pointsman.core.errors import InvalidInput
from pointsman.tiers.guard.head import BUCKETS, GUARD_FILE, GuardHead, buckets
from pointsman.tiers.guard.view import fold
from pointsman.tiers.guard.weigher import SIGNS, Weigher
from pointsman.training.corpus import read_corpus
from pointsman.training.linear import require

CURE: Final = 'give one JSON object a line: {"text": ..., "attack": true or false}'
SIGN_NAMES: Final = tuple(dict.fromkeys(sign.name for sign in SIGNS))
ATTACKING: Final = {sign.name for sign in SIGNS if sign.reach != "none"}
# A sign says more than any n-gram, so its weight is held back less.
SIGN_SCALE: Final = 1.5
C: Final = 10.0
FOLDS: Final = 10
# This part may be marked of the harmless lines, hard ones all of them, and of everyday messages.
HARD_ALARMS: Final = 0.04
EVERYDAY_ALARMS: Final = 0.001
MIDDLE: Final = 0.5
# To this category belong messages that are nothing but an attack.
TALK: Final = "general_chat"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence to learn from."""

    text: str
    attack: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights, and how they do on lines left out of fitting: the shares of attacks and of harmless lines marked."""

    head: GuardHead
    recall: float
    false_alarms: float


def read_lines(path: Path) -> list[Line]:
    """The lines of a training file. Raises InvalidInput with `file:line` for what is none."""
    lines = []
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: cannot be read: {error}", cure="give a readable file") from error
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            lines.append(line_from(line, f"{path}:{number}"))
    if {line.attack for line in lines} != {True, False}:
        raise InvalidInput(f"{path}: it takes attacks and harmless lines", cure=CURE)
    return lines


def line_from(line: str, where: str) -> Line:
    """One line of the file; `where` names it in errors."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InvalidInput(f"{where}: not JSON: {error}", cure=CURE) from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(row.get("attack"), bool):
        raise InvalidInput(f"{where}: not a line to learn from", cure=CURE)
    return Line(row["text"], row["attack"])


def make(data: Path, corpus: Path | None, folder: Path) -> Fitted:
    """Writes `guard.npz` into `folder`, fitted for the shipped categories.

    Raises MissingExtra, and InvalidInput when the data cannot be read or the folder cannot be written to.
    """
    catalogue = intents.load()
    made = fit(read_lines(data), everyday(catalogue, corpus), catalogue.names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made.head.write(folder / GUARD_FILE)
    except OSError as error:
        raise InvalidInput(
            f"{folder}: cannot be written to: {error.strerror or error}", cure="give a folder that can be written to"
        ) from error
    return made


def fit(lines: Sequence[Line], messages: Sequence[str], names: Iterable[str]) -> Fitted:
    """The weights for categories of those names; of everyday messages those count in which the guard looks closer.

    The lowest threshold that marks at most HARD_ALARMS of the harmless lines, and EVERYDAY_ALARMS of the
    messages, each judged by weights that did not see it, is moved to 0.5. Raises MissingExtra.
    """
    require("fitting the guard")
    weigher = Weigher(GuardHead(0.0, {}, np.zeros(BUCKETS, np.float32)), names, MIDDLE)
    looked_at = harmless(messages, weigher)
    features = matrix([*(weigher.features(line.text) for line in lines), *looked_at])
    labels = np.array([line.attack for line in lines] + [False] * len(looked_at))
    logits = unseen_logits(features, labels)
    attacks, hard = logits[labels], logits[: len(lines)][~labels[: len(lines)]]
    threshold = float(np.quantile(hard, 1 - HARD_ALARMS))
    if len(looked_at) > (allowed := int(EVERYDAY_ALARMS * len(messages))):
        threshold = max(threshold, float(np.sort(logits[len(lines) :])[-allowed - 1]))
    model = regression().fit(features, labels)
    weights = model.coef_[0].astype(np.float32)
    head = GuardHead(
        float(model.intercept_[0]) - threshold,
        {name: float(weight) * SIGN_SCALE for name, weight in zip(SIGN_NAMES, weights[BUCKETS:], strict=True)},
        weights[:BUCKETS],
    )
    return Fitted(head, float((attacks > threshold).mean()), float((hard > threshold).mean()))


def regression() -> Any:
    """The regression that is fitted."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=C, solver="liblinear", max_iter=500)


def unseen_logits(features: Any, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What weights say of lines that they did not see."""
    from sklearn.model_selection import StratifiedKFold

    logits = np.zeros(len(labels))
    for learnt, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(features, labels):
        logits[held] = regression().fit(features[learnt], labels[learnt]).decision_function(features[held])
    return logits


def everyday(catalogue: Catalogue, corpus: Path | None) -> list[str]:
    """The catalogue's utterances and the corpus, without the category for talk, to which attacks belong."""
    said = [(it.text, it.category) for it in catalogue.utterances]
    said += [(it.text, it.category) for it in read_corpus(corpus, catalogue.names)] if corpus else []
    return [text for text, category in said if category != TALK]


def harmless(messages: Iterable[str], weigher: Weigher) -> list[tuple[str, set[str]]]:
    """What messages are weighed by, those that are looked at and show no sign; the others may hold attacks."""
    opened = (weigher.features(text) for text in dict.fromkeys(messages) if weigher.opens(fold(text)))
    return [(words, signs) for words, signs in opened if not signs & ATTACKING]


def matrix(rows: Iterable[tuple[str, set[str]]]) -> Any:
    """Sentences with their signs as a sparse matrix [rows, BUCKETS + signs]."""
    from scipy.sparse import csr_matrix

    values: list[NDArray[np.float32]] = []
    columns: list[NDArray[np.int64]] = []
    ends = [0]
    for text, signs in rows:
        grams = buckets(text)
        shown = np.array([BUCKETS + SIGN_NAMES.index(name) for name in sorted(signs)], dtype=np.int64)
        columns += [grams, shown]
        values += [
            np.full(len(grams), 1 / np.sqrt(max(1, len(grams))), np.float32),
            np.full(len(shown), SIGN_SCALE, np.float32),
        ]
        ends.append(ends[-1] + len(grams) + len(shown))
    return csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(ends) - 1, BUCKETS + len(SIGN_NAMES))
    )
