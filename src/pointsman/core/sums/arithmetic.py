"""Exact arithmetic on short texts: "23*19", "15% of 80", "5 miles in km"; bounded in time and size.

The grammar, loosest first (a Pratt parser; Vaughan Pratt, "Top Down Operator Precedence", 1973):

    in to                     a quantity in another unit, a number in another notation: 5 miles in km, 255 in binary
    + -                       a percentage on the right is taken of the left: 80 + 15% is 92
    of  off                   15% of 80 is 12, 15% off 80 is 68, half of 90 is 45
    * / // % mod              also x, times, divided by; % is a remainder only before an operand: 7 % 3 is 1
    -                         before a number: -2^2 is -4
    sqrt sin ln ...           bind as tightly as a sign before a number
    ** ^                      from the right: 2^3^2 is 2^9; also squared, cubed, to the power of
    ! %                       factorial; percent
    number unit               3 ft 5 in, 1 h 30 min, $4.50: one value

Beside this file: words.py says how operators are spelled in twelve languages, units.py what units are worth; whole
phrases are read by everyday.py (tips, percentages, rounding) and date_questions.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from pointsman.core.errors import InvalidInput, NoValue
from pointsman.core.sums.exact import Number, refuse
from pointsman.core.sums.parser import MAX_DEPTH, Parser
from pointsman.core.sums.quantities import in_clock, shown
from pointsman.core.sums.spellings import Token, spellings
from pointsman.core.sums.tokens import tokens_of
from pointsman.core.sums.units import MONTH, TON, US, YEAR, Unit

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Today", "answer", "compute", "evaluate", "is_sum", "is_unit"]

MAX_LENGTH: Final = 500
MAX_PHRASE: Final = 200
# A day by which to see whether something can be computed; its value is not looked at.
SOME_DAY: Final = date(2000, 1, 1)
# What is said of years and months, unless only they are converted.
CALENDAR: Final = frozenset({YEAR, MONTH})
# What the label of a result says itself.
LABELLED: Final = frozenset({US, TON})
FIRST_WORD: Final = re.compile("[a-z]+")

Today = Callable[[], date]


@dataclass(frozen=True, slots=True)
class Worked:
    """What an expression comes to: its value, the steps that it took, and what was read for what."""

    number: Number
    steps: int
    into: bool = True
    notes: tuple[str, ...] = ()


def evaluate(expression: str, today: Today = date.today) -> str:
    """The value of an expression, as text; `today` says which day it is where the expression depends on that.

    Integers and exact decimals of up to 15 significant digits stand plain; anything else is rounded to 12
    significant digits (15 for irrational roots, 6 for what has a unit) and begins with "≈ ". What an ambiguous name
    was taken for stands after it in parentheses. Raises InvalidInput, and NoValue where there is nothing to give.
    """
    try:
        worked = work_out(expression)
    except NoValue:
        raise
    except InvalidInput as refused:
        said = phrase(expression, today)
        if said is None:
            raise refused from None
        return said
    number = worked.number if worked.into else in_clock(worked.number)
    return shown(number) + (f" ({'; '.join(worked.notes)})" if worked.notes else "")


def answer(expression: str, today: Today = date.today) -> str:
    """The expression and its value as one line: "17 % of 2,340 = 397.8", "1/3 ≈ 0.333333333333".

    Raises what `evaluate` does.
    """
    value = evaluate(expression, today)
    return f"{expression} {value}" if value.startswith("≈") else f"{expression} = {value}"


def compute(expression: str) -> Number:
    """The value of an expression. Raises InvalidInput, with the cause, for anything that is not one."""
    return work_out(expression).number


def is_sum(expression: str) -> bool:
    """Whether there is something to compute: not for a lone number or quantity, nor for anything else that is no sum.

    A sum that has no value is one, too: whoever asks for 1/0 is told why there is none.
    """
    try:
        parser = Parser(tokens_of(bounded(expression)))
        parser.whole()
    except NoValue:
        return well_formed(expression)
    except InvalidInput:
        try:
            return phrase(expression, lambda: SOME_DAY) is not None
        except NoValue:
            return True
        except InvalidInput:
            return False
    return parser.steps > 0


def begins(text: str) -> bool:
    """Whether a sum may begin as a text in ASCII does: with no letter, or with a word that sums know."""
    word = FIRST_WORD.match(text.lower())
    return word is None or word[0] in first_words()


@cache
def first_words() -> frozenset[str]:
    """The letters that all names in sums begin with, up to what is none."""
    book = spellings()
    return frozenset(word[0] for name in (*book.known, *book.cased) if (word := FIRST_WORD.match(name.lower())))


def phrase_words() -> frozenset[str]:
    """How the words begin without one of which no text that begins with a word is a question answered by `phrase`."""
    from pointsman.core.sums import date_questions, everyday

    return everyday.keys() | date_questions.TELLING


def is_unit(name: str) -> bool:
    """Whether it is the name of a unit, without a number."""
    return isinstance(spellings().known.get(name.lower()), Unit)


def well_formed(expression: str) -> bool:
    """Whether it is a sum to its end, whatever comes of it."""
    try:
        Parser(tokens_of(expression), compute=False).whole()
    except InvalidInput:
        return False
    return True


def work_out(expression: str) -> Worked:
    """What a sum comes to, and how. Raises InvalidInput, NoValue."""
    tokens = tokens_of(bounded(expression))
    parser = Parser(tokens)
    number = parser.whole()
    return Worked(number, parser.steps, parser.into, notes(tokens, number))


def bounded(expression: str) -> str:
    """The expression itself. Raises InvalidInput for one that is too long to be read."""
    if len(expression) > MAX_LENGTH:
        refuse(f"the expression has {len(expression)} characters", f"keep it to {MAX_LENGTH}")
    return expression


def phrase(expression: str, today: Today) -> str | None:
    """The answer to a question in words, None where it is no such question. Raises InvalidInput, NoValue."""
    if len(expression) > MAX_PHRASE:
        return None
    # Three of four messages ask no such question, and do without what it takes (10 ms).
    from pointsman.core.sums import date_questions, everyday

    said = everyday.answered(expression, compute)
    return date_questions.answered(expression, today) if said is None else said


def notes(tokens: Sequence[Token], number: Number) -> tuple[str, ...]:
    """What ambiguous names were taken for, as far as the result does not say it itself."""
    named = [token for token in tokens if isinstance(token, Unit)]
    last = number.unit
    found = ["log to base 10"] if "log" in tokens else []
    if last and last.dimension == "volume" and any(unit.label == "oz" for unit in named):
        found.append("oz read as fluid ounces")
    if not all(unit.told in CALENDAR for unit in named):  # 3 years in months
        found += [unit.told for unit in named if unit.told in CALENDAR]
    said = {last.told} & LABELLED if last else set()
    found += [unit.told for unit in named if unit.told and unit.told not in CALENDAR | said]
    return tuple(dict.fromkeys(found))
