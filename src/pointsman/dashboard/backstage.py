"""What the views of all visitors share: the card's history, figures of decisions, evaluations; one for each router."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from pointsman.core.errors import ConfigError
from pointsman.core.happening import Reloaded
from pointsman.dashboard.evaluating import Evaluator, Judge
from pointsman.dashboard.reachable import Reachability
from pointsman.engine.router import Router
from pointsman.gpu.snapshot import Snapshot
from pointsman.observe.history import CardHistory
from pointsman.stores.evaluations import Evaluations
from pointsman.stores.figures import MOST, Figures, SqliteFigures, figures_of
from pointsman.stores.shelf import MemoryShelf, SqliteShelf

MOST_WITHOUT: Final = 500  # decisions that are looked at where they are kept in memory alone

Reload = Callable[[], Awaitable[Reloaded]]
"""Reads the configuration again: what changed, or why the old one stays."""


class Records(Protocol):
    """What is known of decisions, in figures."""

    async def since(self, at: float, most: int = MOST) -> Sequence[Figures]:
        """The latest decisions since then (seconds since the epoch), newest first. Raises StoreError."""
        ...


class RecentRecords:
    """The same out of what a router remembers, where no store on disk is known."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def since(self, at: float, most: int = MOST) -> Sequence[Figures]:
        """The latest decisions since then, newest first. Raises StoreError."""
        rows = await self._router.recent(min(most, MOST_WITHOUT))
        return [figures_of(row) for row in rows if row.decision.at >= at]


@dataclass(frozen=True, slots=True)
class Backstage:
    """What is shared: `store` is the database, None where decisions live in memory; `reload` None where nobody can."""

    history: CardHistory
    records: Records
    evaluations: Evaluations
    evaluator: Evaluator
    reachability: Reachability
    store: Path | None = None
    reload: Reload | None = None

    async def close(self) -> None:
        """Ends what runs, and lets go of files."""
        await self.history.close()
        await self.evaluator.close()


STAGES: Final[WeakKeyDictionary[Router, Backstage]] = WeakKeyDictionary()


def prepare(
    router: Router, *, store: Path | None = None, reload: Reload | None = None, judge: Judge | None = None
) -> Backstage:
    """Makes what the views of a router share; before the page is mounted, so that the card's history begins early.

    `store` is the decision store's database, where evaluations are kept too. `judge` decides about a message without
    recording that; the router itself does where none is given.
    """
    history = CardHistory(lambda: look(router))
    evaluations = Evaluations(SqliteShelf(store) if store else MemoryShelf())
    made = Backstage(
        history=history,
        records=SqliteFigures(store) if store else RecentRecords(router),
        evaluations=evaluations,
        # Decides as the router does at this moment, with what was corrected, and records nothing.
        evaluator=Evaluator(judge or router._decided, router.catalogue, evaluations),  # noqa: SLF001
        reachability=Reachability(),
        store=store,
        reload=reload,
    )
    router.watch(history.happened)
    STAGES[router] = made
    return made


def backstage(router: Router) -> Backstage:
    """What the views of a router share; made with nothing kept on disk where nobody prepared it."""
    return STAGES.get(router) or prepare(router)


def look(router: Router) -> Snapshot | None:
    """How the cards stand; None where nobody owns them."""
    try:
        leases = router.card
    except ConfigError:
        return None
    return leases.snapshot() if leases is not None else None
