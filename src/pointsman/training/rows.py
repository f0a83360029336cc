"""What models learn from: labelled messages with their source, how much each counts, and fair ways to hold some out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.observe.labelled import read_labelled
from pointsman.training.corpus import read_corpus

OWN: Final = "own"

# How much a line counts by its source: what was written for the product is varied and sure, lines
# made from templates repeat themselves.
WEIGHTS: Final = {OWN: 3.0, "written": 0.5}


@dataclass(frozen=True, slots=True)
class Row:
    """A message to learn from: its text as tiers look at it, its category, and the data set it is from."""

    text: str
    category: str
    source: str


@dataclass(frozen=True, slots=True)
class Data:
    """Where rows come from: a labelled file, less the sources that are left out, and a folder of the corpus."""

    labelled: Path
    corpus: Path | None = None
    without: frozenset[str] = frozenset()


def read_rows(data: Data, catalogue: Catalogue) -> list[Row]:
    """Labelled messages, the corpus and the catalogue's utterances, but no blank ones. Raises InvalidInput."""
    labelled = [row for row in read_labelled(data.labelled, catalogue.names) if row.source not in data.without]
    given = [Row(row.message.look.strip(), row.gold.category, row.source) for row in labelled]
    written = read_corpus(data.corpus, catalogue.names) if data.corpus else []
    own = [Row(item.text, item.category, OWN) for item in written]
    own += [Row(utterance.text.strip(), utterance.category, OWN) for utterance in catalogue.utterances]
    return [row for row in given + own if row.text]


def weights_of(rows: Sequence[Row]) -> NDArray[np.float32]:
    """How much each row counts, float32 [rows]."""
    return np.array([WEIGHTS.get(row.source, 1.0) for row in rows], dtype=np.float32)


def balance(labels: NDArray[np.int64], weights: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """A factor a category, float32 [categories], that takes back half (by square root) of how unequally they occur."""
    present = np.bincount(labels[rows], weights=weights[rows], minlength=int(labels.max()) + 1)
    factors: NDArray[np.float32] = np.sqrt(present.sum() / len(present) / np.maximum(present, 1.0)).astype(np.float32)
    return factors


def folds_of_sources(rows: Sequence[Row], folds: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(learnt, held) row numbers; each fold holds out whole data sets, about equally many lines a fold.

    Lines of one source share style, so a model judged on sources that it learnt from is flattered.
    The project's own lines are always learnt.
    """
    sizes: dict[str, int] = {}
    for row in rows:
        if row.source != OWN:
            sizes[row.source] = sizes.get(row.source, 0) + 1
    groups: list[list[str]] = [[] for _ in range(min(folds, len(sizes)))]
    for source in sorted(sizes, key=lambda name: -sizes[name]):
        min(groups, key=lambda group: sum(sizes[name] for name in group)).append(source)
    sources = np.array([row.source for row in rows])
    held = [np.isin(sources, group) for group in groups]
    return [(np.flatnonzero(~mask), np.flatnonzero(mask)) for mask in held]
