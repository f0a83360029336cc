"""How numbers are written: decimal points and commas, other bases, Roman numerals."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from pointsman.core.sums.exact import MAX_DIGITS, no_value, refuse, too_large

GROUPED: Final = {mark: re.compile(rf"\d{{1,3}}(?:\{mark}\d{{3}})+") for mark in ".,"}
LEAST_EXPONENT, MOST_EXPONENT = -MAX_DIGITS, MAX_DIGITS
BASES: Final = {"binary": (2, "0b"), "octal": (8, "0o"), "hexadecimal": (16, "0x")}
ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
MOST_ROMAN: Final = 3999


def number_of(text: str, *, comma: bool = False) -> Fraction:
    """The value of a number as people type it, such as 1,234.5, 2.340,50 or 1.2e6.

    With `comma` its neighbours are words of a language that writes a decimal comma. Raises InvalidInput where it can
    be read in two ways, such as 1,234 there.
    """
    mantissa, _, exponent = text.lower().partition("e")
    if exponent:
        if len(exponent) > len(str(MOST_EXPONENT)) + 1 or not LEAST_EXPONENT <= int(exponent) <= MOST_EXPONENT:
            too_large()
        return plain(mantissa, comma=comma) * Fraction(10) ** int(exponent)
    return plain(mantissa, comma=comma)


def plain(text: str, *, comma: bool) -> Fraction:
    """The same without an exponent."""
    marks = text.count("."), text.count(",")
    if marks == (0, 0):
        return Fraction(int(text))
    if all(marks):
        decimal = "." if text.rindex(".") > text.rindex(",") else ","
    elif marks[1]:
        decimal = "," if comma else "."
    else:
        decimal = "," if comma and marks[0] > 1 else "."
    other = "," if decimal == "." else "."
    whole, _, rest = text.partition(decimal) if decimal in text else (text, "", "")
    if (other in whole and not GROUPED[other].fullmatch(whole)) or other in rest or decimal in rest:
        # A language's decimal mark, between groups of three: 1,234,567 where a comma is expected.
        if not all(marks) and GROUPED[decimal].fullmatch(text) and text.count(decimal) > 1:
            return Fraction(text.replace(decimal, ""))
        refuse(f"{text!r} is not a number", "write it with a decimal point, as in 1234.5")
    if comma and sum(marks) == 1 and GROUPED["." if marks[0] else ","].fullmatch(text) and text[0] != "0":
        refuse(f"{text!r} can be read in two ways", "write it without a sign between thousands")
    # Of whole numbers: a Fraction reads a text five times as slowly, and every sum passes here.
    return Fraction(int(whole.replace(other, "") + rest or "0"), 10 ** len(rest))


def in_base(value: Fraction, form: str) -> str:
    """A whole number in base 2, 8 or 16, with the prefix that programs write. Raises NoValue for others."""
    base, prefix = BASES[form]
    if value.denominator != 1:
        no_value(f"only whole numbers are written in {form} here", "round it first")
    digits = {2: "b", 8: "o", 16: "X"}[base]
    return f"{'-' if value < 0 else ''}{prefix}{abs(value.numerator):{digits}}"


def roman_of(value: Fraction) -> str:
    """A whole number from 1 to 3999 in Roman numerals. Raises NoValue for others."""
    if value.denominator != 1 or not 1 <= value <= MOST_ROMAN:
        no_value("Roman numerals are for whole numbers from 1 to 3999", "use one of those")
    rest, found = int(value), ""
    for worth, letters in ROMAN:
        found += letters * (rest // worth)
        rest %= worth
    return found


def value_of_roman(text: str) -> int:
    """The value of a Roman numeral in its usual form, 0 for anything else."""
    rest, value = text.upper(), 0
    for worth, letters in ROMAN:
        while rest.startswith(letters):
            rest = rest[len(letters) :]
            value += worth
            if value > MOST_ROMAN:
                return 0
    return value if not rest and value and roman_of(Fraction(value)) == text.upper() else 0


def value_in_base(digits: str, base: int) -> int:
    """The value of digits in a base. Raises InvalidInput for digits that it does not have."""
    try:
        return int(digits, base)
    except ValueError:
        refuse(f"{digits!r} is not a number in base {base}", f"write digits of base {base} only")
