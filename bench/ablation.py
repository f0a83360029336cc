"""What each local tier adds: error, coverage and latency as the tiers join one after the other.

Arguments: labelled files (default: the project's own sets, which nothing was fitted on).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.config.tiers import ClassifierTier, FastTier, JudgeTier, NeighboursTier, PatternsTier, TasksTier, Tier
from pointsman.observe.evaluation import Evaluation, Prediction, evaluate
from pointsman.observe.labelled import Labelled, read_labelled

OWN = [Path(__file__).parents[1] / "labelled" / name for name in ("messages.jsonl", "languages.jsonl")]
STEPS: tuple[tuple[str, tuple[Tier, ...]], ...] = (
    ("patterns only", (TasksTier(), PatternsTier())),
    ("+ fast", (TasksTier(), FastTier(), PatternsTier())),
    ("+ accurate", (TasksTier(), FastTier(), PatternsTier(), ClassifierTier())),
    ("+ neighbours", (TasksTier(), FastTier(), PatternsTier(), NeighboursTier(), ClassifierTier())),
    ("+ judge", (TasksTier(), FastTier(), PatternsTier(), NeighboursTier(), ClassifierTier(), JudgeTier(enabled=True))),
    ("patterns first", (TasksTier(), PatternsTier(), FastTier(), NeighboursTier(), ClassifierTier())),
    ("without patterns", (TasksTier(), FastTier(), NeighboursTier(), ClassifierTier())),
    ("without fast", (TasksTier(), PatternsTier(), NeighboursTier(), ClassifierTier())),
)


def main(files: Sequence[str]) -> None:
    """Prints one table a file."""
    base = load().config
    for file in [Path(name) for name in files] or OWN:
        print(
            f"{file.name}\n{'':<20}{'wrong path':>11}{'accuracy':>10}{'covered':>9}"
            f"{'p50 ms':>8}{'p99 ms':>8}{'mean':>7}"
        )
        for name, tiers in STEPS:
            result, times = measured(base.model_copy(update={"tiers": tiers}), file)
            overall = result.overall
            p50, p99 = np.percentile(times, [50, 99])
            print(
                f"{name:<20}{overall.path_error or 0:>11.2%}{overall.accuracy or 0:>10.1%}{result.coverage:>9.1%}"
                f"{p50:>8.2f}{p99:>8.1f}{np.mean(times):>7.2f}"
            )


def measured(config: Config, file: Path) -> tuple[Evaluation, list[float]]:
    """The figures of one cascade on one file, and the milliseconds of each decision."""
    router = open_router(config, store=False)
    rows: list[Labelled] = read_labelled(file, router.catalogue.names)

    async def decide() -> dict[str, Prediction]:
        async with router:
            await router.warm()
            return {row.gold.id: Prediction.of(await router.decide(row.message)) for row in rows}

    predictions = asyncio.run(decide())
    path_of = {name: router.catalogue.path_of(name) for name in router.catalogue.names}
    times = [prediction.latency_ms for prediction in predictions.values()]
    return evaluate([row.gold for row in rows], predictions, path_of), times


if __name__ == "__main__":
    main(sys.argv[1:])
