# ruff: noqa: RUF001  (signs of many scripts)
"""Splits a sum into numbers, units and operators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from pointsman.core.sums.exact import refuse
from pointsman.core.sums.numerals import GROUPED, number_of
from pointsman.core.sums.spellings import Form, Token, Word, spellings
from pointsman.core.sums.units import MONEY, Unit
from pointsman.core.sums.words import LISTS, PREFIXES

SIGNS: Final = str.maketrans(
    {
        **dict(zip("×⋅·∗＊÷／−–＋（）％＾，、", "*****//--+()%^,,", strict=False)),
        "½": " 1/2",
        "¼": " 1/4",
        "¾": " 3/4",
        "⅓": " 1/3",
        "⅔": " 2/3",
        "⅛": " 1/8",
        "⅜": " 3/8",
    }
)
# None nests a repetition: linear time.
NUMERAL: Final = re.compile(r"(?:\d+(?:[.,]\d+)*|\.\d+)(?:[eE][-+]?\d+(?![^\W_]))?")
TOP_AND_BOTTOM: Final = re.compile(r"(?:(\d{1,6}) )?(\d{1,6})/(\d{1,6})(?![\d.,/])")
DATE: Final = re.compile(r"\d{4}-\d\d?-\d\d?(?!\d)|\d\d?/\d\d?/\d{4}(?![\d.,/])")
SIGN: Final = re.compile(r"\*\*|//|[-+*/%^()!²³√∛,;]")
HEXADECIMAL: Final = re.compile(r"(?<!\d)0x\d")
# After these % is a remainder: 7 % (3).
OPERANDS: Final = frozenset({"("}) | PREFIXES | LISTS
SHARP: Final = {"inch?": "in", "watt?": "W"}
SCALES: Final = frozenset({"°C", "°F"})


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was typed; what its separators mean is not known yet."""

    text: str


Raw = Token | Numeral


def tokens_of(expression: str) -> list[Token]:
    """The numbers, units and operators of a sum. Raises InvalidInput for anything else."""
    text = " ".join(expression.translate(SIGNS).split())
    if "0x" in text and HEXADECIMAL.search(text):
        refuse("hexadecimal numbers are not read in sums", "write them in decimal")
    found, comma = split(text)
    return told_apart(numbered(in_order(found), comma=comma), comma=comma)


def split(text: str) -> tuple[list[Raw], bool]:
    """What stands in a text, from left to right, and whether its words are of a language with decimal commas."""
    book = spellings()
    low = text.lower()
    low = low if len(low) == len(text) else text
    found: list[Raw] = []
    comma, at = False, 0
    joins = "/" in text or "-" in text
    while at < len(text):
        if text[at] == " ":
            at += 1
        elif joins and text[at].isdigit() and (part := fraction_at(text, low, at)):
            found.append(part[0])
            at = part[1]
        elif match := NUMERAL.match(text, at):
            found.append(Numeral(match.group()))
            at = match.end()
        elif known := book.at(text, low, at):
            comma = comma or low[at : known[1]] in book.comma
            found.append(known[0])
            at = known[1]
        elif match := SIGN.match(text, at):
            found.append("^" if match.group() == "**" else match.group())
            at = match.end()
        else:
            cure = "use digits, + - * / // % ^ ! ( ) sqrt, units, and 1,234.5"
            refuse(f"{text[at : at + 20]!r} is not a number or an operator", cure)
    return found, comma


def fraction_at(text: str, low: str, at: int) -> tuple[Fraction, int] | None:
    """A mixed number, or the fraction of a unit, and where it ends: 3 1/2, 1/2 cup. Refuses a date."""
    if DATE.match(text, at):
        refuse("a date is no number", "ask about dates, as in days between 2026-01-05 and 2026-03-01")
    match = TOP_AND_BOTTOM.match(text, at)
    if match is None:
        return None
    whole, top, bottom = match.groups()
    if not int(bottom) or (whole and int(top) >= int(bottom)):
        return None
    following = match.end() + (text[match.end() : match.end() + 1] == " ")
    if whole is None:
        known = spellings().at(text, low, following) if following < len(text) else None
        if known is None or not isinstance(known[0], Unit):
            return None
    return int(whole or 0) + Fraction(int(top), int(bottom)), match.end()


def in_order(found: Sequence[Raw]) -> list[Raw]:
    """In the order of English: a scale behind its number (摂氏20度), what to convert to behind "in" (섭씨로)."""
    kept = list(found)
    for place, (scale, number) in enumerate(list(pairwise(kept))):
        if isinstance(scale, Unit) and scale.label in SCALES and isinstance(number, Numeral):
            kept[place], kept[place + 1] = number, scale
    ordered: list[Raw] = []
    for one in kept:
        if one == "into":
            if len(ordered) > 1 and isinstance(ordered[-1], Unit) and ordered[-2] != "in":
                ordered.insert(-1, "in")
        elif one != "degrees":
            ordered.append(one)
    return ordered


def numbered(found: Sequence[Raw], *, comma: bool) -> list[Token]:
    """The same with the numbers read; in a list a comma stands between them: 3,4,8."""
    listed = any(one in LISTS for one in found if isinstance(one, str))
    spaced = separated(found)
    numbers: list[Token] = []
    for one in found:
        if not isinstance(one, Numeral):
            numbers.append(one)
        elif listed and not comma and "," in one.text:
            if not GROUPED[","].fullmatch(one.text.partition(".")[0]):
                numbers += items(one.text)
            elif spaced:
                numbers.append(number_of(one.text))
            else:
                refuse(f"{one.text!r} may be one number or several", "put a space after the commas of a list")
        else:
            numbers.append(number_of(one.text, comma=comma))
    return numbers


def separated(found: Sequence[Raw]) -> bool:
    """Whether other signs than the commas inside numbers part a list: 1,200, 3,400; 1,200 and 3,400."""
    pairs = list(zip(found, [*found[1:], ""], strict=False))
    last = found[-1] if found else ""
    grouped = isinstance(last, Numeral) and "," in last.text
    return any(
        one == ";" or (one == "," and following != "and") or (one == "and" and grouped) for one, following in pairs
    )


def items(text: str) -> list[Token]:
    """The numbers of a list that has no spaces, with the commas between them."""
    found: list[Token] = []
    for part in text.split(","):
        found += [",", number_of(part)] if found else [number_of(part)]
    return found


def told_apart(found: Sequence[Token], *, comma: bool) -> list[Token]:
    """The same with the meanings told apart of %, "in", "w" and "a", and without what a percentage is for."""
    kept: list[Token] = []
    for place, one in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        if one == "%":
            is_operand = isinstance(following, (Fraction, Word)) or following in OPERANDS or is_money(following)
            into = bool(kept) and kept[-1] == "in"
            kept.append(Form("percent") if into else "mod" if is_operand else "percent")
        elif one == "noun":
            if not kept or kept[-1] != "percent":
                refuse("a percentage is missing before what it is for", "write it as in 80 + 19% VAT")
        elif one in SHARP:
            goes_on = isinstance(following, (Unit, Form, Fraction)) or following == "%"
            counts = bool(kept) and (kept[-1] == "in" or isinstance(kept[-1], Fraction)) and not goes_on
            kept.append(spellings().by_label[SHARP[str(one)]] if counts else "in")
        elif one == "a" and comma and kept and isinstance(kept[-1], Unit) and isinstance(following, Unit):
            kept.append("in")  # millas a kilómetros
        else:
            kept.append(one)
    return kept


def is_money(token: Token | None) -> bool:
    """Whether it is the sign of a currency, which stands before its number."""
    return isinstance(token, Unit) and token.label in MONEY
