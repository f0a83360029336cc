"""A thousand sums made at random, against Python's own fractions and decimals."""

from __future__ import annotations

import decimal
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest

from pointsman.core.sums.arithmetic import compute, evaluate

SUMS = 1000
OPERATORS: dict[str, tuple[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": ("plus", lambda a, b: a + b),
    "-": ("minus", lambda a, b: a - b),
    "*": ("times", lambda a, b: a * b),
    "/": ("divided by", lambda a, b: a / b),
    "//": ("//", lambda a, b: Fraction(a // b)),
    "%": ("mod", lambda a, b: a % b),
}
# How tightly operators bind, as Python has it.
LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2}


@dataclass(frozen=True)
class Sum:
    """A sum as text, its value, and how tightly its last operator binds."""

    text: str
    value: Fraction
    level: int = 9


def number(chance: random.Random) -> Sum:
    """A whole number, one with thousands marked, or a decimal."""
    whole = chance.choice([chance.randrange(10), chance.randrange(1000), chance.randrange(10**9)])
    places = chance.choice([0, 0, 0, 1, 2, 6])
    text = f"{whole:,}" if chance.random() < 0.3 else str(whole)
    return Sum(text if not places else f"{text}.{chance.randrange(10**places):0{places}d}", Fraction(0))


def valued(one: Sum) -> Sum:
    return Sum(one.text, Fraction(one.text.replace(",", "")))


def made(chance: random.Random, depth: int) -> Sum:
    """A sum, with parentheses where Python would need them and sometimes where it would not."""
    kind = chance.random() if depth else 0.0
    if kind < 0.15:
        return valued(number(chance))
    if kind < 0.25:
        inner = made(chance, depth - 1)
        return Sum(f"-({inner.text})", -inner.value)
    if kind < 0.35:
        inner = made(chance, depth - 1)
        power = chance.randrange(1 if inner.value == 0 else -3, 5)
        return Sum(f"({inner.text}) {chance.choice(['^', '**'])} ({power})", inner.value**power)
    if kind < 0.45:
        inner, percent = made(chance, depth - 1), chance.randrange(1, 200)
        return Sum(
            f"({percent}{chance.choice(['%', ' %', ' percent'])} of ({inner.text}))", inner.value * percent / 100
        )
    left, right = made(chance, depth - 1), made(chance, depth - 1)
    sign = chance.choice(list(OPERATORS))
    if right.value == 0 and sign in {"/", "//", "%"}:
        sign = "+"
    level = LEVEL[sign]
    before = left.text if left.level >= level and chance.random() < 0.7 else f"({left.text})"
    after = right.text if right.level > level and chance.random() < 0.7 else f"({right.text})"
    word, apply = OPERATORS[sign]
    shown = word if chance.random() < 0.3 or sign == "%" else sign
    return Sum(f"{before} {shown} {after}", apply(left.value, right.value), level)


def thousand() -> list[Sum]:
    chance = random.Random("sums")
    found: list[Sum] = []
    while len(found) < SUMS:
        one = made(chance, chance.randrange(1, 5))
        if len(one.text) <= 400 and max(abs(one.value.numerator), one.value.denominator) < 10**500:
            found.append(one)
    return found


def as_decimal(value: Fraction) -> str:
    """A fraction as text by Python's decimals: whole numbers and up to 15 digits plain, else 12 digits, rounded."""
    if value.denominator == 1:
        return str(value.numerator)
    with decimal.localcontext(decimal.Context(prec=15)) as context:
        whole = Decimal(value.numerator) / Decimal(value.denominator)
        if not context.flags[decimal.Inexact]:
            return str(whole)
        context.prec = 12
        return str(Decimal(value.numerator) / Decimal(value.denominator))


def test_a_thousand_sums_are_what_fractions_say() -> None:
    for one in thousand():
        found = compute(one.text)
        assert found.exact, one.text
        assert found.value == one.value, one.text


def test_what_is_shown_of_them_is_what_decimals_say() -> None:
    for one in thousand():
        shown = evaluate(one.text)
        expected = Decimal(as_decimal(one.value))
        assert Decimal(shown.removeprefix("≈ ")) == expected, one.text
        assert shown.startswith("≈ ") == (Fraction(expected) != one.value), one.text


@pytest.mark.parametrize("seed", range(20))
def test_averages_and_products_are_what_fractions_say(seed: int) -> None:
    chance = random.Random(seed)
    numbers = [valued(number(chance)) for _ in range(chance.randrange(2, 12))]
    listed = ", ".join(one.text for one in numbers)
    total = sum((one.value for one in numbers), Fraction(0))
    assert compute(f"sum of {listed}").value == total
    assert compute(f"average of {listed}").value == total / len(numbers)
    assert compute(f"max of {listed}").value == max(one.value for one in numbers)
    ordered = sorted(one.value for one in numbers)
    half = len(ordered) // 2
    middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    assert compute(f"median of {listed}").value == middle
