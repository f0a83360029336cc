"""The seam for whoever looks at a message before the tiers do: it marks, it never blocks."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from inspect import iscoroutine
from typing import Final, Protocol

from pointsman.core.decision import Signal
from pointsman.core.errors import PointsmanError
from pointsman.core.message import Message

WATCH_DEADLINE = 2.0  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was noticed about a message, and what of its text the tiers are to judge (None: all of it)."""

    signals: tuple[Signal, ...] = ()
    judged: str | None = None

    def shown(self, message: Message) -> Message:
        """The message as the tiers are to look at it."""
        return message if self.judged is None else replace(message, judged=self.judged)


UNREMARKABLE: Final = Watched()


class Watch(Protocol):
    """Notices what people should know about a message, such as an attempt to steer the router."""

    name: str

    def watch(self, message: Message) -> Watched | Awaitable[Watched]:
        """What it noticed, or an awaitable of it when somebody else has to be asked."""
        ...


async def seen_by(watch: Watch | None, message: Message) -> Watched:
    """What a watch notices; one that fails or is late has noticed nothing, as it only marks."""
    if watch is None:
        return UNREMARKABLE
    try:
        seen = watch.watch(message)
        return seen if isinstance(seen, Watched) else await asyncio.wait_for(seen, WATCH_DEADLINE)
    except Exception as error:  # noqa: BLE001 - a harmless message is not to fail by a bug in who only marks
        return overlooked(watch, error)


def seen_at_once(watch: Watch | None, message: Message) -> Watched:
    """What a watch notices without asking somebody else; nothing, where it would have to or fails."""
    if watch is None:
        return UNREMARKABLE
    try:
        seen = watch.watch(message)
    except Exception as error:  # noqa: BLE001 - as above
        return overlooked(watch, error)
    if iscoroutine(seen):
        seen.close()
    return seen if isinstance(seen, Watched) else UNREMARKABLE


def overlooked(watch: Watch, error: Exception) -> Watched:
    """Nothing was noticed; a bug is logged by its places, as what an error says may quote the message."""
    if not isinstance(error, TimeoutError | PointsmanError):
        places = "".join(traceback.format_tb(error.__traceback__))
        logger.error("the watch %s failed with %s and marked nothing:\n%s", watch.name, type(error).__name__, places)
    return UNREMARKABLE
