"""How long Ollama keeps a model in memory after its last use."""

from __future__ import annotations

import math
from typing import Final

FOREVER: Final = -1.0
"""The model stays until it is sent away, by the arbiter for instance."""
AT_ONCE: Final = 0.0
"""The model goes when it has answered."""
ALONE: Final = 300.0
"""What Ollama does by itself, and we do where no arbiter owns the card."""


def on_the_wire(seconds: float) -> int | str:
    """A keep-alive as Ollama takes it: whole seconds as a number, others as a duration; -1 for any negative one."""
    if seconds < 0 or math.isinf(seconds):
        return -1
    # Some versions cut a number down to whole seconds: half a second would be none, which unloads.
    return int(seconds) if seconds == int(seconds) else f"{max(1, round(seconds * 1000))}ms"
