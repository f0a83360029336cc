"""Until when an answer counts: set once where a message is decided, read by whoever waits for somebody else.

A deadline travels with the task that it was set in, and with the tasks that this one starts, as it does in gRPC
and in Go's context: what retries and waits far below needs no argument handed down through everybody between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from pointsman.core.ports import Clock

NEVER: Final = float("inf")

_until: ContextVar[float] = ContextVar("pointsman_deadline", default=NEVER)


@contextmanager
def within(seconds: float, clock: Clock = time.monotonic) -> Iterator[None]:
    """Whatever is asked inside may take so many seconds from now; an earlier deadline around it stays."""
    token = _until.set(min(_until.get(), clock() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def seconds_left(clock: Clock = time.monotonic) -> float:
    """The seconds until the deadline: infinite without one, 0 when it has passed."""
    return max(0.0, _until.get() - clock())
