"""What the bot asks is a router here, or the gateway that the configuration names."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from pointsman.build import open_router
from pointsman.config.discord import Discord
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError, Unreachable
from pointsman.discord.opening import open_local, open_remote


async def test_a_router_here_stays_open_for_others() -> None:
    config = Config.model_validate({"tiers": [{"kind": "tasks"}], "images": {"comfyui": {"enabled": False}}})
    async with open_router(config, store=False) as router:
        service = open_local(router)
        assert "general_chat" in (await service.known()).categories
        await service.close()
        assert (await service.quota(), await open_local(router).quota()) == ([], [])


async def test_a_gateway_is_asked_where_it_is_configured() -> None:
    service = open_remote(Discord(gateway="http://127.0.0.1:9/", key=SecretStr("k")))
    assert service.url == "http://127.0.0.1:9"
    with pytest.raises(Unreachable, match=r"gateway http://127\.0\.0\.1:9 is not there"):
        await service.known()
    await service.close()


def test_without_one_it_is_said_where_to_name_it() -> None:
    with pytest.raises(ConfigError) as caught:
        open_remote(Discord())
    assert "discord.gateway" in caught.value.cure
