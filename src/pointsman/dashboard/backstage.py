"""What the views of all visitors share: the card's history, figures of decisions, evaluations; one for each router."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from weakref import WeakKeyDictionary, ref

from starlette.datastructures import State

from pointsman.core.category import Catalogue
from pointsman.core.decision import Decision
from pointsman.core.errors import ConfigError, PointsmanError
from pointsman.core.message import Message
from pointsman.dashboard.evaluating import Evaluator, Judge
from pointsman.dashboard.reachable import Reachability
from pointsman.engine.router import Router
from pointsman.gpu.snapshot import Snapshot
from pointsman.observe.history import CardHistory
from pointsman.stores.connection import IN_MEMORY
from pointsman.stores.evaluations import Evaluations
from pointsman.stores.figures import MOST, Figures, figures_of, figures_since
from pointsman.stores.shelf import MemoryShelf, SqliteShelf
from pointsman.stores.sqlite import SqliteStore

MOST_REMEMBERED: Final = 500  # decisions that are looked at where they are kept in memory alone


class Reloading(Protocol):
    """What came of reading the configuration again: the sections that are others now, what waits, or the error."""

    @property
    def changed(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def restart(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def error(self) -> PointsmanError | None: ...  # noqa: D102


Reload = Callable[[], Awaitable[Reloading]]


class Records:
    """What is known of decisions, in figures."""

    def __init__(self, router: Router) -> None:
        self._router = ref(router)

    async def since(self, at: float, most: int = MOST) -> Sequence[Figures]:
        """The latest decisions since then (seconds since the epoch), newest first. Raises StoreError."""
        router = self._router()
        if router is None:
            return ()
        if path := store_of(router):
            return await asyncio.to_thread(figures_since, str(path), at, most)
        rows = await router.recent(min(most, MOST_REMEMBERED))
        return [figures_of(row) for row in rows if row.decision.at >= at]


@dataclass(slots=True)
class Backstage:
    """What is shared; `reload_by` gives what reads the configuration again, None where nobody can."""

    history: CardHistory
    records: Records
    evaluations: Evaluations
    evaluator: Evaluator
    reachability: Reachability
    reload_by: Callable[[], Reload | None] = lambda: None

    async def close(self) -> None:
        """Ends what runs, and lets go of files."""
        await self.history.close()
        await self.evaluator.close()
        await self.evaluations.close()


STAGES: Final[WeakKeyDictionary[Router, Backstage]] = WeakKeyDictionary()


def backstage(router: Router) -> Backstage:
    """What the views of a router share, made when it is first asked for."""
    found = STAGES.get(router)
    if found is None:
        found = STAGES[router] = made_for(router)
    return found


def prepared(router: Router, state: State) -> Backstage:
    """The same for a gateway: its configuration is read again by what `state.reload` is, once it is served."""
    found = backstage(router)

    async def reload() -> Reloading:
        made: Reloading = await state.reload()
        return made

    found.reload_by = lambda: reload if getattr(state, "reload", None) is not None else None
    return found


def made_for(router: Router) -> Backstage:
    """What is shared of a router; evaluations are kept where its decisions are."""
    history = CardHistory(looks(router))
    store = store_of(router)
    evaluations = Evaluations(SqliteShelf(store) if store else MemoryShelf())
    evaluator = Evaluator(judge_of(router), catalogue_of(router), evaluations)
    router.watch(history.happened)
    return Backstage(history, Records(router), evaluations, evaluator, Reachability())


def catalogue_of(router: Router) -> Callable[[], Catalogue]:
    """The categories in force, which a reload may change."""
    known = ref(router)
    return lambda: alive(known()).catalogue


def judge_of(router: Router) -> Judge:
    """Decides as the router does at this moment, with what was corrected; nobody is told, and nothing recorded."""
    known = ref(router)

    async def judge(message: Message) -> Decision:
        return await alive(known()).judge(message)

    return judge


def alive(router: Router | None) -> Router:
    """The router, which lives as long as anybody looks at its page."""
    assert router is not None  # noqa: S101 - a page without its router is a fault of ours
    return router


def store_of(router: Router) -> Path | None:
    """The database of a router's decisions; None where they are kept in memory."""
    log = router.parts.log
    return Path(log.path) if isinstance(log, SqliteStore) and log.path != IN_MEMORY else None


def looks(router: Router) -> Callable[[], Snapshot | None]:
    """What looks at a router's card."""
    known = ref(router)
    return lambda: look(found) if (found := known()) is not None else None


def look(router: Router) -> Snapshot | None:
    """How the cards stand; None where nobody owns them."""
    try:
        leases = router.card
    except ConfigError:
        return None
    return leases.snapshot() if leases is not None else None
