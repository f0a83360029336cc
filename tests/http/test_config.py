"""The gateway's own state: whether it is ready, which configuration it goes by, and reading that again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient
from tests.http.conftest import Words, make_router

from pointsman.core.errors import ConfigError, PointsmanError
from pointsman.engine.router import Router
from pointsman.http.app import create_app
from pointsman.stores.memory import MemoryStore


@dataclass
class Outcome:
    changed: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    error: PointsmanError | None = field(default=None)


@pytest.fixture
def router() -> Router:
    return make_router(None, Words(), MemoryStore())


def client_of(router: Router, outcome: Outcome | None = None) -> TestClient:
    app = create_app(router, close_router=False)

    async def reload() -> Outcome:
        assert outcome is not None
        return outcome

    if outcome is not None:
        app.state.reload = reload
    return TestClient(app, base_url="http://127.0.0.1")


def test_ready_is_who_has_opened_what_deciding_needs_and_is_not_to_stop(router: Router) -> None:
    with client_of(router) as client:
        starting = client.get("/readyz")
        assert starting.status_code == 503
        assert "is starting" in starting.json()["error"]["message"]
        assert "retry-after" in starting.headers
        asyncio.run(router.warm())
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        assert client.head("/readyz").status_code == 200


def test_health_says_which_configuration_is_in_force_and_what_is_wrong_with_the_next(router: Router) -> None:
    with client_of(router) as client:
        before = client.get("/healthz").json()["config"]
        assert (before["problem"], before["mode"]) == ("", "full")
        router.refused("pointsman.yaml:3: no such key")
        said = client.get("/healthz").json()["config"]
    assert said == {**before, "problem": "pointsman.yaml:3: no such key"}


def test_it_can_be_read_again(router: Router) -> None:
    reply = client_of(router, Outcome(("tiers",), ("server.port",))).post("/v1/config/reload")
    assert reply.status_code == 200
    assert reply.json() == {"changed": ["tiers"], "restart": ["server.port"], "loaded_at": router.loading.at}


def test_a_wrong_one_is_the_callers_matter(router: Router) -> None:
    wrong = Outcome(error=ConfigError("pointsman.yaml:3: no such key", cure="take it out"))
    reply = client_of(router, wrong).post("/v1/config/reload")
    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "config_invalid"
    assert "take it out" in reply.json()["error"]["message"]


def test_a_gateway_without_a_file_says_so(router: Router) -> None:
    reply = client_of(router).post("/v1/config/reload")
    assert reply.status_code == 400
    assert "pointsman serve" in reply.json()["error"]["message"]
