"""Everyday questions that are computed: from the message to the reply, and no model is loaded."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from pointsman.core.message import Message, Turn
from pointsman.core.reply import Decided, Done, Event, Text
from pointsman.engine.router import Router
from pointsman.providers.embedded import Embedded

ANSWERS = [
    ("what's 17 % of 2,340", "397.8"),
    ("what is 348 * 27?", "9396"),
    ("9**9**9", "more than 10,000 digits"),
    ("what's 1/0", "division by zero"),
    ("5 miles in km", "8.04672 km"),
    ("convert 72 °F to celsius", "22.22 °C"),
    ("how many cups in 2 liters", "8.45351 US cups"),
    ("3 ft 5 in to cm", "104.14 cm"),
    ("100 km/h in mph", "62.1371 mph"),
    ("2.5 GB in MiB", "2384.19 MiB"),
    ("1 h 30 min in seconds", "5400 s"),
    ("5 lb + 300 g in kg", "2.56796185 kg"),
    ("how many feet in a mile", "5280 ft"),
    ("45 psi in bar", "3.10264 bar"),
    ("how many days between 2026-01-05 and 2026-03-01", "55 days"),
    ("which day of the week was 4 july 1976", "Sunday, 4 July 1976"),
    ("3 weeks after 5 March 2026", "Thursday, 26 March 2026"),
    ("how long is it from 9:15 to 17:40", "8 hours 25 minutes"),
    ("2h45 + 1h50", "4 hours 35 minutes"),
    ("15% tip on $84.50 split by 4", "each of 4 pays about $24.29"),
    ("20% off 80", "64"),
    ("what percent of 80 is 12", "15 %"),
    ("increase 80 by 15%", "92"),
    ("percent change from 40 to 50", "25 %"),
    ("average of 3, 4, 8", "5"),
    ("round 3.14159 to 2 decimals", "3.14"),
    ("a third of 90", "30"),
    ("1.5 million / 12", "125000"),
    ("255 in binary", "0b11111111"),
    ("0x1F in decimal", "31"),
    ("sin(30 degrees)", "0.5"),
    ("was ist 12 mal 7?", "84"),
    ("rechne 5,4 Zoll in Zentimeter um", "13.716 cm"),
    ("convierte 5 millas a kilómetros", "8.04672 km"),
    ("convertis 5 miles en kilomètres", "8.04672 km"),
    ("5公里是多少英里", "3.10686 miles"),
    # Decided as a question for a model or the web.
    ("30 mpg in l/100km", "7.84049 L/100 km"),
    ("how many kilobytes in a megabyte", "1000 kB"),
    ("when is easter 2027", "Sunday, 28 March 2027"),
]
# What is no sum is not computed, though it holds numbers and units.
OTHERS = [
    "how many calories in a banana",
    "how far is the moon in km",
    "what is 100 usd in eur",
    "2 cups of flour in grams",
    "a fox 3 ft tall, 2 of them",
    "remind me in 3 weeks",
    "write a function that converts 5 miles to km",
    "i ran 5 miles in 40 minutes",
    "what's the weather on 2026-05-05",
    "when is the next full moon",
]


@pytest.fixture
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was asked anything would fail the test."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a model was asked")

    monkeypatch.setattr(Embedded, "chat", refuse)


async def replied(router: Router, message: Message) -> list[Event]:
    return [event async for event in router.stream(message)]


@pytest.mark.usefixtures("nobody_is_asked")
async def test_everyday_questions_are_computed_without_a_model(router: Router) -> None:
    for text, said in ANSWERS:
        events = await replied(router, Message(text))
        done = events[-1]
        assert isinstance(done, Done), text
        assert done.model == ""
        reply = "".join(event.delta for event in events if isinstance(event, Text))
        # The value stands by itself, not inside a longer number.
        assert re.search(rf"(?<![\d.]){re.escape(said)}(?!\d|\.\d)", reply), f"{text}: {reply}"


@pytest.mark.usefixtures("nobody_is_asked")
async def test_a_date_in_some_days_is_counted_from_today(router: Router) -> None:
    before = datetime.now(UTC).astimezone().date()
    events = await replied(router, Message("what's the date in 45 days"))
    after = datetime.now(UTC).astimezone().date()
    reply = "".join(event.delta for event in events if isinstance(event, Text))
    days = [one + timedelta(45) for one in (before, after)]
    assert any(f"{day:%A}, {day.day} {day:%B} {day.year}" in reply for day in days)


@pytest.mark.usefixtures("nobody_is_asked")
@pytest.mark.parametrize("text", ["days until christmas", "how many days until christmas?"])
async def test_how_long_it_is_until_a_day(router: Router, text: str) -> None:
    events = await replied(router, Message(text))
    reply = "".join(event.delta for event in events if isinstance(event, Text))
    assert re.search(r"\b\d{1,3} days? \(to [A-Z][a-z]+day, 25 December \d{4}\)", reply)


@pytest.mark.usefixtures("nobody_is_asked")
async def test_todays_date_is_not_looked_up(router: Router) -> None:
    before = datetime.now(UTC).astimezone().date()
    events = await replied(router, Message("what's today's date"))
    reply = "".join(event.delta for event in events if isinstance(event, Text))
    assert any(f"{day.day} {day:%B} {day.year}" in reply for day in (before, datetime.now(UTC).astimezone().date()))


@pytest.mark.usefixtures("nobody_is_asked")
async def test_a_sum_goes_on_from_the_last(router: Router) -> None:
    told = (Turn("user", "5 miles in km"), Turn("assistant", "5 miles in km = 8.04672 km"))
    events = await replied(router, Message("and 10 miles?", history=told))
    assert "16.09344 km" in "".join(event.delta for event in events if isinstance(event, Text))


async def test_what_is_no_sum_is_left_to_others(router: Router) -> None:
    for text in OTHERS:
        decision = await router.decide(Message(text))
        assert not decision.slots.get("expression"), text


async def test_the_decision_says_what_was_computed(router: Router) -> None:
    decided: AsyncIterator[Event] = router.stream(Message("how many cups in 2 liters"))
    first = await anext(decided)
    assert isinstance(first, Decided)
    assert first.decision.slots == {"expression": "2 liters in cups"}
    async for _ in decided:
        pass
