"""Several wishes for one tenant wait for the same room: nobody is sent away a second time for it."""

from __future__ import annotations

from dataclasses import replace

from pointsman.gpu import transitions
from pointsman.gpu.schedule import schedule
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Card, Release, State, Tenant
from pointsman.gpu.want import Rung, Want

GB = 1_000_000_000
SETTINGS = Settings()
NOW = 1000.0


def resident(name: str, size: int) -> Tenant:
    return Tenant(
        name, "resident", "gpu0", Rung(name, size), size, since=0.0, used_at=0.0, reported=size, reload_seconds=5.0
    )


def wishes(count: int) -> State:
    card = Card("gpu0", 24 * GB, margin=GB, read_at=NOW, source="fake", used=20 * GB)
    tenants = {it.name: it for it in (resident("ollama:a", 10 * GB), resident("ollama:b", 10 * GB))}
    state = State(cards={"gpu0": card}, tenants=tenants)
    for server in ("ollama", "llamacpp"):
        state = transitions.serving(state, server, on_use=False)
    state = replace(state, looked_at=NOW)
    for number in range(count):
        state = transitions.submitted(
            state, f"wish-{number}", Want("chat", (Rung("llamacpp:c", 9 * GB),)), NOW, SETTINGS
        )
    return state


def test_three_wishes_send_one_away_as_one_does() -> None:
    alone, three = (
        [it for it in schedule(wishes(count), NOW, SETTINGS) if isinstance(it, Release)] for count in (1, 3)
    )
    assert len(alone) == 1
    assert [it.tenant for it in three] == [it.tenant for it in alone]
