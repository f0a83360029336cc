"""Connections to the database of a store, and what SQLite's errors mean."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from pointsman.core.errors import StoreError
from pointsman.stores.migrations import migrate

IN_MEMORY: Final = ":memory:"
# Seconds that a write waits for another process's; one write takes a fraction of a millisecond.
BUSY_SECONDS: Final = 5.0
WAL_ATTEMPTS: Final = 20

# What failed, by SQLite's own primary code, and what to do about it.
FAULTS: Final = {
    sqlite3.SQLITE_NOTADB: (
        "this is not a database",
        "give another file as the decision store, or move this one away; it was not changed",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged",
        "stop Pointsman, keep a copy, and try `sqlite3 FILE .recover`, or move it away to begin a new one",
    ),
    sqlite3.SQLITE_BUSY: (
        f"another process has held the database for {BUSY_SECONDS:g} s",
        "stop the program that holds it open for writing",
    ),
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on the disk"),
    sqlite3.SQLITE_CONSTRAINT: ("this decision is already recorded", "record each decision once"),
    sqlite3.SQLITE_IOERR: ("the disk failed to read or write", "check the disk, and that the file is on a local one"),
}
NOT_WRITABLE: Final = (
    "make the file and its folder writable, or set store.path (or POINTSMAN_STORE) to a place that can be written"
)


def connect(path: str) -> sqlite3.Connection:
    """A connection to the store, with its tables up to date. Raises StoreError, sqlite3.Error."""
    if path != IN_MEMORY:
        make_private(Path(path))
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete = ON").fetchall()
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, path)  # before the switch to WAL, which would change another program's file
        use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def make_private(path: Path) -> None:
    """Makes the file and its folder where missing, for the owner only. Raises StoreError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            # By name: opening and closing a database file would drop the locks this process has on it.
            if path.is_file() and path.stat().st_mode & 0o077:
                with suppress(PermissionError):  # another user's file, shared on purpose
                    path.chmod(0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be made: {error.strerror or error}", cure=NOT_WRITABLE) from error


def use_wal(connection: sqlite3.Connection) -> None:
    """Switches to the write-ahead log, with which readers and a writer do not wait for each other."""
    for attempt in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if primary(error) != sqlite3.SQLITE_BUSY or attempt == WAL_ATTEMPTS - 1:
                raise
            # The busy timeout does not cover the switch; queueing for the write lock waits for its holder.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return


def fault(path: str, error: sqlite3.Error) -> StoreError:
    """SQLite's error in our words, with a cure."""
    known = FAULTS.get(primary(error))
    if known is None:
        return StoreError(f"{path}: {error}", cure=NOT_WRITABLE)
    what, cure = known
    return StoreError(f"{path}: {what} ({error})", cure=cure)


def primary(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error; its extended codes keep it in the low byte."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_busy(error: Exception) -> bool:
    """Whether another process holds the database."""
    return isinstance(error, sqlite3.Error) and primary(error) == sqlite3.SQLITE_BUSY
