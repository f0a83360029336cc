"""Units, dates and everyday sums in messages: found where they are all that is asked, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest

from pointsman.core.sums.arithmetic import evaluate
from pointsman.tiers.slots import find
from pointsman.tiers.slots.expression import expression_of

NAMES = ("expression", "code")
TODAY = date(2026, 5, 20)

FOUND = [
    ("convert 5 miles to km please", "5 miles to km", "8.04672 km"),
    ("how many cups in 2 liters?", "2 liters in cups", "≈ 8.45351 US cups"),
    ("how many kilos are in 150 pounds", "150 pounds in kilos", "68.0388555 kg"),
    ("how many miles is five kilometers", "five kilometers in miles", "≈ 3.10686 miles"),
    ("how many seconds in a day", "a day in seconds", "86400 s"),
    ("what amount of miles are in a hundred kilometers", "a hundred kilometers in miles", "≈ 62.1371 miles"),
    ("what would five pounds be in kilos", "five pounds be in kilos", "2.26796185 kg"),
    ("how do i convert four inches into centimeters", "four inches into centimeters", "10.16 cm"),
    ("how far is 26.2 miles in km", "26.2 miles in km", "42.1648128 km"),
    ("how long is 26 miles in km", "26 miles in km", "41.842944 km"),
    ("good morning, tell me what ten pounds in kilos is", "ten pounds in kilos", "4.5359237 kg"),
    ("5 ft 11 in cm???", "5 ft 11 in cm", "180.34 cm"),
    ("98.6 f to c", "98.6 f to c", "37 °C"),
    ("2.5 GB in MiB", "2.5 GB in MiB", "≈ 2384.19 MiB (1 kB is 1000 bytes, 1 KiB is 1024)"),
    ("rechne 5,4 Zoll in Zentimeter um", "5,4 Zoll in Zentimeter", "13.716 cm"),
    ("convierte 5 millas a kilómetros", "5 millas a kilómetros", "8.04672 km"),
    ("convertis 3 miles en kilomètres", "3 miles en kilomètres", "4.828032 km"),
    ("przelicz 180 funtów na kilogramy", "180 funtów na kilogramy", "81.6466266 kg"),
    ("переведи 10 миль в километры", "10 миль в километры", "16.09344 km"),
    ("5マイルは何キロメートルですか", "5マイルは何キロメートル", "8.04672 km"),
    ("华氏98度是多少摄氏度", "华氏98度是多少摄氏度", "≈ 36.67 °C"),
    ("hi, 15% tip on $84.50 please", "15% tip on $84.50", "≈ $12.68 (in all about $97.18)"),
    ("what is 60 percent off of 350 dollars", "60 percent off of 350 dollars", "$140"),
    ("what percent of 80 is 12?", "what percent of 80 is 12", "15 %"),
    ("what's the average of 10 and 20", "average of 10 and 20", "15"),
    ("what is the sum of 8 + 3", "sum of 8 + 3", "11"),
    ("what do you get if you divide 3 by 2", "divide 3 by 2", "1.5"),
    ("round 3.14159 to 2 decimals", "round 3.14159 to 2 decimals", "3.14"),
    ("what's half of 250", "half of 250", "125"),
    ("convert 365 to binary", "365 to binary", "0b101101101"),
    ("quanto fa il 20% di 80", "20% di 80", "16"),
    ("how many days until christmas?", "days until christmas", "219 days (to Friday, 25 December 2026)"),
    ("how many weeks between 2026-01-01 and 2026-06-01", "weeks between 2026-01-01 and 2026-06-01", "21 weeks 4 days"),
    ("what day of the week is July 4 2027", "what day of the week is July 4 2027", "Sunday, 4 July 2027"),
    ("what's the date in 45 days", "date in 45 days", "Saturday, 4 July 2026"),
    ("can you tell me what today's date is", "today's date", "Wednesday, 20 May 2026"),
    ("what's the date?", "what's the date", "Wednesday, 20 May 2026"),
    ("how old is someone born 1990-05-17", "how old is someone born 1990-05-17", "36 years 3 days"),
    ("from 9:15 to 17:40", "from 9:15 to 17:40", "8 hours 25 minutes"),
]  # fmt: skip
NOTHING = [
    "5 km",
    "what is 5 miles",
    "3 ft 5 in",
    "2 cups of flour in grams",
    "how many calories in a banana",
    "how many ounces of gold in fort knox",
    "how far is the moon in km",
    "convert 200 dollars to yen",
    "1 btc in usd",
    "what's 10% of my salary",
    "is 5 miles more than 7 km",
    "how many people live in france",
    "i ran 5 miles in 40 minutes",
    "my train is in 30 min",
    "2 in 1",
    "3 of 5",
    "24/7",
    "10 to 15 minutes",
    "meet me in 2 hours",
    "8 x 10 inches to cm",
    "tiles 30x30 cm for 12 m2",
    "bmi for 75 kg and 1.8 m",
    "days of our lives",
    "what day is the concert",
    "how many days until the election",
    "days between 03/04/2026 and 05/04/2026",
    "2026-01-05 - 2026-03-01",
    "9:15 - 17:40",
    "date",
    "what is 25/12/2026",
    "what is 2027-02-14",
    "half",
    "one two three",
    "add 2 pizzas to my shopping list",
    "remind me in 3 weeks",
    "write a function that converts 5 miles to km",
    "explain why 5 miles is 8.04672 km",
    "what's 5 miles in km and why",
    "5 miles in km\n3 miles in km",
    "how do you convert pounds to kilos",
    "run log(100) in python",
]


@pytest.mark.parametrize(("text", "expression", "value"), FOUND)
def test_what_is_asked_is_found_and_has_a_value(text: str, expression: str, value: str) -> None:
    assert find("code_execution", text, NAMES) == {"expression": expression}
    assert evaluate(expression, lambda: TODAY) == value


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_sum_is_not_computed(text: str) -> None:
    assert expression_of(text) == ""


def test_a_refusal_in_words_is_better_than_a_guess() -> None:
    """Whoever adds metres to seconds is told, by the evaluator; a model would add them."""
    assert expression_of("what is 5 m + 3 s") == "5 m + 3 s"
    assert expression_of("days until 30 february") == "days until 30 february"
