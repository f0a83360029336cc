"""Files that cannot be used as the store: each is named, with a cure, and left as it was."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pointsman.core.decision import Answer, Decision, TraceLine
from pointsman.core.errors import StoreError
from pointsman.core.message import Message
from pointsman.stores import connection as connections
from pointsman.stores.connection import use_wal
from pointsman.stores.migrations import create_decisions, migrate
from pointsman.stores.sqlite import SqliteStore


def decision(name: str = "abc123") -> Decision:
    answer = Answer("reasoning", 0.5, 0.1, "why")
    return Decision(name, "reasoning", "llm", 0.5, "t", (TraceLine("t", answer, 1.0),))


@asynccontextmanager
async def opened(path: str | Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path)
    try:
        yield store
    finally:
        await store.close()


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, " * 100)
    with pytest.raises(StoreError, match=r"notes\.txt.*not a database") as caught:
        SqliteStore(path)
    assert "another file" in caught.value.cure
    assert path.read_text().startswith("these are my notes")


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["first page", "later pages"])
async def test_a_damaged_database_is_an_error_and_is_kept(tmp_path: Path, place: str) -> None:
    path = tmp_path / "d.db"
    async with opened(path) as store:
        await store.record_many([(decision(f"d{number}"), Message("x" * 500)) for number in range(50)])
    content = bytearray(path.read_bytes())
    damaged = slice(100, 4096) if place == "first page" else slice(4096, len(content))
    content[damaged] = b"\xa5" * len(content[damaged])
    path.write_bytes(content)

    async def use() -> None:
        async with opened(path) as store:
            await store.find("d7")
            await store.recent(100)

    with pytest.raises(StoreError, match=r"d\.db.*damaged"):
        await use()
    assert len(path.read_bytes()) >= len(content)


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    async with opened(path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer Pointsman") as caught:
        SqliteStore(path)
    assert "upgrade" in caught.value.cure


def test_steps_run_once_in_order_and_a_failed_one_leaves_nothing(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "d.db", isolation_level=None)

    def add(name: str) -> Callable[[sqlite3.Connection], None]:
        return lambda base: base.execute(f"CREATE TABLE {name} (x)").close()

    def fail(base: sqlite3.Connection) -> None:
        base.execute("CREATE TABLE half (x)")
        raise ZeroDivisionError

    def tables() -> list[str]:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '% (x)'")]

    migrate(connection, "d", (create_decisions,))
    migrate(connection, "d", (create_decisions, add("second"), add("third")))
    assert tables() == ["second", "third"]
    with pytest.raises(ZeroDivisionError):
        migrate(connection, "d", (create_decisions, add("second"), add("third"), add("fourth"), fail))
    assert tables() == ["second", "third"]
    migrate(connection, "d", (create_decisions, add("second"), add("third")))
    connection.close()


async def test_a_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=tmp_path.name):
        SqliteStore(tmp_path)


async def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/d\.db: cannot be made") as caught:
        SqliteStore(tmp_path / "file" / "d.db")
    assert "set store.path (or POINTSMAN_STORE)" in caught.value.cure


async def test_a_database_that_another_program_keeps_locked_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.0)
    path = tmp_path / "d.db"
    async with opened(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process"):
            await store.record(decision(), Message("x"))
        other.execute("ROLLBACK")
        other.close()
        await store.record(decision(), Message("x"))
        assert (await store.find()).id == "abc123"


async def test_a_full_disk_is_an_error_that_loses_nothing_and_passes(tmp_path: Path) -> None:
    async with opened(tmp_path / "d.db") as store:
        await store.record(decision("before"), Message("x"))

        def room(pages: int) -> None:
            store._tables._connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

        await store._do(room, 1)  # the least that SQLite takes: as much as is in use
        with pytest.raises(StoreError, match="the disk is full"):
            await store.record(decision("during"), Message("x" * 100_000))
        await store._do(room, 1_000_000)
        await store.record(decision("after"), Message("x" * 100_000))
        assert [row.decision.id for row in await store.recent(5)] == ["after", "before"]


class Contended(sqlite3.Connection):
    """Refuses to switch its log a few times, as SQLite does when two processes open a new file at once."""

    def __init__(self, path: str, refusals: int) -> None:
        super().__init__(path, isolation_level=None)
        self.refusals = refusals
        self.waits = 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if "journal_mode" in sql and self.refusals:
            self.refusals -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        self.waits += sql == "BEGIN IMMEDIATE"
        return super().execute(sql, parameters)


def test_the_switch_to_the_write_ahead_log_waits_for_its_turn(tmp_path: Path) -> None:
    connection = Contended(str(tmp_path / "d.db"), refusals=3)
    use_wal(connection)
    assert connection.waits == 3
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_switch_to_the_write_ahead_log_does_not_wait_for_ever(tmp_path: Path) -> None:
    connection = Contended(str(tmp_path / "d.db"), refusals=1000)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        use_wal(connection)
    connection.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that may be made read-only; root, whom no mode stops, becomes nobody for the test."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        root = os.geteuid() == 0
        if root:
            os.chown(path, 65534, -1)
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            path.chmod(0o700)


def lock(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o400)
    folder.chmod(0o500)


async def test_a_folder_that_cannot_be_written_to_is_an_error(folder: Path) -> None:
    lock(folder)
    for path in (folder / "d.db", folder / "deeper" / "d.db"):
        with pytest.raises(StoreError, match=r"d\.db: cannot be made: Permission denied") as caught:
            SqliteStore(path)
        assert "set store.path (or POINTSMAN_STORE)" in caught.value.cure


async def test_a_read_only_file_is_an_error_at_once_and_not_at_the_first_decision(folder: Path) -> None:
    path = folder / "d.db"
    async with opened(path) as store:
        await store.record(decision(), Message("x"))
    lock(folder)
    with pytest.raises(StoreError, match=r"d\.db") as caught:
        SqliteStore(path)
    assert "writable" in caught.value.cure
