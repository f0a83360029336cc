"""Functions in sums: roots, logarithms, angles; averages, sums and divisors of several numbers."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from pointsman.core.sums.exact import (
    MAX_DIGITS,
    WORKING_DIGITS,
    Number,
    bounded,
    fractional_power,
    no_value,
    refuse,
    root_of,
    too_large,
)
from pointsman.core.sums.quantities import converted, joined
from pointsman.core.sums.spellings import spellings
from pointsman.core.sums.units import PI

# Python's sines are right to 15 digits for angles within a turn.
FLOAT_DIGITS: Final = 12
MOST_TURNS: Final = 10**12
HALF: Final = Fraction(1, 2)
# Sines that are rational, by degrees (Niven's theorem: there are no others).
SINES: Final = {
    0: Fraction(0), 30: HALF, 90: Fraction(1), 150: HALF, 180: Fraction(0), 210: -HALF, 270: Fraction(-1), 330: -HALF,
}  # fmt: skip


def applied(name: str, number: Number) -> Number:
    """The value of a function of one number. Raises InvalidInput, NoValue."""
    if name in {"sin", "cos", "tan"}:
        return bounded(of_angle(name, number))
    if name == "abs":
        return replace(number, value=abs(number.value), percent=False)
    if number.unit:
        refuse(f"{name} is of plain numbers", "take the unit out")
    if name == "√":
        return root_of(number)
    if name == "∛":
        return cube_root(number)
    if name in {"floor", "ceil"}:
        return Number(Fraction(math.floor(number.value) if name == "floor" else math.ceil(number.value)))
    if name in {"asin", "acos", "atan"}:
        return arc(name, number.value)
    return logarithm(name, number)


def cube_root(number: Number) -> Number:
    """The cube root, of negative numbers too."""
    if number.value == 0:
        return number
    root = fractional_power(abs(number.value), Fraction(1, 3), exact=number.exact)
    return root if number.value > 0 else replace(root, value=-root.value)


def logarithm(name: str, number: Number) -> Number:
    """ln, log (to base 10), log2 and exp; exact where the result is a whole number."""
    value = number.value
    with decimal.localcontext(decimal.Context(prec=WORKING_DIGITS)):
        if name == "exp":
            if abs(value) > MAX_DIGITS * 2:
                too_large()
            return Number(Fraction((Decimal(value.numerator) / value.denominator).exp()), exact=value == 0)
        if value <= 0:
            no_value("only numbers above 0 have a logarithm", "use one of those")
        top, bottom = (+Decimal(value.numerator)).ln(), (+Decimal(value.denominator)).ln()
        if name == "ln":
            return Number(Fraction(top - bottom), exact=value == 1)
        base = 2 if name == "log2" else 10
        found = Fraction((top - bottom) / Decimal(base).ln())
    whole = round(found)
    if abs(whole) <= MAX_DIGITS * 4 and Fraction(base) ** whole == value:
        return Number(Fraction(whole), number.exact)
    return Number(found, exact=False)


def of_angle(name: str, number: Number) -> Number:
    """A sine, cosine or tangent. Raises InvalidInput where it is not said what a plain number is of."""
    degree = spellings().by_label["°"]
    if number.unit is None:
        if number.value and number.exact:
            refuse(f"{name} of what: degrees or radians?", f"write {name}(30°), or {name}(pi/6) for radians")
        number = replace(number, unit=spellings().by_label["rad"])
    turned = converted(number, degree)
    if abs(turned.value) > MOST_TURNS:
        no_value("the angle is too large", "use a smaller one")
    sine, cosine = (sine_of(turned.value + shift, exact=turned.exact or number.value == 0) for shift in (0, 90))
    if name == "tan":
        if not cosine.value:
            no_value("the tangent has no value there", "use another angle")
        if abs(sine.value) == abs(cosine.value) or (turned.exact and turned.value % 180 in {45, 135}):
            return Number(Fraction(1 if turned.value % 180 < 90 else -1), turned.exact)
        return Number(sine.value / cosine.value, sine.exact and cosine.exact)
    return sine if name == "sin" else cosine


def sine_of(degrees: Fraction, *, exact: bool) -> Number:
    """The sine of an angle in degrees, in [0, 360) once its turns are taken off."""
    degrees %= 360
    if not exact:  # pi/6 is thirty degrees as far as its 50 digits tell
        near = round(degrees)
        degrees = Fraction(near) if abs(degrees - near) < Fraction(1, 10**30) else degrees
    if degrees % 360 in SINES:
        return Number(SINES[int(degrees % 360)])
    return near_to(math.sin(float(degrees * PI / 180)))


def arc(name: str, value: Fraction) -> Number:
    """An angle by its sine, cosine or tangent, in degrees."""
    if name != "atan" and abs(value) > 1:
        no_value("no angle has that", "use a number from -1 to 1")
    angle = near_to(math.degrees({"asin": math.asin, "acos": math.acos, "atan": math.atan}[name](float(value))))
    return replace(angle, unit=spellings().by_label["°"])


def near_to(value: float) -> Number:
    """A float as far as its digits are right."""
    return Number(Fraction(f"{value:.{FLOAT_DIGITS}g}"), exact=False)


def of_several(name: str, numbers: Sequence[Number]) -> Number:
    """The value of a function of several numbers. Raises InvalidInput."""
    if len(numbers) < 2:
        refuse(f"{name} needs several numbers", "write them with commas between, as in average of 3, 4, 8")
    if name == "difference":
        if len(numbers) != 2:
            refuse("a difference is between two numbers", "give two")
        apart = joined("-", *numbers)
        return replace(apart, value=abs(apart.value))
    if name in {"gcd", "lcm"}:
        return divisors(name, numbers)
    return SEVERAL[name](numbers)


def divisors(name: str, numbers: Sequence[Number]) -> Number:
    """The greatest common divisor, or the least common multiple, of whole numbers."""
    if any(number.unit or number.value.denominator != 1 for number in numbers):
        refuse("divisors are of whole numbers", "use whole numbers")
    whole = [int(number.value) for number in numbers]
    return bounded(Number(Fraction(math.gcd(*whole) if name == "gcd" else math.lcm(*whole))))


def summed(numbers: Sequence[Number]) -> Number:
    """All added up, in the unit of the first."""
    total, *rest = numbers
    for number in rest:
        total = bounded(joined("+", total, number))
    return total


def multiplied(numbers: Sequence[Number]) -> Number:
    """The product."""
    total, *rest = numbers
    for number in rest:
        total = bounded(joined("*", total, number))
    return total


def averaged(numbers: Sequence[Number]) -> Number:
    """The mean."""
    return joined("/", summed(numbers), Number(Fraction(len(numbers))))


def in_order(numbers: Sequence[Number]) -> list[Number]:
    """From the smallest to the largest, in the unit of the first."""
    unit = numbers[0].unit
    if any((number.unit is None) != (unit is None) for number in numbers):
        refuse("some have a unit and some have none", "give all a unit, or none")
    alike = [converted(number, unit) if unit else number for number in numbers]
    return sorted(alike, key=lambda number: number.value)


def middle(numbers: Sequence[Number]) -> Number:
    """The median: the middle one, or the mean of the two in the middle."""
    ordered = in_order(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else averaged(ordered[half - 1 : half + 1])


SEVERAL: Final[dict[str, Callable[[Sequence[Number]], Number]]] = {
    "sum": summed, "product": multiplied, "average": averaged, "median": middle,
    "min": lambda numbers: in_order(numbers)[0], "max": lambda numbers: in_order(numbers)[-1],
}  # fmt: skip
