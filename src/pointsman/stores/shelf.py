"""Small texts under keys that outlive the process: changed in one piece, by however many processes share the file."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from pointsman.core.errors import StoreError
from pointsman.core.ports import Clock
from pointsman.stores.connection import connect, fault, primary
from pointsman.stores.tables import writing

T = TypeVar("T")
R = TypeVar("R")

# Seconds that a change waits for another process's: a change takes a fraction of a millisecond, and a message waits.
BUSY_SECONDS: Final = 1.0

SELECT: Final = "SELECT value FROM shelf WHERE key = ?"
UPSERT: Final = """
    INSERT INTO shelf (key, value, at) VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at
"""


class MemoryShelf:
    """A shelf for as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def change(self, key: str, change: Callable[[str], tuple[str, T]]) -> T:
        """Replaces a text ("" when there is none) by the first thing that `change` makes of it; returns the second."""
        self._kept[key], result = change(self._kept.get(key, ""))
        return result

    async def read(self, key: str) -> str:
        """A text; "" when there is none."""
        return self._kept.get(key, "")

    async def close(self) -> None:
        """Nothing to let go of."""


class SqliteShelf:
    """A shelf in the database of the decision store, on a connection and in a thread of its own.

    The file is opened when it is first used, and made where it is missing. `clock` gives seconds since the epoch.
    """

    def __init__(self, path: str | Path, *, clock: Clock = time.time) -> None:
        self.path = str(path)
        self._clock = clock
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pointsman-shelf")
        self._connection: sqlite3.Connection | None = None

    async def change(self, key: str, change: Callable[[str], tuple[str, T]]) -> T:
        """Replaces a text ("" when there is none) by the first thing that `change` makes of it; returns the second.

        Nobody else changes the file meanwhile. `change` is called in the shelf's thread; what it raises leaves the
        text as it was. Raises StoreError.
        """

        def work(connection: sqlite3.Connection) -> T:
            with writing(connection):
                row = connection.execute(SELECT, (key,)).fetchone()
                before = row[0] if row else ""
                after, result = change(before)
                if after != before:
                    connection.execute(UPSERT, (key, after, self._clock()))
            return result

        return await self._do(work)

    async def read(self, key: str) -> str:
        """A text; "" when there is none. Raises StoreError."""

        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(SELECT, (key,)).fetchone()
            return str(row[0]) if row else ""

        return await self._do(work)

    async def close(self) -> None:
        """Finishes what is being changed and lets go of the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[sqlite3.Connection], R]) -> R:
        if self._closed:
            raise StoreError(f"{self.path}: the shelf is closed", cure="open it again")

        def guarded() -> R:
            try:
                return work(self._opened())
            except sqlite3.Error as error:
                self._let_go()
                if primary(error) == sqlite3.SQLITE_BUSY:
                    raise StoreError(
                        f"{self.path}: another process has held the database for {BUSY_SECONDS:g} s",
                        cure="stop the program that holds it open for writing",
                    ) from error
                raise fault(self.path, error) from error

        # Shielded: a caller who goes away must not take a change with him that is waiting its turn.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, guarded))

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = connect(self.path)
            connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}").fetchall()
            self._connection = connection
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
