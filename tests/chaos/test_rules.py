"""The checks of a chaos run find what is broken and nothing else: each is shown an account that breaks its rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from tests.chaos.rules import Step, check
from tests.chaos.seen import Arrival, Change, Sent
from tests.chaos.told import ADDRESS, BROKE, CREDIT, DAY, DOWN, GONE, GOOD, KEY, NEURONS, NOTHING, OTHER, Told, told

NOON = 1_795_435_200.0  # 12:00 UTC on 23 November 2026
MORNING = NOON + DAY / 2 + 300


class Book:
    """Writes an account: calls that are let pass and settled at simulated times after noon, real time in step."""

    def __init__(self, service: str = "groq") -> None:
        self.service = service
        self.steps: list[Step] = []
        self.calls = 0
        self.t = 0.0

    def passes(self, after: float, model: str = "m") -> int:
        self.calls += 1
        self._write("admitted", after, self.calls, model)
        return self.calls

    def settles(self, call: int, after: float, said: Told, model: str = "m", kind: str = "") -> None:
        self._write("settled", after, call, model, said)
        self.steps[-1].change.kind = kind

    def call(self, after: float, said: Told, model: str = "m", kind: str = "") -> None:
        self.settles(self.passes(after, model), after, said, model, kind)

    def _write(
        self, what: Literal["admitted", "settled"], after: float, call: int, model: str, said: Told | None = None
    ) -> None:
        self.t += 0.001
        at = NOON + after
        change = Change(what, self.service, call, self.t, at, at, f"p{call}", model, call)
        self.steps.append(Step(change, said))

    def broken(self, epochs: dict[int, int] | None = None) -> list[str]:
        return check(self.steps, epochs or {}).found


def after(said: Told, *asked: float, service: str = "groq", model: str = "m") -> list[str]:
    """What is broken where a service told something at noon, and was asked so many seconds later."""
    book = Book(service)
    book.call(0, said)
    for seconds in asked:
        book.call(seconds, GOOD, model)
    return book.broken()


@pytest.mark.parametrize(
    ("said", "service", "too_soon", "allowed"),
    [
        (KEY, "groq", 40 * DAY, None),
        (ADDRESS, "groq", 899, 900),
        (GONE, "groq", DAY - 1, DAY + 1),
        (Told("quota", rest=86.4), "groq", 86.0, 86.5),
        (Told("rate", rest=3.0), "groq", 2.9, 3.1),
        (NEURONS, "cloudflare", MORNING - NOON - 1, MORNING - NOON),
        (CREDIT, "huggingface", DAY - 1, DAY),
        (Told("rate", whole=True, rest=55.0), "huggingface", 54.0, 55.0),
    ],
)
def test_a_service_that_refused_is_not_asked_before_its_time(
    said: Told, service: str, too_soon: float, allowed: float | None
) -> None:
    assert len(after(said, too_soon, service=service)) == 1
    assert allowed is None or after(said, allowed, service=service) == []


def test_a_model_that_is_gone_says_nothing_about_others_and_a_wrong_key_does() -> None:
    assert after(GONE, 5, model="n") == []
    assert len(after(KEY, 5, model="n")) == 1


def test_another_key_may_be_asked() -> None:
    book = Book()
    book.call(0, KEY)
    book.call(5, GOOD)
    assert len(book.broken({1: 0, 2: 0})) == 1
    assert book.broken({1: 0, 2: 1}) == []


def test_what_was_in_flight_with_a_fault_is_excused_and_what_was_let_pass_after_it_is_not() -> None:
    book = Book()
    first, second = book.passes(0), book.passes(1)
    book.settles(first, 2, KEY)
    book.settles(second, 3, KEY)
    assert book.broken() == []
    book.passes(4)
    assert len(book.broken()) == 1


@pytest.mark.parametrize(("said", "model"), [(BROKE, "m"), (DOWN, "another")])
def test_three_server_faults_in_a_row_are_followed_by_a_rest(said: Told, model: str) -> None:
    def asked_after(*told: Told) -> list[str]:
        book = Book()
        for place, one in enumerate(told):
            book.call(place, one)
        book.call(29, GOOD, model)
        return book.broken()

    assert len(asked_after(said, said, said)) == 1
    assert len(asked_after(replace(said, at_once=True))) == 1
    assert asked_after(said, said) == asked_after(said, said, GOOD, said) == asked_after(said, OTHER, said, said) == []


def test_only_one_call_finds_out_whether_a_service_works_again() -> None:
    book = Book()
    for place in range(3):
        book.call(place, DOWN)
    probe = book.passes(40)
    book.settles(probe, 41, NOTHING)  # it was given up: another one may try
    probe = book.passes(42)
    assert book.broken() == []
    book.passes(43)
    assert len(book.broken()) == 1


def test_a_probe_that_fails_is_followed_by_another_rest_and_one_that_is_well_by_none() -> None:
    def asked_after(probed: Told) -> list[str]:
        book = Book()
        for place in range(3):
            book.call(place, BROKE)
        book.call(40, probed)
        book.call(50, GOOD)
        book.call(51, GOOD)
        return book.broken()

    assert asked_after(GOOD) == []
    assert asked_after(BROKE)


def test_any_answer_shows_that_an_address_is_right_and_not_that_there_is_quota() -> None:
    def asked_after(said: Told, probed: Told) -> list[str]:
        book = Book()
        book.call(0, said)
        probe, late = book.passes(1000), book.passes(1040)  # the first was given up after 30 s
        book.settles(late, 1041, probed)
        book.settles(probe, 1042, NOTHING)
        first, second = book.passes(1043), book.passes(1044)
        del first, second
        return book.broken()

    assert (
        asked_after(ADDRESS, OTHER) == asked_after(ADDRESS, GOOD) == asked_after(Told("rate", rest=900.0), GOOD) == []
    )
    assert len(asked_after(Told("rate", rest=900.0), OTHER)) == 1


def test_enough_answers_that_cannot_be_read_put_another_reason_in_the_place_of_the_first() -> None:
    def asked_after(kind: str) -> list[str]:
        book = Book()
        book.call(0, Told("rate", rest=20.0))
        for place in range(5):
            book.call(30 + place, OTHER, kind=kind)
        book.call(100, OTHER, kind="bad_request")
        book.passes(101)
        book.passes(102)
        return book.broken()

    assert asked_after("malformed") == []
    assert len(asked_after("too_large")) == 1


def test_of_two_faults_that_were_in_flight_together_the_longer_one_counts() -> None:
    def asked_after(*said: Told) -> list[str]:
        book = Book()
        calls = [book.passes(0) for _ in said]
        for call, one in zip(calls, said, strict=True):
            book.settles(call, 1, one)
        book.call(100, OTHER)  # any answer disproves a server fault, and none but a good one a limit
        book.passes(101)
        book.passes(102)
        return book.broken()

    down, limited = Told("server", rest=40.0, at_once=True), Told("rate", rest=3.0)
    assert asked_after(down, limited) == []
    assert len(asked_after(limited)) == len(asked_after(down, replace(limited, rest=50.0))) == 1


def test_a_probe_that_was_under_way_when_another_fault_came_back_clears_nothing() -> None:
    book = Book()
    for place in range(3):
        book.call(place, BROKE)
    first = book.passes(40)
    second = book.passes(80)  # the first was given up after 30 s
    book.settles(first, 81, Told("rate", rest=20.0))
    book.settles(second, 82, GOOD)
    assert book.broken() == []
    book.passes(90)
    assert len(book.broken()) == 1


def test_what_a_call_told_is_what_arrived_of_it() -> None:
    def said(trouble: str = "", name: str = "", end: str = "reply", **more: float) -> Told:
        arrival = Arrival(1, "groq", "m", NOON, 0.0, trouble, name=name, status=200)
        arrival.over, arrival.status = ("RPD", 429) if more else ("", 200)
        arrival.wait = more.get("wait")
        return told(arrival, Sent(1, 1, "groq", 0.0, 0.1, end), late=False)  # type: ignore[arg-type]

    assert said() == said("trickle") == GOOD
    assert said("error", "auth_401") == KEY
    assert said("redirect") == ADDRESS
    assert said("reset_mid_body", end="failed") == DOWN
    assert said(wait=86.0) == Told("quota", rest=86.0)
    assert said("html", wait=86.0) == OTHER
    assert said(end="cancelled") == NOTHING
