"""Three categories, and cascades of tiers whose verdicts are made up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Answer, Verdict
from pointsman.observe.tuning.heard import Heard, Rung
from pointsman.tiers.cascade import Bars

Makes = Callable[..., list[Heard]]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue([Category("draw", "d", "image"), Category("hello", "h", "simple"), Category("chat", "c", "llm")])


@pytest.fixture(scope="session")
def rungs() -> list[Rung]:
    return [Rung("quick", Bars(0.99), votes=True, has_margin=False), Rung("slow", Bars(0.95, {"draw": 0.97}))]


@pytest.fixture(scope="session")
def makes(catalogue: Catalogue) -> Makes:
    """Messages of a quick tier that mostly abstains and a slow one, both as sure as they are right."""

    def make(n: int, *, seed: int = 0, noise: float = 0.0, sources: int = 1) -> list[Heard]:
        chance = np.random.default_rng(seed)
        names = list(catalogue.names)

        def says(wanted: str, belief: float) -> Verdict:
            right = chance.random() < belief - noise
            others = [name for name in names if name != wanted]
            return Answer(wanted if right else others[int(chance.integers(2))], belief, belief / 2, "made up")

        heard = []
        for place in range(n):
            wanted = names[place % 3]
            quick, slow = (float(chance.beta(8, 1)), float(chance.beta(4, 1)))
            said = (says(wanted, quick), says(wanted, slow))
            heard.append(Heard(f"m{place}", f"text {place}", wanted, f"s{place % sources}", said, (0.1, 5.0)))
        return heard

    return make
