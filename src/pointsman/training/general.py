"""Fits a head for anybody's categories, from a handful of lines each or from thousands.

Nothing but the training lines is needed: the weight of the n-grams, the temperature, the bar for
what is out of scope and the neighbours' calibration all come from lines that were held out in turn.
Needs the `[train]` extra (scikit-learn); what it makes is plain numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Utterance
from pointsman.core.errors import InvalidInput
from pointsman.tiers.encoder import Encoder
from pointsman.tiers.head import Head
from pointsman.tiers.neighbours import Calibration
from pointsman.tiers.surroundings import Surrounding, Surroundings
from pointsman.training.features import Floats, Places, Views, count_grams, unit_rows
from pointsman.training.head import Same, scope_scores, trust, votes
from pointsman.training.linear import HeldOut, fit_both, hold_out, splits_of, temperature_of

FOLDS: Final = 5
MANY: Final = 5_000  # from so many lines on, one fold of them says enough: fitting five times takes minutes
SAMPLE: Final = 2_000  # of so many lines the neighbours are looked at
K: Final = 7
STRANGE: Final = 0.25  # what a line of an unknown category counts against one of a known one

# What the n-grams weigh beside the vectors, both scaled to the same spread: what is right for English
# and this encoder with few lines and with many (held-out lines of CLINC150 and BANKING77 agree), or
# what fits held-out lines clearly better, as where the encoder knows little of a language.
USUAL_FEW, USUAL_MANY = 0.2, 0.3
SHARES: Final = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0)
CLEARLY: Final = 0.95

# Share of in-scope messages that must count as known territory; one in twenty is refused, and with
# them 84 % (10 lines a category) to 96 % (100 lines) of CLINC150's out-of-scope messages.
IN_SCOPE: Final = 0.95


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: Floats,
    encoder: Encoder,
    *,
    own: NDArray[np.bool_] | None = None,
    same: Same = str.__eq__,
) -> Head:
    """A calibrated head for the categories that `labels` name, in order of name.

    `vectors` are the texts' unit vectors, float32 [texts, dimensions]. `own` marks the texts that
    stand among the utterances which will be searched for neighbours; without it all do. `same`
    says whether two categories are as good as each other when the neighbours are judged. Raises
    InvalidInput for fewer than two categories, or when none has two lines.
    """
    names, numbers = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    categories = tuple(str(name) for name in names)
    check(categories, numbers)
    counts, idf = count_grams(texts)
    center, scale = vectors.mean(axis=0), float(vectors.std())
    views = Views((vectors - center) / scale, unit_rows(counts, idf), numbers)
    many = len(texts) >= MANY
    splits = splits_of(numbers, FOLDS)[: 1 if many else FOLDS]
    held = hold_out(views, splits, len(categories))
    mix = choose_mix(held, USUAL_MANY if many else USUAL_FEW)
    logits = held.logits(mix)
    readable = np.array([encoder.legible(text) for text in texts])
    known = readable if own is None else readable & own
    sample = sample_of(held, readable)
    lines = [Utterance(text, label, "") for text, label in zip(texts, labels, strict=True)]
    around = surroundings_of(lines, vectors, encoder, known, held.rows[sample])
    highest = logits[sample].max(axis=1)
    nearest = np.array([item.near[0].similarity if item.near else 0.0 for item in around.values()])
    scope_weights = (1.0 / spread(highest), 1.0 / spread(nearest))
    dense, grams = fit_both(views, np.arange(len(texts)), len(categories))
    return Head(
        categories=categories,
        fingerprint=encoder.fingerprint,
        dense=dense.coef,
        bias=(dense.intercept + np.float32(mix) * grams.intercept).astype(np.float32),
        center=center,
        scale=scale,
        grams=np.ascontiguousarray(grams.coef.T),
        idf=idf,
        mix=mix,
        temperature=temperature_of(logits, held.labels)[0],
        scope_weights=scope_weights,
        scope=float(np.quantile(scope_scores(highest, nearest, scope_weights), 1 - IN_SCOPE)),
        neighbours=trust_of(lines, around, strangers_of(lines, vectors, encoder, known, held.rows[sample]), same),
    )


def trust_of(
    lines: Sequence[Utterance], around: Mapping[int, Surrounding], strange: Mapping[int, Surrounding], same: Same
) -> Calibration:
    """How sure the neighbours may be, of lines that they know the category of and of lines that they cannot know.

    Without the latter they would be as sure of the moon as of a card: nearness to something is all they see.
    """
    said, right = votes([lines[row].category for row in around], list(around.values()), same)
    foreign, _ = votes([lines[row].category for row in strange], list(strange.values()), same)
    weights = [1.0] * len(said) + [STRANGE] * len(foreign)
    return trust([*said, *foreign], [*right, *[False] * len(foreign)], weights)


def check(categories: Sequence[str], numbers: Places) -> None:
    """Raises InvalidInput when there is nothing to tell apart, or nothing to learn it from."""
    if len(categories) < 2:
        raise InvalidInput("there are fewer than two categories with utterances", cure="write utterances for two")
    if np.bincount(numbers).max() < 2:
        raise InvalidInput("no category has two utterances", cure="write some ten utterances for each category")


def choose_mix(held: HeldOut, usual: float) -> float:
    """What the n-grams' scores are multiplied by: their usual share, or one that fits held-out lines clearly better."""
    seen = np.isfinite(held.dense)
    ratio = spread(held.dense[seen]) / spread(held.grams[seen])
    losses = {share: temperature_of(held.logits(share * ratio), held.labels)[1] for share in SHARES}
    best = min(losses, key=lambda share: losses[share])
    return ratio * (best if losses[best] < CLEARLY * losses[usual] else usual)


def spread(values: NDArray[np.float64]) -> float:
    """The standard deviation, or 1 where there is none."""
    return float(values.std()) or 1.0


def sample_of(held: HeldOut, readable: NDArray[np.bool_]) -> Places:
    """Which of the held-out rows to look at: at most 2,000, and of texts that the encoder can read if there are any."""
    of_use = np.flatnonzero(readable[held.rows])
    if not len(of_use):
        of_use = np.arange(len(held.rows))
    return np.random.default_rng(0).permutation(of_use)[:SAMPLE]


def surroundings_of(
    lines: Sequence[Utterance], vectors: Floats, encoder: Encoder, known: NDArray[np.bool_], rows: Places
) -> dict[int, Surrounding]:
    """What lies around each of some rows among the known lines, the row itself left out."""
    searched = [line for line, use in zip(lines, known, strict=True) if use]
    others = Surroundings(encoder, searched, vectors[known], k=K + 1)
    found = {}
    for row in rows.tolist():
        near = [item for item in others.around(vectors[row]).near if item.utterance is not lines[row]]
        found[row] = Surrounding(vectors[row], tuple(near[:K]))
    return found


def strangers_of(
    lines: Sequence[Utterance], vectors: Floats, encoder: Encoder, known: NDArray[np.bool_], rows: Places
) -> dict[int, Surrounding]:
    """What would lie around each of some rows if nothing of their category were known."""
    labels = np.array([line.category for line in lines])
    found: dict[int, Surrounding] = {}
    for label in np.unique(labels[rows]):
        of_use = known & (labels != label)
        mine = rows[labels[rows] == label]
        found |= surroundings_of(lines, vectors, encoder, of_use, mine)
    return found
