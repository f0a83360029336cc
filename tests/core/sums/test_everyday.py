"""Everyday sums in words, functions, and numbers as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput, NoValue
from pointsman.core.sums.arithmetic import answer, evaluate, is_sum
from pointsman.core.sums.numerals import in_base, number_of, roman_of, value_of_roman

ANSWERS = [
    ("15% tip on 84.50", "≈ 12.68 (in all about 97.18)"),
    ("15% tip on $84.50 split by 4", "≈ $12.68 (in all about $97.18; each of 4 pays about $24.29)"),
    ("tip of 15% on 96 dollars", "$14.40 (in all $110.40)"),
    ("tip on my $50 bill at 20%", "$10 (in all $60)"),
    ("20% discount on 80", "16 (leaves 64)"),
    ("7.5% sales tax on 1,249", "≈ 93.68 (in all about 1342.68)"),
    ("84.50 plus 19% VAT", "100.555"),
    ("80 - 20% discount", "64"),
    ("split $84.50 between 4 people", "≈ $21.13"),
    ("120 split 3 ways", "40"),
    ("what percent of 80 is 12", "15 %"),
    ("12 is what percent of 80", "15 %"),
    ("what percentage is 12 of 80", "15 %"),
    ("12 out of 90 as a percentage", "≈ 13.3333333333 %"),
    ("12 is 15% of what", "80"),
    ("percent change from 40 to 50", "25 %"),
    ("percent change from 50 to 40", "-20 %"),
    ("percentage decrease from 50 to 40", "20 %"),
    ("increase 80 by 15%", "92"),
    ("80 decreased by 15 percent", "68"),
    ("20% more than 50", "60"),
    ("round 3.14159 to 2 decimals", "3.14"),
    ("2.675 rounded to two decimal places", "2.68"),
    ("round -2.5 to the nearest integer", "-3"),
    ("round 1234 to the nearest hundred", "1200"),
    ("round 17 to the nearest 5", "15"),
    ("simple interest on 144 at 12% for 6 years", "103.68 (in all 247.68)"),
    ("3 to the 6th power", "729"),
    ("divide 3 by 2", "1.5"),
    ("divide 100 by 12", "≈ 8.33333333333"),
    ("100 divided by 12", "≈ 8.33333333333"),
    ("subtract 5 from 12", "7"),
    ("add up 8 and 7", "15"),
    ("multipliziere 34 mit 12", "408"),
    ("умножь 34 на 12", "408"),
    ("average of 3, 4, 8", "5"),
    ("average of 3,4,8", "5"),
    ("sum of 1,200 and 3,400", "4600"),
    ("sum of 3, 4 and 8", "15"),
    ("the sum of 3 plus 5", "8"),
    ("mean of 1 2 2 3", "2"),
    ("median of 5, 1, 9", "5"),
    ("max(3, 8)", "8"),
    ("min of 4, -2 and 7", "-2"),
    ("product of 12 and 13", "156"),
    ("difference between 12 and 30", "18"),
    ("gcd of 12 and 18", "6"),
    ("lcm of 12 and 18", "36"),
    ("2 dozen", "24"),
    ("1.5 million / 12", "125000"),
    ("a third of 90", "30"),
    ("half of 90 plus two thirds of 30", "65"),
    ("twice 45", "90"),
    ("two plus two divided by two", "3"),
    ("twenty-five times four", "100"),
    ("3 1/2 + 1/2", "4"),
    ("2½ * 2", "5"),
    ("1.2e6 / 4e2", "3000"),
    ("0x1F in decimal", "31"),
    ("binary 101101 in decimal", "45"),
    ("0xFF to binary", "0b11111111"),
    ("255 in binary", "0b11111111"),
    ("-255 in hex", "-0xFF"),
    ("1994 in roman numerals", "MCMXCIV"),
    ("XIV in decimal", "14"),
    ("3/8 + 5/12 as a fraction", "19/24"),
    ("3/8 as a percentage", "37.5 %"),
    ("0.25 in %", "25 %"),
    ("sin(30°)", "0.5"),
    ("sin(90 degrees)", "1"),
    ("cos(pi/3)", "0.5"),
    ("cos(pi)", "-1"),
    ("tan(45°)", "1"),
    ("sin(10°)", "≈ 0.173648177667"),
    ("asin 0.5", "≈ 30°"),
    ("ln(e)", "≈ 1"),
    ("log(100)", "2 (log to base 10)"),
    ("log2(0.125)", "-3"),
    ("ln(5)", "≈ 1.6094379124341"),
    ("e^2", "≈ 7.38905609893065"),
    ("sqrt(2) * pi", "≈ 4.44288293815837"),
    ("cube root of -27", "-3"),
    ("floor(-2.5)", "-3"),
    ("abs(-7/2)", "3.5"),
]
REFUSED = [
    ("3 of 5", "percentage or a fraction"),
    ("average of 100,200,300", "one number or several"),
    ("average of 100,200, and 300", "one number or several"),
    ("average of 3, 4 and 8 plus 2", "where the list ends"),
    ("average of 3", "several numbers"),
    ("sin(30)", "degrees or radians"),
    ("mix in decimal", "Roman|not a number"),
    ("1.234 mal 2", "two ways"),
    ("1,234 mal 2", "two ways"),
    ("binary 102 in decimal", "base 2"),
    ("80 + VAT", "percentage is missing"),
    ("5 km in binary", "has a unit"),
    ("12 is what", "not a number"),
]
NO_VALUE = [
    ("ln(0)", "above 0"),
    ("asin 2", "no angle"),
    ("tan(90°)", "no value there"),
    ("1.5 in binary", "whole numbers"),
    ("4000 in roman numerals", "1 to 3999"),
    ("sqrt(2) as a fraction", "irrational"),
    ("split 80 by 0", "nobody"),
    ("5 is 0% of what", "more than 0"),
    ("percent change from 0 to 5", "zero"),
]
WRITTEN = [
    ("2,340", "2340"),
    ("1,234,567.5", "1234567.5"),
    ("2.340,50", "2340.5"),
    ("1.234.567,8", "1234567.8"),
    (".5", "0.5"),
    ("1e3", "1000"),
    ("2.5E-2", "0.025"),
]
WITH_COMMA = [("7,5", "7.5"), ("12,75", "12.75"), ("0,125", "0.125"), ("1.234.567", "1234567"), ("2.5", "2.5")]
LONE = ["5", "2,340", "5 km", "half", "two", "pi", "50%", "a cup", "$5", "3 ft 5 in", "2026-01-05", "", "apples", "km"]


@pytest.mark.parametrize(("text", "said"), ANSWERS)
def test_everyday_sums(text: str, said: str) -> None:
    assert evaluate(text) == said
    assert is_sum(text)


@pytest.mark.parametrize(("text", "cause"), REFUSED)
def test_what_is_not_clear_is_refused(text: str, cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause):
        evaluate(text)
    assert not is_sum(text)


@pytest.mark.parametrize(("text", "cause"), NO_VALUE)
def test_a_sum_without_a_value_is_a_sum(text: str, cause: str) -> None:
    with pytest.raises(NoValue, match=cause):
        evaluate(text)
    assert is_sum(text)


@pytest.mark.parametrize(("text", "value"), WRITTEN)
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert number_of(text) == Fraction(value)


@pytest.mark.parametrize(("text", "value"), WITH_COMMA)
def test_numbers_beside_words_of_a_language_with_decimal_commas(text: str, value: str) -> None:
    assert number_of(text, comma=True) == Fraction(value)


@pytest.mark.parametrize("text", ["1,23", "1.2.3", "1,2,3", "12,34,567", "1.234,5.6"])
def test_what_is_no_number_in_english_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        number_of(text)


@pytest.mark.parametrize("text", LONE)
def test_a_lone_number_is_no_sum(text: str) -> None:
    assert not is_sum(text)


def test_the_answer_is_one_line() -> None:
    assert answer("17 % of 2,340") == "17 % of 2,340 = 397.8"
    assert answer("1/3") == "1/3 ≈ 0.333333333333"


@given(st.integers(1, 3999))
def test_roman_numerals_there_and_back(number: int) -> None:
    assert value_of_roman(roman_of(Fraction(number))) == number


@given(st.integers(-(10**30), 10**30), st.sampled_from(["binary", "octal", "hexadecimal"]))
def test_other_bases_are_what_python_reads(number: int, form: str) -> None:
    assert int(in_base(Fraction(number), form), 0) == number
