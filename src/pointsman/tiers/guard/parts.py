# ruff: noqa: RUF001  (marks of several scripts)
"""The parts of a text that the guard weighs and cuts: sentences, phrases, clauses, and what is said again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from operator import eq
from typing import Any, Final

import re2

Span = tuple[int, int]

# RE2, and not re: these are looked for all over a text that may mean harm.
SENTENCE_END: Final = re2.compile(r"[.!?。！？…]+[\"')\]}*]*(?:\s|$)|[。！？]+|\n+")
PHRASE_END: Final = re2.compile(r"[:;](?:\s|$)|\s[-–—]{1,3}\s|[：；]|[()\[\]{}<>]|\s\||\n")
CLAUSE_END: Final = re2.compile(r"[:;,](?:\s|$)|\s[-–—]{1,3}\s|[，、；：]|[()\[\]{}<>]|\s[#|]\s|\n")
WORD: Final = re.compile(r"\w+")
TOKEN: Final = re.compile(r"\S+")

# The same again and again: at least so many repeats, of at most so many tokens; so many of one character.
REPEATS, LONGEST_PERIOD, SAME_CHARACTER = 12, 6, 30
RUN: Final = re.compile(rf"([^\w\s])\1{{{SAME_CHARACTER - 1},}}|\n{{{SAME_CHARACTER},}}")


def sentences(text: str) -> list[Span]:
    """Where the sentences and lines of a text stand, without the white space before them."""
    return divided(text, (0, len(text)), SENTENCE_END)


def phrases(text: str, sentence: Span) -> list[Span]:
    """Where the parts of one sentence stand that colons, dashes and brackets set apart."""
    return divided(text, sentence, PHRASE_END)


def clauses(text: str, sentence: Span) -> list[Span]:
    """Where the parts of one sentence stand that any mark sets apart."""
    return divided(text, sentence, CLAUSE_END)


def divided(text: str, whole: Span, ends: Any) -> list[Span]:
    """The parts of a span that end at certain marks; none is blank, none begins with white space."""
    found, start = [], whole[0]
    marks = [start + end.end() for end in ends.finditer(text[start : whole[1]])]
    for end in [*marks, whole[1]]:
        if begun := text[start:end].lstrip():
            found.append((end - len(begun), end))
        start = end
    return found


def stripped(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans without the white space before them; none is blank."""
    begun = ((end - len(text[start:end].lstrip()), end) for start, end in spans)
    return [(start, end) for start, end in begun if start < end]


def padding(text: str) -> tuple[list[Span], list[Span]]:
    """Where a text says the same again and again: as a whole, and without what is said the first time."""
    whole = [run.span() for run in RUN.finditer(text)]
    again = list(whole)
    tokens = list(TOKEN.finditer(text))
    words = [token[0] for token in tokens]
    for period in range(1, LONGEST_PERIOD + 1):
        if sum(map(eq, words, islice(words, period, None))) < period * (REPEATS - 1):
            continue  # too few words stand here as so many words before
        at = 0
        while at + period * REPEATS <= len(words):
            end = at + period
            while end < len(words) and words[end] == words[end - period]:
                end += 1
            if end - at >= period * REPEATS:
                whole.append((tokens[at].start(), tokens[end - 1].end()))
                again.append((tokens[at + period].start(), tokens[end - 1].end()))
            at = max(end - period + 1, at + 1)
    return merged(whole), merged(again)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif end > start:
            found.append((start, end))
    return found


def without(span: Span, cuts: Iterable[Span]) -> list[Span]:
    """What cuts, which stand in order, leave of a span."""
    left, (start, end) = [], span
    for first, last in cuts:
        if last <= start or first >= end:
            continue
        if first > start:
            left.append((start, first))
        start = max(start, last)
    return [*left, (start, end)] if start < end else left


def adjoin(text: str, one: Span, other: Span) -> bool:
    """Whether no word stands between two spans that do not overlap."""
    (_, end), (start, _) = sorted((one, other))
    return end <= start and not WORD.search(text, end, start)
