"""Where in a JSON text each value stands, which Python's reader does not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

Place = tuple[int, int]
Location = tuple[str | int, ...]

TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def places(text: str) -> dict[Location, Place]:
    """The line and column, from 1, of each key and item of a valid JSON text, by the way that leads to it."""
    found: dict[Location, Place] = {(): (1, 1)}
    # For each object or list that is open: the key or index at hand, and whether a key comes next.
    way: list[str | int] = []
    wants_key: list[bool] = []
    line, begins, last = 1, 0, 0
    for token in TOKEN.finditer(text):
        between = text.count("\n", last, token.start())
        if between:
            line += between
            begins = text.rfind("\n", last, token.start()) + 1
        last = token.start()
        here, word = (line, token.start() - begins + 1), token.group()
        if word not in "}],:" and wants_key and not wants_key[-1] and isinstance(way[-1], int):
            found.setdefault(tuple(way), here)
        if word in "{[":
            way.append("" if word == "{" else 0)
            wants_key.append(word == "{")
        elif word in "}]":
            way.pop()
            wants_key.pop()
        elif word == "," and isinstance(way[-1], int):
            way[-1] += 1
        elif word == ",":
            wants_key[-1] = True
        elif wants_key and wants_key[-1] and word != ":":
            way[-1] = json.loads(word)
            wants_key[-1] = False
            found[tuple(way)] = here
    return found


def place(found: Mapping[Location, Place], at: Location) -> Place:
    """The place of a key or item, or of the nearest known one above it."""
    while at not in found:
        at = at[:-1]
    return found[at]
