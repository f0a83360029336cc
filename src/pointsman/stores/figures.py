"""Decisions and what became of them in figures alone, for the page: no text of a message is read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from pointsman.core.record import Row
from pointsman.stores.connection import connect, fault

MOST: Final = 5_000  # rows that are looked at: a tenth of a second's work, in a thread of its own
SELECT: Final = """
    SELECT id, decisions.at, surface, category, path, tier, confidence, latency_ms, outcomes.decision_id IS NOT NULL,
           coalesce(model, ''), coalesce(seconds, 0), coalesce(prompt_tokens, 0), coalesce(completion_tokens, 0),
           coalesce(code, '')
    FROM decisions LEFT JOIN outcomes ON decision_id = id
    WHERE decisions.at >= ? ORDER BY number DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One decision and what became of it; `ended` is whether that is known, `code` an error's, "" for none.

    `at` is in seconds since the epoch, `latency_ms` what deciding took, `seconds` what the reply took.
    """

    id: str
    at: float
    surface: str
    category: str
    path: str
    tier: str
    confidence: float
    latency_ms: float
    ended: bool = False
    model: str = ""
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    code: str = ""


def figures_since(path: str, since: float, most: int = MOST) -> list[Figures]:
    """The latest decisions since then (seconds since the epoch), newest first, on a connection of their own.

    Raises StoreError.
    """
    try:
        with closing(connect(path)) as connection:
            rows = connection.execute(SELECT, (since, most)).fetchall()
    except sqlite3.Error as error:
        raise fault(path, error) from error
    return [Figures(*row) for row in rows]


def figures_of(row: Row) -> Figures:
    """The same of a decision as a list shows it."""
    made, became = row.decision, row.outcome
    known = Figures(
        made.id, made.at, row.surface, made.category, made.path, made.tier, made.confidence, made.latency_ms
    )
    if became is None:
        return known
    return replace(
        known,
        ended=True,
        model=became.model,
        seconds=became.seconds,
        prompt_tokens=became.prompt_tokens,
        completion_tokens=became.completion_tokens,
        code=became.code,
    )
