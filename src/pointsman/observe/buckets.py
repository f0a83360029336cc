"""The bounds of the histograms: each series costs memory here and in Prometheus, so there are few."""

from __future__ import annotations

from typing import Final

DECIDING: Final = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Seconds of a tier, and of Pointsman's own part: from a pattern's 20 us to a cloud's deadline."""
REPLYING: Final = (0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds of a whole reply: a template, a chat, pictures."""
FIRST: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
"""Seconds to the first word."""
WAITING: Final = (0.001, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0)
"""Seconds for the card: none, a swap, others' pictures."""
SWAPPING: Final = (0.3, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
"""Seconds of a swap: from memory, from a fast disk, from a slow one."""
SURE: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Confidences; most are near 1, and 0.3 is that of the fallback."""
DOUBLING: Final = tuple(0.01 * 2**step for step in range(14))
"""Seconds as the GenAI conventions have them: 0.01, 0.02, ... 81.92."""
TOKENS: Final = tuple(4**step for step in range(14))
"""Tokens as the GenAI conventions have them: 1, 4, 16, ... 67,108,864."""
