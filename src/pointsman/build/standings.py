"""How the services stand, for everybody who shows it: the command line, the gateway and the page."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Final

from pointsman.build.services import Service, Services
from pointsman.build.typical import costs_of
from pointsman.config import cloud
from pointsman.config.model import Config
from pointsman.config.tiers import CloudTier
from pointsman.core.category import Catalogue
from pointsman.core.ports import Clock
from pointsman.providers.remote.standing import Asking, Standing, standing_of

# How a key is given anew; that of another server stands in the configuration alone.
NEW_KEYS: Final = {
    "groq": "set GROQ_API_KEY anew",
    "cloudflare": "set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID anew",
    "huggingface": "set HF_TOKEN anew",
}


class Standings:
    """The services of a router with what is to be told of them; `catalogue` is only asked for when something is."""

    def __init__(
        self, services: Services, config: Config, catalogue: Callable[[], Catalogue], *, now: Clock = time.time
    ) -> None:
        self._services = services
        self._config = config
        self._catalogue = catalogue
        self._now = now

    async def statuses(self) -> list[Standing]:
        """How each service stands, in the order in which they are asked."""
        statuses = await self._services.statuses()
        now = self._now()
        return [standing_of(status, asking, now) for status, asking in zip(statuses, self._askings, strict=True)]

    async def close(self) -> None:
        """Lets go of connections and files."""
        await self._services.close()

    @cached_property
    def _askings(self) -> list[Asking]:
        k = examples_shown(self._config)
        return [asking_of(service, self._catalogue(), k) for service in self._services]


def asking_of(service: Service, catalogue: Catalogue, k: int) -> Asking:
    """How one service is asked."""
    return Asking(service.caller.models, costs_of(service, catalogue, k), service.local, new_key(service.name))


def new_key(name: str) -> str:
    """What to do about a key that is refused."""
    return NEW_KEYS.get(name, f"correct the key of {name} in cloud.servers")


def examples_shown(config: Config) -> int:
    """How many examples chat models are shown."""
    return next((tier.k for tier in config.tiers if isinstance(tier, CloudTier)), CloudTier().k)


def told_of_others(config: Config) -> list[str]:
    """The services outside this machine that messages are sent to, in their order."""
    asked = any(tier.enabled and isinstance(tier, CloudTier) for tier in config.tiers)
    return [service.name for service in config.cloud.services if asked and not cloud.is_local(service)]
