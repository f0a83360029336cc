"""All that is kept of one person, in the whole database: to be handed over, or erased without a trace."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pointsman.core.errors import BadField
from pointsman.core.memories import Memory
from pointsman.core.message import LOCAL, without_surrogates
from pointsman.core.ports import Clock
from pointsman.core.toolcodec import use_to_dict
from pointsman.stores.connection import connect, fault
from pointsman.stores.corrections import NEXT_REVISION, id_of
from pointsman.stores.memory_table import MemoryTable, number_of
from pointsman.stores.tables import forget_words, told_of, uses_in, writing

DECISIONS: Final = """
    SELECT id, decisions.at, surface, user, channel, text, category, body, model, seconds, error, uses
    FROM decisions LEFT JOIN outcomes ON decision_id = id
    WHERE user = :user AND (:user = '' OR surface = :surface) ORDER BY number
"""
CORRECTIONS: Final = """
    SELECT number, text, category, was, decision_id, at, undone_at FROM corrections
    WHERE decision_id IN (SELECT id FROM decisions WHERE user = :user AND (:user = '' OR surface = :surface))
"""
FORGET_CORRECTION: Final = f"""
    UPDATE corrections SET revision = {NEXT_REVISION}, text = NULL, vector = x'', decision_id = '',
        undone_at = coalesce(undone_at, :now) WHERE number = :number
"""  # noqa: S608 - our own constant
DELETE_DECISIONS: Final = "DELETE FROM decisions WHERE user = :user AND (:user = '' OR surface = :surface)"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased; `log_emptied` says whether the log beside the database could be emptied, too."""

    memories: int
    decisions: int
    corrections: int
    log_emptied: bool

    def to_dict(self) -> dict[str, Any]:
        """It as data that any JSON encoder takes."""
        return asdict(self)


class StoredPersons:
    """The people that a database knows, looked at beside the event loop; `clock` gives seconds since the epoch."""

    def __init__(self, path: str | Path, clock: Clock = time.time) -> None:
        self._path = path
        self._clock = clock

    async def export(self, owner: str) -> dict[str, Any]:
        """What `export_person` gives. Raises BadField, StoreError."""
        return await asyncio.to_thread(export_person, self._path, owner, self._clock())

    async def erase(self, owner: str) -> dict[str, Any]:
        """Does what `erase_person` does. Raises BadField, StoreError."""
        erased = await asyncio.to_thread(erase_person, self._path, owner, self._clock())
        return erased.to_dict()


def export_person(path: str | Path, owner: str, now: float) -> dict[str, Any]:
    """All that the database holds of an owner (`Origin.owner`), as data that any JSON encoder takes.

    These are his memories in all scopes; his decisions with text, trace and outcome, as far as they are kept; and the
    corrections made of them. `now` is in seconds since the epoch. Raises BadField, StoreError.
    """
    with opened(path) as connection:
        connection.execute("BEGIN").fetchall()  # one state of all tables, whatever is written meanwhile
        asked = address_of(owner)
        return {
            "owner": owner,
            "exported_at": now,
            "memories": [it.to_dict() for it in memories_of(connection, owner)],
            "decisions": [decision_of(row) for row in connection.execute(DECISIONS, asked)],
            "corrections": [correction_of(row) for row in connection.execute(CORRECTIONS, asked)],
        }


def erase_person(path: str | Path, owner: str, now: float) -> Erased:
    """Erases all that `export_person` gives, in one transaction, from the file and from its log.

    His corrections count no more, and are blotted out where traces of other people's decisions quote them. Raises
    BadField, StoreError.
    """
    with opened(path) as connection:
        table = MemoryTable(connection)
        asked = address_of(owner)
        with writing(connection):
            memories = memories_of(connection, owner)
            table.delete([number_of(it.id) for it in memories])
            corrections = connection.execute(CORRECTIONS, asked).fetchall()
            for number, *_ in corrections:
                connection.execute(FORGET_CORRECTION, {"number": number, "now": now})
            decisions = connection.execute(DELETE_DECISIONS, asked).rowcount
            for _, text, *_ in corrections:
                blot(connection, text)
            forget_words(connection, told_of(connection, [it.id for it in memories if it.scope == "guild"]))
        return Erased(len(memories), decisions, len(corrections), table.checkpoint())


def memories_of(connection: sqlite3.Connection, owner: str) -> list[Memory]:
    """All that an owner asked to be remembered."""
    return MemoryTable(connection).of_owner(owner)


def blot(connection: sqlite3.Connection, text: str | None) -> None:
    """Replaces a text in the traces of decisions that quote it as a correction."""
    if text:
        quoted = json.dumps({"text": text})[1:-1]
        connection.execute(
            "UPDATE decisions SET body = replace(body, ?, ?) WHERE instr(body, ?)",
            (quoted, json.dumps({"text": "***"})[1:-1], quoted),
        )


@contextmanager
def opened(path: str | Path) -> Iterator[sqlite3.Connection]:
    """A connection to the database for a moment. Raises StoreError."""
    try:
        with closing(connect(str(path))) as connection:
            yield connection
    except sqlite3.Error as error:
        raise fault(str(path), error) from error


def address_of(owner: str) -> dict[str, str]:
    """How the decisions of an owner are marked: by surface and user; by no user where nobody was named."""
    surface, _, user = without_surrogates(owner).partition(":")
    if owner != LOCAL and not (surface and user):
        raise BadField(
            "user",
            f"{owner[:64]!r} is nobody's name in the store",
            cure=f"write {LOCAL}, or surface:user, such as discord:80351110224678912",
        )
    return {"surface": surface, "user": user}


def decision_of(row: tuple[Any, ...]) -> dict[str, Any]:
    """A decision as it is handed over."""
    found, at, surface, user, channel, text, category, body, model, seconds, error, uses = row
    try:
        whole = json.loads(body)
    except ValueError:
        whole = None
    outcome = None
    if model is not None:
        tools = [use_to_dict(use) for use in uses_in(uses)]
        outcome = {"model": model, "seconds": seconds, "error": error, "tools": tools}
    said = {"id": found, "at": at, "surface": surface, "user": user, "channel": channel, "text": text}
    return {**said, "category": category, "outcome": outcome, "decision": whole}


def correction_of(row: tuple[Any, ...]) -> dict[str, Any]:
    """A correction as it is handed over."""
    number, text, category, was, decision_id, at, undone_at = row
    said = {"id": id_of(number), "text": text, "category": category, "was": was}
    return {**said, "decision_id": decision_id, "at": at, "undone_at": undone_at}
