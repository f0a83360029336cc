"""Cuts a reply into parts that Discord takes: where it hurts least, with code blocks closed and opened again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.discord.cuts import best_cut, size
from pointsman.discord.fences import CLOSED, after, closing, opening

MOST: Final = 2000
"""Characters that a message may have. Discord counts code points; UTF-16 units, counted here, are never fewer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: `body` as it stands there, between the fences that open again and close what it cuts."""

    before: str
    body: str
    after: str

    @property
    def text(self) -> str:
        """It as a message."""
        return f"{self.before}{self.body}{self.after}"


@dataclass(frozen=True, slots=True)
class Parts:
    """A reply as messages; with more of them than may be, the first ones, and the whole text as a `file`."""

    parts: tuple[str, ...]
    file: str = ""


def split(text: str, limit: int = MOST) -> list[str]:
    """A text as messages of at most `limit` characters; none of one that is blank.

    Messages that are full do not change when the text grows. A limit of at least 300 leaves room for any fence.
    """
    return [piece.text for piece in pieces(text, limit) if piece.text.strip()]


def as_parts(text: str, most_parts: int, limit: int = MOST) -> Parts:
    """A text as messages, and as a file where there are more than `most_parts`."""
    parts = split(text, limit)
    return Parts(tuple(parts)) if len(parts) <= most_parts else Parts(tuple(parts[:most_parts]), text)


def with_line(parts: Sequence[str], line: str, limit: int = MOST) -> list[str]:
    """Messages with a line below the last one; as a message of its own where it has no room there."""
    if not line:
        return list(parts)
    if parts and size(parts[-1].rstrip()) + 1 + size(line) <= limit:
        return [*parts[:-1], f"{parts[-1].rstrip()}\n{line}"]
    return [*parts, *split(line, limit)]


def pieces(text: str, limit: int = MOST) -> Iterator[Piece]:
    """The parts of a text; their bodies one after the other are the text."""
    start, fences = 0, CLOSED
    while start < len(text):
        before = opening(fences)
        if size(before) + size(closing(fences, "")) + 2 > limit:
            before, fences = "", CLOSED  # no room for the fence itself: better without than never
        end = best_cut(text, start, limit, before, fences)
        body = text[start:end]
        fences = after(fences, body)
        yield Piece(before, body, fitting(closing(fences, body), before, body, limit))
        start = end


def fitting(fence: str, before: str, body: str, limit: int) -> str:
    """A closing fence, where there is room for it."""
    return fence if size(before) + size(body) + size(fence) <= limit else ""


def joined(parts: Sequence[str], *, trimmed: bool = False) -> str:
    """The text of messages that were one, with the fences taken out that closed and opened what was cut.

    Discord trims messages (`trimmed`): what stood between two of them is then taken for the end of a line.
    """
    text = ""
    for part in parts:
        text = sewn(text, part, "\n" if trimmed else "") if text else part
    return text


def sewn(text: str, part: str, between: str) -> str:
    """Two of them; where a block of code was cut, that was at the end of a line."""
    last = text.rfind("\n") + 1
    last_but_one = text.rfind("\n", 0, max(0, last - 1)) + 1
    for cut in (last_but_one, last):
        body = text[:cut]
        fences = after(CLOSED, body)
        if fences and body + closing(fences, body) == text and part.startswith(opening(fences)):
            return body + part[len(opening(fences)) :]
    return f"{text}{between}{part}"
