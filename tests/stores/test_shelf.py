"""Texts on a shelf: changed in one piece by threads and processes, and named errors where they cannot be."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsman.core.errors import StoreError
from pointsman.stores import shelf as shelves
from pointsman.stores.migrations import create_corrections, create_decisions, migrate
from pointsman.stores.shelf import MemoryShelf, SqliteShelf
from pointsman.stores.sqlite import SqliteStore

SOURCE = Path(__file__).parents[2] / "src"


def one_more(text: str) -> tuple[str, int]:
    number = int(text or 0) + 1
    return str(number), number


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_a_text_is_changed_and_read(tmp_path: Path, kind: str) -> None:
    shelf = MemoryShelf() if kind == "memory" else SqliteShelf(tmp_path / "d.db")
    assert await shelf.read("a") == ""
    assert [await shelf.change("a", one_more) for _ in range(3)] == [1, 2, 3]
    assert (await shelf.read("a"), await shelf.read("b")) == ("3", "")
    await shelf.close()
    await shelf.close()


async def test_a_change_that_fails_leaves_the_text_as_it_was(tmp_path: Path) -> None:
    shelf = SqliteShelf(tmp_path / "d.db")
    await shelf.change("a", one_more)

    def fail(_: str) -> tuple[str, None]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await shelf.change("a", fail)
    assert await shelf.change("a", one_more) == 2
    await shelf.close()


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    asyncio.run(SqliteShelf(tmp_path / "d.db").close())
    assert list(tmp_path.glob("d.db*")) == []


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 1), min_size=1, max_size=40), st.integers(0, 2**32))
def test_two_shelves_on_one_file_lose_no_change(tmp_path: Path, which: list[int], number: int) -> None:
    async def use() -> None:
        both = SqliteShelf(tmp_path / "d.db"), SqliteShelf(tmp_path / "d.db")
        key = f"{number}-{len(which)}"
        before = int(await both[0].read(key) or 0)
        got = await asyncio.gather(*(both[it].change(key, one_more) for it in which))
        assert sorted(got) == list(range(before + 1, before + len(which) + 1))
        for shelf in both:
            await shelf.close()

    asyncio.run(use())


COUNTING = """
import asyncio, sys
from pointsman.stores.shelf import SqliteShelf
async def count():
    shelf = SqliteShelf(sys.argv[1])
    for _ in range(200):
        await shelf.change("a", lambda text: (str(int(text or 0) + 1), None))
    await shelf.close()
asyncio.run(count())
"""


async def test_two_processes_lose_no_change(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", COUNTING, str(path), env=environment)
    shelf = SqliteShelf(path)
    for _ in range(200):
        await shelf.change("a", one_more)
    assert await other.wait() == 0
    assert await shelf.read("a") == "400"
    await shelf.close()


async def test_it_lives_in_the_decision_store_s_file(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    store, shelf = SqliteStore(path), SqliteShelf(path)
    await shelf.change("a", one_more)
    assert await store.recent() == []
    await shelf.close()
    await store.close()
    assert (path.stat().st_mode & 0o777) == 0o600


async def test_a_database_of_before_gets_the_table(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    with sqlite3.connect(path, isolation_level=None) as connection:
        migrate(connection, "d", (create_decisions, create_corrections))
    connection.close()
    shelf = SqliteShelf(path)
    assert await shelf.change("a", one_more) == 1
    await shelf.close()


async def test_a_change_that_nobody_waits_for_is_made(tmp_path: Path) -> None:
    shelf = SqliteShelf(tmp_path / "d.db")
    task = asyncio.create_task(shelf.change("a", one_more))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await shelf.read("a") == "1"
    await shelf.close()


async def test_a_file_that_cannot_be_used_is_an_error_each_time_and_passes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_text("")
    shelf = SqliteShelf(folder / "d.db")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"d\.db"):
            await shelf.change("a", one_more)
    folder.unlink()
    assert await shelf.change("a", one_more) == 1
    await shelf.close()


async def test_a_database_that_is_held_is_an_error_and_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "BUSY_SECONDS", 0.0)
    path = tmp_path / "d.db"
    shelf = SqliteShelf(path)
    await shelf.change("a", one_more)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process"):
        await shelf.change("a", one_more)
    other.execute("ROLLBACK")
    other.close()
    assert await shelf.change("a", one_more) == 2
    await shelf.close()


async def test_a_closed_shelf_says_so(tmp_path: Path) -> None:
    shelf = SqliteShelf(tmp_path / "d.db")
    await shelf.change("a", one_more)
    await shelf.close()
    with pytest.raises(StoreError, match="closed"):
        await shelf.read("a")
