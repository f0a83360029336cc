"""Memories in the decision store's database: kept at once, and found by their words and by their meaning."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeVar

from pointsman.core.errors import InvalidInput, ModelFileError, StoreError
from pointsman.core.memories import (
    MOST_CHARACTERS,
    Circle,
    Full,
    Kept,
    Memory,
    Scope,
    circle_for,
    distinct,
    personal,
    usual_scope,
)
from pointsman.core.message import Origin, without_surrogates
from pointsman.core.ports import Clock
from pointsman.stores.connection import BUSY_SECONDS, connect, fault
from pointsman.stores.memory_index import MemoryIndex, sketched
from pointsman.stores.memory_table import CircleRow, MemoryTable, Sketched, id_of, number_of
from pointsman.stores.tables import forget_words, told_of, writing
from pointsman.tiers.encoder import Encoder

T = TypeVar("T")
By = Literal["both", "words", "meaning"]
OpenEncoder = Callable[[], Encoder]

logger = logging.getLogger(__name__)

MOST: Final = 10_000
# How many a word list and a meaning list hold before they are merged.
DEPTH: Final = 20
# Reciprocal-rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009, with their constant.
RANKS: Final = 60
# Memories that are read again at once where the encoder has changed; 5 ms each, and others wait meanwhile.
READ_AT_ONCE: Final = 16


class Memories:
    """What people asked to be remembered, on a connection and in a thread of its own.

    The file is opened when it is first used, and made where it is missing; the path ":memory:" keeps everything in the
    process. `open_encoder` gives what turns texts into vectors; without one, or where its file is missing, memories are
    found by their words alone, and get their vectors later. `most` is how many one owner, or one server, may have;
    `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        path: str | Path,
        open_encoder: OpenEncoder | None = None,
        *,
        clock: Clock = time.time,
        most: int = MOST,
    ) -> None:
        self.path = str(path)
        self._open_encoder = open_encoder
        self._clock = clock
        self._most = most
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pointsman-memories")
        self._table: MemoryTable | None = None
        self._index = MemoryIndex()
        self._sound: Encoder | None = None
        self._reading: asyncio.Task[None] | None = None

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None, own: bool = True) -> Kept | Full:
        """Keeps a text for those whom `scope` names, or as is usual where it was said; it is in the file on return.

        `own` says that they are the person's words. What is kept already is not kept twice. Raises InvalidInput for an
        empty or too long text, or where there is no such scope; StoreError.
        """
        text = cleaned(text)
        circle = circle_for(origin, scope or usual_scope(origin))
        memory = Memory("", text, origin.owner, circle.scope, circle.whose, self._clock(), origin.surface, own)
        # What its owner hears everywhere need not be kept for his ears alone.
        wider = [circle, *(it for it in personal(origin.owner) if (circle.scope, it.scope) == ("private", "user"))]
        limited = [circle] if circle.scope == "guild" else personal(origin.owner)

        def work(table: MemoryTable) -> Kept | Full:
            if known := table.known(text, wider):
                return Kept(known, known=True)
            made = self._read(text)
            with writing(table.connection):
                if known := table.known(text, wider):
                    return Kept(known, known=True)
                if sum(row.held for row in table.circles(limited)) >= self._most:
                    return Full(self._most)
                return Kept(table.insert(memory, made))

        return await self._do(work)

    async def recall(self, query: str, circles: Sequence[Circle], limit: int, *, by: By = "both") -> list[Memory]:
        """The memories of the circles that a question is likely about, the likeliest first. Raises StoreError.

        Words and meaning each make a list; the lists are merged by rank, and among equals the latest comes first. The
        nearest are given however far they are: whether one of them answers, its reader has to judge.
        """
        query = without_surrogates(query)

        def work(table: MemoryTable) -> tuple[list[Memory], bool]:
            rows = table.circles(circles)
            encoder = self._encoder() if rows and by != "words" else None
            more = encoder is not None and self._catch_up(table, rows, encoder)
            if more:
                rows = table.circles(circles)
            lists = []
            if by != "meaning":
                lists.append(table.by_words(query, rows, DEPTH))
            if encoder is not None and encoder.legible(query):
                vector, name = encoder.encode(query), encoder.fingerprint
                near = self._index.nearest(table.connection, rows, vector, name, DEPTH)
                lists.append([number for number, _ in near])
            return distinct(table.by_number(merged(lists)))[:limit], more

        found, more = await self._do(work)
        if more and self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_others(circles))
        return found

    async def having_all(self, text: str, circles: Sequence[Circle], limit: int) -> list[Memory]:
        """The latest memories of the circles that hold all words of a text. Raises StoreError."""
        return await self._do(lambda table: table.having_all(without_surrogates(text), circles, limit))

    async def same(self, text: str, circles: Sequence[Circle]) -> Memory | None:
        """The memory in one of the circles that says the same, but for case, white space and closing marks."""
        return await self._do(lambda table: table.known(without_surrogates(text), circles))

    async def listed(self, circles: Sequence[Circle], limit: int, *, owner: str = "") -> tuple[list[Memory], int]:
        """The latest memories of the circles, of one owner where that is given; and how many there are."""
        return await self._do(lambda table: table.listed(circles, limit, owner=owner))

    async def of_owner(self, owner: str) -> list[Memory]:
        """All that one owner asked to be remembered, the oldest first. Raises StoreError."""
        return await self._do(lambda table: table.of_owner(owner))

    async def find(self, memory_id: str, circles: Sequence[Circle]) -> Memory | None:
        """A memory by its id, if it is in one of the circles. Raises StoreError."""

        def work(table: MemoryTable) -> Memory | None:
            found = table.by_number([number_of(memory_id)])
            return next((it for it in found if Circle(it.scope, it.whose) in circles), None)

        return await self._do(work)

    async def forget(self, ids: Iterable[str], owner: str) -> list[Memory]:
        """Takes out those of the memories that are the owner's; no byte of them is left in the file. Raises StoreError.

        Returns what was taken out.
        """
        return await self._do(lambda table: erased(table, table.by_number([number_of(it) for it in ids]), owner))

    async def forget_all(self, owner: str) -> list[Memory]:
        """Takes out all that is the owner's, whoever could hear of it. Raises StoreError."""
        return await self._do(lambda table: erased(table, table.of_owner(owner), owner))

    async def close(self) -> None:
        """Finishes what is being written and lets go of the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[MemoryTable], T]) -> T:
        if self._closed:
            raise StoreError(f"{self.path}: the memories are closed", cure="open them again")

        def guarded() -> T:
            try:
                return work(self._opened())
            except sqlite3.Error as error:
                raise fault(self.path, error) from error

        # Shielded: a caller who goes away must not take a change with him that is waiting its turn.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, guarded))

    def _opened(self) -> MemoryTable:
        if self._table is None:
            self._table = MemoryTable(connect(self.path))
        return self._table

    def _let_go(self) -> None:
        table, self._table = self._table, None
        if table is not None:
            table.connection.close()

    def _encoder(self) -> Encoder | None:
        if self._open_encoder is None:
            return None
        try:
            encoder = self._open_encoder()
            if encoder is not self._sound:
                encoder.encode("")  # its files are opened by this
                self._sound = encoder
        except ModelFileError as error:
            logger.warning("memories are found by their words alone: %s", error)
            return None
        return encoder

    def _read(self, text: str) -> Sketched:
        encoder = self._encoder()
        return Sketched() if encoder is None else sketched(text, encoder)

    def _catch_up(self, table: MemoryTable, rows: Sequence[CircleRow], encoder: Encoder) -> bool:
        """Reads some memories again that another encoder has read; whether there were any."""
        others = table.others(rows, encoder.fingerprint, READ_AT_ONCE)
        if others:
            table.sketch([(number, sketched(text, encoder)) for number, text in others])
        return bool(others)

    async def _read_others(self, circles: Sequence[Circle]) -> None:
        def work(table: MemoryTable) -> bool:
            encoder = self._encoder()
            return encoder is not None and self._catch_up(table, table.circles(circles), encoder)

        try:
            while await self._do(work):
                pass
        except StoreError as error:
            logger.warning("memories are not read by the new encoder yet: %s", error)
        finally:
            self._reading = None


def cleaned(text: str) -> str:
    """A text as it is kept. Raises InvalidInput when it is empty or too long."""
    text = "".join(it if it.isprintable() or it in "\n\t" else " " for it in without_surrogates(text)).strip()
    if not text:
        raise InvalidInput("there is nothing to remember in it", cure="say what is to be remembered")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            f"that is {len(text):,} characters, and a memory has {MOST_CHARACTERS:,} at most",
            cure="remember the gist of it, or its parts one by one",
        )
    return text


def merged(lists: Iterable[Sequence[int]]) -> list[int]:
    """Numbers by the sum of the reciprocals of their ranks in all lists, the higher number first among equals."""
    scores: dict[int, float] = {}
    for ranked in lists:
        for rank, number in enumerate(ranked, 1):
            scores[number] = scores.get(number, 0.0) + 1 / (RANKS + rank)
    return sorted(scores, key=lambda number: (-scores[number], -number))


def erased(table: MemoryTable, memories: Sequence[Memory], owner: str) -> list[Memory]:
    """Takes those of the memories out that are the owner's, and what others were told of them; returns them."""
    own = [it for it in memories if it.owner == owner]
    if own:
        with writing(table.connection):
            table.delete([number_of(it.id) for it in own])
            shared = [it.id for it in own if it.scope == "guild"]
            forget_words(table.connection, told_of(table.connection, shared))
        if not table.checkpoint():
            logger.warning(
                "%s s of waiting: another process still reads the log that forgotten texts stand in", BUSY_SECONDS
            )
    return own


__all__ = ["Memories", "id_of", "merged"]
