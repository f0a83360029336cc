"""Regular expressions that run in linear time, whatever the text; case is ignored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final

# Typographic apostrophes and spaces, replaced one for one, so that places in the text stay the same.
PLAIN: Final = str.maketrans("\u2019\u2018\u00b4\u00a0\u3000", "'''  ")

# What one pattern may keep of the states that it went through, which it forgets when they are more; RE2 takes 8 MB.
MEMORY: Final = 1 << 20


class Match:
    """A place in a text where a pattern was found; `start` and `end` count characters."""

    __slots__ = ("_data", "_match", "_names", "end", "start")

    def __init__(self, data: bytes, match: Any, names: Mapping[str, int], after: tuple[int, int] = (0, 0)) -> None:
        """`after` is a place before the match, in bytes and in characters; counting starts there."""
        self._data = data
        self._match = match
        self._names = names
        place, characters = after
        start, end = match.span()
        self.start: int = characters + len(data[place:start].decode())
        self.end: int = self.start + len(data[start:end].decode())

    @property
    def groups(self) -> int:
        """How many groups the pattern has."""
        return int(self._match.re.groups)

    def group(self, name: int | str = 0) -> str:
        """What a group matched, "" when it took no part."""
        start, end = self._match.span(self._names[name] if isinstance(name, str) else name)
        return self._data[start:end].decode() if start >= 0 else ""


class Regex:
    """An RE2 expression.

    It is matched against UTF-8: the binding spends two thirds of its time on turning every offset of a str
    into characters, of which we need two.
    """

    __slots__ = ("_names", "_pattern")

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern
        self._names: dict[str, int] = dict(pattern.groupindex)

    def search(self, text: str) -> Match | None:
        """The first match anywhere."""
        data = text.encode()
        match = self._pattern.search(data)
        return Match(data, match, self._names) if match else None

    def match(self, text: str) -> Match | None:
        """The match at the beginning."""
        data = text.encode()
        match = self._pattern.match(data)
        return Match(data, match, self._names) if match else None

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches, from left to right, none overlapping."""
        data = text.encode()
        after = (0, 0)
        for match in self._pattern.finditer(data):
            found = Match(data, match, self._names, after)
            after = (match.end(), found.end)
            yield found


@cache
def regex(pattern: str) -> Regex:
    """The pattern compiled by RE2, on first use: importing this package compiles nothing."""
    import re2

    chosen = options()
    chosen.max_mem = MEMORY
    return Regex(re2.compile(pattern, chosen))


@cache
def searched(pattern: str) -> Any:
    """The pattern as RE2 looks for it where nobody asks where it stands, which takes a third of the time."""
    import re2

    chosen = options()
    chosen.max_mem = MEMORY
    alone = re2.Set.SearchSet(chosen)
    alone.Add(pattern)
    alone.Compile()
    return alone


def holds(pattern: str, text: str) -> bool:
    """Whether a pattern matches anywhere in a text."""
    return searched(pattern).Match(text.encode()) is not None


class Together:
    """Patterns that are looked for at the beginning of a text in one pass.

    Most of many match nowhere; one pass tells which for less than a single one of them costs. Those that do match are
    then run by themselves for their groups.
    """

    def __init__(self, *patterns: str) -> None:
        self._places = {pattern: place for place, pattern in enumerate(patterns)}
        self._set: Any = None

    def __call__(self, text: str) -> Beginnings:
        """What stands at the beginning of a text."""
        if self._set is None:
            self._set = self._compiled()
        return Beginnings(text, self._places, self._set.Match(text.encode()) or ())

    def _compiled(self) -> Any:
        import re2

        together = re2.Set.MatchSet(options())
        for pattern in self._places:
            together.Add(pattern)
        together.Compile()
        return together


class Beginnings:
    """Which of some patterns match at the beginning of a text."""

    __slots__ = ("_found", "_places", "_text")

    def __init__(self, text: str, places: Mapping[str, int], found: Collection[int]) -> None:
        self._text = text
        self._places = places
        self._found = found

    def match(self, pattern: str) -> Match | None:
        """The match of one of the patterns."""
        return regex(pattern).match(self._text) if self._places[pattern] in self._found else None


def options() -> Any:
    """Case does not matter."""
    import re2

    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    return chosen


def plain(text: str) -> str:
    """The text with typographic apostrophes made plain; as long as before."""
    return text if text.isascii() else text.translate(PLAIN)


def as_typed(part: str, text: str) -> str:
    """A part of the plain text in the characters that were typed; as it is when it is put together from several."""
    if text.isascii():
        return part
    place = plain(text).find(part)
    return text[place : place + len(part)] if place >= 0 else part


def either(*words: str) -> str:
    """A pattern for any of the alternatives."""
    return f"(?:{'|'.join(words)})"
