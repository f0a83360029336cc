"""Exact arithmetic: what it reads, how it rounds, what it refuses."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput
from pointsman.core.sums.arithmetic import MAX_DEPTH, MAX_LENGTH, compute, evaluate
from pointsman.core.sums.exact import MAX_DIGITS

VALUES = [
    ("23*19", "437"),
    ("1,234,567 + 1", "1234568"),
    ("0.1 + 0.2", "0.3"),
    ("7 // 2", "3"),
    ("-7 // 2", "-4"),
    ("-7 % 3", "2"),
    ("7 mod 3", "1"),
    ("7 % 3", "1"),
    ("-2^2", "-4"),
    ("2^3^2", "512"),
    ("2**-2", "0.25"),
    ("2*-3", "-6"),
    ("- - 5", "5"),
    ("(1+2)*3", "9"),
    ("3 x 4 ÷ 2", "6"),
    ("5²", "25"),
    ("2 cubed", "8"),
    ("2 to the power of 8", "256"),
    ("12 divided by 8", "1.5"),
    ("12 over 8", "1.5"),
    ("12 minus 8 times 2", "-4"),
    ("3!!", "720"),
    ("-3!", "-6"),
    ("10!/8!", "90"),
    ("0^0", "1"),
    ("15% of 80", "12"),
    ("80 + 15%", "92"),
    ("80 - 15%", "68"),
    ("100 - 15% of 80", "88"),
    ("5% + 10%", "0.15"),
    ("80 + 2*15%", "80.3"),
    ("100 + (5%)", "100.05"),
    ("15% off 80", "68"),
    ("1/2 of 80", "40"),
    ("sqrt(144)", "12"),
    ("sqrt of 144", "12"),
    ("sqrt(16)!", "24"),
    ("sqrt 2^4", "4"),
    ("√0.25", "0.5"),
    ("square root of 9/16", "0.1875"),
    ("sqrt(9/16)", "0.75"),
    ("8^(1/3)", "2"),
    ("4^-1.5", "0.125"),
    ("1/3 * 3", "1"),
    ("sqrt(2)", "≈ 1.4142135623731"),
    ("sqrt(3)", "≈ 1.73205080756888"),
    ("1/3", "≈ 0.333333333333"),
    ("2/3", "≈ 0.666666666667"),
    ("10^30/3", "≈ 3.33333333333e+29"),
    ("0.1^20", "1e-20"),
    ("1.05^10", "≈ 1.62889462678"),
    ("2^0.1", "≈ 1.07177346253629"),
    ("(10^4000)^0.333", "≈ 1e+1332"),
    ("12 mal 7", "84"),
    ("16 geteilt durch 4", "4"),
    ("20 por ciento de 50", "10"),
    ("5 factorial", "120"),
    ("123加456", "579"),
    ("25かける4", "100"),
    ("12 나누기 4", "3"),
    ("٣+٤", "7"),
]

REFUSED = [
    ("", "missing"),
    ("()", "missing"),
    ("1 +", "missing"),
    ("* 2", "missing"),
    ("(1 + 2", "not closed"),
    ("1 + 2)", "joins"),
    ("2 2", "joins"),
    ("2(3)", "joins"),
    ("apples", "not a number"),
    ("1,23", "not a number"),
    ("1.2.3", "not a number"),
    ("0x10", "hexadecimal"),
    ("__import__('os')", "not a number"),
    ("1/0", "zero"),
    ("1 // 0", "zero"),
    ("1 mod 0", "zero"),
    ("0^-1", "zero"),
    ("9**9**9", "digits"),
    ("10^10000", "digits"),
    ("0.5^99999", "digits"),
    ("3249!", "digits"),
    ("99999999999!", "digits"),
    ("3000!*3000!", "digits"),
    ("2.5!", "factorial"),
    ("(-1)!", "factorial"),
    ("sqrt(-4)", "root"),
    ("(-8)^(1/3)", "root"),
    ("5 off 80", "percentage"),
    ("(" * 60 + "1" + ")" * 60, "deep"),
    ("-" * 60 + "1", "deep"),
    ("1+" * 300 + "1", "characters"),
]


@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_values(expression: str, value: str) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(("expression", "cause"), REFUSED)
def test_what_cannot_be_computed_is_refused_with_a_cause_and_a_cure(expression: str, cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause) as caught:
        evaluate(expression)
    assert caught.value.cure


def test_the_longest_result_is_whole() -> None:
    assert evaluate(f"10^{MAX_DIGITS - 1}") == "1" + "0" * (MAX_DIGITS - 1)
    assert len(evaluate("3248!")) == 9998


def test_the_longest_and_deepest_expressions_are_read() -> None:
    assert evaluate("1+" * 249 + "12") == "261"
    assert len("1+" * 249 + "12") == MAX_LENGTH
    deep = MAX_DEPTH - 1
    assert evaluate("(" * deep + "1" + ")" * deep) == "1"


@dataclass(frozen=True)
class Sum:
    """An expression, and its value by Python's own fractions."""

    text: str
    value: Fraction


def number(whole: int, decimals: int) -> Sum:
    text = f"{whole}.{decimals:03d}" if decimals else str(whole)
    return Sum(text, Fraction(text))


def combined(sign: str, left: Sum, right: Sum) -> Sum:
    text = f"({left.text} {sign} {right.text})"
    a, b = left.value, right.value
    match sign:
        case "+":
            return Sum(text, a + b)
        case "-":
            return Sum(text, a - b)
        case "*":
            return Sum(text, a * b)
        case "/":
            assume(b != 0)
            return Sum(text, a / b)
        case "//":
            assume(b != 0)
            return Sum(text, Fraction(a // b))
        case _:
            assume(b != 0)
            return Sum(text, a % b)


def raised(base: Sum, exponent: int) -> Sum:
    assume(base.value != 0 or exponent >= 0)
    return Sum(f"({base.text}) ^ {exponent}", base.value**exponent)


SUMS = st.recursive(
    st.builds(number, st.integers(0, 10**6), st.sampled_from([0, 5, 125, 999])),
    lambda inner: st.one_of(
        st.builds(combined, st.sampled_from(["+", "-", "*", "/", "//", "mod"]), inner, inner),
        st.builds(lambda one: Sum(f"-({one.text})", -one.value), inner),
        st.builds(lambda one: Sum(f"({one.text})%", one.value / 100), inner).map(
            lambda one: Sum(f"({one.text})", one.value)
        ),
        st.builds(raised, inner, st.integers(-3, 4)).map(lambda one: Sum(f"({one.text})", one.value)),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(SUMS)
def test_it_agrees_with_the_fractions_of_python(expected: Sum) -> None:
    assume(len(expected.text) <= MAX_LENGTH)
    found = compute(expected.text)
    assert found.exact
    assert found.value == expected.value


@settings(deadline=None)
@given(st.integers(-(10**40), 10**40), st.integers(1, 10**40))
def test_what_is_shown_is_the_value_or_near_it(top: int, bottom: int) -> None:
    shown = evaluate(f"({top}) / {bottom}")
    near = Fraction(shown.removeprefix("≈ "))
    if shown.startswith("≈ "):
        assert abs(near - Fraction(top, bottom)) <= abs(Fraction(top, bottom)) / 10**11
    else:
        assert near == Fraction(top, bottom)


PIECES = st.sampled_from(
    [
        "1", "2", "99", "9999999", "0.5", "1,000", "1e9", "0x1", "+", "-", "*", "/", "//", "**", "^", "%", "!", "(",
        ")", "sqrt", "√", "of", "off", "mod", "plus", "squared", "to the power of", "²", "x", "per",
        "=", "?", "π", "\u0000", "９", "½",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.lists(PIECES, max_size=20).map(" ".join), st.lists(PIECES, max_size=12).map("".join)
    )
)
def test_any_text_has_a_value_or_is_invalid_input(text: str) -> None:
    with suppress(InvalidInput):
        assert evaluate(text)
