"""The bot is told the same, field by field, by a router in its process and by a gateway over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.discord.asking_both import ALL, Asking, alike
from tests.http.openai.speaking import served
from tests.journeys.card_house import House, on_card, opened_house, opened_router

from pointsman.config.server import Key, Server
from pointsman.discord.local import LocalService
from pointsman.discord.service import Service
from pointsman.engine.router import Router
from pointsman.http.app import create_app
from pointsman.http.gate import Gate
from pointsman.providers.gateway.client import GatewayService

KEY = "a-key-of-the-bots"
TIERS = [{"kind": "tasks"}, {"kind": "corrections"}, {"kind": "patterns"}]


@asynccontextmanager
async def near(router: Router) -> AsyncIterator[Service]:
    """The router, as it is."""
    service = LocalService(router)
    yield service
    await service.close()


@asynccontextmanager
async def far(router: Router) -> AsyncIterator[Service]:
    """The same behind a gateway, which wants a key."""
    keys = {"bot": Key(key=SecretStr(KEY), scopes=("use", "read", "admin"))}
    app = create_app(router, gate=Gate.of(Server(keys=keys)), close_router=False)
    async with served(app) as url:
        service = GatewayService(url, KEY)
        try:
            yield service
        finally:
            await service.close()


async def told(folder: Path, monkeypatch: pytest.MonkeyPatch, way: Any) -> Sequence[tuple[str, Any]]:
    """Everything that a service says to the whole list, in a house of its own."""
    async with opened_house(folder, reply=lambda text: f"You said: {text}") as house:
        on_card(monkeypatch, house)
        async with opened_router(config_of(house)) as router:
            await router.own_card()
            await house.seen(router)
            router.parts.chance.seed(1)  # of several greetings, the same
            async with way(router) as service:
                asking = Asking(service)
                await asking.ask("card", service.card())
                for part in ALL:
                    await part(asking)
    return asking.said


def config_of(house: House) -> Any:
    """A configuration whose models are on the fake's disk."""
    return house.config(tiers=TIERS)


async def test_both_ways_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = alike(await told(tmp_path_factory.mktemp("here"), monkeypatch, near))
    there = alike(await told(tmp_path_factory.mktemp("there"), monkeypatch, far))
    assert list(here) == list(there)
    assert {name: there[name] for name, said in here.items() if there[name] != said} == {}
