"""The fast tier's bar: what it answers, how often it is wrong, and what the whole cascade then costs.

Every message is decided twice, by the fast tier and by the cascade without it; each bar is then
worked out from these. Arguments: labelled files (default: the project's own sets).
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.core.decision import Answer
from pointsman.core.message import Message
from pointsman.engine.router import Router
from pointsman.observe.labelled import read_labelled
from pointsman.providers.encoders import models_folder
from pointsman.tiers.fast import FAST_FILE, Fast, FastModel

OWN = [Path(__file__).parents[1] / "labelled" / name for name in ("messages.jsonl", "languages.jsonl")]
BARS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.99, 1.01)
AHEAD = {"tasks", "corrections", "followups", "guard"}


@dataclass(frozen=True, slots=True)
class Both:
    """A message as both saw it: confidence and ms of the fast tier, ms of the others, and who was wrong."""

    confidence: float
    fast_wrong: bool
    fast_ms: float
    others_wrong: bool
    others_ms: float


def main(files: Sequence[str]) -> None:
    """Prints one curve for all files together."""
    config = load().config
    tiers = tuple(tier for tier in config.tiers if tier.kind != "fast")
    router = open_router(config.model_copy(update={"tiers": tiers}), store=False)
    fast = Fast(FastModel.read(models_folder() / FAST_FILE), router.catalogue)
    messages = [
        (row.message, router.catalogue.path_of(row.gold.category))
        for file in [Path(name) for name in files] or OWN
        for row in read_labelled(file, router.catalogue.names)
    ]
    seen = asyncio.run(look(router, fast, messages))
    print(f"{len(seen)} messages that reach the fast tier, of {len(messages)}")
    print(f"{'bar':>6}{'fast answers':>14}{'of them wrong':>15}{'all wrong':>11}{'mean ms':>9}{'p50 ms':>8}")
    for bar in BARS:
        taken = np.array([both.confidence >= bar for both in seen])
        wrong = np.array(
            [both.fast_wrong if fast_ else both.others_wrong for both, fast_ in zip(seen, taken, strict=True)]
        )
        cost = [both.fast_ms + (0.0 if fast_ else both.others_ms) for both, fast_ in zip(seen, taken, strict=True)]
        share = f"{wrong[taken].mean():.2%}" if taken.any() else "-"
        print(
            f"{bar if bar <= 1 else 'off':>6}{taken.mean():>14.1%}{share:>15}{wrong.mean():>11.2%}"
            f"{np.mean(cost):>9.2f}{np.median(cost):>8.2f}"
        )


async def look(router: Router, fast: Fast, messages: Sequence[tuple[Message, str]]) -> list[Both]:
    """What both say about every message that gets as far as the fast tier."""
    seen = []
    async with router:
        await router.warm()
        for message, path in messages:
            decision = await router.decide(message)
            if decision.tier in AHEAD:
                continue
            began = time.perf_counter()
            verdict = fast.judge(message)
            spent = (time.perf_counter() - began) * 1e3
            sure = verdict.path_confidence if isinstance(verdict, Answer) else 0.0
            wrong = not isinstance(verdict, Answer) or router.catalogue.path_of(verdict.category) != path
            seen.append(Both(sure, wrong, spent, decision.path != path, decision.latency_ms))
    return seen


if __name__ == "__main__":
    main(sys.argv[1:])
