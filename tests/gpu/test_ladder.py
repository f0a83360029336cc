"""Which rung serves: a table of cards and what is on them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pointsman.gpu.ladder import choose
from pointsman.gpu.moment import Moment
from pointsman.gpu.placement import Plan
from pointsman.gpu.schedule import schedule
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, Grant, Granted, Job, Load, Refuse, Release, Server, State, Tenant
from pointsman.gpu.want import Rung, Want

GB = 10**9
NOW = 1000.0
SETTINGS = Settings()
BEST = Rung("ollama:main", int(14.5 * GB), "ctx=8192", "main")
SHORT = Rung("ollama:main", 11 * GB, "ctx=2048", "main", "a shorter memory")
SMALL = Rung("ollama:small", 5 * GB, "", "small", "a smaller model")
CLOUD = Rung("", serve="groq", note="in the cloud")
LADDER = (BEST, SHORT, SMALL, CLOUD)


def state(external: float = 0, tenants: tuple[Tenant, ...] = (), **card: object) -> State:
    seen = Card("gpu0", 24 * GB, margin=GB, external=int(external * GB), read_at=NOW, source="fake")
    seen = replace(seen, **card)  # type: ignore[arg-type]
    grants = {it: Granted(it, BEST, "gpu0", NOW - 5, 10) for tenant in tenants for it in tenant.leases}
    return State(
        {"gpu0": seen},
        {it.name: it for it in tenants},
        grants=grants,
        looked_at=NOW,
        servers={"ollama": Server("ollama")},
    )


def there(rung: Rung, *leases: str, **more: object) -> Tenant:
    made = Tenant(rung.tenant, "resident", "gpu0", rung, rung.bytes, frozenset(leases), since=0.0)
    return replace(made, **more)  # type: ignore[arg-type]


def job(*ladder: Rung, patience: float = 20.0, at: float = NOW) -> Job:
    return Job("j", Want("chat", ladder or LADDER, patience=patience), at)


@pytest.mark.parametrize(
    ("on_card", "wish", "rung", "way"),
    [
        (state(), job(), BEST, "load"),
        (state(9), job(), SHORT, "load"),  # a game
        (state(15), job(), SMALL, "load"),
        (state(20), job(), CLOUD, "here"),
        (state(9, (there(BEST),)), job(), BEST, "here"),  # it is there: what does not fit again does not matter
        (state(0, (there(SMALL),)), job(), BEST, "load"),
        (state(5, (there(SMALL),)), job(), BEST, "evict"),
        (state(0, (there(SMALL, "x"),)), job(SMALL, CLOUD), SMALL, "full"),
        (state(0, (there(SMALL, "x"),)), job(SMALL, CLOUD, patience=2), CLOUD, "here"),  # 5 s are too long
        (state(0, (there(BEST, "x"),)), job(SHORT, SMALL), SHORT, "drain"),
        (state(0, (there(BEST, "x"),)), job(SHORT, SMALL, patience=6), SMALL, "load"),
        (state(0, (there(BEST, phase="loading", since=NOW - 9, reload_seconds=10),)), job(patience=3), BEST, "loading"),
        (state(0, (there(BEST, phase="releasing"),)), job(SMALL), SMALL, "load"),
        (state(9, withheld=3 * GB), job(SHORT, SMALL), SHORT, "load"),
        (state(9, withheld=4 * GB, calm_at=NOW + 40), job(SHORT, SMALL), SMALL, "load"),
        (state(9, lingering=9 * GB, lingering_until=NOW + 5), job(BEST), BEST, "drain"),
    ],
)
def test_the_rung_that_serves(on_card: State, wish: Job, rung: Rung, way: str) -> None:
    found = choose(Moment(replace(on_card, queue=(wish,)), NOW, SETTINGS), wish)
    assert isinstance(found, Plan)
    assert (found.rung, found.way) == (rung, way)


def test_of_rungs_that_all_take_too_long_the_soonest_is_taken() -> None:
    wish = job(BEST, SMALL, patience=1)
    found = choose(Moment(replace(state(), queue=(wish,)), NOW, SETTINGS), wish)
    assert isinstance(found, Plan)
    assert found.rung == SMALL


@pytest.mark.parametrize(
    ("on_card", "ladder", "why"),
    [
        (state(13, holders="elden.exe holds 9.1 GB"), (BEST, SHORT), "elden.exe holds 9.1 GB"),
        (state(), (Rung("ollama:huge", 40 * GB, serve="huge"),), "huge needs 40.0 GB, more than the 23.0 GB"),
        (state(0, (there(SMALL, pinned=True), there(BEST, pinned=True))), (Rung("ollama:x", 20 * GB),), "is pinned"),
        (state(), (Rung("ollama:x", GB, devices=("gpu3",)),), "gpu3 is not seen"),
        (State(looked_at=NOW), (SMALL,), "no graphics card is seen"),
    ],
)
def test_the_reason_in_words(on_card: State, ladder: tuple[Rung, ...], why: str) -> None:
    wish = job(*ladder)
    found = choose(Moment(replace(on_card, queue=(wish,)), NOW, SETTINGS), wish)
    assert isinstance(found, Refuse)
    assert why in found.why
    assert found.retry_after > 0


def test_before_anybody_looked_nothing_is_decided() -> None:
    wish = job(SMALL)
    assert choose(Moment(State(queue=(wish,)), NOW, SETTINGS), wish) is None
    old = replace(state(20), queue=(wish,))
    assert choose(Moment(old, NOW + 100, SETTINGS), wish) is None, "the game may have ended"


def test_a_failing_server_is_passed_over() -> None:
    wish = job(BEST, CLOUD)
    failing = replace(there(BEST), phase="cold", failed_until=NOW + 5, failure="it broke off")
    found = choose(Moment(replace(state(0, (failing,)), queue=(wish,)), NOW, SETTINGS), wish)
    assert isinstance(found, Plan)
    assert found.rung == CLOUD
    alone = job(BEST)
    refused = choose(Moment(replace(state(0, (failing,)), queue=(alone,)), NOW, SETTINGS), alone)
    assert refused == Refuse("j", "it broke off", 5.0, BEST.tenant)


def acts(on_card: State, *wishes: Job) -> list[object]:
    return list(schedule(replace(on_card, queue=wishes), NOW, SETTINGS))


def test_the_schedule_grants_loads_releases_and_refuses() -> None:
    assert acts(state(0, (there(SMALL),)), job(SMALL)) == [Grant("j", SMALL, "gpu0")]
    assert acts(state(), job(SMALL)) == [Load(SMALL, "gpu0", "j")]
    assert acts(state(5, (there(SMALL),)), job(BEST)) == [Release(SMALL.tenant, "main needs the room", job="j")]
    assert isinstance(acts(state(20), job(BEST))[0], Refuse)


def test_one_load_at_a_time() -> None:
    first, second = job(SMALL), replace(job(Rung("llamacpp:x", GB)), id="k")
    assert acts(state(), first, second) == [Load(SMALL, "gpu0", "j")]


def test_no_load_on_an_old_reading() -> None:
    assert acts(replace(state(read_at=NOW - 60), looked_at=NOW - 60), job(SMALL)) == []
    assert acts(state(changed_at=NOW + 1), job(SMALL)) == []


def test_what_the_first_needs_is_not_taken_by_the_second() -> None:
    """The memory that comes back for one wish is not given to the next, however small that is."""
    going = there(BEST, phase="releasing")
    first, second = job(Rung("ollama:y", 20 * GB)), replace(job(Rung("llamacpp:x", 5 * GB)), id="k")
    assert acts(state(0, (going,)), first, second) == []
