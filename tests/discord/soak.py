"""Has many people talk with the bot at once over real sockets, for a minute; nothing may be lost or doubled.

    python -m tests.discord.soak [--users 50] [--seconds 60] [--seed 1]

The fake Discord has the real one's limits and the real clock; its connection is cut every few seconds, and some
requests are answered with 429. It ends with 1, and with what is broken, message by message.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.discord.soaking import Result, Soak, echo
from tests.discord.wire import opened_wire

# Slow mode would send people away, which is right and no reply.
SETTINGS: Final[dict[str, Any]] = {"slow": {"every": 0}, "sections": {"gpu": {}}}
PIECE: Final = 0.003
THINK: Final = 8.0
CUT_EVERY: Final = 7.0


def main() -> int:
    """Runs, tells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = asyncio.run(soaked(given.users, given.seconds, given.seed))
    for line in result.lines():
        sys.stdout.write(line + "\n")
    for broken in result.broken[:20]:
        sys.stdout.write(f"BROKEN (seed {given.seed}): {broken}\n")
    return 1 if result.broken else 0


async def soaked(users: int, seconds: float, seed: int) -> Result:
    """One run."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened_wire(Path(folder), says=echo, faster=1.0, pace=PIECE, **SETTINGS) as wire:
            for name in ("North", "South"):
                wire.discord.add_guild(name)
            soak = Soak(wire, users, seed=seed, think=THINK)
            return await soak.run(seconds=seconds, cut_every=CUT_EVERY)


if __name__ == "__main__":
    sys.exit(main())
