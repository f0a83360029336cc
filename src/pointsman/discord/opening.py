"""What the bot asks: a router in this process, or a gateway elsewhere."""

from __future__ import annotations

from pointsman.config.discord import Discord
from pointsman.core.errors import ConfigError
from pointsman.discord.local import LocalService
from pointsman.engine.router import Router
from pointsman.providers.gateway.client import GatewayService


def open_local(router: Router) -> LocalService:
    """Has a router in this process answer; closing the service leaves it open."""
    return LocalService(router)


def open_remote(settings: Discord) -> GatewayService:
    """Has the gateway answer that the configuration names; nothing is sent yet. Raises ConfigError without one."""
    if settings.gateway is None:
        raise ConfigError("no gateway is named that the bot could ask", cure="set discord.gateway to its URL")
    return GatewayService(settings.gateway, settings.key.get_secret_value() if settings.key else "")
