"""Corrections in both stores: learned, listed, undone, forgotten, and seen at once by other processes."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.errors import StoreError, UnknownCorrection, UnknownDecision
from pointsman.core.message import Message
from pointsman.stores.corrections import Watch, number_of
from pointsman.stores.memory import MemoryStore
from pointsman.stores.migrations import create_decisions, migrate
from pointsman.stores.sqlite import SqliteStore

NOW = 1_700_000_000.0
SECRET = "my locker code is 8841"
Store = SqliteStore | MemoryStore


def clock() -> float:
    return NOW


def wanted(text: str = SECRET, category: str = "memory_operation") -> Correction:
    return Correction("", text, category, "general_chat", "abc123", "cli", encoder="bag", vector=b"\x00<\x00\x00")


def decision(name: str) -> Decision:
    return Decision(name, "reasoning", "llm", 0.5, "fallback", ())


@asynccontextmanager
async def opened(kind: str | Path, keep: float | None = None) -> AsyncIterator[Store]:
    store: Store
    if kind == "memory":
        store = MemoryStore(keep_text=keep != 0, clock=clock)
    else:
        store = SqliteStore(kind, keep_text_seconds=keep, clock=clock)
    try:
        yield store
    finally:
        await store.close()


BOTH = pytest.mark.parametrize("kind", ["memory", ":memory:"])


@BOTH
async def test_what_is_learned_comes_back_in_order_with_an_id(kind: str) -> None:
    async with opened(kind) as store:
        first = await store.learn(wanted())
        second = await store.learn(wanted("hello", "simple_greeting"))
        assert first == replace(wanted(), id="k1", at=NOW)
        assert await store.corrections() == [first, second]


@BOTH
async def test_what_is_undone_stays_as_history_without_its_text(kind: str) -> None:
    async with opened(kind) as store:
        made = await store.learn(wanted())
        undone = await store.undo("k1")
        assert undone == replace(made, undone_at=NOW)
        assert await store.corrections() == [replace(undone, text="", vector=b"")]
        assert (await store.learn(wanted("again"))).id == "k2"


@BOTH
@pytest.mark.parametrize("name", ["", "k", "k0", "k2", "k-1", "1x", "kk1", "k" + "9" * 40, "k²", "\ud800"])
async def test_what_is_not_in_effect_cannot_be_undone(kind: str, name: str) -> None:
    async with opened(kind) as store:
        await store.learn(wanted())
        await store.undo("k1")
        for gone in (name, "k1"):
            with pytest.raises(UnknownCorrection, match="is in effect"):
                await store.undo(gone)


@BOTH
async def test_what_counts_already_is_not_learned_twice(kind: str) -> None:
    async with opened(kind) as store:
        first = await store.learn(wanted())
        assert await store.learn(replace(wanted(f" {SECRET.upper()}! "), surface="http")) == first
        other = await store.learn(wanted(category="general_chat"))
        assert await store.learn(wanted(category="general_chat")) == other
        again = await store.learn(wanted())  # the first says so too, and does not count
        assert [it.id for it in await store.corrections()] == ["k1", "k2", "k3"]
        await store.undo(again.id)
        await store.undo(other.id)
        assert await store.learn(wanted()) == first
        await store.undo("k1")
        assert (await store.learn(wanted())).id == "k4"


async def test_of_several_processes_that_teach_the_same_one_does(tmp_path: Path) -> None:
    async with opened(tmp_path / "d.db") as one, opened(tmp_path / "d.db") as other:
        made = await asyncio.gather(*(store.learn(wanted()) for store in (one, other) * 3))
        assert {it.id for it in made} == {"k1"}
        assert len(await one.corrections()) == 1


@BOTH
async def test_another_encoders_vectors_replace_the_old_ones_of_what_counts(kind: str) -> None:
    async with opened(kind) as store:
        made = [await store.learn(wanted(text)) for text in ("a", "b")]
        await store.undo("k1")
        await store.sketch([replace(it, encoder="new", vector=b"\x00\x00") for it in made])
        first, second = await store.corrections()
        assert first.vector == b""
        assert (second.encoder, second.vector) == ("new", b"\x00\x00")


@BOTH
async def test_a_decision_is_found_with_its_text(kind: str) -> None:
    async with opened(kind) as store:
        await store.record_many([(decision("aa1"), Message("one")), (decision("ab2"), Message("two"))])
        assert await store.said("aa") == (decision("aa1"), "one")
        assert (await store.said())[1] == "two"
        assert await store.recently_said(1) == [(decision("ab2"), "two")]
        with pytest.raises(UnknownDecision):
            await store.said("ff")


@BOTH
async def test_a_decision_whose_text_is_not_kept_has_none(kind: str) -> None:
    async with opened(kind, keep=0) as store:
        await store.record(decision("a"), Message("one"))
        assert (await store.said("a"))[1] is None
        assert await store.recently_said(5) == []
        made = await store.learn(wanted())
        assert (await store.corrections()) == [made]


async def test_each_change_raises_the_revision(tmp_path: Path) -> None:
    for kind in ("memory", tmp_path / "d.db"):
        async with opened(kind) as store:
            seen = [store.revision()]
            await store.learn(wanted())
            seen.append(store.revision())
            await store.learn(wanted("b"))
            seen.append(store.revision())
            await store.undo("k1")
            seen.append(store.revision())
            await store.record(decision("a"), Message("x"))
            await store.sketch(await store.corrections())
            seen.append(store.revision())
            assert seen == [0, 1, 2, 3, 3]


async def test_another_process_is_noticed_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    program = f"""
import asyncio
from pointsman.core.correction import Correction
from pointsman.stores.sqlite import SqliteStore

async def main():
    store = SqliteStore({str(path)!r})
    await store.learn(Correction("", "from elsewhere", "general_chat"))
    await store.close()

asyncio.run(main())
"""
    async with opened(path) as store:
        assert store.revision() == 0
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert store.revision() == 1
        assert [it.text for it in await store.corrections()] == ["from elsewhere"]


async def test_a_look_never_waits_and_never_fails(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    async with opened(path) as store:
        await store.learn(wanted())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert store.revision() == 1
        other.execute("ROLLBACK")
        other.close()
    empty = Watch(str(tmp_path / "empty.db"))
    assert empty.revision() == 0
    empty.close()
    assert empty.revision() == 0


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob("d.db*"))


async def test_an_undone_text_is_nowhere_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    async with opened(path, keep=0) as store:
        await store.learn(replace(wanted(), vector=b"VECTOROFIT" * 70))
        assert b"locker" in bytes_on_disk(path)
        await store.undo("k1")
        assert b"locker" not in bytes_on_disk(path)
        assert b"VECTOROFIT" not in bytes_on_disk(path)


async def test_a_corrected_text_outlives_the_texts_of_decisions(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    async with opened(path) as store:
        await store.record(decision("a"), Message(SECRET))
        await store.learn(wanted())
    async with opened(path, keep=0) as store:
        assert await store.recently_said(9) == []
        assert [it.text for it in await store.corrections()] == [SECRET]


async def test_a_store_from_before_corrections_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, "d", (create_decisions,))
    connection.close()
    async with opened(path) as store:
        assert await store.corrections() == []
        assert (await store.learn(wanted())).id == "k1"


async def test_a_closed_store_learns_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "d.db") as store:
        pass
    with pytest.raises(StoreError, match="closed"):
        await store.learn(wanted())


def test_numbers_of_ids() -> None:
    assert [number_of(name) for name in ("k7", "7", "", "kk7", "k" + "9" * 99)] == [7, 7, 0, 0, 0]
