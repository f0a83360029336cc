"""Tells whoever watches what happens in a router: metrics, traces, logs, the page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.happening import Ended, Happening, Relayed, Watcher, Went
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.core.relay import Opened
from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Raw, Status, Text

logger = logging.getLogger(__name__)


class Watchers:
    """Everybody who watches; one that fails is logged, and neither the reply nor the others are worse for it."""

    def __init__(self) -> None:
        self._watchers: tuple[Watcher, ...] = ()

    def add(self, watcher: Watcher) -> Callable[[], None]:
        """Tells somebody from now on; what is returned ends that."""
        self._watchers = (*self._watchers, watcher)

        def leave() -> None:
            self._watchers = tuple(it for it in self._watchers if it is not watcher)

        return leave

    def __bool__(self) -> bool:
        return bool(self._watchers)

    def tell(self, happening: Happening) -> None:
        """Tells everybody."""
        for watcher in self._watchers:
            try:
                watcher(happening)
            except Exception:
                logger.exception("a watcher failed at %s", type(happening).__name__)


class Watched:
    """One reply, as it is watched; `began` is when its message came in."""

    def __init__(self, watchers: Watchers, decision: Decision, message: Message, clock: Clock, began: float) -> None:
        self._watchers = watchers
        self._decision = decision
        self._message = message
        self._clock = clock
        self._began = began
        self._first: float | None = None

    def went(self, event: Event) -> None:
        """An event of the reply."""
        if self._watchers:
            seconds = self._clock() - self._began
            if self._first is None and (
                isinstance(event, Picture | Calls | Raw) or (isinstance(event, Text) and event.delta)
            ):
                self._first = seconds
            self._watchers.tell(Went(self._decision, event, seconds))

    def ended(self, outcome: Done | Failed) -> None:
        """Its end."""
        if self._watchers:
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
