"""The statements that the decision store runs, on one connection in one thread."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.codec import decision_from_dict, decision_to_dict
from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput, StoreError
from pointsman.core.message import Message, without_surrogates
from pointsman.core.reply import ToolUse
from pointsman.core.toolcodec import uses_from_json, uses_to_json, without_words
from pointsman.stores import LISTED_MATCHES, Outcome, Row, ambiguous, unknown
from pointsman.stores.privacy import without_text

# Rows that lose their text in one transaction: other writers get in between.
EXPIRE_AT_ONCE: Final = 500
UNREADABLE: Final = "{}"

INSERT_DECISION: Final = """
    INSERT INTO decisions (id, at, surface, user, channel, text, category, path, confidence, tier,
                           language, latency_ms, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_OUTCOME: Final = """
    INSERT OR REPLACE INTO outcomes
        (decision_id, model, seconds, prompt_tokens, completion_tokens, error, code, at, uses)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
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
        """Writes entries in order, all of them or none. Raises UnknownDecision, sqlite3.Error."""
        with writing(self._connection) as connection:
            for entry in entries:
                if isinstance(entry, Ending):
                    self._finish(connection, without_surrogates(entry.decision_id), entry.outcome)
                else:
                    rows = [row_of(decision, message, keep_text=keep_text) for decision, message in entry]
                    connection.executemany(INSERT_DECISION, rows)

    def _finish(self, connection: sqlite3.Connection, decision_id: str, outcome: Outcome) -> None:
        """What became of a decision; a later outcome replaces an earlier one."""
        found = connection.execute("SELECT text IS NULL FROM decisions WHERE id = ?", (decision_id,)).fetchone()
        if found is None:
            raise unknown(decision_id)
        # A server's error may quote the message.
        error = "" if found[0] else without_surrogates(outcome.error)
        uses = without_words(outcome.uses) if found[0] else outcome.uses
        connection.execute(
            INSERT_OUTCOME,
            (
                decision_id,
                without_surrogates(outcome.model),
                outcome.seconds,
                outcome.prompt_tokens,
                outcome.completion_tokens,
                error,
                without_surrogates(outcome.code),
                outcome.at,
                uses_to_json(uses),
            ),
        )

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
            return json.dumps(decision_to_dict(without_text(self._read(decision_id, body))), allow_nan=False)
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


def row_of(decision: Decision, message: Message, *, keep_text: bool) -> tuple[Any, ...]:
    """The columns of a decision, in the order of INSERT_DECISION."""
    data = decision_to_dict(decision if keep_text else without_text(decision))
    return (
        data["id"],
        data["at"],
        without_surrogates(message.origin.surface),
        without_surrogates(message.origin.user),
        without_surrogates(message.origin.channel),
        message.text if keep_text else None,
        data["category"],
        data["path"],
        data["confidence"],
        data["tier"],
        data["language"],
        data["latency_ms"],
        json.dumps(data, allow_nan=False),
    )
