"""What one caller may still ask: in any time, not per calendar; said in words, in headers, and kept."""

from __future__ import annotations

import pytest

from pointsman.config.server import Allowance
from pointsman.core.errors import LimitReached
from pointsman.http.rates import EVERYBODY, Account, bearers, duration


def account(**rates: object) -> Account:
    return Account(bearers("phone"), Allowance.model_validate(rates), {}, 1000.0)


def test_so_many_in_any_time_and_not_one_more() -> None:
    caller = account(messages="3/1m")
    for at in (1000.0, 1010.0, 1050.0):
        caller.check("messages", 1, at)
        caller.spend("messages", 1, at)
    with pytest.raises(LimitReached) as caught:
        caller.check("messages", 1, 1051.0)
    error = caught.value
    assert error.message == ("the key phone may have 3 messages in 1m0s, and has used 3; there is more at 00:17:40 UTC")
    assert error.cure == "ask again in 10 s, or raise server.keys.phone.limits.messages"
    assert 9 < error.retry_after < 10
    caller.check("messages", 1, 1051.0 + error.retry_after)


def test_of_several_limits_the_one_counts_that_takes_longest_to_come_back() -> None:
    caller = account(messages=["1/10s", "2/1h"])
    caller.spend("messages", 2, 1000.0)
    with pytest.raises(LimitReached, match=r"2 messages in 1h0m0s") as caught:
        caller.check("messages", 1, 1000.0)
    assert 3600 <= caught.value.retry_after < 3700


def test_what_never_fits_is_refused_without_a_time() -> None:
    with pytest.raises(LimitReached, match="may have 6 pictures in 1h0m0s, and this asks for 7") as caught:
        account(pictures="6/1h").check("pictures", 7, 1000.0)
    assert caught.value.cure == "ask for fewer, or raise server.keys.phone.limits.pictures"


def test_the_last_reply_within_a_budget_may_cross_it() -> None:
    caller = account(tokens="100/1d")
    caller.check("tokens", 1, 1000.0)
    caller.spend("tokens", 250, 1000.0)
    with pytest.raises(LimitReached, match="has used 100"):
        caller.check("tokens", 1, 1001.0)
    caller.check("tokens", 1, 1000.0 + 86_400 + 900)


def test_as_many_at_once_as_may_be() -> None:
    caller = Account(EVERYBODY, Allowance(at_once=2), {}, 0.0)
    caller.going.number = 1
    caller.check_going()
    caller.going.number = 2
    with pytest.raises(LimitReached, match="all callers together may have 2 answered at once") as caught:
        caller.check_going()
    assert caught.value.retry_after == 1
    assert "server.limits.at_once" in caught.value.cure


def test_without_limits_nothing_is_refused_or_said() -> None:
    caller = account()
    caller.check_going()
    for what in ("messages", "pictures", "tokens"):
        caller.spend(what, 10**9, 1000.0)
        caller.check(what, 10**9, 1000.0)
    assert (caller.headers(1000.0), caller.data()) == ({}, {})


def test_the_headers_are_those_of_the_limit_that_is_nearest() -> None:
    caller = account(messages=["60/1m", "100/1d"], tokens="1000/1d")
    caller.spend("messages", 50, 1000.0)
    assert caller.headers(1000.0)["x-ratelimit-limit-requests"] == "60"
    caller.spend("messages", 40, 2000.0)
    found = caller.headers(2000.0)
    assert (found["x-ratelimit-limit-requests"], found["x-ratelimit-remaining-requests"]) == ("100", "10")
    assert found["x-ratelimit-reset-requests"].startswith("1d0h")
    assert (found["x-ratelimit-limit-tokens"], found["x-ratelimit-remaining-tokens"]) == ("1000", "1000")
    assert found["x-ratelimit-reset-tokens"] == "0s"


def test_what_was_used_outlives_the_process() -> None:
    allowance = Allowance.model_validate({"messages": "3/1m", "tokens": ["10/1h", "99/1d"]})
    before = Account(EVERYBODY, allowance, {}, 1000.0)
    before.spend("messages", 2, 1000.0)
    before.spend("tokens", 10, 1000.0)
    after = Account(EVERYBODY, allowance, before.data(), 1005.0)
    assert after.headers(1005.0) == before.headers(1005.0)
    with pytest.raises(LimitReached):
        after.check("tokens", 1, 1005.0)


@pytest.mark.parametrize("kept", [{}, {"messages/60": None}, {"messages/60": [1]}, {"messages/60": ["x", -1, 5, 5]}])
def test_what_cannot_be_what_was_kept_is_nothing(kept: dict[str, object]) -> None:
    assert Account(EVERYBODY, Allowance(messages=("3/1m",)), kept, 0.0).data() == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.02, "20ms"), (1, "1s"), (1.2, "2s"), (60, "1m0s"), (360, "6m0s"), (86_400, "1d0h0m0s")],
)
def test_times_are_written_as_openai_writes_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
