"""The tree of a regular expression: what a pattern is made of once it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ANY_REPEATS: Final = -1


@dataclass(frozen=True, slots=True)
class Named:
    """A named set of characters: "w", "d", "s", or a Unicode property such as "L" or "Greek"."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ranges of code points and named sets; `negated`: one that is in none of them.

    `cased`: capitals and small letters differ.
    """

    ranges: tuple[tuple[int, int], ...]
    named: tuple[Named, ...] = ()
    negated: bool = False
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Assertion:
    """A condition on a position; it takes no character."""

    kind: Literal["boundary", "start", "end", "line start", "line end"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part `low` to `high` times; `high` may be ANY_REPEATS."""

    part: Node
    low: int
    high: int


Node = Chars | Assertion | Sequence | Choice | Repeat
