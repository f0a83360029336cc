"""What everyday sums in words come to: tips, shares, changes in percent, rounding, numbers of other bases.

Each takes the match of its wording in core/sums/everyday.py, and `compute`, which gives the value of a part.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from pointsman.core.sums.exact import Number, no_value, refuse
from pointsman.core.sums.numerals import value_in_base, value_of_roman
from pointsman.core.sums.quantities import joined, price, round_half_up, shown

Compute = Callable[[str], Number]
Found = re.Match[str]
Answer = Callable[[Found, Compute], str]

CENTS: Final = 100
DOWN: Final = frozenset({"decrease", "decreased", "reduce", "reduced", "lower", "lowered", "cut", "less"})
FALLS: Final = frozenset({"decrease", "drop", "loss", "reduction"})
PLACES: Final = {"one": 1, "two": 2, "three": 3, "four": 4}
MOST_PLACES: Final = 30
NEAREST: Final[dict[str, int | Fraction]] = {
    "integer": 1, "whole number": 1, "one": 1, "unit": 1, "ten": 10, "hundred": 100, "thousand": 1000,
    "million": 10**6, "tenth": Fraction(1, 10), "hundredth": Fraction(1, 100), "thousandth": Fraction(1, 1000),
    "cent": Fraction(1, 100), "dollar": 1, "euro": 1,
}  # fmt: skip
BASES: Final = {"0x": 16, "0b": 2, "0o": 8, "hexadecimal": 16, "hex": 16, "binary": 2, "octal": 8}
FORMS: Final = {"hex": "hexadecimal", "decimal": ""}


def amount(number: Number) -> str:
    """An amount to pay, to the cent."""
    if number.unit is not None:
        return price(number)
    cents = round_half_up(number.value * CENTS)
    return shown(number) if number.value * CENTS == cents else f"≈ {cents / CENTS:.2f}"


def scaled(number: Number, factor: Fraction) -> Number:
    """The number times a factor."""
    return replace(number, value=number.value * factor)


def share_for(found: Found, compute: Compute) -> str:
    """A tip, tax, discount: what it is, what it comes to, and what each of several pays."""
    named = found.groupdict()
    part, whole = compute(named["part"]).value / 100, compute(named["whole"])
    off = named["what"].lower() == "discount"
    total = scaled(whole, 1 - part if off else 1 + part)
    said = f"{amount(scaled(whole, part))} ({'leaves' if off else 'in all'} {bare(amount(total))}"
    if named["people"]:
        people = compute(named["people"]).value
        if not people:
            no_value("nobody is there to pay", "split it between one or more")
        said += f"; each of {people} pays {bare(amount(scaled(total, 1 / people)))}"
    return said + ")"


def bare(text: str) -> str:
    """An amount inside a sentence: about."""
    return text.replace("≈ ", "about ")


def split_between(found: Found, compute: Compute) -> str:
    """An amount for each of several."""
    people = compute(found.group("people")).value
    if not people:
        no_value("nobody is there to share it", "split it between one or more")
    return amount(scaled(compute(found.group("whole")), 1 / people))


def in_percent(found: Found, compute: Compute) -> str:
    """What percentage one number is of another."""
    part, whole = compute(found.group("part")), compute(found.group("whole"))
    return shown(replace(joined("/", part, whole), form="percent"))


def whole_of(found: Found, compute: Compute) -> str:
    """Of what a number is a percentage: 12 is 15% of what."""
    part = compute(found.group("percent")).value
    if not part:
        no_value("nothing per cent of what is not to be told", "give more than 0 %")
    return shown(scaled(compute(found.group("part")), 100 / part))


def change(found: Found, compute: Compute) -> str:
    """The change from one number to another, in percent of the first."""
    before, after = compute(found.group("from")), compute(found.group("to"))
    changed = joined("/", joined("-", after, before), before)
    falls = found.group("way").lower() in FALLS
    return shown(replace(scaled(changed, Fraction(-1 if falls else 1)), form="percent"))


def changed_by(found: Found, compute: Compute) -> str:
    """A number increased or decreased by a percentage."""
    part = compute(found.group("percent")).value / 100
    down = found.group("way").lower() in DOWN
    return shown(scaled(compute(found.group("whole")), 1 - part if down else 1 + part))


def rounded_to(found: Found, compute: Compute) -> str:
    """A number rounded to some decimals, or to the nearest ten; half goes away from zero."""
    named = {name: value for name, value in found.groupdict().items() if value}
    places = named.get("places", "0").lower()
    step = Fraction(1, 10 ** (PLACES.get(places) or int(places)))
    if "step" in named:
        nearest = named["step"].lower()
        step = Fraction(NEAREST[nearest]) if nearest in NEAREST else compute(nearest).value
    if not step > 0 or step.denominator > 10**MOST_PLACES:
        refuse("there is nothing to round to", f"give up to {MOST_PLACES} decimals, or the nearest of something")
    number = compute(named["number"])
    return shown(replace(number, value=round_half_up(number.value / step) * step, exact=True))


def by_verb(sign: str) -> Answer:
    """Two numbers that a verb joins: divide 3 by 2."""

    def answer(found: Found, compute: Compute) -> str:
        first, second = compute(found.group("first")), compute(found.group("second"))
        return shown(joined(sign[0], second, first) if sign.endswith("<") else joined(sign, first, second))

    return answer


def interest(found: Found, compute: Compute) -> str:
    """Simple interest on a sum over some years."""
    part = compute(found.group("part")).value / 100 * compute(found.group("years")).value
    whole = compute(found.group("whole"))
    return f"{amount(scaled(whole, part))} (in all {bare(amount(scaled(whole, 1 + part)))})"


def power_of(found: Found, compute: Compute) -> str:
    """A number to the sixth power."""
    return shown(joined("^", compute(found.group("base")), compute(found.group("power"))))


def from_base(found: Found, compute: Compute) -> str:
    """A number of base 2, 8 or 16, in decimal or one of the others."""
    del compute
    prefix = (found.group("prefix") or found.group("base")).lower()
    into = found.group("into").lower()
    value = Fraction(value_in_base(found.group("digits"), BASES[prefix]))
    return shown(Number(value, form=FORMS.get(into, into)))


def from_roman(found: Found, compute: Compute) -> str:
    """A Roman numeral in decimal."""
    del compute
    value = value_of_roman(found.group("roman"))
    if not value or not found.group("roman").isupper():  # "mix" is a word
        refuse(f"{found.group('roman')!r} is no Roman numeral in its usual form", "write one such as XIV")
    return str(value)
