"""How a fake Ollama lists what is in memory."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, Final

from pointsman.testing.ollama.runner import Runner

YEARS: Final = 292 * 365.25 * 86_400  # how far ahead "for ever" is


def left(runner: Runner, now: float) -> float:
    """For how many seconds a model stays; one in use is taken to be left alone now."""
    return min(YEARS, runner.duration if math.isinf(runner.expires) else runner.expires - now)


def row_of(runner: Runner, now: float) -> dict[str, Any]:
    """A model's row in /api/ps."""
    file = runner.file
    expires = datetime.fromtimestamp(now + left(runner, now), UTC)
    return {
        "name": file.full_name,
        "model": file.full_name,
        "size": runner.size,
        "digest": file.digest,
        "details": file.details,
        "expires_at": expires.isoformat(),
        "size_vram": runner.on_card,
        "context_length": runner.context,
    }
