"""Writes what `pointsman tune` chose into the configuration: checked first, with the old file kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.config.tiers import Tier as TierConfig
    from pointsman.observe.tuning.outcome import Tuning

RESTART = "a gateway that is running takes them up when it is started again"


@dataclass(frozen=True, slots=True)
class Written:
    """The file that was written, and the one that holds what stood in it before, if anything did."""

    file: Path
    backup: Path | None


def write_down(loaded: Loaded, file: Path, tiers: Sequence[TierConfig], result: Tuning) -> Written:
    """Writes the chosen bars and calibration, and says so. Raises ConfigError, and then nothing has changed."""
    from pointsman.config.load import load
    from pointsman.config.replacing import replace
    from pointsman.config.rewriting import with_tiers
    from pointsman.core.errors import ConfigError
    from pointsman.observe.tuning.report import comment

    values = values_of(tiers, result)
    lines = comment(result, datetime.now(UTC).date())
    text = with_tiers(loaded.document, values, [tier.kind for tier in loaded.config.tiers], lines)
    aim = tuned(loaded.config, values)

    def check(fresh: Path) -> None:
        if load(fresh).config != aim:
            raise ConfigError(
                f"{file}: with the new bars it would not say what it should, so it is left as it was",
                cure="take the bars over by hand; `pointsman tune --dry-run --json` prints them",
            )

    backup = replace(file, text, check)
    click.echo(f"written: {file}; {RESTART}", err=True)
    click.echo(f"what stood there: {backup}" if backup else "nothing stood there before", err=True)
    return Written(file, backup)


def values_of(tiers: Sequence[TierConfig], result: Tuning) -> dict[str, dict[str, Any]]:
    """What the configuration should say of each tier that changes, by kind."""
    from pointsman.observe.tuning.trust import maps_to_dict

    found: dict[str, dict[str, Any]] = {}
    # Behind the tiers' rungs stands the watch's, which has nothing to tune.
    for tier, rung, bars, maps in zip(tiers, result.rungs, result.bars, result.maps, strict=False):
        if (bars, maps) == (rung.bars, rung.maps):
            continue
        values: dict[str, Any] = {"accept": bars.accept, "accept_by_category": dict(bars.by_category)}
        if rung.has_margin:
            values["margin"] = bars.margin
        if rung.has_maps:
            values["calibration"] = maps_to_dict(maps)
        found[tier.kind] = values
    return found


def tuned(config: Config, values: dict[str, dict[str, Any]]) -> Config:
    """The configuration with other values for its tiers."""
    tiers = [type(tier).model_validate({**tier.model_dump(), **values.get(tier.kind, {})}) for tier in config.tiers]
    return config.model_copy(update={"tiers": tuple(tiers)})
