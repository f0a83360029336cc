"""Tells whoever watches what happens in a router: metrics, traces, logs, the page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.happening import Ended, Happening, Relayed, Watcher, Went
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.core.relay import Opened
from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Raw, Status, Text

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Watching:
    """Somebody who watches, and what he wants to hear of: everything, where there are no `kinds`."""

    watcher: Watcher
    kinds: tuple[type[Happening], ...]


class Watchers:
    """Everybody who watches; one that fails is logged, and neither the reply nor the others are worse for it."""

    def __init__(self) -> None:
        self._watching: tuple[Watching, ...] = ()
        self._by_kind: dict[type[Happening], tuple[Watcher, ...]] = {}  # as far as anybody asked

    def add(self, watcher: Watcher, kinds: tuple[type[Happening], ...] = ()) -> Callable[[], None]:
        """Tells somebody from now on, of these kinds alone where there are any; what is returned ends that."""
        added = Watching(watcher, kinds)
        self._change((*self._watching, added))
        return lambda: self._change(tuple(it for it in self._watching if it is not added))

    def of(self, kind: type[Happening]) -> tuple[Watcher, ...]:
        """Those who want to be told of happenings of this kind."""
        found = self._by_kind.get(kind)
        if found is None:
            found = tuple(it.watcher for it in self._watching if not it.kinds or kind in it.kinds)
            self._by_kind[kind] = found
        return found

    def _change(self, watching: tuple[Watching, ...]) -> None:
        self._watching, self._by_kind = watching, {}

    def tell(self, happening: Happening) -> None:
        """Tells everybody who wants to hear of it."""
        for watcher in self.of(type(happening)):
            try:
                watcher(happening)
            except Exception:
                logger.exception("a watcher failed at %s", type(happening).__name__)


# What says something to who waits, and of what the beginning and the end of a reply are told already.
SPEAKS: Final = (Raw, Text, Picture, Calls)
TOLD: Final = frozenset({Raw, Done, Failed})


class Watched:
    """One reply, as it is watched; `began` is when its message came in."""

    __slots__ = ("_began", "_clock", "_decision", "_first", "_message", "_watchers")

    def __init__(self, watchers: Watchers, decision: Decision, message: Message, clock: Clock, began: float) -> None:
        self._watchers = watchers
        self._decision = decision
        self._message = message
        self._clock = clock
        self._began = began
        self._first: float | None = None

    def went(self, event: Event) -> None:
        """An event of the reply."""
        if self._first is None and isinstance(event, SPEAKS) and not (isinstance(event, Text) and not event.delta):
            self._first = self._clock() - self._began
        if type(event) not in TOLD and self._watchers.of(Went):
            self._watchers.tell(Went(self._decision, event, self._clock() - self._began))

    def ended(self, outcome: Done | Failed) -> None:
        """Its end."""
        seconds = self._clock() - self._began
        self._watchers.tell(Ended(self._decision, self._message, outcome, seconds, self._first))


class RelayWatch:
    """One answer that is passed on, as it is watched."""

    def __init__(self, watchers: Watchers, clock: Clock, model: str, path: str, key: str) -> None:
        self._watchers = watchers
        self._clock = clock
        self._model, self._path, self._key = model, path, key
        self._began = clock()
        self._first: float | None = None
        self._status = 0
        self.code = "cancelled"

    def saw(self, piece: Opened | bytes | Status) -> None:
        """A piece of it."""
        if self._first is None:
            if isinstance(piece, Opened):
                self._status = piece.status
            elif isinstance(piece, bytes):
                self._first = self._clock() - self._began

    def failed(self, error: PointsmanError) -> None:
        """Why it broke off."""
        self._status, self.code = error.http_status, error.code

    def over(self) -> None:
        """Its end."""
        seconds = self._clock() - self._began
        self._watchers.tell(Relayed(self._model, self._path, self._status, seconds, self._first, self.code, self._key))
