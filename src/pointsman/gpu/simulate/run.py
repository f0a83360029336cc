"""Plays days under policies, one after the other, and says how each policy did."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pointsman.gpu.simulate.generate import Mix, generate
from pointsman.gpu.simulate.measure import Row, Tally, row_of
from pointsman.gpu.simulate.policies.ours import Hinted, Pointsman
from pointsman.gpu.simulate.policies.stages import Made
from pointsman.gpu.simulate.policies.static import Exclusive, GpuBroker, Ideal, Matrix
from pointsman.gpu.simulate.policies.uncoordinated import LlmFirst, OllamaOrder
from pointsman.gpu.simulate.scene import Scene
from pointsman.gpu.simulate.trace import Event
from pointsman.gpu.simulate.world import World

IDEAL: Final = "ideal"
OURS: Final = "pointsman"
POLICIES: Final[Mapping[str, Made]] = {
    "llm-first": LlmFirst,
    "ollama-order": OllamaOrder,
    "exclusive": Exclusive,
    "gpu-broker": GpuBroker,
    "matrix": Matrix,
    OURS: Pointsman,
    "pointsman+hints": Hinted,
}
MEANS: Final[Mapping[str, str]] = {
    "llm-first": "the main LLM routes every message and words every picture's prompt",
    "ollama-order": "a tiny LLM routes; Ollama's keep-alive of 5 minutes; ComfyUI knows nothing of it",
    "exclusive": "one tenant at a time (llama-swap's default)",
    "gpu-broker": "one at a time by stopping servers; the main LLM comes back when nobody asks",
    "matrix": "the main LLM and pictures may always be there together (llama-swap's matrix)",
    OURS: "this project's schedule, as it runs in the gateway",
    "pointsman+hints": "the same, told up to 4 s before a request what is coming, right 7 times in 10",
}

# A trace, the policy to play it under, and the day's number from 1.
Turn = tuple[str, int, Sequence[Event]]
Watch = Callable[[Sequence[Turn]], Iterable[Turn]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows of all policies, and of the ideal: a card on which everything is always there."""

    rows: tuple[Row, ...]
    ideal: Row
    days: int

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"policies": [asdict(row) for row in self.rows], "ideal": asdict(self.ideal), "days": self.days}


def days_of(seeds: int, hours: float, mix: Mix | None = None) -> list[tuple[Event, ...]]:
    """So many days by chance, from the seeds 1, 2, and so on."""
    return [generate(random.Random(seed), hours, mix) for seed in range(1, seeds + 1)]


def play(policy: str, trace: Sequence[Event], scene: Scene, seed: int) -> Tally:
    """One day under one policy; the same for the same seed, which only the hints need."""
    world = World(scene, trace, random.Random(seed))
    world.play(trace, (Ideal if policy == IDEAL else POLICIES[policy])(world).arrived)
    return world.tally


def compare(
    names: Sequence[str], days: Sequence[Sequence[Event]], scene: Scene, watch: Watch = lambda turns: turns
) -> Comparison:
    """All days under each of these policies; `watch` is shown the turns as they are played."""
    turns = [(name, seed, day) for name in (*names, IDEAL) for seed, day in enumerate(days, 1)]
    tallies: dict[str, list[Tally]] = {name: [] for name in (*names, IDEAL)}
    for name, seed, day in watch(turns):
        tallies[name].append(play(name, day, scene, seed))
    return Comparison(tuple(row_of(name, tallies[name]) for name in names), row_of(IDEAL, tallies[IDEAL]), len(days))
