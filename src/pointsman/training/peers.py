"""What others would use on the same split: nearest neighbours on the same vectors, and TF-IDF with a linear SVM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from pointsman.training.measure import Guesses, Lines, System

K: Final = 5


def neighbours(lines: Lines, intents: Sequence[str]) -> Callable[[Lines], Guesses]:
    """The majority of the five nearest lines by cosine; their mean similarity tells what is in scope."""
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(K, metric="cosine", algorithm="brute").fit(lines.vectors, np.array(intents))

    def guess(asked: Lines) -> Guesses:
        shares = model.predict_proba(asked.vectors)
        distances, _ = model.kneighbors(asked.vectors)
        return Guesses(list(model.classes_[shares.argmax(axis=1)]), shares.max(axis=1), 1 - distances.mean(axis=1))

    return guess


def words(lines: Lines, intents: Sequence[str]) -> Callable[[Lines], Guesses]:
    """TF-IDF of words 1-2 and characters 2-5 with a linear SVM; its margin tells what is in scope."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    grams = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    model = make_pipeline(grams, LinearSVC(random_state=0)).fit(list(lines.texts), list(intents))

    def guess(asked: Lines) -> Guesses:
        margins = model.decision_function(list(asked.texts))
        if margins.ndim == 1:  # of two classes, only the second speaks
            margins = np.stack([-margins, margins], axis=1)
        return Guesses(list(model.classes_[margins.argmax(axis=1)]), None, margins.max(axis=1))

    return guess


PEERS: Final[Mapping[str, System]] = {"5 nearest, same vectors": neighbours, "TF-IDF + linear SVM": words}
