"""Units: what they are worth, there and back exactly, what they add up to, and how ambiguous names are told."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput, NoValue
from pointsman.core.sums import units_abroad
from pointsman.core.sums.arithmetic import compute, evaluate
from pointsman.core.sums.exact import Number
from pointsman.core.sums.quantities import converted
from pointsman.core.sums.spellings import spellings
from pointsman.core.sums.units import Unit

# Each by its definition, or from the tables of NIST Special Publication 811, appendix B.
EXACTLY = [
    ("1 inch in cm", "2.54"),
    ("1 foot in m", "0.3048"),
    ("1 mile in m", "1609.344"),
    ("1 nautical mile in km", "1.852"),
    ("1 acre in m2", "4046.8564224"),
    ("1 square mile in acres", "640"),
    ("1 hectare in square meters", "10000"),
    ("1 US gallon in ml", "3785.411784"),
    ("1 US cup in ml", "236.5882365"),
    ("1 imperial pint in ml", "568.26125"),
    ("1 cubic foot in liters", "28.316846592"),
    ("1 tablespoon in teaspoons", "3"),
    ("1 pound in g", "453.59237"),
    ("1 stone in pounds", "14"),
    ("1 troy ounce in g", "31.1034768"),
    ("1 long ton in pounds", "2240"),
    ("1 day in seconds", "86400"),
    ("1 fortnight in hours", "336"),
    ("1 GiB in MB", "1073.741824"),
    ("1 MB in Mbit", "8"),
    ("100 Mbps in MB/s", "12.5"),
    ("1 knot in km/h", "1.852"),
    ("1 mph in m/s", "0.44704"),
    ("1 kcal in kJ", "4.184"),
    ("1 kWh in MJ", "3.6"),
    ("1 atm in hPa", "1013.25"),
    ("1 turn in degrees", "360"),
    ("0 °C in °F", "32"),
    ("-40 °F in °C", "-40"),
    ("0 K in °C", "-273.15"),
    ("10 km/l in l/100km", "10"),
    ("5 l/100km in km/l", "20"),
    ("1 metric hp in W", "735.49875"),
]
SHOWN = [
    ("5 miles in km", "8.04672 km"),
    ("72 °F to celsius", "≈ 22.22 °C"),
    ("98.6 f to c", "37 °C"),
    ("cups in 2 liters", "≈ 8.45351 US cups"),
    ("3 ft 5 in to cm", "104.14 cm"),
    ("5 in in cm", "12.7 cm"),
    ("6'2\" in cm", "187.96 cm"),
    ("5 foot 11 in m", "1.8034 m"),
    ("180 cm in feet and inches", "≈ 5 ft 10.87 in"),
    ("1.999999 ft in feet and inches", "≈ 2 ft"),
    ("-5.5 ft in feet and inches", "-5 ft 6 in"),
    ("100 km/h in mph", "≈ 62.1371 mph"),
    ("1 h 30 min in seconds", "5400 s"),
    ("1h 30m in min", "90 minutes"),
    ("2h45 + 1h50", "4 hours 35 minutes"),
    ("1.5 h * 3", "4 hours 30 minutes"),
    ("60 h * 3", "7 days 12 hours"),
    ("0.5 s * 3", "1.5 s"),
    ("5 lb + 300 g in kg", "2.56796185 kg"),
    ("5 lb + 300 g", "≈ 5.66139 lb"),
    ("12 inches / 1 ft", "1"),
    ("5 minutes and 30 seconds in s", "330 s"),
    ("half a cup in ml", "≈ 118.294 mL (US measures)"),
    ("1/2 mile in m", "804.672 m"),
    ("1 1/2 hours in minutes", "90 minutes"),
    ("10% of 5 km", "0.5 km"),
    ("20% off 50 kg", "40 kg"),
    ("100 kg + 10%", "110 kg"),
    ("average of 1 m and 50 cm", "0.75 m"),
    ("max of 1 m, 90 cm, 3 ft", "1 m"),
    ("$84.50 + 15%", "≈ $97.18"),
    ("$12.50 * 3", "$37.50"),
    ("20% off 80 dollars", "$64"),
    ("100 € / 3", "≈ €33.33"),
    ("$5 - $7.25", "-$2.25"),
    ("$5 + 3", "$8"),
    ("1 light year in km", "≈ 9460730472581 km"),
    ("pi rad in degrees", "≈ 180°"),
]
# What an ambiguous name was taken for is said, unless the result says so itself.
TOLD = [
    ("2 gallons in liters", "7.570823568 L (US measures)"),
    ("2 US gallons in liters", "7.570823568 L"),
    ("10 liters in gallons", "≈ 2.64172 US gal"),
    ("2 tons in kg", "1814.36948 kg (a US ton of 2,000 lb)"),
    ("2 tonnes in kg", "2000 kg"),
    ("200 hp in kW", "≈ 149.14 kW (mechanical horsepower)"),
    ("2 years in days", "730 days (a year of 365 days)"),
    ("3 years in months", "36 months"),
    ("2 GB in MiB", "≈ 1907.35 MiB (1 kB is 1000 bytes, 1 KiB is 1024)"),
    ("8 ounces in cups", "1 US cup (oz read as fluid ounces)"),
    ("8 ounces in grams", "226.796185 g"),
]
ABROAD = [
    ("5 Meilen in km", "8.04672 km"),
    ("7,5 Meilen in km", "12.07008 km"),
    ("5 millas a kilómetros", "8.04672 km"),
    ("5 miles en kilomètres", "8.04672 km"),
    ("40 gradi fahrenheit in celsius", "≈ 4.44 °C"),
    ("70 kg em libras", "≈ 154.324 lb"),
    ("6 voet in meters", "1.8288 m"),
    ("180 funtów na kilogramy", "81.6466266 kg"),
    ("5 миль в километрах", "8.04672 km"),
    ("5公里是多少英里", "≈ 3.10686 miles"),
    ("华氏98度是多少摄氏度", "≈ 36.67 °C"),
    ("5マイルは何キロメートル", "8.04672 km"),
    ("5マイルをキロメートルに", "8.04672 km"),
    ("화씨 100도 섭씨로", "≈ 37.78 °C"),
    ("10 Quadratmeter in cm2", "100000 cm²"),
]
# Not to be guessed: left to whoever can ask back.
REFUSED = [
    ("5 in cm", "no unit"),
    ("5 miles in kg", "a length is not a mass"),
    ("72 degrees to celsius", "which scale"),
    ("100 dollars in euros", "currencies"),
    ("3 calories in kJ", "not a number"),
    ("8 x 10 inches to cm", "size"),
    ("5 m * 4 m", "plain numbers"),
    ("10 km / 2 h", "plain numbers"),
    ("5 m ^ 2 + 1 m", "plain numbers"),
    ("5 km in", "unit is missing"),
    ("km", "number is missing"),
]
NO_VALUE = [
    ("5 m + 3 s", "a length and a time do not add up"),
    ("5 km + 3", "a length and a plain number do not add up"),
    ("20 °C + 5 °C", "points on a scale"),
    ("2 * 20 °C", "points on a scale"),
    ("0 l/100km in mpg", "without end"),
    ("30 mpg + 5 l/100km", "do not add up"),
]


@pytest.mark.parametrize(("text", "value"), EXACTLY)
def test_definitions(text: str, value: str) -> None:
    found = compute(text)
    assert found.exact
    assert found.value == Fraction(value)


@pytest.mark.parametrize(("text", "shown"), [*SHOWN, *TOLD, *ABROAD])
def test_how_quantities_are_read_and_shown(text: str, shown: str) -> None:
    assert evaluate(text) == shown


@pytest.mark.parametrize(("text", "cause"), REFUSED)
def test_what_is_not_clear_is_refused(text: str, cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause) as caught:
        evaluate(text)
    assert caught.value.cure


@pytest.mark.parametrize(("text", "cause"), NO_VALUE)
def test_what_does_not_go_together_is_said_in_words(text: str, cause: str) -> None:
    with pytest.raises(NoValue, match=cause):
        evaluate(text)


KINDS: dict[str, list[Unit]] = defaultdict(list)
for one in spellings().by_label.values():
    KINDS[one.dimension].append(one)
PAIRS = [pair for kind in KINDS.values() for pair in product(kind, kind)]


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(PAIRS), st.fractions(min_value=Fraction(1, 10**6), max_value=10**6))
def test_there_and_back_is_exact(pair: tuple[Unit, Unit], value: Fraction) -> None:
    first, second = pair
    back = converted(converted(Number(value, unit=first), second), first)
    assert back.value == value


def test_every_unit_is_worth_something() -> None:
    assert all(unit.factor > 0 for unit in spellings().by_label.values())
    assert all(len(kind) > 1 for dimension, kind in KINDS.items() if not dimension.startswith("money"))


def test_names_abroad_are_of_units_that_there_are() -> None:
    labels = {*units_abroad.WITH_COMMA, *units_abroad.WITH_POINT}
    assert labels <= set(spellings().by_label)


@pytest.mark.parametrize(
    ("name", "label"),
    [("Mb", "Mbit"), ("MB", "MB"), ("mb", "MB"), ("GiB", "GiB"), ("MW", "MW"), ("mW", "mW"), ("kWh", "kWh")],
)
def test_case_tells_what_differs_by_it_only(name: str, label: str) -> None:
    found = spellings().at(name, name.lower(), 0)
    assert found is not None
    assert isinstance(found[0], Unit)
    assert found[0].label == label
