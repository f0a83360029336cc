"""Puts a mark such as [email] in place of every address, number, key and password in a text.

Everything is found with RE2 and confirmed by plain checks, in time linear in the length of the text. What is hidden
in error costs a little of the sense of a message; what is not hidden in error is somebody's password.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import re2

from pointsman.core.message import without_surrogates
from pointsman.tiers.redaction.kinds import KINDS, Kind

# Hiding one thing can lay bare another, whose boundary it was; the second round nearly always finds nothing.
MOST_ROUNDS: Final = 8
MEMORY: Final = 8 << 20


def redacted(text: str) -> str:
    """The text with marks in place of what is not to leave; done twice, it is the same as done once."""
    data = without_surrogates(text).encode()
    for _ in range(MOST_ROUNDS):
        before = data
        for kind in KINDS:
            if any(letters in data for letters in kind.needs):
                data = replaced(data, kind)
        if data == before:
            break
    return data.decode()


def replaced(data: bytes, kind: Kind) -> bytes:
    """The text with everything of one kind behind its mark."""
    parts: list[bytes] = []
    place = 0
    for found in compiled(kind.regex).finditer(data):
        start, end = found.span()
        if hidden := kind.check(data, start, end):
            parts += [data[place:start], hidden.instead]
            place = hidden.end
    return b"".join([*parts, data[place:]]) if parts else data


@cache
def compiled(regex: str) -> Any:
    """The expression, built when the first text needs it."""
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = MEMORY
    return re2.compile(regex, options)
