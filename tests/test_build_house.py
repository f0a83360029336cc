"""What of a configuration is in the house and what is outside: models, the judge, services, tools, the painter."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.build.gpu import Ollamas, open_card
from pointsman.build.judging import is_elsewhere
from pointsman.build.opening import open_parts
from pointsman.build.services import open_services
from pointsman.build.upstreams import Servers
from pointsman.config.model import Config
from pointsman.config.tiers import JudgeTier
from pointsman.core.errors import UnknownModel
from pointsman.core.relay import Place
from pointsman.stores.shelf import MemoryShelf

NEAR = "http://192.168.1.20:11434"
FAR = "https://ollama.example.com"


def ollama(url: str, model: str = "qwen3:8b", **more: Any) -> dict[str, Any]:
    return {"provider": "ollama", "url": url, "model": model, **more}


def config(**sections: Any) -> Config:
    return Config.model_validate({"gpu": {"enabled": False}, **sections})


@pytest.mark.parametrize(
    ("main", "outside"),
    [
        (ollama(NEAR), False),
        (ollama(FAR), True),
        (ollama("http://127.0.0.1:11434", "gpt-oss:120b-cloud"), True),
        ({"provider": "openai", "url": "http://10.0.0.7:8000/v1", "model": "qwen"}, False),
        ({"provider": "openai", "url": "https://api.example.com/v1", "models": ["a", "b"]}, True),
        ({"provider": "embedded"}, False),
    ],
)
async def test_models(main: dict[str, Any], *, outside: bool) -> None:
    given = config(models={"main": main})
    parts = open_parts(given, store=False).parts
    abilities = parts.abilities()
    assert abilities.outside == (frozenset({abilities.main}) if outside else frozenset())
    await parts.close()


async def test_tools() -> None:
    servers = {
        "near": {"url": "http://nas.lan:8080/mcp"},
        "far": {"url": "https://mcp.example.com/mcp"},
        "mine": {"command": "my-server"},
    }
    parts = open_parts(config(tools={"mcp_servers": servers}), store=False).parts
    assert parts.abilities().reaching == {"web_search", "far"}
    assert parts.executor.tools.toolbox.reaching == {"web_search", "far"}
    await parts.close()


@pytest.mark.parametrize(
    ("small", "elsewhere"), [(ollama(NEAR), False), (ollama(FAR), True), ({"provider": "embedded"}, False)]
)
def test_the_judge(small: dict[str, Any], *, elsewhere: bool) -> None:
    assert is_elsewhere(JudgeTier(enabled=True, model="small"), config(models={"small": small})) is elsewhere


@pytest.mark.parametrize(
    ("service", "at_home"),
    [
        ({"url": "http://127.0.0.1:8080/v1"}, True),
        ({"url": "http://192.168.1.20:8080/v1"}, True),
        ({"url": "http://192.168.1.20:8080/v1", "local": False}, False),
        ({"url": "https://llm.example.com/v1"}, False),
        ({"url": "https://llm.example.com/v1", "local": True}, True),
        ({"url": "http://127.0.0.1:11434/v1", "models": ["glm-4.6:cloud"]}, False),
    ],
)
async def test_services(service: dict[str, Any], *, at_home: bool) -> None:
    server = {"name": "mine", "models": ["m"], **service}
    services = open_services(config(cloud={"servers": [server]}), MemoryShelf())
    assert [it.at_home for it in services] == [at_home]
    await services.close()


async def test_a_cloud_is_never_at_home() -> None:
    services = open_services(config(cloud={"groq": {"key": "gsk_x"}}), MemoryShelf())
    assert [it.at_home for it in services] == [False]
    await services.close()


@pytest.mark.parametrize(("url", "outside"), [("http://box:8188", False), ("https://paint.example.com", True)])
async def test_the_painter(url: str, *, outside: bool) -> None:
    card = open_card(config(images={"comfyui": {"enabled": True, "url": url}}), Ollamas())
    assert card.paints_outside is outside
    assert card.studio is not None
    await card.studio.close()


class TestGuests:
    async def test_a_model_on_an_ollamas_disk_is_set_up_as_nobody_described_it(self) -> None:
        ollamas = Ollamas()
        servers = Servers(config(models={"main": ollama(NEAR, context=4096, name="main")}), ollamas)
        guest = await servers.guest(Place("gemma3:4b", "ollama", NEAR))
        assert (guest.name, list(guest.models), guest.want) == ("gemma3:4b", ["gemma3:4b"], None)
        assert guest.models["gemma3:4b"].name == "gemma3:4b"
        await servers.close()

    async def test_what_only_takes_requests_is_none(self) -> None:
        servers = Servers(config(), Ollamas())
        with pytest.raises(UnknownModel):
            await servers.guest(Place("m", "openai", "http://127.0.0.1:1/v1"))
