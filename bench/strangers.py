"""How the local tiers do on data sets that nothing was learnt from: `train ... --without SOURCE`, then this.

Arguments: the labelled file, the folder of models that were made without some of its sources, and
these sources. Patterns are left out, because their figures were measured on the whole file.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from unittest.mock import patch

from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.config.tiers import ClassifierTier, FastTier, NeighboursTier, TasksTier
from pointsman.engine.router import Router
from pointsman.observe.labelled import Labelled, read_labelled

TIERS = (TasksTier(), FastTier(), NeighboursTier(), ClassifierTier())


def main(file: str, models: str, *sources: str) -> None:
    """Prints a line a source."""
    for module in ("pointsman.build.parts", "pointsman.providers.encoders"):
        patch(f"{module}.models_folder", lambda: Path(models)).start()
    router = open_router(load().config.model_copy(update={"tiers": TIERS}), store=False)
    rows = read_labelled(Path(file), router.catalogue.names)
    print(
        f"{'source':<22}{'messages':>9}{'wrong path':>12}{'covered':>9}"
        f"{'wrong among covered':>21}{'image by mistake':>18}"
    )
    for source in sources:
        asyncio.run(report(router, source, [row for row in rows if row.source == source]))


async def report(router: Router, source: str, rows: list[Labelled]) -> None:
    """One source's figures."""
    decisions = await router.decide_many([row.message for row in rows])
    pairs = list(zip(rows, decisions, strict=True))
    wrong = [decision.path != router.catalogue.path_of(row.gold.category) for row, decision in pairs]
    covered = [decision.tier != "fallback" for decision in decisions]
    among = sum(bad for bad, known in zip(wrong, covered, strict=True) if known) / max(1, sum(covered))
    others = [decision for row, decision in pairs if row.gold.category != "image_generation"]
    drawn = f"{sum(item.category == 'image_generation' for item in others) / len(others):.2%}" if others else "-"
    share = sum(covered) / len(rows)
    print(f"{source:<22}{len(rows):>9}{sum(wrong) / len(rows):>12.1%}{share:>9.1%}{among:>21.1%}{drawn:>18}")


if __name__ == "__main__":
    main(*sys.argv[1:])
