"""What Linux keeps a worker process from, whatever happens inside it: files, sockets, processes, memory, time."""

from __future__ import annotations

import logging
import math
import sys
from typing import Final

logger = logging.getLogger(__name__)

# What a worker takes before it runs anything: 116 to 182 MB of addresses were measured, 9 MB of which are memory.
WORKER: Final = 512_000_000
# The interpreter counts its own time first, the host kills it a moment later; this is for when both fail.
PATIENCE: Final = 3


def limits(seconds: float, memory: int) -> dict[str, int]:
    """The limits by the names that `resource` has for them; `memory` in bytes.

    Without a free descriptor nothing can be opened: no file and no socket, so no network either. The pipes to the
    host are open already and stay so.
    """
    return {
        "RLIMIT_NOFILE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_CPU": math.ceil(2 * seconds) + PATIENCE,
        "RLIMIT_AS": WORKER + 2 * memory,
    }


def confine(pid: int, seconds: float, memory: int) -> bool:
    """Puts the limits on a running process, for good; False where the system has no such thing, or does not let us.

    None of them needs root. A process that runs as root could raise them again, and may start others in spite of
    RLIMIT_NPROC.
    """
    if sys.platform != "linux":
        return False
    import resource

    try:
        for name, value in limits(seconds, memory).items():
            resource.prlimit(pid, getattr(resource, name), (value, value))
    except (OSError, ValueError) as error:
        logger.warning("a sandbox process runs without the system's limits: %s", error)
        return False
    return True
