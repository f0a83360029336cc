"""The statements that the decision store runs, on one connection in one thread."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Final

from pointsman.core.codec import TIME_DIGITS, decision_from_dict, rounded, share
from pointsman.core.decision import Decision
from pointsman.core.decisiontext import decision_to_json
from pointsman.core.errors import InvalidInput, StoreError
from pointsman.core.message import Message, without_surrogates
from pointsman.core.reply import ToolUse
from pointsman.core.toolcodec import uses_from_json, uses_to_json, without_words
from pointsman.stores import LISTED_MATCHES, Outcome, Row, ambiguous, unknown
from pointsman.stores.privacy import without_text

# Rows that lose their text in one transaction: other writers get in between.
EXPIRE_AT_ONCE: Final = 500
# Rows of one statement; few sizes, as each is a statement that SQLite reads and keeps.
AT_ONCE: Final = (16, 4, 1)
UNREADABLE: Final = "{}"

INSERT_DECISION: Final = """
    INSERT INTO decisions (id, at, surface, user, channel, text, category, path, confidence, tier,
                           language, latency_ms, body)
    VALUES {rows}
"""
# A server's error may quote the message, and tools' words do: they are kept as long as its text is.
INSERT_OUTCOME: Final = """
    INSERT OR REPLACE INTO outcomes
        (decision_id, model, seconds, prompt_tokens, completion_tokens, code, at, error, uses)
    SELECT id, column2, column3, column4, column5, column6, column7,
           CASE WHEN text IS NULL THEN '' ELSE column8 END, CASE WHEN text IS NULL THEN column9 ELSE column10 END
    FROM (VALUES {rows}) CROSS JOIN decisions ON id = column1
"""
SELECT_SAID: Final = "SELECT id, body, text FROM decisions"
OUTCOME_COLUMNS: Final = (
    "outcomes.at, outcomes.model, seconds, prompt_tokens, completion_tokens, outcomes.error, outcomes.code, uses"
)


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction: all that is written inside, or nothing."""
    # IMMEDIATE takes the lock first: a reader that turns writer cannot wait for its turn in SQLite.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a decision, to be written."""

    decision_id: str
    outcome: Outcome


Entry = Sequence[tuple[Decision, Message]] | Ending
"""What is written at once: decisions with their messages, or what became of one."""


class Tables:
    """Reads and writes decisions and outcomes; `name` is the database's name for messages."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def write(self, entries: Sequence[Entry], *, keep_text: bool) -> None:
        """Writes entries, all of them or none: decisions, then what became of such. Raises UnknownDecision.

        Of two ends of one decision the later counts. Raises sqlite3.Error, too.
        """
        endings = {}
        rows = []
        for entry in entries:
            if isinstance(entry, Ending):
                decision_id = without_surrogates(entry.decision_id)
                endings[decision_id] = row_of_ending(decision_id, entry.outcome, keep_text=keep_text)
            else:
                rows += [row_of(decision, message, keep_text=keep_text) for decision, message in entry]
        with writing(self._connection) as connection:
            insert(connection, INSERT_DECISION, rows)
            if insert(connection, INSERT_OUTCOME, list(endings.values())) < len(endings):
                raise unknown(self._absent(endings))

    def _absent(self, decisions: Iterable[str]) -> str:
        """The first of some ids that no decision has."""
        select = "SELECT count(*) FROM decisions WHERE id = ?"
        return next(it for it in decisions if self._connection.execute(select, (it,)).fetchone() == (0,))

    def find(self, prefix: str) -> Decision:
        """The decision with that id, or the only one whose id begins so; the latest when empty."""
        return self.said(prefix)[0]

    def said(self, prefix: str) -> tuple[Decision, str | None]:
        """The same with the text of its message; None when that is not kept."""
        prefix = without_surrogates(prefix)
        if not prefix:
            latest = self._connection.execute(f"{SELECT_SAID} ORDER BY number DESC LIMIT 1").fetchone()
            if latest is None:
                raise unknown("")
            return self._said(*latest)
        exact = self._connection.execute(f"{SELECT_SAID} WHERE id = ?", (prefix,)).fetchone()
        if exact is not None:
            return self._said(*exact)
        span = (prefix, prefix + "\U0010ffff")
        rows = self._connection.execute(
            f"{SELECT_SAID} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", (*span, LISTED_MATCHES)
        ).fetchall()
        if not rows:
            raise unknown(prefix)
        if len(rows) > 1:
            (total,) = self._connection.execute(
                "SELECT count(*) FROM decisions WHERE id >= ? AND id < ?", span
            ).fetchone()
            raise ambiguous(prefix, [row[0] for row in rows], total)
        return self._said(*rows[0])

    def recently_said(self, limit: int) -> list[tuple[Decision, str]]:
        """Of the latest decisions, newest first, those whose message's text is kept."""
        rows = self._connection.execute(f"{SELECT_SAID} ORDER BY number DESC LIMIT ?", (limit,)).fetchall()
        return [(self._read(found, body), text) for found, body, text in rows if text is not None]

    def recent(self, limit: int) -> list[Row]:
        """The latest decisions, newest first."""
        rows = self._connection.execute(
            f"SELECT id, body, text, surface, {OUTCOME_COLUMNS} FROM decisions"  # noqa: S608 - our own constant
            " LEFT JOIN outcomes ON decision_id = id ORDER BY number DESC LIMIT ?",
            (max(0, limit),),
        ).fetchall()
        return [
            Row(self._read(found, body), text, surface, None if outcome[0] is None else outcome_in(outcome))
            for found, body, text, surface, *outcome in rows
        ]

    def outcome(self, decision_id: str) -> Outcome | None:
        """What became of a decision; None while it is open, or when there is no such decision."""
        row = self._connection.execute(
            f"SELECT {OUTCOME_COLUMNS} FROM outcomes WHERE decision_id = ?",  # noqa: S608 - our own constant
            (without_surrogates(decision_id),),
        ).fetchone()
        return None if row is None else outcome_in(row)

    def expire(self, before: float) -> int:
        """Forgets the texts of messages decided before a time (seconds since the epoch); how many."""
        forgotten = 0
        while True:
            with writing(self._connection) as connection:
                rows = connection.execute(
                    "SELECT id, body FROM decisions WHERE text IS NOT NULL AND at < ? LIMIT ?", (before, EXPIRE_AT_ONCE)
                ).fetchall()
                connection.executemany(
                    "UPDATE decisions SET text = NULL, body = ? WHERE id = ?",
                    [(self._bare_body(found, body), found) for found, body in rows],
                )
                forget_words(connection, [found for found, _ in rows])
            forgotten += len(rows)
            if len(rows) < EXPIRE_AT_ONCE:
                break
        if forgotten:
            # Until then the old pages, with the texts, stand in the log beside the database.
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return forgotten

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _bare_body(self, decision_id: str, body: str) -> str:
        try:
            return decision_to_json(without_text(self._read(decision_id, body)))
        except StoreError:
            return UNREADABLE  # what cannot be read cannot be shown to hold no text

    def _said(self, decision_id: str, body: str, text: str | None) -> tuple[Decision, str | None]:
        return self._read(decision_id, body), text

    def _read(self, decision_id: str, body: str) -> Decision:
        try:
            return decision_from_dict(json.loads(body))
        except (ValueError, InvalidInput) as error:
            raise StoreError(
                f"{self._name}: decision {decision_id} cannot be read: {error}",
                cure="another program changed the database; the other decisions in it are not affected",
            ) from error


def forget_words(connection: sqlite3.Connection, decisions: Sequence[str]) -> None:
    """Takes what anybody said out of the outcomes of some decisions."""
    for decision_id in decisions:
        row = connection.execute("SELECT uses FROM outcomes WHERE decision_id = ?", (decision_id,)).fetchone()
        if row is not None:
            connection.execute(
                "UPDATE outcomes SET error = '', uses = ? WHERE decision_id = ?",
                (uses_to_json(without_words(uses_in(row[0]))), decision_id),
            )


def told_of(connection: sqlite3.Connection, memories: Sequence[str]) -> list[str]:
    """The decisions for whose replies memories, by their ids, were read: their tools' words quote them.

    They are found by the id, which stands before the text, and a day in brackets, wherever a model is shown it.
    """
    found = [
        connection.execute("SELECT decision_id FROM outcomes WHERE instr(uses, ?)", (f"{memory_id} (",)).fetchall()
        for memory_id in memories
    ]
    return sorted({decision_id for rows in found for (decision_id,) in rows})


def outcome_in(row: Sequence[Any]) -> Outcome:
    """The outcome in a row of OUTCOME_COLUMNS."""
    at, model, seconds, read, written, error, code, uses = row
    return Outcome(at, model, seconds, read, written, error, code, uses_in(uses))


def uses_in(text: str) -> tuple[ToolUse, ...]:
    """The uses in a column; none where another program wrote into it, as nothing else depends on them."""
    try:
        return uses_from_json(text)
    except InvalidInput:
        return ()


def insert(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Inserts rows by as few statements as there may be, and says how many were.

    Each hands the interpreter to another thread and has to get it back, which takes longer than the insertion.
    """
    written = at = 0
    for size in AT_ONCE:
        while len(rows) - at >= size:
            some = rows[at : at + size]
            found = connection.execute(for_rows(statement, size, len(some[0])), [*chain.from_iterable(some)])
            written, at = written + found.rowcount, at + size
    return written


@cache
def for_rows(statement: str, size: int, columns: int) -> str:
    """A statement for so many rows of so many columns."""
    row = f"({', '.join('?' * columns)})"
    return statement.format(rows=", ".join([row] * size))


def row_of_ending(decision_id: str, outcome: Outcome, *, keep_text: bool) -> tuple[Any, ...]:
    """What became of a decision, in the order of INSERT_OUTCOME: at the end without and with what the tools said."""
    bare = uses_to_json(without_words(outcome.uses))
    return (
        decision_id,
        without_surrogates(outcome.model),
        outcome.seconds,
        outcome.prompt_tokens,
        outcome.completion_tokens,
        without_surrogates(outcome.code),
        outcome.at,
        without_surrogates(outcome.error) if keep_text else "",
        bare,
        uses_to_json(outcome.uses) if keep_text else bare,
    )


def row_of(decision: Decision, message: Message, *, keep_text: bool) -> tuple[Any, ...]:
    """The columns of a decision, in the order of INSERT_DECISION."""
    kept = decision if keep_text else without_text(decision)
    origin = message.origin
    return (
        without_surrogates(kept.id),
        rounded(kept.at, TIME_DIGITS),
        without_surrogates(origin.surface),
        without_surrogates(origin.user),
        without_surrogates(origin.channel),
        message.text if keep_text else None,
        without_surrogates(kept.category),
        kept.path,
        share(kept.confidence),
        without_surrogates(kept.tier),
        without_surrogates(kept.language),
        rounded(kept.latency_ms, TIME_DIGITS),
        decision_to_json(kept),
    )
