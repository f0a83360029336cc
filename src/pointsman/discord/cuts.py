"""Where a text is cut: between paragraphs, lines, sentences, words or characters, in this order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pointsman.discord.fences import MOST_CLOSING, Fences, after, behind, closing

SENTENCE: Final = re.compile(r"[.!?…][\"'”’)\]*_]*\s+|[。！？]\s*")  # noqa: RUF001 - as they are written in Asia
WORD: Final = re.compile(r"\s+")
# What is better kept whole: links, addresses, code in a line, bold text, mentions; also one that has only begun.
WHOLE: Final = re.compile(
    r"!?\[[^\]\n]{0,300}(?:\](?:\([^)\s]*(?:\)|\Z)|\Z)|\Z)|https?://[^\s<>]+|`[^`\n]+(?:`|\Z)|\*\*[^*\n]+(?:\*\*|\Z)"
    r"|<[@#:at][^>\s]{0,80}(?:>|\Z)"
)
JOINER: Final = "\u200d"
FAR_BACK: Final = 64  # characters within which an end of a cluster is looked for


def size(text: str) -> int:
    """How long a text is, in UTF-16 units."""
    return len(text) if text.isascii() else len(text) + sum(letter > "\uffff" for letter in text)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what is to be cut: where it starts and ends, and what is open before and behind it."""

    start: int
    end: int
    before: Fences
    behind: Fences


def best_cut(text: str, start: int, limit: int, opener: str, fences: Fences) -> int:
    """Where the part that starts there ends; the end of the text where all of it fits.

    What lies beyond what fits is not looked at, so that a text that grows is cut where it was.
    """
    room = limit - size(opener)
    lines, fits = seen(text, start, room, fences)
    if fits == len(text):
        return fits
    window = text[start:fits]
    least = start + len(window) - len(window.lstrip()) + 1  # no message of white space alone
    quarter, half = max(least, start + len(window) // 4), max(least, start + len(window) // 2)
    cuts = Cuts(text, start, fits, lines)
    wishes = (
        *((kind, quarter) for kind in (cuts.paragraphs, cuts.items, cuts.outside)),
        *((kind, half) for kind in (cuts.inside, cuts.sentences, cuts.words)),
        *((kind, least) for kind in cuts.kinds),
    )
    for kind, floor in wishes:
        if (cut := max((place for place in kind() if floor <= place <= fits), default=None)) is not None:
            return cut
    return between_characters(text, start, fits)


def seen(text: str, start: int, room: int, fences: Fences) -> tuple[list[Line], int]:
    """The lines that fit, fences that would have to be closed included, and where that ends."""
    lines: list[Line] = []
    place, used = start, 0
    while place < len(text):
        found = text.find("\n", place, place + room + 1)
        end = min(found + 1 if found >= 0 else place + room + 1, len(text))
        line = text[place:end]
        next_fences = behind(fences, line) if "```" in line or "~~~" in line else fences
        length = size(line)
        if used + length + MOST_CLOSING > room:  # character by character, as a fence may begin or end there
            fits = place + reach(line, room - used, fences)
            if fits < end:
                lines.append(Line(place, fits, fences, after(fences, text[place:fits])))
                return lines, fits
        lines.append(Line(place, end, fences, next_fences))
        place, used, fences = end, used + length, next_fences
    return lines, place


def reach(line: str, room: int, fences: Fences) -> int:
    """How many characters of a line fit with whatever must be closed behind each of them."""
    used = 0
    fenced = "`" in line or "~" in line  # even one may be the beginning of a mark, which costs less to complete
    for place, letter in enumerate(line, 1):
        used += 2 if letter > "\uffff" else 1
        now = line[:place]
        open_there = behind(fences, now) if fenced and ("```" in now or "~~~" in now) else fences
        if used + size(closing(open_there, now if fenced or letter == "\n" else "x")) > room:
            return place - 1
    return len(line)


class Cuts:
    """The places where a window of a text may be cut, by kind."""

    def __init__(self, text: str, start: int, fits: int, lines: list[Line]) -> None:
        self._text = text
        self._start = start
        self._fits = fits
        self._lines = lines
        self._window = text[start:fits]
        # Where a block of code would be cut that has nothing in it yet.
        self._empty = {line.end for line in lines if line.behind and line.behind != line.before}
        # What reaches the end of the window may go on behind it.
        found = [(start + it.start(), start + it.end()) for it in WHOLE.finditer(self._window)]
        self._whole = [(begins, ends + (ends == fits)) for begins, ends in found]

    @property
    def kinds(self) -> tuple[Callable[[], Iterator[int]], ...]:
        """All of them, the best first."""
        of_lines = (self.paragraphs, self.items, self.outside, self.inside)
        return (*of_lines, self.sentences, self.words, self.any_words)

    def paragraphs(self) -> Iterator[int]:
        """After blank lines outside of code, but for those below a heading."""
        for line, above in zip(self._lines, [None, *self._lines], strict=False):
            blank = not self._text[line.start : line.end].strip()
            if blank and self._ends(line) and not line.behind and not (above and self._is_heading(above)):
                yield line.end

    def items(self) -> Iterator[int]:
        """Before an item of a list, and before and after code."""
        for line in self._lines:
            # Only one character beyond what fits is sure to be known, so that a number is taken for an item.
            begins = line.before or self._text[line.end] in "-*+0123456789`~"
            if begins and self._ends(line) and not line.behind and not self._is_heading(line):
                yield line.end

    def outside(self) -> Iterator[int]:
        """After lines outside of code, but for those that the next one belongs to."""
        for line in self._lines:
            if (
                self._ends(line)
                and not line.behind
                and self._text[line.end] not in " \t"
                and not self._is_heading(line)
            ):
                yield line.end

    def inside(self) -> Iterator[int]:
        """After lines in code, but for its first one, and before its end; and after any other."""
        for line in self._lines:
            if self._ends(line) and line.end not in self._empty and self._text[line.end] not in "`~":
                yield line.end

    def sentences(self) -> Iterator[int]:
        """After sentences."""
        return self._found(SENTENCE)

    def words(self) -> Iterator[int]:
        """After words."""
        return self._found(WORD)

    def any_words(self) -> Iterator[int]:
        """After words, also of links and of code in a line."""
        places = (self._start + it.end() for it in WORD.finditer(self._window))
        return (place for place in places if place not in self._empty)

    def _found(self, pattern: re.Pattern[str]) -> Iterator[int]:
        for it in pattern.finditer(self._window):
            place = self._start + it.end()
            if place not in self._empty and not any(start < place < end for start, end in self._whole):
                yield place

    def _ends(self, line: Line) -> bool:
        return self._text[line.end - 1] == "\n" and line.end < len(self._text)

    def _is_heading(self, line: Line) -> bool:
        return not line.before and self._text.startswith("#", line.start)


def between_characters(text: str, start: int, fits: int) -> int:
    """The last place that fits and is not within what is seen as one character."""
    fits = max(fits, start + 1)
    for place in range(fits, max(start, fits - FAR_BACK), -1):
        if not holds_together(text, start, place):
            return place
    return fits


def holds_together(text: str, start: int, place: int) -> bool:
    """Whether the characters before and behind a place are seen as one."""
    before, behind_it = text[place - 1], text[place]
    if behind_it in {JOINER, "\u200c"} or before == JOINER or (before, behind_it) == ("\r", "\n"):
        return True
    if unicodedata.category(behind_it).startswith("M") or "\U0001f3fb" <= behind_it <= "\U0001f3ff":
        return True
    if "\ud800" <= before <= "\udbff" and "\udc00" <= behind_it <= "\udfff":
        return True
    if "\U000e0020" <= behind_it <= "\U000e007f":  # the letters of flags of regions
        return True
    return is_flag(behind_it) and flags_before(text, start, place) % 2 == 1


def is_flag(letter: str) -> bool:
    """Whether it is one of the letters of which two are a flag."""
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def flags_before(text: str, start: int, place: int) -> int:
    """How many such letters stand before a place."""
    count = 0
    while place - count > start and is_flag(text[place - count - 1]):
        count += 1
    return count
