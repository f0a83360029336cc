"""Each kind of fault opens the circuit when, and for as long as, it should; one probe finds out."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.faults import TREATMENTS, FaultKind, ServiceFailed
from pointsman.providers.remote.circuit import BROKEN, PROBE_SECONDS, Circuit, Recovery, circuit_of
from pointsman.providers.remote.refusals import refused


def at(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()


NOW = at(22, 14)
KINDS: list[FaultKind] = list(TREATMENTS)


def fault(kind: FaultKind, wait: float | None = None) -> ServiceFailed:
    return ServiceFailed(kind, "words", service="x", wait=wait)


def failed(
    circuit: Circuit, kind: FaultKind, wait: float | None = None, now: float = NOW, recovery: Recovery = "stated"
) -> Circuit:
    """After a call that was let through as a probe where one was due, and failed."""
    return circuit.tried("p", now).failed(fault(kind, wait), "p", now, recovery)


@pytest.mark.parametrize(
    ("kind", "wait", "in_a_row", "rest"),
    [
        ("rate_limited", None, 1, 5.0),
        ("rate_limited", 0.5, 1, 0.5),
        ("rate_limited", 55.0, 1, 55.0),
        ("quota_exhausted", None, 1, 300.0),
        ("quota_exhausted", 87.0, 1, 87.0),
        ("auth", None, 1, math.inf),
        ("auth", 60.0, 1, math.inf),
        ("model_gone", None, 1, 86_400.0),
        ("malformed", None, 5, 30.0),
        ("server", None, 3, 30.0),
        ("server", 1.0, 3, 1.0),
        ("server", 20.0, 1, 20.0),
        ("server", 3600.0, 1, 900.0),
        ("server", math.nan, 3, 30.0),
        ("malformed", 3600.0, 5, 900.0),
        ("too_large", None, 0, 0.0),
        ("bad_request", None, 0, 0.0),
    ],
)
def test_what_opens_it_and_for_how_long(kind: FaultKind, wait: float | None, in_a_row: int, rest: float) -> None:
    circuit = Circuit()
    for _ in range((in_a_row or 20) - 1):
        circuit = failed(circuit, kind, wait)
        assert circuit.state(NOW) == "closed"
    circuit = failed(circuit, kind, wait)
    assert (circuit.state(NOW) == "open") == bool(in_a_row)
    if in_a_row:
        assert circuit.kind == kind
        assert circuit.until - NOW == rest
        assert circuit.state(NOW + rest) == ("open" if rest == math.inf else "half_open")


def test_a_wrong_address_needs_somebody_and_any_answer_shows_that_it_is_right() -> None:
    wrong = ServiceFailed("bad_request", "words", service="x", wait=5.0, scope="service")
    circuit, now = Circuit(), NOW
    for _ in range(3):
        circuit = circuit.tried("p", now).failed(wrong, "p", now, "stated")
        assert (circuit.kind, circuit.until - now) == ("bad_request", 900)
        now = circuit.until
    assert circuit.tried("p", now).heard("p") == Circuit()
    assert circuit.tried("p", now).failed(fault("too_large"), "p", now, "stated") == Circuit()


def cut(circuit: Circuit, times: int, now: float = NOW, within: float = 0.3) -> Circuit:
    for _ in range(times):
        circuit = circuit.tried("p", now).cut_off("p", now, within)
    return circuit


def test_many_calls_without_an_answer_open_it_however_little_time_they_had() -> None:
    circuit = cut(Circuit(), 4)
    assert circuit.state(NOW) == "closed"
    assert circuit.answered("p") == circuit.heard("p") == Circuit()
    assert failed(circuit, "server").cut == 0, "which was an answer, or at least not silence"
    circuit = cut(cut(circuit, 1, within=0.2), 3)
    assert (circuit.kind, circuit.slow, circuit.within, circuit.until) == ("server", True, 0.3, NOW + 30)
    rests, now = [], NOW
    for _ in range(6):
        now = circuit.until
        circuit = cut(circuit, 1, now)
        rests.append(circuit.until - now)
    assert rests == [60, 120, 240, 480, 900, 900]
    assert circuit.tried("p", circuit.until).answered("p") == Circuit()


@pytest.mark.parametrize("kind", ["server", "rate_limited", "quota_exhausted"])
def test_probes_that_are_cut_off_do_not_go_on_for_ever(kind: FaultKind) -> None:
    circuit = opened(kind)
    now = circuit.until
    before = cut(circuit, 4, now)
    assert (before.kind, before.state(now), before.probing(now)) == (kind, "half_open", False)
    after = cut(before, 1, now)
    assert (after.kind, after.slow, after.until - now) == ("server", True, 60 if kind == "server" else 30)


@pytest.mark.parametrize(
    ("kind", "rests"),
    [
        ("server", [30, 60, 120, 240, 480, 900, 900]),
        ("malformed", [30, 60, 120, 240, 480, 900, 900]),
        ("rate_limited", [5, 10, 20, 20]),
        ("quota_exhausted", [300, 600, 1200, 2400, 3600, 3600]),
        ("model_gone", [86_400, 86_400]),
    ],
)
def test_each_failed_probe_doubles_the_rest(kind: FaultKind, rests: list[float]) -> None:
    circuit, now = Circuit(), NOW
    for _ in range(TREATMENTS[kind].opens_after):
        circuit = failed(circuit, kind)
    found = [circuit.until - now]
    while len(found) < len(rests):
        now = circuit.until
        circuit = failed(circuit, kind, now=now)
        found.append(circuit.until - now)
    assert found == rests


def test_a_good_answer_begins_the_row_anew() -> None:
    circuit = Circuit()
    for _ in range(10):
        circuit = failed(failed(circuit, "server"), "server")
        circuit = circuit.answered("p")
    assert circuit == Circuit()


def test_garbage_between_failures_still_opens_it() -> None:
    circuit, tries = Circuit(), count(1)
    for number in tries:
        circuit = failed(circuit, "malformed" if number % 2 else "server")
        if circuit.kind:
            break
    assert number == 9


def test_a_day_s_quota_is_asked_for_again_after_midnight_with_back_off() -> None:
    circuit = failed(Circuit(), "quota_exhausted", recovery="utc_day")
    times = []
    for _ in range(8):
        times.append(circuit.until)
        circuit = failed(circuit, "quota_exhausted", now=circuit.until, recovery="utc_day")
    asked = [(0, 5), (0, 10), (0, 20), (0, 40), (1, 20), (2, 20), (3, 20), (4, 20)]
    assert times == [at(23, hour, minute) for hour, minute in asked]
    late = failed(circuit, "quota_exhausted", now=at(23, 23, 30), recovery="utc_day")
    assert late.until == at(24, 0, 5)


def test_a_quota_that_is_gone_in_the_small_hours_may_slide_and_is_asked_for_during_the_day() -> None:
    assert failed(Circuit(), "quota_exhausted", now=at(22, 0, 27), recovery="utc_day").until == at(22, 0, 32)
    assert failed(Circuit(), "quota_exhausted", now=at(22, 6, 0), recovery="utc_day").until == at(23, 0, 5)


def test_a_month_s_quota_is_probed_daily_and_expected_on_the_first() -> None:
    circuit = failed(Circuit(), "quota_exhausted", recovery="month")
    assert circuit.until == at(23, 14)
    assert circuit.back == at(1, month=12)
    assert failed(Circuit(), "quota_exhausted", now=at(30, 20), recovery="month").until == at(1, 0, 5, month=12)
    assert "quota exhausted until 2026-12-01" in refused(circuit, "huggingface", "", "m", NOW).message


@pytest.mark.parametrize("recovery", ["stated", "utc_day", "month"])
def test_what_the_service_states_counts_whatever_is_configured(recovery: Recovery) -> None:
    assert failed(Circuit(), "quota_exhausted", 87, recovery=recovery).until == NOW + 87


@pytest.mark.parametrize("wait", [-5.0, math.nan, math.inf])
def test_a_wait_that_is_none_counts_for_nothing(wait: float) -> None:
    assert failed(Circuit(), "rate_limited", wait).until == NOW + 5


def opened(kind: FaultKind) -> Circuit:
    circuit = Circuit()
    for _ in range(TREATMENTS[kind].opens_after):
        circuit = failed(circuit, kind, recovery="utc_day")
    return circuit


@given(st.lists(st.tuples(st.floats(0, 40), st.sampled_from(["admit", "answer", "fail", "cancel"])), max_size=40))
def test_it_lets_exactly_one_probe_through(events: list[tuple[float, str]]) -> None:
    circuit, now, names = opened("server"), NOW, count()
    probe: tuple[str, float] | None = None
    for seconds, event in events:
        now += seconds
        if event == "admit":
            may = circuit.state(now) == "half_open" and not circuit.probing(now)
            if circuit.kind:
                gone = probe is None or now - probe[1] >= PROBE_SECONDS
                assert may == (now >= circuit.until and gone)
            if may:
                probe = (f"p{next(names)}", now)
                circuit = circuit.tried(probe[0], now)
        elif probe:
            match event:
                case "answer":
                    circuit = circuit.answered(probe[0])
                    assert circuit == Circuit()
                case "fail":
                    circuit = circuit.failed(fault("server"), probe[0], now, "stated")
                case "cancel":
                    circuit = circuit.freed(probe[0])
            probe = None
        if not circuit.kind:
            circuit, probe = opened("server"), None
            now = max(now, NOW)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if TREATMENTS[kind].opens_after and kind != "auth"])
def test_a_call_that_began_before_it_opened_neither_closes_it_nor_doubles_its_rest(kind: FaultKind) -> None:
    circuit = opened(kind)
    assert circuit.answered("earlier") == circuit
    assert circuit.failed(fault("server"), "earlier", NOW, "stated") == circuit
    assert circuit.failed(fault(kind), "earlier", NOW, "utc_day").reopened == 0
    assert circuit.failed(fault("auth"), "earlier", NOW, "stated").until == math.inf


def test_a_probe_that_is_given_up_frees_the_way_at_once() -> None:
    circuit = opened("server").tried("p", NOW + 30)
    assert circuit.probing(NOW + 31)
    assert not circuit.freed("p").probing(NOW + 31)
    assert circuit.freed("another") == circuit
    assert not circuit.probing(NOW + 30 + PROBE_SECONDS)


@pytest.mark.parametrize("kind", ["rate_limited", "quota_exhausted", "model_gone"])
def test_a_probe_that_breaks_says_nothing_of_quota(kind: FaultKind) -> None:
    circuit = opened(kind)
    now = circuit.until
    tried = circuit.tried("p", now).failed(fault("server"), "p", now, "stated")
    assert (tried.kind, tried.state(now), tried.probing(now)) == (kind, "half_open", False)


@pytest.mark.parametrize("kind", ["too_large", "bad_request"])
@pytest.mark.parametrize("why", ["server", "malformed", "quota_exhausted", "rate_limited"])
def test_an_answer_that_refuses_the_request_shows_that_somebody_is_there(kind: FaultKind, why: FaultKind) -> None:
    circuit = opened(why)
    after = circuit.tried("p", circuit.until).failed(fault(kind), "p", circuit.until, "stated")
    assert (after.kind == "") == (why in BROKEN)
    assert not after.probing(circuit.until)


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.none() | st.floats(0, 1e6), st.floats(0, 1e5))),
    st.sampled_from(["stated", "utc_day", "month"]),
)
def test_it_survives_being_kept(faults: list[tuple[FaultKind, float | None, float]], recovery: Recovery) -> None:
    circuit, now = Circuit(), NOW
    for kind, wait, seconds in faults:
        now += seconds
        circuit = failed(cut(circuit, 1, now), kind, wait, now, recovery)
        circuit = cut(circuit, int(seconds) % 7, now)
        assert circuit_of(json.loads(json.dumps(circuit.data(), allow_nan=False))) == circuit


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        3,
        {},
        [],
        ["server"],
        ["x", 1, 1, 0, 0, 0, 0, "", 0, 0],
        [[], 1, 1, 0, 0, 0, 0, "", 0, 0],
        ["server", 1, 1, 0, 0, 0, 0, "", 0, -1],
        ["server", 1, 1, 0, 0, 0, "", 0],
        ["server"] * 10,
    ],
)
def test_what_cannot_be_read_is_closed(damaged: Any) -> None:
    assert circuit_of(damaged) == Circuit()


def test_a_clock_that_was_wrong_keeps_nothing_shut_for_ever() -> None:
    assert failed(Circuit(), "rate_limited", now=NOW + 1e8).state(NOW) == "half_open"


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_has_words_and_says_that_nobody_was_asked(kind: FaultKind) -> None:
    circuit = opened(kind)
    if not circuit.kind:
        return
    refusal = refused(circuit, "groq", "a/model", "a/model", NOW)
    assert refusal.message.startswith("groq: a/model: ")
    assert (refusal.kind, refusal.asked, refusal.scope) == (kind, False, "model")
    assert refusal.wait == (None if kind == "auth" else circuit.until - NOW)


def test_a_used_up_day_is_told_with_its_time() -> None:
    assert refused(opened("quota_exhausted"), "cloudflare", "", "m", NOW).message == (
        "cloudflare: quota exhausted until 00:05 UTC"
    )
