"""Labelled messages to learn from or measure on: JSON lines with text and category."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pointsman.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message, its category, and the source it came from ("" when unknown)."""

    text: str
    category: str
    source: str = ""


def read(path: Path) -> list[Labelled]:
    """The lines of a labelled file. Raises InvalidInput with file:line."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: U+2028 may stand inside a text
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: cannot be read: {error}", cure="give a UTF-8 file of JSON lines") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append(Labelled(row["text"], row["category"], row.get("source", "")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(
                f"{path}:{number}: not a labelled message: {error}", cure='write {"text": ..., "category": ...} a line'
            ) from error
    if not rows:
        raise InvalidInput(f"{path}: no labelled messages", cure='write {"text": ..., "category": ...} a line')
    return rows
