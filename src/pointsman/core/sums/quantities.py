"""Computes with what has a unit: adds like to like, converts, and says the result as people read it."""

from __future__ import annotations

import decimal
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from pointsman.core.sums import exact
from pointsman.core.sums.exact import SHORT_DIGITS, Number, no_value, refuse, written
from pointsman.core.sums.numerals import BASES, in_base, roman_of
from pointsman.core.sums.spellings import spellings
from pointsman.core.sums.units import MONEY, Unit

# An exact result of at most this many digits is shown whole, any other with this many, if they are all decimals.
WHOLE_DIGITS: Final = 10
ROUNDED_DIGITS: Final = 6
DECIMALS: Final = {"temperature": 2}
MONEY_DECIMALS: Final = 2
# Names that mean another unit beside one of that dimension: 8 oz in cups are fluid ounces, 5 m in seconds minutes.
OTHERWISE: Final = {
    ("oz", "volume"): "US fl oz",
    ("m", "time"): "minute(s)",
    ("US cup(s)", "temperature"): "°C",
}
# Durations that people say in parts, where nobody asked for another unit: 4 hours 35 minutes.
CLOCK: Final = ("day(s)", "hour(s)", "minute(s)", "s")
TIMES: Final = frozenset({"hour(s)", "minute(s)", "s"})


def joined(sign: str, left: Number, right: Number) -> Number:
    """The value of an operator between two values. Raises InvalidInput, NoValue where units do not allow it."""
    if left.unit is None and right.unit is None:
        return exact.joined("*" if sign == "x" else sign, left, right)
    if sign in {"+", "-"}:
        return added(sign, left, right)
    if sign in {"of", "off"} and left.unit is None:
        return replace(exact.joined(sign, left, replace(right, unit=None)), unit=measuring(right.unit))
    if sign in {"*", "x"} and (left.unit is None or right.unit is None):
        # 8 x 10 inches is a size in two directions.
        if sign == "x" and right.unit and right.unit.dimension == "length":
            refuse("a number x a length may be a size", "write times, or give one length")
        unit = measuring(left.unit or right.unit)
        return replace(exact.joined("*", bare(left), bare(right)), unit=unit)
    if sign == "/" and right.unit is None:
        return replace(exact.joined("/", bare(left), right), unit=measuring(left.unit))
    alike = left.unit and right.unit and left.unit.dimension == right.unit.dimension
    if sign not in {"/", "//"} or not alike or left.unit is None:
        refuse("quantities are added, and multiplied or divided by plain numbers only", "take the units out")
    return exact.joined(sign, bare(left), bare(converted(right, left.unit)))


def bare(number: Number) -> Number:
    """The number without its unit."""
    return replace(number, unit=None)


def measuring(unit: Unit | None) -> Unit | None:
    """The unit, if it counts from nothing. Raises NoValue for a temperature: twice 20 °C is not 40 °C."""
    if unit and unit.offset:
        no_value("temperatures are points on a scale, and are only converted", "convert one temperature")
    return unit


def added(sign: str, left: Number, right: Number) -> Number:
    """A sum or a difference of like and like, in the unit of the first. Raises NoValue for unlike ones."""
    if right.percent and right.unit is None:
        return replace(exact.joined(sign, bare(left), right), unit=measuring(left.unit))
    one, other = left.unit, right.unit
    if one is None or other is None:
        money = one or other
        if money is None or money.label not in MONEY:
            no_value(f"{named(one)} and {named(other)} do not add up", "give both a unit of one kind")
        one = other = money
    if one.dimension != other.dimension:
        no_value(f"{named(one)} and {named(other)} do not add up", "give both a unit of one kind")
    measuring(one)
    if one.inverse or other.inverse:
        no_value("fuel economies do not add up", "convert one")
    right = right if right.unit is None else converted(right, one)
    return replace(exact.joined(sign, bare(left), bare(right)), unit=one)


def named(unit: Unit | None) -> str:
    """What kind of thing a unit counts, in words."""
    if unit is None:
        return "a plain number"
    article = "an" if unit.dimension[0] in "aeiou" else "a"
    return unit.dimension if unit.dimension.startswith(("money", "data")) else f"{article} {unit.dimension}"


def converted(number: Number, target: Unit) -> Number:
    """The same quantity in another unit of its kind. Raises InvalidInput for a plain number and other kinds."""
    if number.unit is None:
        refuse("a plain number has no unit to convert from", "write one, as in 5 miles in km")
    unit = otherwise(number.unit, target)
    target = otherwise(target, unit)
    if unit.dimension != target.dimension:
        if {unit.dimension, target.dimension} & {"angle", "temperature"}:  # 72 degrees, of what scale?
            refuse("degrees of which scale is not said", "write degrees Fahrenheit or degrees Celsius")
        if unit.label in MONEY or target.label in MONEY:
            refuse("currencies are not converted here", "search the web for the rate")
        refuse(f"{named(unit)} is not {named(target)}", "convert to a unit of the same kind")
    if (unit.inverse or target.inverse) and number.value == 0:
        no_value("it would be without end", "give more than 0")
    value = unit.factor / number.value if unit.inverse else number.value * unit.factor + unit.offset
    value = target.factor / value if target.inverse else (value - target.offset) / target.factor
    return replace(number, value=value, exact=number.exact and unit.exact and target.exact, unit=target)


def otherwise(unit: Unit, beside: Unit) -> Unit:
    """What a unit's name means beside another unit."""
    label = OTHERWISE.get((unit.label, beside.dimension))
    return spellings().by_label[label] if label else unit


def shown(number: Number) -> str:
    """A value as text: with its unit, in the form that was asked for, else as core/sums/exact.py shows plain ones."""
    if number.form:
        return formed(number)
    unit = number.unit
    if unit is None:
        return exact.shown(number)
    if unit.parts:
        return in_parts(number, unit.parts)
    if unit.label in MONEY:
        return price(number)
    text, value = rounded(number, DECIMALS.get(unit.dimension))
    glue = "" if unit.label == "°" else " "
    return f"{text}{glue}{unit.labelled(value)}"


def rounded(number: Number, decimals: int | None = None) -> tuple[str, Fraction]:
    """A value as text with as many digits as people read, behind "≈ " where that is not all of it; and what it says."""
    value = number.value
    with decimal.localcontext(decimal.Context(prec=WHOLE_DIGITS)) as context:
        whole = Decimal(value.numerator) / value.denominator
        if number.exact and (value.denominator == 1 or not context.flags[decimal.Inexact]):
            return (
                (exact.shown(Number(value)), value) if value.denominator == 1 else (written(whole, SHORT_DIGITS), value)
            )
        digits = max(ROUNDED_DIGITS, whole.adjusted() + 1)
        if decimals is not None:
            digits = max(1, whole.adjusted() + 1 + decimals)
        context.prec = min(digits, SHORT_DIGITS)
        near = Decimal(value.numerator) / value.denominator
    return f"≈ {written(near, SHORT_DIGITS)}", Fraction(near)


def price(number: Number) -> str:
    """An amount of money, in whole units or with two decimals."""
    sign = number.unit.label if number.unit else ""
    cents = round_half_up(abs(number.value) * 10**MONEY_DECIMALS)
    about = "" if number.exact and cents == abs(number.value) * 10**MONEY_DECIMALS else "≈ "
    whole, rest = divmod(cents, 10**MONEY_DECIMALS)
    return f"{about}{'-' if number.value < 0 else ''}{sign}{whole}" + (f".{rest:02d}" if rest else "")


def round_half_up(value: Fraction) -> int:
    """The nearest whole number, as people round: half away from zero."""
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def in_parts(number: Number, labels: tuple[str, ...]) -> str:
    """A quantity in several units, the last with decimals: 5 ft 10.9 in, 4 hours 35 minutes."""
    if number.value < 0:
        return "-" + in_parts(replace(number, value=-number.value), labels)
    units = [spellings().by_label[label] for label in labels]
    rest = number.value * (number.unit.factor if number.unit else 1)
    last = units[-1]
    tenths = round_half_up(rest / last.factor * 100)
    about = "" if number.exact and tenths * last.factor == rest * 100 else "≈ "
    rest = Fraction(tenths, 100) * last.factor
    found: list[str] = []
    for unit in units:
        count = rest / unit.factor if unit is last else Fraction(floor(rest / unit.factor))
        rest -= count * unit.factor
        if count or (unit is last and not found):
            found.append(f"{exact.shown(Number(count))} {unit.labelled(count)}")
    return about + " ".join(found)


def in_clock(number: Number) -> Number:
    """A duration as people say it, if it was given in hours, minutes or seconds and is not one of them alone."""
    unit = number.unit
    if unit is None or unit.label not in TIMES or number.form:
        return number
    seconds = number.value * unit.factor
    if seconds.denominator != 1 or abs(seconds) < 60:
        return number
    labels = tuple(label for label in CLOCK if label != "day(s)") if abs(seconds) < 100 * 3600 else CLOCK
    return replace(number, unit=replace(unit, parts=labels))


def formed(number: Number) -> str:
    """A value in the form that somebody asked for."""
    value = number.value
    if number.form in BASES:
        return in_base(value, number.form)
    if number.form == "roman":
        return roman_of(value)
    if number.form == "percent":
        return f"{exact.shown(replace(number, value=value * 100, form=''))} %"
    if number.form == "fraction":
        return as_fraction(number)
    return exact.shown(replace(number, form=""))


def as_fraction(number: Number) -> str:
    """A rational number as one whole over another."""
    if not number.exact:
        no_value("it is irrational: no fraction equals it", "ask for a decimal")
    top, bottom = (exact.shown(Number(Fraction(part))) for part in number.value.as_integer_ratio())
    return top if number.value.denominator == 1 else f"{top}/{bottom}"
