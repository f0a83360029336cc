"""The statements that memories are kept and found with, on one connection in one thread."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.memories import Circle, Memory, same_text
from pointsman.core.message import digest_of
from pointsman.core.search_words import begins_others, search_words
from pointsman.stores.tables import writing

COLUMNS: Final = (
    "memories.number, text, owner, scope, whose, at, surface, own"
    " FROM memories JOIN memory_circles ON memory_circles.number = circle"
)
SELECT: Final = f"SELECT {COLUMNS}"
INSERT: Final = """
    INSERT INTO memories (circle, owner, own, text, key, at, surface, encoder, sketch, vector)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Deleted words stay in the segments of the index until these are merged; 0.2 s for 100,000 memories. (FTS5 can do
# without since SQLite 3.42, but an older one could not read the file any more.)
PURGE: Final = "INSERT INTO memory_words (memory_words) VALUES ('optimize')"
# Of one word's memories, only the latest are looked at: a word in more of them says next to nothing. FTS5's own rank
# reads every memory that a word is in: 173 ms for 100,000 memories and words that many share, where this takes 5.
MOST_OF_WORD: Final = 2_000
MOST_WORDS: Final = 24
# The weight of the words that a memory has, of the question's words' weight in all: with less, they meet by chance.
ENOUGH: Final = 0.15


@dataclass(frozen=True, slots=True)
class Sketched:
    """What an encoder made of a text: its fingerprint, the signs of the vector, and the vector as float32."""

    encoder: str = ""
    sketch: bytes = b""
    vector: bytes = b""


@dataclass(frozen=True, slots=True)
class CircleRow:
    """A circle as it is kept."""

    number: int
    held: int
    changed: int


class MemoryTable:
    """Reads and writes memories."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def circles(self, circles: Iterable[Circle]) -> list[CircleRow]:
        """Those of the circles that hold anything."""
        rows = []
        for it in circles:
            row = self.connection.execute(
                "SELECT number, held, changed FROM memory_circles WHERE scope = ? AND whose = ?", (it.scope, it.whose)
            ).fetchone()
            if row:
                rows.append(CircleRow(*row))
        return rows

    def known(self, text: str, circles: Iterable[Circle]) -> Memory | None:
        """The memory in one of the circles that says the same."""
        key = key_of(text)
        for row in self.circles(circles):
            found = self.connection.execute(f"{SELECT} WHERE circle = ? AND key = ?", (row.number, key)).fetchone()
            if found:
                return memory_of(found)
        return None

    def insert(self, memory: Memory, made: Sketched) -> Memory:
        """Keeps a memory, inside a transaction; returns it with its id."""
        connection = self.connection
        ((circle,),) = connection.execute(
            "INSERT INTO memory_circles (scope, whose, held) VALUES (?, ?, 1)"
            " ON CONFLICT (scope, whose) DO UPDATE SET held = held + 1 RETURNING number",
            (memory.scope, memory.whose),
        ).fetchall()
        values = (circle, memory.owner, memory.own, memory.text, key_of(memory.text), memory.at, memory.surface)
        number = connection.execute(INSERT, (*values, made.encoder, made.sketch, made.vector)).lastrowid
        words = " ".join(f"{circle}_{word}" for word in search_words(memory.text))
        connection.execute("INSERT INTO memory_words (rowid, words) VALUES (?, ?)", (number, words))
        return Memory(id_of(number), *values_of(memory))

    def delete(self, numbers: Sequence[int]) -> None:
        """Takes memories out, inside a transaction; nothing of them is left in it or in the index of words."""
        for number in numbers:
            rows = self.connection.execute(
                "DELETE FROM memories WHERE number = ? RETURNING circle", (number,)
            ).fetchall()
            self.connection.execute("DELETE FROM memory_words WHERE rowid = ?", (number,))
            self.connection.executemany(
                "UPDATE memory_circles SET held = held - 1, changed = changed + 1 WHERE number = ?", rows
            )
        self.connection.execute("DELETE FROM memory_circles WHERE held = 0")
        self.connection.execute(PURGE)

    def checkpoint(self) -> bool:
        """Empties the log beside the database, where old pages stand; whether nobody kept us from it."""
        ((busy, *_),) = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy

    def listed(self, circles: Iterable[Circle], limit: int, *, owner: str = "") -> tuple[list[Memory], int]:
        """The latest memories of the circles, of one owner where that is given; and how many there are."""
        places = [row.number for row in self.circles(circles)]
        where = f"circle IN ({marks(places)})" + (" AND owner = ?" if owner else "")
        values = [*places, *([owner] if owner else [])]
        counted = f"SELECT count(*) FROM memories WHERE {where}"  # noqa: S608 - question marks
        ((total,),) = self.connection.execute(counted, values).fetchall()
        latest = f"{SELECT} WHERE {where} ORDER BY memories.number DESC LIMIT ?"
        rows = self.connection.execute(latest, [*values, limit])
        return [memory_of(row) for row in rows.fetchall()], total

    def of_owner(self, owner: str) -> list[Memory]:
        """All that one owner said, the oldest first, in all circles."""
        return [memory_of(row) for row in self.connection.execute(f"{SELECT} WHERE owner = ? ORDER BY 1", (owner,))]

    def by_number(self, numbers: Sequence[int]) -> list[Memory]:
        """Memories in the order of their numbers given, but for those that are gone."""
        rows = self.connection.execute(f"{SELECT} WHERE memories.number IN ({marks(numbers)})", list(numbers))
        found = {row[0]: memory_of(row) for row in rows.fetchall()}
        return [found[number] for number in numbers if number in found]

    def having_all(self, text: str, circles: Iterable[Circle], limit: int) -> list[Memory]:
        """The latest memories of the circles that have all words of a text; none for a text without any."""
        words = search_words(text)[:MOST_WORDS]
        numbers: list[int] = []
        for row in self.circles(circles) if words else ():
            asked = " AND ".join(f'"{row.number}_{word}"' for word in words)
            numbers += self._matching(asked, limit)
        return self.by_number(sorted(numbers, reverse=True)[:limit])

    def by_words(self, text: str, rows: Sequence[CircleRow], limit: int) -> list[int]:
        """The numbers of the memories that share words with a text, the best first, among equals the latest.

        A word weighs as much as it tells: its inverse document frequency, as in BM25 (Robertson and Zaragoza, 2009),
        among these memories only. How long a memory is, and how often it says a word, does not count: they are notes.
        """
        if not rows:
            return []
        held = sum(row.held for row in rows)
        scores: dict[int, float] = {}
        in_all = 0.0
        for word in search_words(text)[:MOST_WORDS]:
            more = "*" if begins_others(word) else ""
            found = self._matching(" OR ".join(f'"{row.number}_{word}"{more}' for row in rows), MOST_OF_WORD)
            weight = math.log(1 + max(0.0, held - len(found) + 0.5) / (len(found) + 0.5))
            in_all += weight
            for number in found:
                scores[number] = scores.get(number, 0.0) + weight
        good = [number for number, score in scores.items() if score >= ENOUGH * in_all]
        return sorted(good, key=lambda number: (-scores[number], -number))[:limit]

    def _matching(self, asked: str, limit: int) -> list[int]:
        rows = self.connection.execute(
            "SELECT rowid FROM memory_words WHERE memory_words MATCH ? ORDER BY rowid DESC LIMIT ?", (asked, limit)
        )
        return [number for (number,) in rows.fetchall()]

    def others(self, rows: Sequence[CircleRow], encoder: str, limit: int) -> list[tuple[int, str]]:
        """The numbers and texts of memories in the circles that another encoder read, or none."""
        found: list[tuple[int, str]] = []
        for row in rows:
            for side in "<>":  # two ranges of the index; "not equal" would read all of it
                found += self.connection.execute(
                    f"SELECT number, text FROM memories WHERE circle = ? AND encoder {side} ? LIMIT ?",  # noqa: S608
                    (row.number, encoder, limit - len(found)),
                ).fetchall()
        return found

    def sketch(self, made: Sequence[tuple[int, Sketched]]) -> None:
        """Keeps what another encoder made of memories."""
        with writing(self.connection) as connection:
            for number, it in made:
                rows = connection.execute(
                    "UPDATE memories SET encoder = ?, sketch = ?, vector = ? WHERE number = ? RETURNING circle",
                    (it.encoder, it.sketch, it.vector, number),
                ).fetchall()
                connection.executemany("UPDATE memory_circles SET changed = changed + 1 WHERE number = ?", rows)


def memory_of(row: Sequence[Any]) -> Memory:
    """The memory in a row of COLUMNS."""
    number, text, owner, scope, whose, at, surface, own = row
    return Memory(id_of(number), text, owner, scope, whose, at, surface, bool(own))


def values_of(memory: Memory) -> tuple[Any, ...]:
    """All of a memory but its id, in order."""
    return memory.text, memory.owner, memory.scope, memory.whose, memory.at, memory.surface, memory.own


def key_of(text: str) -> bytes:
    """What texts that say the same have in common, in 16 bytes; it goes when the text goes."""
    return digest_of(same_text(text))


def marks(values: Sequence[object]) -> str:
    """A question mark for each value."""
    return ", ".join("?" * len(values))


def id_of(number: int | None) -> str:
    """A memory's id; corrections have a k."""
    return f"m{number}"


def number_of(memory_id: str) -> int:
    """The number in a memory's id; 0, which none has, for what is no such id."""
    digits = memory_id.strip().lower().removeprefix("m")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else 0
