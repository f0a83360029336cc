"""The linear models beneath a head: any number of classes, lines held out fairly, confidence that is earned."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from pointsman.core.errors import MissingExtra
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.training.features import Views, count_grams, unit_rows
from pointsman.training.linear import fit_both, hold_out, require, splits_of, temperature_of

WORDS = {0: "draw paint sketch", 1: "price news weather", 2: "joke story poem"}


def views(classes: int, lines: int = 12) -> Views:
    """Lines of two own words and a number each."""
    chance = np.random.default_rng(3)
    labels = np.arange(lines * classes) % classes
    texts = [" ".join([*chance.permutation(WORDS[int(label)].split())[:2], "the", "cat"]) for label in labels]
    counts, idf = count_grams(texts)
    encoder = BagEncoder()
    vectors = np.stack([encoder.encode(text) for text in texts])
    return Views(vectors - vectors.mean(axis=0), unit_rows(counts, idf), labels)


@pytest.mark.parametrize("classes", [2, 3])
def test_each_class_gets_a_score_of_its_own_be_they_two_or_more(classes: int) -> None:
    data = views(classes)
    for model, features in zip(
        fit_both(data, np.arange(len(data.labels)), classes), (data.vectors, data.grams), strict=True
    ):
        scores = model.scores(features)
        assert scores.shape == (len(data.labels), classes)
        assert (scores.argmax(axis=1) == data.labels).all()


def test_a_class_that_was_never_seen_is_impossible() -> None:
    data = views(3)
    learnt = np.flatnonzero(data.labels != 1)
    dense, _ = fit_both(data, learnt, 3)
    scores = dense.scores(data.vectors)
    assert (scores[:, 1] == -np.inf).all()
    assert np.isfinite(scores[:, [0, 2]]).all()


def test_lines_are_scored_by_models_that_did_not_learn_from_them() -> None:
    data = views(3)
    held = hold_out(data, splits_of(data.labels, 4), 3)
    assert sorted(held.rows.tolist()) == list(range(len(data.labels)))
    assert (held.labels == data.labels[held.rows]).all()
    learnt = fit_both(data, np.arange(len(data.labels)), 3)[0].scores(data.vectors[held.rows])
    assert not np.allclose(held.dense, learnt)
    assert (held.logits(0.5) == held.dense + 0.5 * held.grams).all()


def test_every_split_has_learnt_something_of_every_class() -> None:
    labels = np.array([0] * 11 + [1] * 2 + [2])
    splits = splits_of(labels, 5)
    assert len(splits) == 5
    for learnt, held in splits:
        assert set(labels[learnt].tolist()) == {0, 1, 2}
        assert not set(learnt.tolist()) & set(held.tolist())
        assert 2 <= len(held) <= 4
    assert sorted(row for _, held in splits for row in held.tolist()) == list(range(13))


def test_the_temperature_makes_confidence_what_it_should_be() -> None:
    """Labels that are drawn from the probabilities of logits / 3 ask for a temperature of 3."""
    chance = np.random.default_rng(5)
    logits = chance.normal(0, 6, (4000, 4))
    powers = np.exp(logits / 3)
    shares = powers / powers.sum(axis=1, keepdims=True)
    labels = (shares.cumsum(axis=1) > chance.random((4000, 1))).argmax(axis=1)
    assert temperature_of(logits, labels)[0] == pytest.approx(3, rel=0.1)


def test_a_few_lines_without_a_mistake_do_not_make_certain() -> None:
    logits = np.tile([4.0, 0.0, -1.0], (20, 1))
    temperature, _ = temperature_of(logits, np.zeros(20, dtype=np.int64))
    powers = np.exp(logits[0] / temperature)
    assert 0.9 < powers[0] / powers.sum() < 0.99


def test_lines_of_a_class_that_was_never_seen_say_nothing_of_the_temperature() -> None:
    chance = np.random.default_rng(5)
    logits, labels = chance.normal(0, 2, (60, 3)), chance.integers(0, 2, 60)
    logits[:, 2] = -np.inf
    more = np.vstack([logits, logits[:5]]), np.hstack([labels, np.full(5, 2)])
    assert temperature_of(*more) == temperature_of(logits, labels)


@pytest.mark.parametrize("absent", ["scipy", "sklearn"])
def test_what_is_missing_is_said_by_name(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(MissingExtra) as caught:
        require("measuring")
    assert "measuring" in caught.value.message
    assert "pointsman[train]" in caught.value.cure
