"""How the watch for attempts to steer the router stands in the configuration."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from pointsman.config.strict import Strict
from pointsman.config.values import Share

THRESHOLD: Final = 0.5


class Safety(Strict):
    """Marks messages that try to steer the router or the model, and keeps such orders from the tiers; blocks none."""

    enabled: bool = Field(default=True, description="false: nothing is marked, and the tiers judge every word.")
    threshold: Share = Field(
        default=THRESHOLD, description="The lowest score, 0 to 1, that counts as an attempt; higher marks fewer."
    )
