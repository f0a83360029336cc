"""Reads labelled messages, one JSON object a line: id, text, category, and if wanted slice, history and source."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, get_args

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Message, Role, Turn
from pointsman.observe.evaluation import Gold, unknown_category

CURE: Final = 'give one JSON object a line: {"id": ..., "text": ..., "category": ...}'
ROLES: Final = get_args(Role)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled message: what is right for it, the message as it would come in, and the data set it is from."""

    gold: Gold
    message: Message
    source: str = ""


def read_labelled(path: Path, categories: Collection[str]) -> list[Labelled]:
    """The labelled messages in a file; empty lines are passed over.

    Raises InvalidInput with `file:line` for what is not such a line, for a category that is not
    among `categories`, and for a repeated id; and when the file holds no message or cannot be read.
    """
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror}", cure="give a readable file") from error
    read: list[Labelled] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        labelled = labelled_from(line, where)
        key = labelled.gold.id
        if key in lines:
            raise InvalidInput(f"{where}: the id {key!r} is also on line {lines[key]}", cure="give each its own id")
        if labelled.gold.category not in categories:
            raise unknown_category(where, labelled.gold.category, categories)
        lines[key] = number
        read.append(labelled)
    if not read:
        raise InvalidInput(f"{path}: there are no labelled messages in it", cure=CURE)
    return read


def labelled_from(line: bytes, where: str) -> Labelled:
    """One line of the file; `where` names it in errors."""
    try:
        row = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON: {error}", cure=CURE) from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{where}: not a JSON object", cure=CURE)
    key, text, category = (word(row, name, where) for name in ("id", "text", "category"))
    part = word(row, "slice", where) if "slice" in row else "core"
    history = tuple(turn_from(turn, where) for turn in history_of(row, where))
    source = word(row, "source", where) if "source" in row else ""
    return Labelled(Gold(key, text, category, part), Message(text, history=history), source)


def history_of(row: dict[str, Any], where: str) -> list[Any]:
    """The earlier turns of a row, as they stand in it."""
    history = row.get("history") or []
    if not isinstance(history, list):
        raise InvalidInput(f"{where}: history is not a list", cure='give [{"role": "user", "text": "..."}]')
    return history


def turn_from(turn: object, where: str) -> Turn:
    """One earlier turn."""
    if not isinstance(turn, dict) or turn.get("role") not in ROLES:
        cure = f'give {{"role": ..., "text": ...}} with a role of {", ".join(ROLES)}'
        raise InvalidInput(f"{where}: this is not an earlier turn: {turn!r:.80}", cure=cure)
    return Turn(cast("Role", turn["role"]), word(turn, "text", where))


def word(row: dict[str, Any], key: str, where: str) -> str:
    """The text under a key; a number, such as an id, is taken as its digits."""
    if key not in row:
        raise InvalidInput(f"{where}: there is no {key!r}", cure=CURE)
    value = row[key]
    if isinstance(value, int) and not isinstance(value, bool) and key == "id":
        return str(value)
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: {key!r} is not text: {value!r:.80}", cure=CURE)
    return value
