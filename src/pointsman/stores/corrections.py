"""Corrections in the decision store: learned, undone, and noticed by other processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from pointsman.core.correction import Correction
from pointsman.core.errors import UnknownCorrection
from pointsman.core.message import without_surrogates
from pointsman.stores.tables import writing
from pointsman.tiers.learned import same

COLUMNS: Final = "number, text, category, was, decision_id, surface, at, undone_at, encoder, vector"
# Every change takes the next revision, so the highest tells whether anything is new.
NEXT_REVISION: Final = "(SELECT coalesce(max(revision), 0) + 1 FROM corrections)"
INSERT: Final = f"""
    INSERT INTO corrections (revision, text, category, was, decision_id, surface, at, encoder, vector)
    VALUES ({NEXT_REVISION}, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608 - our own constants, as below
SELECT: Final = f"SELECT {COLUMNS} FROM corrections"  # noqa: S608
UNDO: Final = f"""
    UPDATE corrections SET revision = {NEXT_REVISION}, text = NULL, vector = x'', undone_at = ? WHERE number = ?
"""  # noqa: S608


class CorrectionTable:
    """Reads and writes corrections, on one connection in one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def learn(self, correction: Correction) -> Correction:
        """Keeps a correction; returns it with its id, or the one in effect that says the same already.

        It looks and writes in one transaction, so of two processes that teach the same, one does.
        """
        correction = replace(
            correction,
            text=without_surrogates(correction.text),
            decision_id=without_surrogates(correction.decision_id),
        )
        with writing(self._connection) as connection:
            if earlier := same(self._in_effect(), correction):
                return earlier
            number = connection.execute(
                INSERT,
                (
                    correction.text,
                    correction.category,
                    correction.was,
                    correction.decision_id,
                    correction.surface,
                    correction.at,
                    correction.encoder,
                    correction.vector,
                ),
            ).lastrowid
        return replace(correction, id=id_of(number))

    def undo(self, correction_id: str, at: float) -> Correction:
        """Takes a correction back and forgets its text. Raises UnknownCorrection when there is none that counts."""
        number = number_of(correction_id)
        with writing(self._connection) as connection:
            row = connection.execute(f"{SELECT} WHERE number = ? AND undone_at IS NULL", (number,)).fetchone()
            if row is None:
                raise unknown_correction(correction_id)
            connection.execute(UNDO, (at, number))
        # Until then the old page, with the text, stands in the log beside the database.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return replace(correction_of(row), undone_at=at)

    def all(self) -> list[Correction]:
        """Every correction in the order in which they were made, those that were undone without their texts."""
        rows = self._connection.execute(f"{SELECT} ORDER BY number").fetchall()
        return [correction_of(row) for row in rows]

    def _in_effect(self) -> list[Correction]:
        rows = self._connection.execute(f"{SELECT} WHERE undone_at IS NULL ORDER BY number").fetchall()
        return [correction_of(row) for row in rows]

    def sketch(self, corrections: Sequence[Correction]) -> None:
        """Keeps the vectors that another encoder made; nothing else changes, so nobody needs to hear of it."""
        with writing(self._connection) as connection:
            connection.executemany(
                "UPDATE corrections SET encoder = ?, vector = ? WHERE number = ? AND undone_at IS NULL",
                [(it.encoder, it.vector, number_of(it.id)) for it in corrections],
            )


class Watch:
    """Tells at once, in any thread, whether another process changed the corrections: 7 µs a look.

    It reads on a connection of its own, so a decision need not wait its turn in the store's
    thread. A database in memory belongs to one connection, so nothing is seen of it.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._revision = 0

    def revision(self) -> int:
        """A number that grows with every change; the last known one while nobody can read."""
        with suppress(sqlite3.Error):
            ((self._revision,),) = self._connection.execute(
                "SELECT coalesce(max(revision), 0) FROM corrections"
            ).fetchall()
        return self._revision

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()


def correction_of(row: Sequence[Any]) -> Correction:
    """The correction in a row of COLUMNS."""
    number, text, category, was, decision_id, surface, at, undone_at, encoder, vector = row
    return Correction(
        id_of(number), text or "", category, was, decision_id, surface, at, undone_at, encoder, bytes(vector)
    )


def id_of(number: int | None) -> str:
    """A correction's id: no decision's id holds a k."""
    return f"k{number}"


def number_of(correction_id: str) -> int:
    """The number in a correction's id; 0, which none has, for what is no such id."""
    digits = correction_id.removeprefix("k")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else 0


def unknown_correction(correction_id: str) -> UnknownCorrection:
    """The error for an id under which no correction counts."""
    return UnknownCorrection(
        f"no correction {correction_id[:64]!r} is in effect", cure="`pointsman correct --list` shows those that are"
    )
