"""An account lets no more through than the limits allow, whoever shares it, and forgets nothing over a restart."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.faults import TREATMENTS, FaultKind, ServiceFailed
from pointsman.providers.remote.account import (
    Account,
    Answered,
    Dropped,
    Faulted,
    Outcome,
    Permit,
    Terms,
    account_of,
)
from pointsman.providers.remote.asking import Cost, Metered
from pointsman.providers.remote.meters import Bucket, Limit
from pointsman.providers.remote.permits import FLIGHT_SECONDS, admit, settle
from pointsman.providers.remote.status import status_of

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC).timestamp()
PER_DAY = Limit("requests", 1000, 86_400)
PER_MINUTE = Limit("requests", 30, 60)
TOKENS = Limit("tokens", 8000, 60)
GROQ = Terms("groq", (PER_MINUTE, PER_DAY, TOKENS, Limit("tokens", 200_000, 86_400)), digest="d")
CLOUDFLARE = Terms("cloudflare", (Limit("neurons", 10_000, 86_400, "trailing", "service"),), "utc_day", "d")
names = (f"p{number}" for number in count())


def let(account: Account, cost: Cost | None = None, now: float = NOW, model: str = "m") -> Permit:
    permit = admit(account, model, cost or {}, next(names), now)
    assert isinstance(permit, Permit), permit
    return permit


def refuse(account: Account, cost: Cost | None = None, now: float = NOW, model: str = "m") -> ServiceFailed:
    refusal = admit(account, model, cost or {}, next(names), now)
    assert isinstance(refusal, ServiceFailed)
    assert not refusal.asked
    return refusal


def fault(kind: FaultKind, wait: float | None = None, scope: Any = "model") -> Faulted:
    return Faulted(ServiceFailed(kind, "words", service="x", wait=wait, scope=scope))


def restarted(account: Account, terms: Terms | None = None) -> Account:
    return account_of(account.text(), terms or account.terms)


def answered(cost: Cost | None = None, seconds: float = 0.3, **told: Any) -> Answered:
    return Answered(Metered(cost or {}, **told), seconds)


def test_what_is_in_flight_counts() -> None:
    account = Account(GROQ)
    for _ in range(30):
        let(account)
    refusal = refuse(account)
    assert refusal.kind == "rate_limited"
    assert refusal.wait == pytest.approx(2)
    assert refusal.message == "groq: rate limit reached, requests for another call in 2 s"
    let(account, model="another")


def test_what_was_reserved_and_not_spent_comes_back() -> None:
    account = Account(GROQ)
    permit = let(account, {"tokens": 7000})
    assert refuse(account, {"tokens": 2000}).wait == pytest.approx(1000 * 60 / 8000)
    settle(account, permit, answered({"tokens": 240}), NOW)
    let(account, {"tokens": 7700})


def test_a_call_that_was_never_sent_costs_nothing() -> None:
    account = Account(GROQ)
    settle(account, let(account, {"tokens": 8000}), Dropped(sent=False), NOW)
    let(account, {"tokens": 8000})
    assert account.sent_today(NOW) == 0


def test_a_call_that_was_given_up_is_spent() -> None:
    account = Account(GROQ)
    settle(account, let(account, {"tokens": 7000}), Dropped(), NOW)
    refuse(account, {"tokens": 2000})
    assert account.sent_today(NOW) == 1


@pytest.mark.parametrize("kind", list(TREATMENTS))
def test_what_was_refused_costs_a_request_and_what_broke_costs_all(kind: FaultKind) -> None:
    account = Account(Terms("x", (Limit("neurons", 10, 86_400, "trailing", "service"),)))
    settle(account, let(account, {"neurons": 4}), fault(kind), NOW)
    left = account.left("", account.terms.limits[0], NOW)
    assert left == (6 if kind in {"server", "malformed"} else 10)


def test_a_permit_is_settled_once() -> None:
    account = Account(CLOUDFLARE)
    permit = let(account, {"neurons": 100})
    for _ in range(3):
        settle(account, permit, answered({"neurons": 90}), NOW)
    assert account.left("", CLOUDFLARE.limits[0], NOW) == 9910


def test_a_killed_process_s_call_counts_as_spent() -> None:
    account = Account(CLOUDFLARE)
    let(account, {"neurons": 9999})
    account = restarted(account)
    assert refuse(account, {"neurons": 5}).kind == "quota_exhausted"
    assert refuse(account, {"neurons": 5}, NOW + FLIGHT_SECONDS).kind == "quota_exhausted"
    assert not account.flights
    let(account, {"neurons": 5}, NOW + 86_400 + 1200 + FLIGHT_SECONDS)


def test_a_call_that_no_limit_ever_holds_is_too_large_and_waits_for_nothing() -> None:
    refusal = refuse(Account(GROQ), {"tokens": 9000})
    assert (refusal.kind, refusal.wait) == ("too_large", None)
    assert refusal.message == "groq: the call takes 9000 tokens, and its limit is 8000 a minute"


def test_a_used_up_day_is_told_with_its_time() -> None:
    account = Account(GROQ)
    settle(account, let(account), answered(left={("requests", 86_400.0): 0.0}), NOW)
    refusal = refuse(account)
    assert refusal.message == "groq: quota exhausted until 14:01 UTC (requests)"
    assert refusal.wait == pytest.approx(86.4)


def test_the_service_s_word_counts() -> None:
    account = Account(GROQ)
    told = {("requests", 86_400.0): 14_370.0, ("tokens", 60.0): 15.0}
    limits = {("requests", 86_400.0): 14_400.0, ("tokens", 60.0): 15_000.0}
    settle(account, let(account, {"tokens": 200}), answered(left=told, limits=limits), NOW)
    account = restarted(account)
    left = {it.unit: it for it in status_of(account, ["m"], NOW).models[0].meters if it.limit > 5000 and it.limit < 2e5}
    assert (left["requests"].limit, left["tokens"].limit) == (14_400, 15_000)
    assert left["requests"].left == pytest.approx(14_370)
    assert left["tokens"].left == pytest.approx(15)
    assert refuse(account, {"tokens": 515}).wait == pytest.approx(2)


@pytest.mark.parametrize("nonsense", [-1.0, float("nan"), float("inf"), 1e300])
def test_what_cannot_be_a_number_of_calls_is_passed_over(nonsense: float) -> None:
    account = Account(GROQ)
    about: Any = ("requests", 86_400.0)
    metered = Metered({"tokens": nonsense}, {about: nonsense}, {about: nonsense})
    settle(account, let(account, {"tokens": nonsense}), Answered(metered, 0.1), NOW)
    assert account.left("m", PER_DAY, NOW) == 999
    assert restarted(account) == account


def test_a_refusal_that_contradicts_the_meter_empties_it() -> None:
    account = Account(GROQ)
    settle(account, let(account, {"tokens": 240}), fault("rate_limited", 0.0), NOW)
    refusal = refuse(account, {"tokens": 8000})
    assert refusal.kind == "rate_limited"
    assert account.left("m", TOKENS, NOW) == 240
    assert account.left("m", PER_DAY, NOW) == 999
    silent = Account(GROQ)
    settle(silent, let(silent, {"tokens": 240}), fault("rate_limited"), NOW)
    assert (silent.left("m", TOKENS, NOW), silent.left("m", PER_MINUTE, NOW)) == (0, 0)


def test_a_refusal_that_the_answer_explains_lowers_nothing_else() -> None:
    account = Account(GROQ)
    refused = ServiceFailed("rate_limited", "words", service="groq", wait=4)
    settle(
        account, let(account, {"tokens": 240}), Faulted(refused, answered(left={("tokens", 60.0): 12.0}).metered), NOW
    )
    assert account.left("m", TOKENS, NOW) == 12
    assert account.left("m", PER_MINUTE, NOW) == 29


def test_a_quota_that_others_used_up_is_probed_after_midnight() -> None:
    account = Account(CLOUDFLARE)
    opened = settle(account, let(account, {"neurons": 2}), fault("quota_exhausted", scope="service"), NOW)
    assert [(it.model, it.circuit.kind) for it in opened] == [("", "quota_exhausted")]
    assert refuse(account, model="another").message == "cloudflare: quota exhausted until 00:05 UTC"
    status = status_of(account, ["m"], NOW)
    assert (status.calls_left, status.meters[0].left) == (0, 0)
    morning = datetime(2026, 11, 23, 0, 5, tzinfo=UTC).timestamp()
    probe = let(account, {"neurons": 2}, morning)
    assert "being tried" in refuse(account, {"neurons": 2}, morning).message
    assert settle(account, probe, fault("quota_exhausted", scope="service"), morning) == []
    assert refuse(account, now=morning).wait == 300
    settle(account, let(account, {"neurons": 2}, morning + 300), answered(), morning + 300)
    let(account, {"neurons": 9000}, morning + 301)


def test_our_own_budget_holds_whatever_the_service_would_give() -> None:
    account = Account(CLOUDFLARE)
    settle(account, let(account, {"neurons": 9999}), answered(), NOW)
    refusal = refuse(account, {"neurons": 2})
    assert refusal.message == "cloudflare: quota exhausted until 2026-11-23 (neurons)"
    assert refuse(account, {"neurons": 2}, datetime(2026, 11, 23, 0, 5, tzinfo=UTC).timestamp()).wait is not None


def test_another_key_begins_with_closed_circuits_and_what_was_spent() -> None:
    account = Account(CLOUDFLARE)
    settle(account, let(account, {"neurons": 10}), fault("auth", scope="service"), NOW)
    account = restarted(account)
    assert refuse(account, now=NOW + 1e6).wait is None
    account = restarted(account, Terms("cloudflare", CLOUDFLARE.limits, "utc_day", "another"))
    settle(account, let(account, {"neurons": 10}), answered(), NOW)
    assert account.left("", CLOUDFLARE.limits[0], NOW) == 9990


def test_a_gone_model_leaves_the_others() -> None:
    account = Account(GROQ)
    assert settle(account, let(account), fault("model_gone"), NOW)[0].model == "m"
    assert refuse(account).scope == "model"
    let(account, model="another")
    let(account, now=NOW + 86_400)


@pytest.mark.parametrize(
    ("within", "usual", "counts"),
    [
        (None, None, True),
        (1.0, None, True),
        (0.9, None, False),
        (0.2, None, False),
        (0.4, 0.3, True),
        (0.2, 0.3, False),
    ],
)
def test_only_a_call_that_had_a_fair_time_was_too_slow(within: float | None, usual: float | None, counts: bool) -> None:
    account = Account(GROQ)
    for _ in range(20 if usual else 0):
        settle(account, let(account), answered(seconds=usual or 0), NOW)
    late = ServiceFailed("server", "slow", service="x", scope="service")
    settle(account, let(account), Faulted(late, within=within), NOW)
    assert account.circuit().server == (1 if counts else 0)
    assert status_of(account, ["m"], NOW).faults == ({"server": 1} if counts else {})


def test_the_status_tells_what_is_left_in_calls() -> None:
    account = Account(GROQ)
    for _ in range(10):
        settle(account, let(account, {"tokens": 500}), answered({"tokens": 250}, 0.2), NOW)
    settle(account, let(account, {"tokens": 500}), fault("malformed"), NOW)
    status = status_of(restarted(account), ["m", "unasked"], NOW)
    asked, unasked = status.models
    # 30 a minute less 11; 8,000 tokens a minute less 3,000 are 20 calls of 250.
    assert asked.calls_left == 19
    assert (asked.calls, asked.faults) == (11, {"malformed": 1})
    assert asked.p50 == asked.p95 == pytest.approx(0.2)
    assert (unasked.calls_left, unasked.p95) == (30, None)
    assert unasked.mean == {}
    assert (status.calls_left, status.sent_today, status.calls) == (49, 11, 11)
    assert status.circuit.state == "closed"
    assert status_of(account, ["m"], NOW + 86_400).sent_today == 0
    assert status_of(account, ["m"], NOW + 25 * 3600).calls == 0
    assert status_of(Account(Terms("x")), ["m"], NOW).calls_left is None


class Server:
    """A service with a bucket of its own: a call takes from it when it arrives, or is refused."""

    def __init__(self, limit: Limit, stolen: float) -> None:
        self.bucket = Bucket(limit, limit.amount - stolen)
        self.refused = 0

    def arrive(self, cost: float, now: float) -> tuple[bool, float]:
        fits = self.bucket.left(now) >= cost - 1e-6
        if fits:
            self.bucket = self.bucket.spend(cost, now)
        else:
            self.refused += 1
        return fits, self.bucket.left(now)


def run(account: Account, server: Server, chance: random.Random, told: bool) -> None:
    """Calls that begin, arrive and end in any order, their answers too; the account is kept as text in between."""
    limit, now = server.bucket.limit, NOW
    flying: list[Permit] = []
    arrived: list[tuple[Permit, Outcome]] = []
    for _ in range(150):
        now += chance.expovariate(1.0)
        account = restarted(account)
        what = chance.choice(["call", "call", "arrive", "arrive", "settle", "settle", "kill"])
        if what == "call":
            given = admit(account, "m", {"tokens": chance.randint(1, 5)}, next(names), now)
            if isinstance(given, Permit):
                flying.append(given)
        elif what == "arrive" and flying:
            permit = flying.pop(chance.randrange(len(flying)))
            fits, left = server.arrive(permit.cost["tokens"], now)
            metered = Metered(left={(limit.unit, limit.seconds): left}) if told else Metered()
            refused = ServiceFailed("rate_limited", "words", service="x", wait=0.0)
            arrived.append((permit, Answered(metered, 0.1) if fits else Faulted(refused, metered)))
        elif what == "settle" and arrived:
            permit, outcome = arrived.pop(chance.randrange(len(arrived)))
            settle(account, permit, outcome, now)
        elif what == "kill" and arrived and chance.random() < 0.2:
            arrived.pop(chance.randrange(len(arrived)))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32), st.booleans())
def test_nothing_that_is_admitted_is_refused_whatever_the_order(seed: int, told: bool) -> None:
    limit = Limit("tokens", 12, 60)
    server = Server(limit, 0)
    run(Account(Terms("x", (limit,))), server, random.Random(seed), told)
    assert server.refused == 0


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32), st.floats(0, 12))
def test_where_others_spend_too_one_call_at_a_time_is_refused(seed: int, stolen: float) -> None:
    limit, chance, now = Limit("tokens", 12, 60), random.Random(seed), NOW
    account, server = Account(Terms("x", (limit,))), Server(limit, stolen)
    server.bucket = server.bucket.spend(0, now)
    for _ in range(40):
        now += chance.uniform(0, 10)
        given = admit(account, "m", {"tokens": 3.0}, next(names), now)
        if isinstance(given, Permit):
            fits, _ = server.arrive(3, now)
            settle(account, given, answered() if fits else fault("rate_limited", None), now)
    # The others spent once, so one refusal is enough to know.
    assert server.refused <= 1


def test_an_account_is_small_and_the_same_after_a_restart() -> None:
    account, now = Account(GROQ), NOW
    chance = random.Random(1)
    for _ in range(3000):
        now += 30
        model = chance.choice(["openai/gpt-oss-20b", "qwen/qwen3.8-27b", "openai/gpt-oss-120b"])
        given = admit(account, model, {"tokens": 300}, next(names), now)
        if isinstance(given, Permit):
            known: list[Outcome] = [answered({"tokens": 240}), fault("malformed"), answered(seconds=chance.random())]
            outcome = chance.choice(known)
            settle(account, given, outcome, now)
    assert restarted(account) == account
    assert len(account.text()) < 8000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@settings(deadline=None)
@given(st.data())
def test_damage_begins_anew_and_raises_nothing(data: st.DataObject) -> None:
    account = Account(GROQ)
    settle(account, let(account), fault("model_gone"), NOW)
    let(account, model="another")
    whole = json.loads(account.text())
    place: Any = whole
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()) or not isinstance(place[key], dict | list):
            place[key] = data.draw(json_values)
            break
        place = place[key]
    found = account_of(json.dumps(whole), GROQ)
    admit(found, "m", {}, "p", NOW)
    let(found, model="a third") if found.circuit().kind == "" else None
    status_of(found, ["m"], NOW)
    assert restarted(found) == found


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"v":2}', "x" * 100, "[" * 100_000, '{"v":1,"sent":[1]}'])
def test_what_is_no_account_is_a_new_one(text: str) -> None:
    assert account_of(text, GROQ) == Account(GROQ)
