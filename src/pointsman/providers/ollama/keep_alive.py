"""How long Ollama keeps a model in memory after its last use."""

from __future__ import annotations

import math
import re
from typing import Final

from pointsman.core.errors import BadField
from pointsman.providers.remote.durations import SECONDS_IN

FOREVER: Final = -1.0
"""The model stays until it is sent away, by the arbiter for instance."""
AT_ONCE: Final = 0.0
"""The model goes when it has answered."""
ALONE: Final = 300.0
"""What Ollama does by itself, and we do where no arbiter owns the card."""

UNIT: Final = "|".join(SECONDS_IN)  # "ms" stands before "m", or it would never match
DURATION: Final = re.compile(rf"([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:{UNIT}))+|0)")
PIECE: Final = re.compile(rf"(\d+\.?\d*|\.\d+)({UNIT})")
MOST_CHARACTERS: Final = 64
# Go counts nanoseconds in 63 bits: 292 years, which is what Ollama itself takes for ever to be.
LONGEST: Final = 9_223_372_036.0


def keep_alive_of(value: object) -> float | None:
    """The seconds that a client's keep_alive stands for: FOREVER for any negative one, None for none.

    A number counts seconds, a text is a duration as Go writes it, such as 5m or 1h30m. Raises BadField.
    """
    if value is None:
        return None
    seconds = seconds_of(value)
    if seconds is None:
        raise BadField(
            "keep_alive",
            "keep_alive is no duration",
            cure='give seconds as a number, or a text such as "5m" or "1h30m"; 0 unloads at once, -1 never does',
        )
    return FOREVER if seconds < 0 else min(seconds, LONGEST)


def seconds_of(value: object) -> float | None:
    """The seconds in a number or in one of Go's durations, which may be negative; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return float(value) if math.isfinite(value) else None
    text = value.strip()
    found = DURATION.fullmatch(text) if len(text) <= MOST_CHARACTERS else None
    if found is None:
        return None
    total = math.fsum(float(number) * SECONDS_IN[unit] for number, unit in PIECE.findall(text))
    return -total if found[1] == "-" else total


def on_the_wire(seconds: float) -> int | str:
    """A keep-alive as Ollama takes it: whole seconds as a number, others as a duration; -1 for any negative one."""
    if seconds < 0 or math.isinf(seconds):
        return -1
    # Some versions cut a number down to whole seconds: half a second would be none, which unloads.
    return int(seconds) if seconds == int(seconds) else f"{max(1, round(seconds * 1000))}ms"
