"""When messages were decided, and by which tier: what a forecast of the next days rests on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pointsman.stores.connection import connect, fault


def decided_since(path: str | Path, since: float) -> list[tuple[float, str]]:
    """When each decision since then was made (seconds since the epoch), and its tier, oldest first. Raises StoreError.

    No text is read. The file is made where it is missing.
    """
    try:
        with closing(connect(str(path))) as connection:
            rows = connection.execute("SELECT at, tier FROM decisions WHERE at >= ? ORDER BY at", (since,)).fetchall()
    except sqlite3.Error as error:
        raise fault(str(path), error) from error
    return [(float(at), str(tier)) for at, tier in rows]
