"""Exact numbers: what arithmetic computes with, how far it goes, and how a result is written."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, NoReturn

from pointsman.core.errors import InvalidInput, NoValue
from pointsman.core.sums.units import Unit

MAX_DIGITS: Final = 10_000
TOO_LARGE: Final = 10**MAX_DIGITS
MAX_BITS: Final = TOO_LARGE.bit_length()
MAX_DEGREE: Final = 50  # roots beyond the 50th are approximated without asking whether they are exact
SHORT_DIGITS: Final = 15  # an exact decimal of at most this many significant digits is shown whole
FRACTION_DIGITS: Final = 12
ROOT_DIGITS: Final = 15
WORKING_DIGITS: Final = 40


@dataclass(frozen=True, slots=True)
class Number:
    """A value: `exact` until an irrational root was taken; `percent` directly after a % sign.

    `unit` is what it counts; `form`, where somebody asked for one, how it is to be written.
    """

    value: Fraction
    exact: bool = True
    percent: bool = False
    unit: Unit | None = None
    form: str = ""


def refuse(cause: str, cure: str) -> NoReturn:
    """Raises InvalidInput."""
    raise InvalidInput(cause, cure=cure)


def no_value(cause: str, cure: str) -> NoReturn:
    """Raises NoValue: it is well written, and has no value that can be given."""
    raise NoValue(cause, cure=cure)


def bounded(number: Number) -> Number:
    """The number itself. Raises InvalidInput when it has more digits than we compute with."""
    if max(abs(number.value.numerator), number.value.denominator) >= TOO_LARGE:
        too_large()
    return number


def too_large() -> NoReturn:
    """Raises InvalidInput: the value has too many digits."""
    no_value(f"the result has more than {MAX_DIGITS:,} digits", "use smaller numbers")


def after(sign: str, number: Number) -> Number:
    """What a sign that stands after a value makes of it."""
    if sign == "!":
        return Number(factorial(number.value), number.exact)
    if sign == "percent":
        return Number(number.value / 100, number.exact, percent=True)
    return power(number, Number(Fraction(2 if sign == "²" else 3)))


def factorial(value: Fraction) -> Fraction:
    """The factorial of a natural n whose factorial has at most 10,000 digits."""
    if value.denominator != 1 or value < 0:
        no_value("only whole numbers from 0 have a factorial", "write n! with a whole n")
    if value > MAX_DIGITS or math.lgamma(int(value) + 1) > MAX_DIGITS * math.log(10):
        too_large()
    return Fraction(math.factorial(int(value)))


def joined(sign: str, left: Number, right: Number) -> Number:
    """The value of a binary operator."""
    a, b = left.value, right.value
    exact = left.exact and right.exact
    if sign == "^":
        return power(left, right)
    if sign in {"+", "-"}:
        if right.percent and not left.percent:
            b = a * b
        return Number(a + b if sign == "+" else a - b, exact, left.percent and right.percent)
    if sign == "off":
        if not left.percent:
            refuse('"off" needs a percentage', "write it as in 15% off 80")
        return Number(b - a * b, exact)
    if sign == "of" and not left.percent and a.denominator == 1:
        refuse('"of" needs a percentage or a fraction', "write it as in 15% of 80, or with times")
    if sign in {"/", "//", "mod"} and b == 0:
        no_value("division by zero", "divide by something else")
    return Number(OPERATIONS[sign](a, b), exact)


OPERATIONS: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "*": lambda a, b: a * b,
    "of": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: Fraction(a // b),
    "mod": lambda a, b: a % b,
}


def power(base: Number, exponent: Number) -> Number:
    """A base raised to an exponent; refused, before anything is computed, when the result would be too long."""
    a, b = base.value, exponent.value
    exact = base.exact and exponent.exact
    if a == 0 and b < 0:
        no_value("division by zero", "zero has no negative power")
    if b == 0 or a == 1:
        return Number(Fraction(1), exact)
    if a == 0:
        return Number(a, exact)
    if a == -1 and b.denominator == 1:
        return Number(Fraction(-1 if b % 2 else 1), exact)
    size = max(a.numerator.bit_length(), a.denominator.bit_length())
    if (size - 1) * abs(b) > MAX_BITS:
        too_large()
    if b.denominator == 1:
        return Number(Fraction(a ** int(b)), exact)
    if a < 0:
        no_value("a negative number has no real root", "use a number from 0")
    if b.denominator == 2:
        rooted = root_of(Number(a ** abs(b.numerator), exact))
        return rooted if b > 0 else Number(1 / rooted.value, rooted.exact)
    return fractional_power(a, b, exact=exact)


def root_of(number: Number) -> Number:
    """The square root: exact for perfect squares of fractions, else to 40 significant digits."""
    value = number.value
    if value < 0:
        no_value("a negative number has no real square root", "use a number from 0")
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Number(Fraction(top, bottom), number.exact)
    # One shift of both parts keeps enough digits whatever the size of the value.
    shift = 10 ** (WORKING_DIGITS + max(0, len(f"{bottom:x}") * 2 - len(f"{top:x}")))
    return Number(Fraction(math.isqrt(value.numerator * shift**2 // value.denominator), shift), exact=False)


def fractional_power(base: Fraction, exponent: Fraction, *, exact: bool) -> Number:
    """A positive base raised to a fraction; exact when the root is rational, else to 40 significant digits."""
    with decimal.localcontext(decimal.Context(prec=WORKING_DIGITS)):
        degree = exponent.denominator
        root = Decimal(1) / degree
        top, bottom = (
            # The plus rounds to the working precision: roots of thousands of digits take a second.
            int(((+Decimal(part)) ** root).to_integral_value())
            for part in (base.numerator, base.denominator)
        )
        if degree < MAX_DEGREE and top**degree == base.numerator and bottom**degree == base.denominator:
            return power(Number(Fraction(top, bottom), exact), Number(Fraction(exponent.numerator)))
        value = (Decimal(base.numerator) / base.denominator) ** (Decimal(exponent.numerator) / degree)
        return Number(Fraction(value), exact=False)


def shown(number: Number) -> str:
    """A number as text: plain when it is exact and short, else rounded behind "≈ "."""
    value = number.value
    if number.exact and value.denominator == 1:
        # Python refuses str() of integers beyond 4,300 digits; Decimal prints them.
        return f"{Decimal(value.numerator):f}"
    with decimal.localcontext(decimal.Context(prec=SHORT_DIGITS)) as context:
        rounded = Decimal(value.numerator) / value.denominator
        if number.exact and not context.flags[decimal.Inexact]:
            return written(rounded, SHORT_DIGITS)
        context.prec = FRACTION_DIGITS if number.exact else ROOT_DIGITS
        return "≈ " + written(Decimal(value.numerator) / value.denominator, context.prec)


def written(value: Decimal, digits: int) -> str:
    """A decimal without needless zeros; in scientific notation beyond `digits` before, or 8 after, the point."""
    value = value.normalize()
    return f"{value:f}" if -8 < value.adjusted() < digits else f"{value:e}"
