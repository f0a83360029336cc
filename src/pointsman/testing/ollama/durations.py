"""Durations as Go reads them out of JSON: what a client may send as keep_alive."""

from __future__ import annotations

import re
from typing import Any, Final

from pointsman.testing.ollama.mishaps import Refusal

FOREVER: Final = float("inf")
UNITS: Final = {"h": 3600.0, "ms": 1e-3, "m": 60.0, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "s": 1.0}
UNIT: Final = "h|ms|m|us|µs|ns|s"
WHOLE: Final = re.compile(rf"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:{UNIT}))+)")
PART: Final = re.compile(rf"(\d+\.?\d*|\.\d+)({UNIT})")


def kept(value: Any) -> float | None:
    """The seconds of a keep_alive: infinite for a negative one, None where there is none. Raises Refusal."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refusal(400, "json: cannot unmarshal keep_alive into Go value of type api.Duration")
    seconds = float(value) if not isinstance(value, str) else go(value)
    return FOREVER if seconds < 0 else seconds


def go(text: str) -> float:
    """The seconds of a duration. Raises Refusal."""
    if not WHOLE.fullmatch(text):
        unit = ' missing unit in duration "' if re.fullmatch(r"[+-]?[\d.]+", text) else ' invalid duration "'
        raise Refusal(400, f'time:{unit}{text}"')
    total = sum(float(number) * UNITS[unit] for number, unit in PART.findall(text))
    return -total if text.startswith("-") else total
