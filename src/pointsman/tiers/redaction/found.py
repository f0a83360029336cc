"""What a check answers, and the questions about bytes that several checks ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hidden:
    """What stands in place of a candidate, up to `end`, a place in the whole text."""

    end: int
    instead: bytes


def always(mark: bytes) -> Callable[[bytes, int, int], Hidden]:
    """A check that hides every candidate."""

    def check(data: bytes, start: int, end: int) -> Hidden:
        del data, start
        return Hidden(end, mark)

    return check


def before(data: bytes, start: int) -> bytes:
    """The byte before a place; b"" at the beginning."""
    return data[max(start - 1, 0) : start]


def after(data: bytes, end: int) -> bytes:
    """The byte at a place; b"" at the end."""
    return data[end : end + 1]


def digits_in(piece: bytes) -> bytes:
    """The ASCII digits of a piece, in order."""
    return bytes(byte for byte in piece if 48 <= byte <= 57)


def stands_alone(data: bytes, start: int, end: int) -> bool:
    """Whether neither a letter nor a digit touches a piece."""
    return not before(data, start).isalnum() and not after(data, end).isalnum()
