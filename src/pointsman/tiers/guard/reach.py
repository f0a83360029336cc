"""How far an attack goes from the sign that shows it."""

from __future__ import annotations

import re
from typing import Final

import re2

from pointsman.tiers.guard.parts import CLAUSE_END, PHRASE_END, Span
from pointsman.tiers.guard.sign import Reach

TO_AN_END: Final = {"clause": CLAUSE_END, "phrase": PHRASE_END, "sentence": None}
BRACKETS: Final = re2.compile(r"(?s)\([^()]*\)|\[[^\[\]]*\]|/\*.*?\*/|<!--.*?-->|```[^`]*```|`[^`]*`")

# What JSON with a verdict may wrap around the request.
HELD: Final = re.compile(r"[\"'](?:text|message|content|input|query|prompt|user)[\"']\s*:\s*[\"']", re.IGNORECASE)

TAG_NAME: Final = re.compile(r"[\w-]+")
TAG_END: Final = re.compile(r"[>\]]+")
COMMENTS: Final = {"<!--": "-->", "/*": "*/"}
FARTHEST: Final = 400  # characters to the end of an element


def reached(text: str, sign: Span, reach: Reach, sentence: Span) -> Span:
    """How far an attack goes that shows in a part of a sentence; never out of the brackets that it stands in."""
    if reach == "braces":
        return braces(text, sign)
    if reach == "element":
        return element(text, sign)
    if reach not in TO_AN_END:
        return sign
    if around := bracket_around(text, sign):
        return around
    start, end = sign
    mark = TO_AN_END[reach]
    after = mark.search(text[end : sentence[1]]) if mark else None
    return start, end + after.start() if after else max(end, sentence[1])


def bracket_around(text: str, part: Span) -> Span | None:
    """The bracket that a part stands in, if any."""
    return next((it.span() for it in BRACKETS.finditer(text) if it.start() < part[0] and part[1] <= it.end()), None)


def braces(text: str, span: Span) -> Span:
    """The outermost { } around a part; only up to the text that they hold, where they hold one."""
    opened = text.rfind("{", 0, span[0] + 1)
    if opened < 0:
        return span
    while (outer := text.rfind("{", 0, opened)) >= 0 and text[:opened].rstrip().endswith(("{", "[", ":", ",")):
        opened = outer
    held = HELD.search(text, span[1])
    if held and not {"{", "}"} & set(text[span[1] : held.start()]):
        return opened, held.end()
    depth = 0
    for place in range(opened, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return opened, place + 1
    return opened, span[1]


def element(text: str, span: Span) -> Span:
    """A tag with what it holds, up to its counterpart; a closing tag, or one with attributes, alone."""
    opening = text[slice(*span)].lower()
    if opening.startswith(("</", "[/", "<</")) or "=" in opening:
        return span
    for mark, counterpart in COMMENTS.items():
        if opening.startswith(mark):
            place = text.find(counterpart, span[1], span[1] + FARTHEST)
            return span if place < 0 else (span[0], place + len(counterpart))
    name = TAG_NAME.search(opening)
    closings = (
        ("<|",) if opening.startswith("<|") or name is None else tuple(f"{mark}{name[0]}" for mark in ("</", "[/"))
    )
    beyond = text[span[1] : span[1] + FARTHEST].lower()
    places = [place for closing in closings if (place := beyond.find(closing)) >= 0]
    end = TAG_END.search(text, span[1] + min(places)) if places else None
    return (span[0], end.end()) if end else span
