"""How a service stands, in words and in calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pointsman.core.faults import DAY, ServiceFailed
from pointsman.providers.remote.account import Account, Answered, Faulted, Permit, Terms
from pointsman.providers.remote.asking import Cost, Metered
from pointsman.providers.remote.meters import Limit
from pointsman.providers.remote.permits import admit, settle
from pointsman.providers.remote.standing import Asking, Standing, standing_of
from pointsman.providers.remote.status import status_of

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC).timestamp()
GROQ = Terms("groq", (Limit("requests", 30, 60.0), Limit("tokens", 8000, 60.0), Limit("tokens", 200_000, DAY)))
NEURONS = Terms("cloudflare", (Limit("neurons", 100, DAY, "trailing", "service"),), "utc_day")


def spent(account: Account, cost: Cost, at: float = NOW, model: str = "m") -> None:
    permit = admit(account, model, cost, "1", at)
    assert isinstance(permit, Permit)
    settle(account, permit, Answered(Metered(cost), 0.2), at)


def failed(account: Account, fault: ServiceFailed, model: str = "m") -> None:
    permit = admit(account, model, {}, "1", NOW)
    assert isinstance(permit, Permit)
    settle(account, permit, Faulted(fault), NOW)


def stands(account: Account, cost: Cost, models: tuple[str, ...] = ("m",), now: float = NOW) -> Standing:
    return standing_of(status_of(account, models, now), Asking(models, dict.fromkeys(models, cost)), now)


def test_minutes_limits_are_no_part_of_what_is_left_today() -> None:
    found = stands(Account(GROQ), {"tokens": 1000})
    assert (found.calls_left, found.estimated, found.per, found.state) == (200, True, "day", "ready")
    assert [(left.per, left.calls) for left in found.models[0].limits] == [("minute", 30), ("minute", 8), ("day", 200)]


def test_what_calls_took_counts_more_than_what_they_are_thought_to_take() -> None:
    account = Account(GROQ)
    spent(account, {"tokens": 500})
    assert stands(account, {"tokens": 1000}).calls_left == 399


def test_a_minute_that_is_used_up_stops_calls_for_some_seconds() -> None:
    account = Account(GROQ)
    spent(account, {"tokens": 7800})
    found = stands(account, {"tokens": 500})
    # What is reserved counts, not what the last call took: 200 are left of 8,000 a minute, and 300 are missing.
    assert not found.ready
    assert found.state == "not asked for 3 s: rate limit reached"
    assert found.calls_left == 24


def test_a_window_that_is_used_up_says_until_when() -> None:
    account = Account(NEURONS)
    for _ in range(10):
        spent(account, {"neurons": 10})
    found = stands(account, {"neurons": 10})
    assert (found.ready, found.calls_left) == (False, 0)
    assert found.state.startswith("not asked until ")
    assert found.state.endswith("quota exhausted (neurons)")


def test_what_all_models_share_is_counted_once() -> None:
    assert stands(Account(NEURONS), {"neurons": 10}, ("m", "n")).calls_left == 10
    assert stands(Account(GROQ), {"tokens": 1000}, ("m", "n")).calls_left == 400


def test_nothing_that_limits_is_as_many_as_one_likes() -> None:
    found = stands(Account(Terms("ollama")), {"tokens": 1000})
    assert (found.calls_left, found.estimated, found.ready) == (None, False, True)


def test_after_its_rest_a_service_is_tried_again_with_the_next_message() -> None:
    account = Account(GROQ)
    failed(account, ServiceFailed("quota_exhausted", "words", service="groq", wait=100, scope="service"))
    assert stands(account, {}).state == "not asked until 14:01 UTC: quota exhausted"
    assert [model.ready for model in stands(account, {}).models] == [False]
    later = stands(account, {}, now=NOW + 101)
    assert (later.ready, later.state) == (True, "tried again with the next message: quota exhausted")


def test_a_wrong_address_says_where_to_look() -> None:
    account = Account(GROQ)
    failed(account, ServiceFailed("bad_request", "words", service="groq", scope="service"))
    found = stands(account, {})
    assert (found.ready, found.calls_left) == (False, 0)
    assert found.state == "not asked until 14:15 UTC: wrong address or account"
    assert "doctor --online" in found.cure


def test_one_that_is_slow_for_the_deadline_says_so() -> None:
    account = Account(GROQ)
    for _ in range(5):
        permit = admit(account, "m", {}, "1", NOW)
        assert isinstance(permit, Permit)
        settle(account, permit, Faulted(ServiceFailed("server", "late", service="groq"), within=0.3), NOW)
    slow = "slow for this deadline, 5 times no answer within 0.3 s"
    assert stands(account, {}).state == f"not asked for 30 s: {slow}"
    assert stands(account, {}, now=NOW + 30).state == f"tried again with the next message: {slow}"


@pytest.mark.parametrize("gone", [("m",), ("m", "n")])
def test_only_when_all_models_are_gone_the_service_is(gone: tuple[str, ...]) -> None:
    account = Account(GROQ)
    for model in gone:
        failed(account, ServiceFailed("model_gone", "words", service="groq", model=model), model)
    found = stands(account, {"tokens": 1000}, ("m", "n"))
    assert found.ready == (len(gone) == 1)
    assert (found.state == "groq no longer serves m, n") == (len(gone) == 2)
    assert ("doctor --online" in found.cure) == (len(gone) == 2)
    assert found.calls_left == (200 if len(gone) == 1 else 0)
