# ruff: noqa: RUF001  (letters and marks of several scripts)
"""What is left of a text when attacks are cut out of it: whether anything is asked for there, and the text itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pointsman.tiers.guard.parts import WORD, Span, adjoin, clauses, merged, sentences, without
from pointsman.tiers.guard.reach import BRACKETS

# Words of which no request consists: when only these are left of an attack's sentence, they go too. No question
# words, no greetings, no thanks.
HOLLOW: Final = frozenset(
    """
    the a an this that these those it its i im me my mine you your we us they is am are was were be been must should
    shall will would can could may might has have had do does did not dont to of for in on at by with from as and or
    but so then also too just only ever always never all any every each own same such now here there one ones if else
    instead please oh anyway actually again allowed sure certain confident correct valid right true real final best
    single following next above below message messages request requests input text user users question questions
    instruction instructions rule rules system router classifier classification assistant admin mode output outputs
    reply replies answer answers response label labels category categories intent route class decision verdict result
    results tool note reminder override overridden begin end new previous json markdown confidence certainty score
    path tier whatever say says said matter exceptions exception discussion explanation nothing anything everything
    until further notice stop remember no than other more less after before because since predict important attention
    treat pretend entire whole obey accordingly
    der die das ein eine einen ab jetzt sofort du bist und als ist
    la le les el los las un una une de del a partir maintenant tu es et dans ahora y en este esto ce cette
    теперь и это с этого момента как тебя
    """.split()  # noqa: SIM905 - a list of words reads best as one
)
ASIDES: Final = re.compile(
    r"by the way|no matter \w+[^,;]*|whatever (?:it|i|the|you|comes|follows|your)\b[^,;]*|regardless\b[^,;]*"
    r"|until [^,;]*|\b(?:1\.0+|0?\.\d+|100 ?%)|</?\w[^<>]*>?|\[\w+\]|[\"']\w+[\"']\s*:|\b\w+=[\w.]+"
    r"|从现在起|请|把|将|并|其|下面的|内容|分类|结果|写|类别|必须|是|为|的|以上|消息|这条",
    re.IGNORECASE,
)
# What joins a request to an attack behind it, at most so far from its end.
JOINING: Final = re.compile(
    r"(?:[\s,;:(\-–—](?:and|but|or|also|oh|plus|then|please|by the way|btw|the|y|et|und|и))+$", re.IGNORECASE
)
LONGEST_JOINING: Final = 60
# Marks that stand between an attack and a request, and belong to neither.
BEFORE: Final = " \t\n\r,;:.-–—=>|)]}*#_`、，；：。"
BEHIND: Final = " \t\n\r,;:-–—=<|([{*#_`、，；："

FEW_WORDS: Final = 4
MOST_ROUNDS: Final = 8


def is_hollow(text: str) -> bool:
    """Whether nothing could be asked for by a text's words alone."""
    return all(word in HOLLOW for word in WORD.findall(ASIDES.sub(" ", text).lower().replace("'", "")))


def filled_out(text: str, cuts: Iterable[Span]) -> list[Span]:
    """The cuts with what stands around them and belongs to nothing else: asides, marks, the rest of a bracket."""
    grown = merged(cuts)
    pieces = [clause for sentence in sentences(text) for clause in clauses(text, sentence)]
    for _ in range(MOST_ROUNDS):
        left = [piece for span in pieces for piece in without(span, grown)]
        hollow = [
            piece for piece in left if any(adjoin(text, piece, cut) for cut in grown) and is_hollow(text[slice(*piece)])
        ]
        further = merged([*grown, *hollow, *emptied_brackets(text, grown)])
        if further == grown:
            break
        grown = further
    return grown


def emptied_brackets(text: str, cuts: Iterable[Span]) -> list[Span]:
    """Brackets of which cuts leave hardly a word."""
    cuts = tuple(cuts)
    found = []
    for bracket in BRACKETS.finditer(text):
        inside = without(bracket.span(), cuts)
        words = sum(len(WORD.findall(text, *part)) for part in inside)
        if inside != [bracket.span()] and words <= FEW_WORDS:
            found.append(bracket.span())
    return found


def rest(text: str, cuts: Iterable[Span]) -> str:
    """A text without its cuts, and without the marks that only joined them to it; "" when no word is left."""
    kept = []
    for start, end in without((0, len(text)), merged(cuts)):
        part = text[start:end]
        part = part.lstrip(BEFORE).removesuffix('"}') if start > 0 else part.lstrip()
        part = unjoined(part.rstrip(BEHIND)) if end < len(text) else part.rstrip()
        if WORD.search(part):
            kept.append(part)
    return " ".join(kept)


def unjoined(text: str) -> str:
    """A text without the "and" that led on to an attack."""
    return text[:-LONGEST_JOINING] + JOINING.sub("", text[-LONGEST_JOINING:])
