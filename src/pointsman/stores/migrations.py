"""How the tables of the decision store came to be: numbered steps, each run once, in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from pointsman.core.errors import StoreError

# Marks the file as ours ("PntS"), so that another program's database is never written to.
APPLICATION_ID: Final = 0x506E7453

Migration = Callable[[sqlite3.Connection], None]


def create_decisions(connection: sqlite3.Connection) -> None:
    """Step 1: decisions and their outcomes.

    `text` is NULL when a message's text is not kept, and `body` then holds the decision without
    it; no hash stands in its place, because a short text is guessed back from one. `at` is in
    seconds since the epoch; `number` counts up in the order of recording, whatever the clock does.
    """
    connection.execute(
        """
        CREATE TABLE decisions (
            number     INTEGER PRIMARY KEY,
            id         TEXT NOT NULL UNIQUE,
            at         REAL NOT NULL,
            surface    TEXT NOT NULL,
            user       TEXT NOT NULL,
            channel    TEXT NOT NULL,
            text       TEXT,
            category   TEXT NOT NULL,
            path       TEXT NOT NULL,
            confidence REAL NOT NULL,
            tier       TEXT NOT NULL,
            language   TEXT NOT NULL,
            latency_ms REAL NOT NULL,
            body       TEXT NOT NULL
        )
        """
    )
    # What expiry looks for, without reading the whole table.
    connection.execute("CREATE INDEX decisions_with_text ON decisions (at) WHERE text IS NOT NULL")
    connection.execute(
        """
        CREATE TABLE outcomes (
            decision_id       TEXT PRIMARY KEY NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
            model             TEXT NOT NULL,
            seconds           REAL NOT NULL,
            prompt_tokens     INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            error             TEXT NOT NULL,
            code              TEXT NOT NULL,
            at                REAL NOT NULL
        )
        """
    )


def create_corrections(connection: sqlite3.Connection) -> None:
    """Step 2: what users taught.

    `revision` counts the changes of the whole table, so that another process sees with one look
    at an index that something is new. `text` is NULL and `vector` empty once it is undone;
    `encoder` names what made the vector. A decision may be corrected twice, and need not exist.
    """
    connection.execute(
        """
        CREATE TABLE corrections (
            number      INTEGER PRIMARY KEY,
            revision    INTEGER NOT NULL,
            text        TEXT,
            category    TEXT NOT NULL,
            was         TEXT NOT NULL,
            decision_id TEXT NOT NULL,
            surface     TEXT NOT NULL,
            at          REAL NOT NULL,
            undone_at   REAL,
            encoder     TEXT NOT NULL,
            vector      BLOB NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX corrections_by_revision ON corrections (revision)")


def create_shelf(connection: sqlite3.Connection) -> None:
    """Step 3: small texts under keys, such as what is known of a remote service; `at` is when one was last changed."""
    connection.execute(
        """
        CREATE TABLE shelf (
            key   TEXT PRIMARY KEY NOT NULL,
            value TEXT NOT NULL,
            at    REAL NOT NULL
        )
        """
    )


def create_memories(connection: sqlite3.Connection) -> None:
    """Step 4: what people asked to be remembered.

    A circle is who may hear of a memory: a `scope`, and `whose`; `held` counts its memories, and `changed` grows when
    one goes or gets another vector, so that another process sees it. No number is ever given twice. `key` is a digest
    of the text, to find what is said again. `encoder` names what made the `vector` (float32) and the `sketch` (its
    signs); both are empty where it could not read the text. `memory_words` holds each memory's words, with its circle's
    number before every one, so that a search meets no other circle's; its tokenizer has nothing left to do.
    """
    connection.execute(
        """
        CREATE TABLE memory_circles (
            number  INTEGER PRIMARY KEY AUTOINCREMENT,
            scope   TEXT NOT NULL,
            whose   TEXT NOT NULL,
            held    INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0,
            UNIQUE (scope, whose)
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE memories (
            number  INTEGER PRIMARY KEY AUTOINCREMENT,
            circle  INTEGER NOT NULL REFERENCES memory_circles (number),
            owner   TEXT NOT NULL,
            own     INTEGER NOT NULL,
            text    TEXT NOT NULL,
            key     BLOB NOT NULL,
            at      REAL NOT NULL,
            surface TEXT NOT NULL,
            encoder TEXT NOT NULL,
            sketch  BLOB NOT NULL,
            vector  BLOB NOT NULL
        )
        """
    )
    connection.execute("CREATE UNIQUE INDEX memories_by_key ON memories (circle, key)")
    connection.execute("CREATE INDEX memories_by_owner ON memories (owner)")
    # Holds all that a search reads of a circle at its start: 100 bytes a memory where the table has two thousand.
    connection.execute("CREATE INDEX memories_sketched ON memories (circle, encoder, number, sketch)")
    connection.execute("CREATE VIRTUAL TABLE memory_words USING fts5 (words, tokenize = \"ascii tokenchars '_'\")")


def add_uses(connection: sqlite3.Connection) -> None:
    """Step 5: the tools that were called for a reply, as a JSON list."""
    connection.execute("ALTER TABLE outcomes ADD COLUMN uses TEXT NOT NULL DEFAULT '[]'")


MIGRATIONS: Final[Sequence[Migration]] = (
    create_decisions,
    create_corrections,
    create_shelf,
    create_memories,
    add_uses,
)


def migrate(connection: sqlite3.Connection, name: str, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Brings a database up to the newest step, all of it or nothing.

    `name` is the database's name for messages. Raises StoreError when the database belongs to
    another program or was written by a newer Pointsman; it is then left as it was.
    """
    connection.execute("BEGIN IMMEDIATE")  # of two processes that start together, the second finds the work done
    try:
        check_owner(connection, name)
        done = steps_done(connection, name, len(migrations))
        for migration in migrations[done:]:
            migration(connection)
        if done < len(migrations):
            connection.execute(f"PRAGMA user_version = {len(migrations)}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def check_owner(connection: sqlite3.Connection, name: str) -> None:
    """Raises StoreError when the tables in the database are not ours."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"{name}: this is another program's database", cure="give another file as the decision store")


def steps_done(connection: sqlite3.Connection, name: str, known: int) -> int:
    """The step that the tables are at. Raises StoreError when it is beyond the `known` ones."""
    done = pragma(connection, "user_version")
    if done > known:
        raise StoreError(
            f"{name}: written by a newer Pointsman (its tables are at step {done}, this one knows {known})",
            cure="upgrade Pointsman, or give another file as the decision store",
        )
    return done


def pragma(connection: sqlite3.Connection, setting: str) -> int:
    """A whole-number setting of the database."""
    (value,) = connection.execute(f"PRAGMA {setting}").fetchone()
    return int(value)
