"""The checks of what was seen in a chaos run find what is broken and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.chaos import privacy
from tests.chaos.__main__ import refused as followed_or_refused
from tests.chaos.__main__ import tame
from tests.chaos.checks import circuits, decisions
from tests.chaos.driving import opened_sockets
from tests.chaos.fakes import TROUBLES, SeenGroq
from tests.chaos.plan import SERVICES, Plan, plan_of
from tests.chaos.seen import CALL, Arrival, Change, Decided, Pulse, Seen, Sent
from tests.chaos.told import DAY

from pointsman.testing.clouds import Asked

NOON = 1_795_435_200.0  # 12:00 UTC on 23 November 2026
PLAN = plan_of(1, 300)


def refused(
    service: str, *over: str, apart: float = 60.0, plan: Plan = PLAN
) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """What is broken where calls were refused by those limits, so many seconds apart, or all at once where that is 0.

    With it, the table's line of each limit: how many calls, and how many of them at once.
    """
    seen = Seen()
    arrivals: dict[int, Arrival] = {}
    for call, limit in enumerate(over, 1):
        passed, settled = (call, call + 0.5) if apart else (call, 100.0 + call)
        at = NOON + call * apart
        seen.sent.append(Sent(call, call, service, passed, settled, "reply"))
        seen.changes.append(Change("admitted", service, call, passed, at, at, f"p{call}", "m"))
        seen.changes.append(Change("settled", service, call, settled, at, at, f"p{call}", "m", call))
        arrivals[call] = Arrival(call, service, "m", at, 0.0, status=429, over=limit, wait=0.0)
    found = circuits(plan, seen, arrivals)
    return [line for line in found.broken if "too many" in line], found.overshoot


def test_a_limit_of_which_we_keep_books_may_be_met_by_one_call_in_its_time() -> None:
    assert refused("groq", "RPM", "RPM")[0] == refused("groq", "RPM", "TPM", apart=0)[0] == []
    assert refused("groq", "RPM", "RPM", "RPM", apart=0)[0] == [
        "groq m RPM: 3 calls in its time were too many (messages 1, 2, 3)"
    ]
    assert refused("groq", "RPM", "RPM", apart=59)[0]
    assert refused("groq", "RPD", "RPD", apart=DAY - 1)[0]
    assert refused("groq", "RPD", "RPD", apart=DAY)[0] == []


@pytest.mark.parametrize(
    ("service", "limit", "changed", "known"),
    [
        ("server", "day", {"told_limits": True}, True),
        ("server", "day", {"told_limits": False}, False),
        ("cloudflare", "neurons", {"neurons": 1200.0}, True),
        ("cloudflare", "neurons", {"neurons": 10_000.0}, False),
        ("cloudflare", "rate", {"neurons": 10_000.0}, True),
        ("huggingface", "window", {}, False),
        ("huggingface", "credit", {}, False),
    ],
)
def test_only_what_the_router_could_know_is_held_against_it(
    service: str, limit: str, changed: dict[str, Any], known: bool
) -> None:
    plan = replace(PLAN, sessions=tuple(replace(it, **changed) for it in PLAN.sessions))
    broken, table = refused(service, limit, limit, apart=0, plan=plan)
    assert bool(broken) is known
    assert table == {f"{service} {limit}, {'own books' if known else 'unknown to it'}": (2, 2)}


def test_a_budget_may_be_overspent_by_what_one_call_takes() -> None:
    def broken(spent: float) -> list[str]:
        change = Change("settled", "cloudflare", 1, 2.0, NOON, NOON, "p", "m", 1)
        arrival = Arrival(1, "cloudflare", "m", NOON, 0.0, status=200, spent=spent, cost=2.0)
        seen = Seen([Sent(1, 1, "cloudflare", 1.0, 2.0, "reply")], [replace(change, what="admitted", call=0), change])
        return circuits(PLAN, seen, {1: arrival}).broken

    allowed = PLAN.session_of(1).neurons
    assert broken(allowed + 2.0) == []
    assert broken(allowed + 2.1) == [f"message 1 spent neurons when {2.1:.1f} too many had been spent"]


def test_a_call_of_which_nothing_was_written_down_is_found() -> None:
    seen = Seen(sent=[Sent(1, 7, "groq", 0.0, 1.0, "reply")])
    assert circuits(PLAN, seen, {}).broken == ["message 7: what became of call 1 was never written down"]


def well(plan: Plan) -> list[Decided]:
    return [Decided(number, 0.1, "general_chat", "fallback") for number in range(plan.messages)]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda it: replace(it, failed="KeyError()"), "has no decision"),
        (lambda it: replace(it, category="nonsense"), "which there is not"),
        (lambda it: replace(it, seconds=0.41), "after its deadline"),
        (lambda it: replace(it, message=8), "has 0 decisions"),
        (lambda it: replace(it, tier="cloud"), "is a direct one"),
    ],
)
def test_every_message_has_one_decision_in_time(spoil: Callable[[Decided], Decided], words: str) -> None:
    seen = Seen(decided=well(PLAN))
    assert list(decisions(PLAN, seen, 0.1)) == []
    seen.decided[7] = spoil(seen.decided[7])
    assert any(words in line for line in decisions(PLAN, seen, 0.1))


def test_what_other_programs_took_after_a_deadline_is_no_lateness_of_ours() -> None:
    def late(*pulses: Pulse) -> list[str]:
        decided = well(PLAN)
        due = 50.0 + PLAN.session_of(7).deadline
        decided[7] = replace(decided[7], began=50.0, seconds=due - 50.0 + 0.15, starved=9.0)
        return list(decisions(PLAN, Seen(decided=decided, pulses=list(pulses)), 0.1))

    before, after = (50.0 + PLAN.session_of(7).deadline + it for it in (-0.005, 0.005))
    assert late(Pulse(before, 0.0, 8.94)) == []
    assert late() == ["message 7 was decided 0.150 s after its deadline"]
    assert late(Pulse(before, 0.0, 8.96)) == [
        "message 7 was decided 0.150 s after its deadline, and for 0.040 s of them there was no core"
    ]
    assert late(Pulse(before, 0.0, 9.0), Pulse(after, 0.0, 1.0))


def test_what_must_not_be_told_is_found_wherever_it_stands(tmp_path: Path) -> None:
    words, secret = PLAN.words(3), PLAN.secrets[-1]
    assert list(privacy.in_logs(PLAN, {"the log": "INFO pointsman.providers groq: auth, not asked"})) == []
    for said in (
        secret,
        PLAN.account.upper(),
        words.marker,
        words.email,
        words.phone,
        "ERROR asyncio Unclosed",
        "failed with KeyError:",
    ):
        assert list(privacy.in_logs(PLAN, {"the log": f"groq said {said}"}))
    assert list(privacy.in_traces(PLAN, Seen([], [], [Decided(3, 0.1, trace=(f"cloud: {words.marker}",))])))
    assert list(privacy.in_traces(PLAN, Seen(standings=[f"key {secret}"])))
    (tmp_path / "store.db").write_bytes(b"\0" + secret.encode())
    assert list(privacy.in_files(PLAN, tmp_path))


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ("", ""),
        ("{0.email}", "was sent"),
        ("{0.phone}", "was sent"),
        ("{0.user}", "was sent"),
        ("direct", "is a direct one"),
        ("else", "was sent something else"),
    ],
)
def test_what_leaves_holds_the_message_and_nobody(spoilt: str, words: str) -> None:
    number = 7 if spoilt == "direct" else 3
    said = "" if spoilt == "else" else f"{PLAN.words(number).marker} {spoilt}".format(PLAN.words(number))
    body = {"state": said}
    asked = Asked("POST", "/x", {}, {CALL: "1"}, f'{{"state": "{said}"}}'.encode(), body, NOON)
    found = list(privacy.in_requests(PLAN, [asked], {1: number}))
    assert bool(found) is bool(words)
    assert all(words in line for line in found)


def test_a_wrong_key_and_a_redirect_that_was_followed_are_found() -> None:
    fake = SeenGroq(key="gsk_test")
    assert followed_or_refused({"groq": fake}) == []
    fake.refused.auth = 1
    fake.followed.append(Asked("POST", "/x", {}, {}, b"", None, NOON))
    assert followed_or_refused({"groq": fake}) == ["groq saw 1 wrong keys", "a redirect of groq was followed"]


def test_a_run_in_which_little_happened_proves_little() -> None:
    troubles = [it.kind if it else "" for it in TROUBLES] + ["error"]
    rough = {call: Arrival(call, "groq", "m", NOON, 0.0, it) for call, it in enumerate(troubles)}
    calm = {
        call: Arrival(call, SERVICES[call % 4], "m", NOON, 0.0, status=200) for call in range(100, 100 + PLAN.messages)
    }
    assert tame(PLAN, rough | calm) == []
    assert tame(PLAN, rough) == [f"only 0 calls to {service} were well" for service in SERVICES]
    assert "no call had the trouble 'hang'" in tame(PLAN, calm)


def test_a_socket_that_stays_open_is_counted() -> None:
    before = opened_sockets()
    with socket.socket():
        assert opened_sockets() == before + Path("/proc/self/fd").is_dir()
    assert opened_sockets() == before
