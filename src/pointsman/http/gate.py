"""What a request meets before it is read, as the configuration says: keys, limits, pages, sizes, and times."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from pointsman.config.server import MAIN, Server
from pointsman.core.access import SCOPES
from pointsman.core.loopback import is_loopback
from pointsman.http.keys import Keys, keys_in
from pointsman.http.limits import Limits, Shelf, allowances_in

logger = logging.getLogger(__name__)

MAX_BODY = 8_000_000
BODY_TIMEOUT = 30.0
WRITE_TIMEOUT = 60.0


@dataclass(slots=True)
class Gate:
    """It all, in one place that every guard reads at every request, so that it can change while requests are served.

    `max_body` is in bytes, `body_timeout` and `write_timeout` in seconds. `exposed` says that other machines reach it,
    so that it stays locked whatever a later configuration says.
    """

    keys: Keys = field(default_factory=Keys)
    limits: Limits = field(default_factory=Limits)
    origins: Collection[str] = ()
    max_body: int = MAX_BODY
    body_timeout: float = BODY_TIMEOUT
    write_timeout: float = WRITE_TIMEOUT
    exposed: bool = False

    @classmethod
    def of(cls, server: Server, *, store: Path | None = None) -> Gate:
        """The gate of a configuration; what is used of limits is kept in the database at `store`."""
        gate = cls(limits=Limits(open_shelf=opener(store) if store is not None else None))
        gate.become(server)
        gate.exposed = not is_loopback(server.host)
        return gate

    @classmethod
    def with_key(cls, key: str | None, *, max_body: int = MAX_BODY) -> Gate:
        """One with a single key that opens everything, or with none."""
        return cls(keys=Keys({} if key is None else {MAIN: (key, frozenset[str](SCOPES))}), max_body=max_body)

    def become(self, server: Server) -> None:
        """Takes what a configuration says in the place of all, from the next request on; what was used stays used."""
        keys = keys_in(server)
        if keys or not self.exposed:
            self.keys.become(keys)
        else:
            logger.warning("the keys stay until a restart: other machines reach the gateway, and there are no others")
        self.limits.become(allowances_in(server))
        self.origins = frozenset(server.origins)
        self.max_body, self.body_timeout = server.max_body, server.body_timeout
        self.write_timeout = server.write_timeout

    async def close(self) -> None:
        """Keeps what was used of the limits."""
        await self.limits.close()


def opener(path: Path) -> Callable[[], Shelf]:
    """What opens the shelf of the decision store, when there is something to keep on it."""

    def opened() -> Shelf:
        from pointsman.stores.shelf import SqliteShelf

        return SqliteShelf(path)

    return opened
