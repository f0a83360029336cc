"""Decisions in one SQLite file: written before they are acted on, and readable by other programs."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from pointsman.core.correction import Correction
from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError, StoreError
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.core.reply import Done, Failed, ToolUse
from pointsman.stores import Outcome, Row, outcome_of
from pointsman.stores.connection import connect, fault, is_busy
from pointsman.stores.corrections import CorrectionTable, Watch
from pointsman.stores.tables import Ending, Entry, Tables
from pointsman.stores.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")

LATE_SECONDS: Final = 1.0  # for which a reply waits for a disk that does not keep up
EXPIRE_EVERY_SECONDS: Final = 3600.0


class SqliteStore:
    """The decision log on disk.

    A decision is committed before `record` returns, so it survives the end of the process
    however it comes (not a power cut in the same instant: the log is flushed at checkpoints); one that was
    only noted is committed some milliseconds later.
    One thread owns the connection; other processes may use the same file.

    `keep_text_seconds` is how long the text of a message is kept: None for ever, 0 never.
    Without it, slots that hold text, the reasons in the trace and a server's error go too, and
    are overwritten in the file; categories, numbers, evidence and outcomes stay. Expired texts
    are forgotten on opening, then at most once an hour, on writing. `clock` gives seconds since
    the epoch. The file is readable by its owner only.

    Opening raises StoreError when the file cannot be used; an existing file is never replaced.
    """

    def __init__(self, path: str | Path, *, keep_text_seconds: float | None = None, clock: Clock = time.time) -> None:
        self.path = str(path)
        self._keep = keep_text_seconds
        self._clock = clock
        self._expired_at = -math.inf
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pointsman-store")
        try:
            self._tables, self._corrections = self._thread.submit(self._open).result()
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self._watch = Watch(self.path)
        self._writer = Writer(self._thread, self._write)

    async def record(self, decision: Decision, message: Message) -> None:
        """Writes a decision; it is in the file when this returns. Raises StoreError."""
        await self.record_many([(decision, message)])

    async def note(self, decision: Decision, message: Message) -> None:
        """Takes a decision, which every later look sees; it is written some milliseconds later.

        A process that is killed in them forgets it, and what cannot be written is in the log. Where the disk does not
        keep up, this waits for it a while. Raises StoreError.
        """
        self._put(((decision, message),), urgent=False)
        if self._writer.behind:
            await self._writer.catch_up(LATE_SECONDS)

    async def record_many(self, made: Sequence[tuple[Decision, Message]]) -> None:
        """Writes many decisions in one transaction: all of them, or none. Raises StoreError."""
        await self._put(tuple(made), urgent=True)

    def finish(self, decision_id: str, outcome: Done | Failed) -> Awaitable[None]:
        """Takes what became of a decision, which every later look sees; it is written when the result is there.

        The result raises UnknownDecision, StoreError, which else are logged.
        """
        return self._put(Ending(decision_id, outcome_of(outcome, self._clock())), urgent=False)

    async def find(self, decision_id: str = "") -> Decision:
        """A decision by its id or the beginning of it; the latest when empty.

        Raises UnknownDecision, InvalidInput when several begin so, StoreError.
        """
        return (await self.said(decision_id))[0]

    async def said(self, decision_id: str = "") -> tuple[Decision, str | None]:
        """The same with the text of its message; None when that is not kept."""
        return await self._do(self._tables.said, decision_id.removeprefix("#"))

    async def recently_said(self, limit: int) -> list[tuple[Decision, str]]:
        """Of the latest decisions, newest first, those whose message's text is kept. Raises StoreError."""
        return await self._do(self._tables.recently_said, limit)

    async def recent(self, limit: int = 50) -> list[Row]:
        """The latest decisions, newest first. Raises StoreError."""
        return await self._do(self._tables.recent, limit)

    async def outcome(self, decision_id: str) -> Outcome | None:
        """What became of the decision with that whole id; None while it is open. Raises StoreError."""
        return await self._do(self._tables.outcome, decision_id)

    async def uses(self, decision_id: str) -> Sequence[ToolUse]:
        """The tools that were called for the reply to the decision with that whole id. Raises StoreError."""
        found = await self.outcome(decision_id)
        return found.uses if found else ()

    def revision(self) -> int:
        """A number that grows when any process changes a correction; read without waiting for the store's thread."""
        return self._watch.revision()

    async def corrections(self) -> list[Correction]:
        """All corrections in the order in which they were made; undone ones without their texts. Raises StoreError."""
        return await self._do(self._corrections.all)

    async def learn(self, correction: Correction) -> Correction:
        """Keeps a correction until it is undone, whatever `keep_text_seconds` says; returns it with its id and time.

        One in effect that says the same already is returned instead. Raises StoreError.
        """
        return await self._do(self._corrections.learn, replace(correction, at=self._clock()))

    async def undo(self, correction_id: str) -> Correction:
        """Takes a correction back and forgets its text. Raises UnknownCorrection, StoreError."""
        return await self._do(self._corrections.undo, correction_id, self._clock())

    async def sketch(self, corrections: Sequence[Correction]) -> None:
        """Keeps the vectors that another encoder made of corrections. Raises StoreError."""
        await self._do(self._corrections.sketch, corrections)

    async def close(self) -> None:
        """Finishes what is being written and lets go of the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._writer.flush()
        self._watch.close()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._tables.close)
        self._thread.shutdown(wait=False)

    def _put(self, entry: Entry, *, urgent: bool) -> Awaitable[None]:
        self._must_be_open()
        return self._writer.put(entry, urgent=urgent)

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreError(f"{self.path}: the decision store is closed", cure="open it again")

    async def _do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._must_be_open()
        self._writer.flush()

        def guarded() -> T:
            try:
                return work(*args, **kwargs)
            except sqlite3.Error as error:
                raise fault(self.path, error) from error

        # Shielded: a caller who goes away must not take a write with him that is waiting its turn.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, guarded))

    def _open(self) -> tuple[Tables, CorrectionTable]:
        try:
            connection = connect(self.path)
            try:
                tables = Tables(connection, self.path)
                self._expire(tables)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise fault(self.path, error) from error
        return tables, CorrectionTable(connection)

    def _write(self, entries: Sequence[Entry]) -> list[PointsmanError | None]:
        """Writes what came in at once; where that fails, each by itself, so that none fails for another.

        Where another process holds the database, all are tried again together: one by one would take that long each.
        """
        error = self._tried(entries)
        if error is not None and is_busy(error):
            error = self._tried(entries)
        if error is None:
            return [None] * len(entries)
        if len(entries) > 1 and not is_busy(error):
            return [self._write([entry])[0] for entry in entries]
        return [self._as_ours(error)] * len(entries)

    def _tried(self, entries: Sequence[Entry]) -> Exception | None:
        """Writes all entries or none, and says why."""
        try:
            self._expire(self._tables)
            self._tables.write(entries, keep_text=self._keep != 0)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is that entry's alone
            return error
        return None

    def _as_ours(self, error: Exception) -> PointsmanError:
        match error:
            case PointsmanError():
                return error
            case sqlite3.Error():
                return fault(self.path, error)
            case _:  # such as a number that SQLite cannot hold
                return StoreError(f"{self.path}: cannot be written: {error}", cure="the log says what was to be kept")

    def _expire(self, tables: Tables) -> None:
        now = self._clock()
        if self._keep is None or now - self._expired_at < EXPIRE_EVERY_SECONDS:
            return
        tables.expire(now - self._keep if self._keep else math.inf)
        self._expired_at = now
