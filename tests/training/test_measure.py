"""Measuring on a public set: the right lines teach, the right lines ask, and peers are measured alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from pointsman.observe.intent_sets import IntentSet
from pointsman.observe.set_layouts import Line
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.encoder import Vector
from pointsman.training.measure import Guesses, Lines, figures_of, measure, pointsman
from pointsman.training.peers import PEERS

ENCODER = BagEncoder()
WORDS = {
    "card": "card lost block wallet pin",
    "trip": "flight hotel seat airport bag",
    "rain": "rain sun cloud snow fog",
}


def some(count: int, seed: int) -> tuple[Line, ...]:
    chance = np.random.default_rng(seed)
    made = []
    for number in range(count):
        intent = list(WORDS)[number % 3]
        made.append(Line(" ".join([*chance.permutation(WORDS[intent].split())[:2], "please", str(seed)]), intent))
    return tuple(made)


DATA = IntentSet("tiny", some(60, 1), some(30, 2), some(30, 3), ("opera violin please", "chess volcano now"))
EVERY = [*(line.text for part in (DATA.train, DATA.val, DATA.test) for line in part), *DATA.oos]
VECTORS: dict[str, Vector] = {text: ENCODER.encode(text) for text in EVERY}


@dataclass
class Watched:
    """Says that everything is a card, and keeps what it was taught and asked."""

    taught: list[list[str]] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)

    def __call__(self, lines: Lines, intents: Sequence[str]) -> Callable[[Lines], Guesses]:
        assert len(lines.texts) == len(intents) == len(lines.vectors)
        self.taught.append(list(lines.texts))

        def guess(asked: Lines) -> Guesses:
            self.asked.append(list(asked.texts))
            count = len(asked.texts)
            return Guesses(["card"] * count, np.full(count, 0.5), np.zeros(count))

        return guess


def test_only_training_lines_teach_and_all_others_are_asked() -> None:
    watched = Watched()
    found = measure(DATA, VECTORS, "watched", watched, shots=0, seeds=5)
    assert watched.taught == [[line.text for line in DATA.train]]
    assert watched.asked == [[line.text for line in DATA.test], [line.text for line in DATA.val], list(DATA.oos)]
    assert (found.system, found.shots, found.seeds, found.lines) == ("watched", 0, 1, 60)
    assert found.figures["accuracy"].mean == pytest.approx(1 / 3)
    assert found.figures["accuracy"].sd == 0


def test_few_lines_are_drawn_anew_for_every_seed() -> None:
    watched = Watched()
    found = measure(DATA, VECTORS, "watched", watched, shots=4, seeds=3)
    assert [len(taught) for taught in watched.taught] == [12, 12, 12]
    assert watched.taught[0] != watched.taught[1] != watched.taught[2]
    assert (found.shots, found.seeds, found.lines) == (4, 3, 12)


def test_figures_of_a_run_by_hand() -> None:
    right = np.array([True, True, False, True])
    test = Guesses(["x"] * 4, np.array([0.9, 0.9, 0.9, 0.9]), np.array([4.0, 3.0, 2.0, 1.0]), bar=2.5)
    val = Guesses(["x"] * 21, None, np.linspace(0, 4, 21))
    oos = Guesses(["x"] * 2, None, np.array([0.1, 2.6]))
    found = figures_of(test, right, val, oos)
    assert found["accuracy"] == 0.75
    assert found["ece"] == pytest.approx((3 * 0.1 + 0.9) / 4)
    assert found["auroc"] == pytest.approx(6 / 8)
    assert (found["in95"], found["oos95"]) == (0.75, 0.5)
    assert (found["refused"], found["oos"]) == (0.5, 0.5)
    assert figures_of(Guesses(test.intents, None, test.scope), right, val, None) == {"accuracy": 0.75}


def test_pointsman_learns_what_there_is_to_learn() -> None:
    figures = measure(DATA, VECTORS, "pointsman", pointsman(ENCODER), shots=10, seeds=2).figures
    assert figures["accuracy"].mean > 0.9
    assert figures["auroc"].mean > 0.9
    assert set(figures) == {"accuracy", "ece", "auroc", "in95", "oos95", "refused", "oos", "seconds"}


@pytest.mark.parametrize("peer", list(PEERS))
@pytest.mark.parametrize("intents", [2, 3])
def test_peers_learn_on_the_same_lines(peer: str, intents: int) -> None:
    kept = list(WORDS)[:intents]
    train, val, test = (
        tuple(line for line in part if line.intent in kept) for part in (DATA.train, DATA.val, DATA.test)
    )
    tiny = IntentSet("tiny", train, val, test, DATA.oos)
    figures = measure(tiny, VECTORS, peer, PEERS[peer], shots=0, seeds=1).figures
    assert figures["accuracy"].mean > 0.9
    assert figures["auroc"].mean > 0.8
    assert "refused" not in figures
