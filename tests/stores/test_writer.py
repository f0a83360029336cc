"""Writes that come together are one batch; each is told of its own end, and a later look sees what was handed over."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError, StoreError, UnknownDecision
from pointsman.core.message import Message
from pointsman.core.reply import Done
from pointsman.stores import Outcome
from pointsman.stores.sqlite import SqliteStore
from pointsman.stores.tables import Ending, Entry
from pointsman.stores.writer import MOST_WAITING, Writer


def decision(name: str) -> Decision:
    return Decision(name, "general_chat", "llm", 0.9, "fast", ())


def ending(name: str) -> Ending:
    return Ending(name, Outcome(0.0))


class Disk:
    """Writes batches one by one, each when it is let."""

    def __init__(self, broken: frozenset[str] = frozenset()) -> None:
        self.batches: list[list[str]] = []
        self.let = threading.Semaphore(0)
        self.broken = broken

    def write(self, entries: Sequence[Entry]) -> list[PointsmanError | None]:
        self.let.acquire()
        names = [it.decision_id for it in entries if isinstance(it, Ending)]
        self.batches.append(names)
        return [StoreError("full") if name in self.broken else None for name in names]


async def test_what_comes_while_one_is_written_goes_together() -> None:
    disk = Disk()
    with ThreadPoolExecutor(1) as thread:
        writer = Writer(thread, disk.write)
        done = [writer.put(ending(str(number)), urgent=True) for number in range(6)]
        disk.let.release(2)
        await asyncio.gather(*done)
    assert disk.batches == [["0"], ["1", "2", "3", "4", "5"]]


async def test_an_ending_goes_along_with_the_next_decision_or_soon_by_itself() -> None:
    disk = Disk()
    disk.let.release(10)
    with ThreadPoolExecutor(1) as thread:
        writer = Writer(thread, disk.write)
        ended = writer.put(ending("ended"), urgent=False)
        await writer.put(ending("next"), urgent=True)
        assert ended.over
        await writer.put(ending("alone"), urgent=False)
    assert disk.batches == [["ended", "next"], ["alone"]]


async def test_one_that_fails_fails_alone() -> None:
    disk = Disk(frozenset({"b"}))
    disk.let.release(10)
    with ThreadPoolExecutor(1) as thread:
        writer = Writer(thread, disk.write)
        first, second, third = (writer.put(ending(name), urgent=True) for name in "abc")
        await first
        with pytest.raises(StoreError):
            await second
        await third


async def test_what_fails_and_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk(frozenset({"b"}))
    disk.let.release(10)
    with ThreadPoolExecutor(1) as thread:
        writer = Writer(thread, disk.write)
        lost = writer.put(ending("b"), urgent=False)
        await writer.put(ending("c"), urgent=True)
    assert "was not written: full" in caplog.text
    with pytest.raises(StoreError):  # who asks later hears it, too
        await lost


async def test_a_failing_thread_fails_whoever_waits() -> None:
    def write(_: Sequence[Entry]) -> list[PointsmanError | None]:
        raise OSError("gone")

    with ThreadPoolExecutor(1) as thread, pytest.raises(OSError, match="gone"):
        await Writer(thread, write).put(ending("a"), urgent=True)


async def test_a_look_sees_what_was_handed_over_before_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    await store.record(decision("a"), Message("hi"))
    ended = store.finish("a", Done(None, model="m"))
    outcome = await store.outcome("a")
    assert outcome is not None
    assert outcome.model == "m"
    await ended
    await store.close()


async def test_closing_writes_what_nobody_waited_for(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    await store.record(decision("a"), Message("hi"))
    ended = store.finish("a", Done(None, model="m"))
    await store.close()
    await ended
    again = SqliteStore(tmp_path / "store.db")
    outcome = await again.outcome("a")
    await again.close()
    assert outcome is not None


async def test_a_batch_with_a_bad_entry_keeps_the_good_ones(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    results = await asyncio.gather(
        store.record(decision("a"), Message("hi")),
        store.record(decision("b"), Message("hi")),
        store.record(decision("a"), Message("twice")),
        store.record(decision("c"), Message("hi")),
        return_exceptions=True,
    )
    with pytest.raises(UnknownDecision):
        await store.finish("absent", Done(None))
    assert [type(result) for result in results] == [type(None), type(None), StoreError, type(None)]
    assert {row.decision.id for row in await store.recent()} == {"a", "b", "c"}
    await store.close()


async def test_what_sqlite_cannot_hold_fails_alone(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    await store.record(decision("a"), Message("hi"))
    results = await asyncio.gather(
        store.record(decision("b"), Message("hi")),
        store.finish("a", Done(None, prompt_tokens=10**30)),
        store.record(decision("c"), Message("hi")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), StoreError, type(None)]
    await store.close()


def test_a_store_goes_on_in_another_loop(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")

    async def left_behind() -> None:
        await store.record(decision("a"), Message("hi"))
        store.finish("a", Done(None, model="m"))

    async def later() -> Outcome | None:
        await store.record(decision("b"), Message("hi"))
        try:
            return await store.outcome("a")
        finally:
            await store.close()

    asyncio.run(left_behind())
    assert asyncio.run(later()) is not None


async def test_where_the_disk_does_not_keep_up_who_brings_more_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pointsman.stores.writer.LINGER_SECONDS", 3600.0)
    monkeypatch.setattr("pointsman.stores.sqlite.LATE_SECONDS", 3600.0)
    store = SqliteStore(tmp_path / "slow.db")
    go = threading.Event()
    store._thread.submit(go.wait)  # the disk is busy
    for number in range(MOST_WAITING):
        await store.note(decision(str(number)), Message("hi"))  # nobody waits
    late = asyncio.create_task(store.note(decision("late"), Message("hi")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not late.done()
    go.set()
    await late
    assert (await store.find("late")).id == "late"
    await store.close()


async def test_no_reply_waits_for_ever_for_a_disk_that_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pointsman.stores.writer.LINGER_SECONDS", 3600.0)
    monkeypatch.setattr("pointsman.stores.sqlite.LATE_SECONDS", 0.01)
    store = SqliteStore(tmp_path / "slow.db")
    go = threading.Event()
    store._thread.submit(go.wait)
    for number in range(MOST_WAITING + 2):  # one comes when it is behind
        await store.note(decision(str(number)), Message("hi"))
    go.set()
    assert (await store.find(str(MOST_WAITING + 1))).id == str(MOST_WAITING + 1)
    await store.close()


async def test_where_another_process_holds_the_database_all_fail_at_once_and_later_ones_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("pointsman.stores.connection.BUSY_SECONDS", 0.0)
    path = tmp_path / "held.db"
    store = SqliteStore(path)
    tried = []
    write = store._tables.write

    def counted(entries: Sequence[Entry], *, keep_text: bool) -> None:
        tried.append(len(entries))
        write(entries, keep_text=keep_text)

    monkeypatch.setattr(store._tables, "write", counted)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for number in range(3):
        await store.note(decision(str(number)), Message("hi"))
    store._writer.flush()
    await store._writer.catch_up(10.0)
    assert tried == [3, 3]
    assert sum("not written" in it.message for it in caplog.records) == 3
    other.execute("ROLLBACK")
    other.close()
    await store.record(decision("later"), Message("hi"))
    assert (await store.find("later")).id == "later"
    await store.close()
