"""A breaker before a search engine: one that keeps failing, or says to come back later, is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count
from typing import Protocol

from pointsman.core.faults import ServiceFailed
from pointsman.core.ports import Clock
from pointsman.core.search import Hit
from pointsman.providers.remote.circuit import Circuit


class Engine(Protocol):
    """A search engine."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    async def search(self, query: str, count: int) -> Sequence[Hit]:
        """At most `count` pages, best first. Raises ServiceFailed or MissingExtra."""
        ...

    async def close(self) -> None:
        """Lets go of its connections and threads."""
        ...


class SearchBreaker:
    """Asks an engine while its circuit is closed, and one call to see when it has rested.

    Which faults open it, and for how long it then rests, says `remote.circuit`: three failures in a row, or one that
    names a wait. A mistake in the engine's settings opens nothing: asking costs a few milliseconds, and the owner
    who has just corrected it need not wait.
    """

    def __init__(self, engine: Engine, *, now: Clock = time.time) -> None:
        self.name = engine.name
        self._engine = engine
        self._now = now
        self._circuit = Circuit()
        self._last: ServiceFailed | None = None
        self._permits = map(str, count(1))

    async def search(self, query: str, count: int) -> Sequence[Hit]:
        """At most `count` pages. Raises what the engine raises; while the circuit is open that, without asking."""
        permit = self._permit()
        try:
            hits = await self._engine.search(query, count)
        except ServiceFailed as error:
            self._last = error
            self._circuit = self._circuit.failed(error, permit, self._now(), "stated")
            raise
        except BaseException:  # cancelled, or not installed: nothing was learnt of the engine
            self._circuit = self._circuit.freed(permit)
            raise
        self._circuit = self._circuit.answered(permit)
        return hits

    async def close(self) -> None:
        """Closes the engine."""
        await self._engine.close()

    def _permit(self) -> str:
        now = self._now()
        state = self._circuit.state(now)
        if self._last is not None and (state == "open" or (state == "half_open" and self._circuit.probing(now))):
            raise self._resting(self._last, now)
        permit = next(self._permits)
        self._circuit = self._circuit.tried(permit, now)
        return permit

    def _resting(self, last: ServiceFailed, now: float) -> ServiceFailed:
        wait = max(1.0, self._circuit.until - now)
        what = last.message.removeprefix(f"{last.service}: ")
        return ServiceFailed(
            last.kind,
            f"not asked for {wait:.0f} s: {what}",
            service=self.name,
            cure=last.cure,
            wait=wait,
            retry=False,
            asked=False,
        )
