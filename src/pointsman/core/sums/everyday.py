"""The wordings of everyday sums: tips, percentages, changes, rounding, numbers in other notations.

To have another one answered, add a line to `wordings`, and what it comes to to core/sums/everyday_sums.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pointsman.core.sums import everyday_sums as sums
from pointsman.core.sums.everyday_sums import NEAREST, Answer, Compute, by_verb

IN_LETTERS: Final = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty"
NUMBER: Final = (
    rf"(?:[-+]?[$€£¥₹]?\s?\d[\d.,]*|(?:{IN_LETTERS}))(?: (?:hundred|thousand|million|billion))?"
    r"(?: ?[$€£¥₹]| dollars?| euros?| bucks)?"
)
PERCENT: Final = r"\d[\d.,]*"
SIGN: Final = r"\s?(?:%|percent|per cent)"
PERCENTAGE: Final = r"(?:percent|per cent|percentage|%)"
FOR: Final = r"(?P<what>tip|gratuity|vat|tax|sales tax|gst|service charge|service|interest|discount)"
COUNT: Final = r"(?P<people>\d{1,4}|two|three|four|five|six|seven|eight|nine|ten)"
PEOPLE: Final = rf"{COUNT}(?: people| persons| ways| friends| of us)?"
SHARED: Final = rf"(?:,? (?:and )?(?:split|divided|shared)(?: evenly)?(?: by| between| among| in| into)? {PEOPLE})?"
PLACES: Final = (
    r"(?P<places>\d{1,2}|one|two|three|four) (?:decimals?|decimal places?|dp|d\.p\.|places|digits after the point)"
)
TO_THE_NEAREST: Final = r"the nearest (?P<step>\d[\d.,]*|" + "|".join(NEAREST) + ")s?"
DIGITS: Final = (
    r"(?:(?P<prefix>0x|0b|0o)|(?P<base>hexadecimal|hex|binary|octal) (?:number )?)(?P<digits>[0-9a-f]{1,64})"
)
BASE: Final = r"(?P<into>decimal|binary|octal|hexadecimal|hex)"
ROMAN: Final = r"(?:roman (?:numeral )?)?(?P<roman>[ivxlcdm]{1,15})"
PLAIN: Final = {0xFF05: "%", 0x2212: "-"}
WORD: Final = re.compile(r"[^\W\d_]+|[%\uff05]")
# Verbs, what joins their two numbers, the operator, and "<" where the second number stands first in the sum.
VERBS: Final = (
    ("add(?: up)?", "to|and|plus", "+"),
    ("subtract|take", "from|away from", "-<"), ("multiply", "by|with|and|times", "*"),
    ("divide", "by", "/"), ("addiere", "und|zu", "+"), ("subtrahiere", "von", "-<"),
    ("multipliziere", "mit", "*"), ("dividiere|teile", "durch", "/"), ("multiplica", "por|per", "*"),
    ("divide", "entre|por|per", "/"), ("suma", "y|más", "+"), ("multiplie", "par", "*"), ("divise", "par", "/"),
    ("additionne|ajoute", "et|à", "+"), ("moltiplica", "per", "*"), ("dividi", "per", "/"),
    ("vermenigvuldig", "met", "*"), ("deel", "door", "/"), ("pomnóż", "przez", "*"), ("podziel", "przez", "/"),
    ("умножь", "на", "*"), ("раздели", "на", "/"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """A way to ask, what it comes to, and the words without one of which a text cannot be it."""

    pattern: str
    answer: Answer
    words: tuple[str, ...]


def answered(text: str, compute: Compute) -> str | None:
    """The answer to an everyday sum in words, None where it is none; `compute` gives a part's value.

    Raises InvalidInput, NoValue.
    """
    low = text.lower()
    words = set(WORD.findall(low))
    if words.isdisjoint(keys()):  # so it is with most texts
        return None
    said = " ".join(text.translate(PLAIN).split()).rstrip("? ")
    for wording in wordings():
        if not words.isdisjoint(wording.words) and (found := compiled(wording.pattern).fullmatch(said)):
            return wording.answer(found, compute)
    return None


@cache
def keys() -> frozenset[str]:
    """The words without one of which a text is none of these sums."""
    return frozenset(word for wording in wordings() for word in wording.words)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A wording, compiled when a text first holds its words."""
    return re.compile(pattern, re.IGNORECASE)


def number(name: str) -> str:
    """A number, as a group of that name."""
    return f"(?P<{name}>{NUMBER})"


def percent(name: str = "percent") -> str:
    """A percentage; the group holds its number."""
    return f"(?P<{name}>{PERCENT}){SIGN}"


@cache
def wordings() -> tuple[Wording, ...]:
    """All that are known; none nests a repetition, and each has few, of bounded kinds: time stays linear."""
    a, the, bill = r"(?:an? |the )?", r"(?:an? |the |my )?", r"(?: bill| meal| dinner| check| purchase)?"
    part, whole, rate = number("part"), number("whole"), percent("part")
    what = r"(?:what|which)"
    between = r"(?:between|among|by|in|into)"
    kind = r"(?P<way>change|increase|decrease|difference|growth|drop|loss|gain|reduction)"
    ways = "increase|raise|decrease|reduce|lower|cut"
    source, nearest = r"(?P<number>[^a-z]{1,80})", rf"(?:{PLACES}|{TO_THE_NEAREST})"
    paid = ("tip", "gratuity", "vat", "tax", "gst", "service", "interest", "discount")
    shared, share = ("split", "share", "shared"), ("percent", "percentage", "cent", "%", "\uff05")
    return (
        Wording(rf"{a}{rate} {FOR} (?:on|of|for) {the}{whole}{bill}{SHARED}", sums.share_for, paid),
        Wording(rf"{a}{FOR} of {rate} (?:on|for) {the}{whole}{bill}{SHARED}", sums.share_for, paid),
        Wording(rf"{a}{FOR} (?:on|for) {the}{whole}{bill} (?:at|of) {rate}{SHARED}", sums.share_for, paid),
        Wording(rf"(?:split|share) {the}{whole}{bill}(?: evenly)? {between} {PEOPLE}", sums.split_between, shared),
        Wording(rf"{whole} (?:split|shared)(?: evenly)? {between} {PEOPLE}", sums.split_between, shared),
        Wording(rf"{whole} split {PEOPLE}", sums.split_between, ("split",)),
        Wording(rf"(?:{what} )?{PERCENTAGE} of {whole} (?:is|are) {part}", sums.in_percent, share),
        Wording(rf"{part} (?:is|are) (?:{what}|how many) {PERCENTAGE} of {whole}", sums.in_percent, share),
        Wording(rf"(?:{what} )?{PERCENTAGE} (?:is|are) {part} (?:of|out of) {whole}", sums.in_percent, share),
        Wording(rf"{part} (?:as|in) {a}{PERCENTAGE} of {whole}", sums.in_percent, share),
        Wording(rf"{part} (?:out )?of {whole} (?:as|in) {a}{PERCENTAGE}", sums.in_percent, share),
        Wording(rf"{part} is {percent()} of what(?: number)?", sums.whole_of, share),
        Wording(rf"{percent()} of what(?: number)? is {part}", sums.whole_of, share),
        Wording(
            rf"(?:the )?{PERCENTAGE} {kind} (?:from|between) {number('from')} (?:to|and) {number('to')}",
            sums.change,
            share,
        ),
        Wording(rf"(?P<way>{ways}) {whole} by {percent()}", sums.changed_by, share),
        Wording(rf"{whole} (?P<way>increased|raised|decreased|reduced|lowered) by {percent()}", sums.changed_by, share),
        Wording(rf"{percent()} (?P<way>more|less) than {whole}", sums.changed_by, share),
        Wording(rf"round(?: off)? {source} to {nearest}", sums.rounded_to, ("round",)),
        Wording(rf"{source} rounded(?: off)? to {nearest}", sums.rounded_to, ("rounded",)),
        Wording(rf"{a}simple interest on {whole} at {rate} (?:for|over) {number('years')} years?", sums.interest, paid),
        Wording(rf"{number('base')} to the (?P<power>\d{{1,4}})(?:st|nd|rd|th) power", sums.power_of, ("power",)),
        *(
            Wording(
                rf"(?:{verbs}) {number('first')} (?:{joins}) {number('second')}",
                by_verb(sign),
                tuple(verbs.replace("(?: up)?", "").split("|")),
            )
            for verbs, joins, sign in VERBS
        ),
        Wording(
            rf"{DIGITS} (?:in|to|into|as) (?:an? )?{BASE}(?: number)?",
            sums.from_base,
            ("decimal", "binary", "octal", "hexadecimal", "hex"),
        ),
        Wording(
            rf"(?:the )?{ROMAN} (?:in|to|into|as) (?:an? )?"
            r"(?:decimal|number|numbers|arabic(?: numerals| numbers)?|digits)",
            sums.from_roman,
            ("decimal", "number", "numbers", "arabic", "digits"),
        ),
    )
