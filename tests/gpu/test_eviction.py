"""Who gives way: tables of tenants and what is needed, and the set that goes."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.gpu.eviction import candidates, chance, cheapest, cost, evictable_at, score
from pointsman.gpu.moment import Moment
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, Job, State, Tenant
from pointsman.gpu.want import Priority, Rung, Want

GB = 10**9
NOW = 1000.0
SETTINGS = Settings()


def tenant(name: str, size: float, rate: float = 0.0, seconds: float = 10.0, **more: object) -> Tenant:
    made = Tenant(
        name,
        "resident",
        "gpu0",
        Rung(name, int(size * GB)),
        int(size * GB),
        since=0.0,
        rate=rate,
        rate_at=NOW,
        reload_seconds=seconds,
    )
    return type(made)(**{**{it: getattr(made, it) for it in made.__slots__}, **more})


MAIN = tenant("ollama:main", 14.5, rate=1 / 60, seconds=11)
TINY = tenant("ollama:tiny", 2, rate=1 / 20, seconds=3)
OLD = tenant("llamacpp:old", 6, rate=0, seconds=6)
IMAGE = tenant("comfyui:image", 7, rate=1 / 300, seconds=12)
ALL = (MAIN, TINY, OLD, IMAGE)


@pytest.mark.parametrize(
    ("need", "gone"),
    [
        (0, []),
        (1, ["llamacpp:old"]),  # nobody uses it
        (6, ["llamacpp:old"]),
        (7, ["llamacpp:old", "ollama:tiny"]),  # 3.0 s, where the image's tenant alone costs 4.0 s
        (13, ["comfyui:image", "llamacpp:old"]),
        (14, ["comfyui:image", "llamacpp:old", "ollama:tiny"]),  # 7.0 s, where the main model costs 9.5 s
        (16, ["llamacpp:old", "ollama:main"]),
        (29, ["comfyui:image", "llamacpp:old", "ollama:main", "ollama:tiny"]),
        (30, None),
    ],
)
def test_the_cheapest_set_that_is_enough(need: float, gone: list[str] | None) -> None:
    chosen = cheapest(ALL, int(need * GB), NOW, SETTINGS)
    found = None if chosen is None else sorted(it.name for it in chosen)
    best = None
    for count in range(len(ALL) + 1):
        for some in itertools.combinations(ALL, count):
            if sum(it.booked for it in some) >= need * GB:
                total = sum(cost(it, NOW, SETTINGS) for it in some)
                if best is None or total < best - 1e-12:
                    best = total
    assert (found is None) == (gone is None)
    if chosen is not None:
        assert sum(cost(it, NOW, SETTINGS) for it in chosen) == pytest.approx(best)
    assert found == gone


TENANTS = st.lists(
    st.tuples(st.integers(1, 20), st.floats(0, 0.1), st.floats(0.5, 60)).map(
        lambda it: tenant(f"t:{it[0]}{it[1]}{it[2]}", it[0], it[1], it[2])
    ),
    max_size=10,
    unique_by=lambda it: it.name,
)


@given(TENANTS, st.integers(0, 60))
def test_a_set_is_enough_and_none_of_it_is_needless(tenants: list[Tenant], need: int) -> None:
    """For a few tenants and, by the greedy way, for many."""
    chosen = cheapest(tenants, need * GB, NOW, SETTINGS)
    if chosen is None:
        assert sum(it.booked for it in tenants) < need * GB
        return
    freed = sum(it.booked for it in chosen)
    assert freed >= need * GB
    assert all(freed - it.booked < need * GB for it in chosen)


def test_a_tenant_is_dearer_the_more_it_is_used_the_longer_it_loads_and_the_likelier_it_comes() -> None:
    assert cost(tenant("a", 5, rate=0.1), NOW, SETTINGS) > cost(tenant("a", 5, rate=0.001), NOW, SETTINGS)
    assert cost(tenant("a", 5, seconds=60), NOW, SETTINGS) > cost(tenant("a", 5, seconds=5), NOW, SETTINGS)
    hinted = tenant("a", 5, hint=0.9, hint_until=NOW + 10)
    assert chance(hinted, NOW, SETTINGS) == pytest.approx(0.9)
    assert chance(hinted, NOW + 20, SETTINGS) == 0.01
    assert score(tenant("a", 10), NOW, SETTINGS) < score(tenant("a", 5), NOW, SETTINGS)


def test_uses_are_forgotten() -> None:
    used = tenant("a", 5, rate=0.05)
    soon, late = chance(used, NOW, SETTINGS), chance(used, NOW + 3600, SETTINGS)
    assert soon > 0.99
    assert late < 0.05


def job(priority: Priority = "interactive", at: float = NOW, holder: str = "") -> Job:
    return Job("j", Want("chat", (Rung("ollama:x", GB),), priority, holder=holder), at)


@pytest.mark.parametrize(
    ("what", "who", "at"),
    [
        (tenant("a:a", 1), job(), 30.0 - 1000),  # long over: at once
        (tenant("a:a", 1, pinned=True), job(), math.inf),
        (tenant("a:a", 1, leases=frozenset({"x"})), job(), math.inf),
        (tenant("a:a", 1, phase="loading"), job(), math.inf),
        (tenant("a:a", 1, held_until=NOW + 7, held_by="ann"), job(), NOW + 7),
        (tenant("a:a", 1, held_until=NOW + 7, held_by="ann"), job(holder="ann"), -math.inf),
        (tenant("a:a", 1, since=NOW - 10), job(), -math.inf),  # a hasty swap, of which there were none yet
        (tenant("a:a", 1, since=NOW - 10), job("background"), NOW + 20),
        (tenant("a:a", 1, since=NOW - 10), job("background", at=NOW - 130), -math.inf),  # it has waited long enough
        (tenant("a:a", 1, stuck_until=NOW + 5), job(), NOW + 5),
    ],
)
def test_from_when_on_a_tenant_may_go(what: Tenant, who: Job, at: float) -> None:
    state = State(cards={"gpu0": Card("gpu0", 24 * GB)}, tenants={"a:a": what})
    found = evictable_at(Moment(state, NOW, SETTINGS), what, who)
    assert found == at or (found <= NOW and at <= NOW)


def test_after_two_hasty_swaps_residency_binds_everybody() -> None:
    fresh = tenant("a:a", 1, since=NOW - 10)
    state = State(tenants={"a:a": fresh}, swaps=(NOW - 50, NOW - 20))
    assert evictable_at(Moment(state, NOW, SETTINGS), fresh, job()) == NOW + 20
    assert evictable_at(Moment(state, NOW + 75, SETTINGS), tenant("a:a", 1, since=NOW + 70), job()) <= NOW + 75


def test_a_server_that_gives_up_all_at_once_is_left_alone_while_it_draws() -> None:
    idle = tenant("comfyui:a", 5, on_use=True)
    busy = tenant("comfyui:b", 5, on_use=True, leases=frozenset({"x"}))
    state = State(tenants={it.name: it for it in (idle, busy)})
    assert candidates(Moment(state, NOW, SETTINGS), [idle, busy], job()) == []
