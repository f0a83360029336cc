"""Models of llama-server in router mode: which there are, who holds them on the card, and what they take of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pointsman.build.parts import name_of, open_remote
from pointsman.config.models import OpenAiModel
from pointsman.gpu.want import Rung
from pointsman.providers.ollama.options import RunnerOptions

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.core.ports import ChatModel
    from pointsman.providers.llamacpp.router import LlamaRouter

LLAMACPP: Final = "llamacpp"
# What its presets say is not ours to change: no context of which there could be half, no layers to move.
AS_PRESET: Final = RunnerOptions(num_ctx=0)


def routers(config: Config) -> Sequence[OpenAiModel]:
    """The chat models that a router loads and unloads, each once."""
    found = (config.models.main, config.models.small)
    return tuple(dict.fromkeys(it for it in found if isinstance(it, OpenAiModel) and it.router))


def address_of(settings: OpenAiModel) -> str:
    """Where its router is: the address of its API without /v1."""
    return settings.url.removesuffix("/v1")


def router_urls(config: Config) -> tuple[str, ...]:
    """Where they are, each once."""
    return tuple(dict.fromkeys(map(address_of, routers(config))))


def backend_of(config: Config, settings: OpenAiModel) -> str:
    """What the router of a model is called in the names of its tenants: llamacpp, llamacpp_2, ..."""
    place = router_urls(config).index(address_of(settings))
    return LLAMACPP if place == 0 else f"{LLAMACPP}_{place + 1}"


def open_backends(config: Config) -> list[LlamaRouter]:
    """The routers, one for each address, with the key of the first model that is there."""
    from pointsman.providers.llamacpp.router import LlamaRouter

    first = {address_of(it): it for it in reversed(routers(config))}
    return [
        LlamaRouter(url, name=backend_of(config, it), key=it.key.get_secret_value() if it.key else "")
        for url in router_urls(config)
        if (it := first[url])
    ]


class LlamaTrack:
    """One chat model of a router, as the ladders want it (`build.ladders.OllamaTrack` is that of an Ollama).

    The model is put into `serving` when it is first needed, under its rung's `serve`. `backend` is the name of its
    router, `devices` are the cards of its computer, where there are several computers.
    """

    def __init__(
        self, settings: OpenAiModel, backend: str, serving: dict[str, ChatModel], devices: tuple[str, ...] = ()
    ) -> None:
        self.name = name_of(settings)
        self.settings = settings
        self._backend = backend
        self._serving = serving
        self._devices = devices

    @property
    def runner(self) -> RunnerOptions:
        """Options that leave all to its preset."""
        return AS_PRESET

    async def rung(self, *, context: int = 0, layers: int | None = None, note: str = "") -> Rung:
        """Its one rung, whatever is asked for: its preset says with how much context it is loaded, and where."""
        del context, layers
        if self.name not in self._serving:
            self._serving[self.name] = open_remote(self.settings)
        devices = (self.settings.device,) if self.settings.device else self._devices
        tenant = f"{self._backend}:{self.settings.ids[0]}"
        return Rung(tenant, self.settings.size or 0, "", self.name, note, devices)

    async def layers(self) -> int:
        """None that could be moved."""
        return 0
