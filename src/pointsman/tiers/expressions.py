"""Expressions that RE2 looks for together, in one pass over a text and in time linear in its length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import re2

from pointsman.core.errors import PatternError
from pointsman.tiers.regex_reader import Expression, explained

# RE2 builds the states of an automaton as texts need them, keeps them, and starts again when they fill this many
# bytes. The shipped patterns asked for 30 MB in all for 22,000 different messages; to start again shows in no figure.
MEMORY: Final = 8 << 20

# Only an expression like these can be too large for that; it is built at once, so that its author hears of it.
LONG: Final = 20_000
LARGE_REPEAT: Final = re.compile(r"\{\d*,?\d{3,}\}")


class Expressions:
    """Some expressions; the automaton is built when the first text comes, as most are not needed for long.

    Raises PatternError for one that RE2 cannot run.
    """

    def __init__(self, expressions: Sequence[Expression]) -> None:
        options = re2.Options()
        options.never_capture = True
        options.log_errors = False
        options.max_mem = MEMORY
        self._places = [one.place for one in expressions]
        self._set = (re2.Set.MatchSet if all(one.from_start for one in expressions) else re2.Set.SearchSet)(options)
        self._name = ", ".join(one.name for one in expressions)
        self._compiled = False
        self._match = self._match_first
        for one in expressions:
            try:
                self._set.Add(one.regex)
            except re2.error:
                raise explained(one, complaint_about(one.regex, options)) from None
        if any(len(one.regex) > LONG or LARGE_REPEAT.search(one.regex) for one in expressions):
            self.compile()

    def compile(self) -> None:
        """Builds the automaton, unless it is there. Raises PatternError when it does not fit into memory."""
        if self._compiled:
            return
        try:
            self._set.Compile()
        except re2.error:
            raise PatternError(f"{self._name}: too large for RE2", cure="shorten it, or repeat less often") from None
        self._compiled = True
        self._match = self._set.Match

    def _match_first(self, text: bytes) -> Any:
        self.compile()
        return self._match(text)

    def found_in(self, text: bytes) -> list[int]:
        """The places of those that a text holds, in no order."""
        found = self._match(text)
        return [self._places[one] for one in found] if found else []


def complaint_about(regex: str, options: Any) -> str:
    """What RE2 does not like about an expression."""
    try:
        re2.compile(regex, options)
    except re2.error as error:
        complaint = error.args[0] if error.args else ""
        return complaint.decode(errors="replace") if isinstance(complaint, bytes) else str(complaint)
    return "it is too large"
