"""What the settings of a service mean for its account."""

from __future__ import annotations

from pointsman.build.terms import terms_of
from pointsman.config.cloud import Groq, Limits, OpenAiServer
from pointsman.core.faults import DAY
from pointsman.providers.remote.account import Account, Answered, Permit, Terms
from pointsman.providers.remote.asking import Metered
from pointsman.providers.remote.permits import admit, settle

EVENING = 23 * 3600.0


def passed(settings: OpenAiServer | Groq, calls: int, *moments: float) -> list[int]:
    """How many of so many calls at each of the moments are let pass."""
    limits, recovery = terms_of(settings)
    account = Account(Terms(settings.name, limits, recovery))
    counts = []
    for now in moments:
        permits = [admit(account, "m", {}, f"{now}-{call}", now) for call in range(calls)]
        good = [it for it in permits if isinstance(it, Permit)]
        for permit in good:
            settle(account, permit, Answered(Metered(), 0.1), now)
        counts.append(len(good))
    return counts


def test_no_day_of_a_server_holds_more_calls_than_it_allows_wherever_its_day_begins() -> None:
    server = OpenAiServer(name="s", url="http://127.0.0.1:1", models=("m",), limits=Limits(requests_per_day=24))
    # All at once in the evening; an hour later, when UTC's day is over; a day later.
    assert passed(server, 30, EVENING, EVENING + 3600, EVENING + DAY / 2, EVENING + DAY + 3600) == [24, 0, 0, 24]


def test_no_minute_of_a_server_holds_more_calls_than_it_allows() -> None:
    server = OpenAiServer(name="s", url="http://127.0.0.1:1", models=("m",), limits=Limits(requests_per_minute=20))
    assert passed(server, 30, EVENING, EVENING + 30, EVENING + 61) == [20, 0, 20]


def test_what_groq_allows_comes_back_all_the_time() -> None:
    groq = Groq(limits=Limits(requests_per_day=24))
    assert passed(groq, 30, EVENING, EVENING + 3600, EVENING + DAY / 2) == [24, 1, 11]
