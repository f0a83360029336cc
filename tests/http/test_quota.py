"""GET /v1/quota: what each service still allows."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

from starlette.testclient import TestClient

from pointsman.core.category import Catalogue, Category
from pointsman.core.plan import Abilities
from pointsman.engine.execute import Executor
from pointsman.engine.parts import Parts
from pointsman.engine.router import Router
from pointsman.engine.workshop import Workshop
from pointsman.http.app import create_app
from pointsman.stores.memory import MemoryStore
from pointsman.tiers.cascade import Cascade

CATALOGUE = Catalogue([Category("general_chat", "talk", "llm")])


@dataclass(frozen=True)
class Stands:
    service: str = "groq"
    local: bool = False
    ready: bool = True
    state: str = "ready"
    calls_left: int | None = 555
    estimated: bool = True
    per: str = "day"
    sent_today: int = 12

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Clouds:
    closed = False

    async def statuses(self) -> list[Stands]:
        return [Stands()]

    async def close(self) -> None:
        self.closed = True


def router(services: Clouds | None) -> Router:
    return Router(
        Parts(
            catalogue=CATALOGUE,
            cascade=Cascade([], CATALOGUE, fallback="general_chat", find_slots=lambda *_: {}),
            log=MemoryStore(),
            executor=Executor(Workshop(models={}, clock=lambda: 0.0), answer=str, clock=lambda: 0.0),
            abilities=Abilities,
            chance=random.Random(1),
            services=services,
        )
    )


def test_it_tells_what_the_command_does() -> None:
    clouds = Clouds()
    with TestClient(create_app(router(clouds)), base_url="http://127.0.0.1") as client:
        assert client.get("/v1/quota").json() == {"services": [asdict(Stands())]}
    assert clouds.closed


def test_without_a_service_there_is_nothing_to_tell() -> None:
    with TestClient(create_app(router(None)), base_url="http://127.0.0.1") as client:
        assert client.get("/v1/quota").json() == {"services": []}


def test_it_wants_the_key() -> None:
    with TestClient(create_app(router(Clouds()), key="secret"), base_url="http://127.0.0.1") as client:
        assert client.get("/v1/quota").status_code == 401
        assert client.get("/v1/quota", headers={"authorization": "Bearer secret"}).status_code == 200
