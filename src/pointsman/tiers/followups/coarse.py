r"""Compiles the words of this package: their automata would fill the memory if \pL meant every letter exactly."""

from __future__ import annotations

from functools import cache
from typing import Final

from pointsman.tiers.slots.linear import Regex

# ASCII letters, and all that lies beyond ASCII. The letters of Unicode take RE2 some 500 instructions each time that
# they are named: with them, and with the memory that it takes unasked, this package took 72 MB after 800 messages; so
# it takes 30, of which 20 are the modules and the first message.
LETTERS: Final = r"a-z\x{80}-\x{10ffff}"
CLASSES: Final = {r"\pL": LETTERS, r"\pM": r"\x{300}-\x{36f}\x{900}-\x{903}\x{93a}-\x{94f}", r"\pN": "0-9"}
# Bytes that the automata of one pattern may take.
MEMORY: Final = 1 << 19


@cache
def regex(pattern: str) -> Regex:
    """The pattern compiled by RE2 on first use, case ignored, with coarse classes of letters."""
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MEMORY
    return Regex(re2.compile(coarse(pattern), options))


def coarse(pattern: str) -> str:
    r"""The pattern with coarse classes for \pL, \PL, \pM and \pN, inside other classes and outside."""
    found: list[str] = []
    inside = False
    place = 0
    while place < len(pattern):
        piece = pattern[place : place + 3]
        if piece in CLASSES:
            found.append(CLASSES[piece] if inside else f"[{CLASSES[piece]}]")
        elif piece == r"\PL":
            found.append(f"[^{LETTERS}]")
        else:
            piece = pattern[place : place + 2] if pattern[place] == "\\" else pattern[place]
            inside = piece == "[" or (inside and piece != "]")
            found.append(piece)
        place += len(piece)
    return "".join(found)
