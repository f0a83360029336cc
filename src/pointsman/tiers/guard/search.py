"""Looks with RE2: first whether a text needs a closer look at all, then which signs it holds, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import re2

from pointsman.tiers.guard.parts import Span
from pointsman.tiers.guard.sign import TOLD, Sign
from pointsman.tiers.guard.triggers import HIDING, triggers
from pointsman.tiers.guard.vocabulary import codes, filled

# One set of all signs meets new states in every sentence (2.8 ms at the 99th percentile when first seen); dealt out to
# a few, 1 ms, and 0.03 ms when nothing in it is new.
SETS: Final = 8
# A sentence that shows one wording more often than this shows nothing more.
MOST_MATCHES: Final = 20
# Bytes that the states of one set, or of one pattern alone, may fill before they are forgotten; with half as many,
# attacks take ten times as long.
MEMORY: Final = 2 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A sign, and where the attack that it shows begins and ends."""

    sign: Sign
    span: Span


class Gate:
    """Says in some microseconds whether a folded text needs a closer look."""

    def __init__(self, names: Iterable[str]) -> None:
        self._words = searching([f"{codes(names)}|{triggers()}"])
        self._hiding = searching([HIDING])  # apart, because it counts: together, the states multiply

    def opens(self, text: str) -> bool:
        """Whether the text holds a word, or a disguise, without which hardly an attack is written."""
        data = text.encode()
        return bool(self._words.Match(data) or self._hiding.Match(data))


class Search:
    """All signs, looked for together, then one by one where they were found; built when it is first needed."""

    def __init__(self, signs: Sequence[Sign], names: Iterable[str]) -> None:
        known = tuple(names)
        self._wordings = [(sign, filled(regex, known)) for sign in signs for regex in sign.regexes]
        self._sets: list[Any] = []
        self._alone: dict[int, Any] = {}

    def found(self, text: str) -> list[Found]:
        """The signs in a text; what others are said to do is none."""
        if not self._sets:
            self._sets = [searching([regex for _, regex in self._wordings[first::SETS]]) for first in range(SETS)]
        places = [place * SETS + first for first, some in enumerate(self._sets) for place in (some.Match(text) or ())]
        found = [
            Found(self._wordings[place][0], match.span(1))
            for place in sorted(places)
            for match in islice(self._regex(place).finditer(text), MOST_MATCHES)
        ]
        told = [it.span for it in found if it.sign.name == TOLD]
        return [it for it in found if not any(start < it.span[0] < end for start, end in told)]

    def _regex(self, place: int) -> Any:
        regex = self._alone.get(place)
        if regex is None:
            regex = self._alone[place] = re2.compile(self._wordings[place][1], options())
        return regex


def searching(regexes: Sequence[str]) -> Any:
    """Regular expressions to be found anywhere in a text, together."""
    together = re2.Set.SearchSet(options())
    for regex in regexes:
        together.Add(regex)
    together.Compile()
    return together


def options() -> Any:
    """Case does not matter."""
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = MEMORY
    return chosen
