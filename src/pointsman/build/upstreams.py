"""Wires the servers that are asked for a model by name: every Ollama with all that is on its disk, and others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pointsman.build.gpu import Ollamas, backend_of, ollama_models
from pointsman.build.parts import name_of
from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel, OpenAiModel
from pointsman.config.ollama import OllamaModel, OllamaOptions
from pointsman.core.errors import PointsmanError, UnknownModel
from pointsman.core.ports import ChatModel, Clock
from pointsman.core.relay import Forward, Listed, Place, Upstream
from pointsman.engine.relaying import Guest
from pointsman.gpu.want import Rung, Want

if TYPE_CHECKING:
    from pointsman.build.ladders import OllamaTrack
    from pointsman.providers.ollama.said import Installed

# For so many seconds a list of models is taken to be true; a model that is not in it is looked for anew at once.
LIST_SECONDS: Final = 5.0
CHAT_SECONDS: Final = 10.0


class Servers:
    """The servers of a configuration (`engine.relaying.Upstreams`); none is asked before it is needed.

    The names of the configuration come first; every Ollama also answers for whatever else it has installed.
    """

    def __init__(self, config: Config, ollamas: Ollamas, *, clock: Clock = time.monotonic) -> None:
        self._config = config
        self._ollamas = ollamas
        self._clock = clock
        self._named = {name_of(it): it for it in (config.models.small, config.models.main)}
        self._by_url = {it.url: it for it in reversed(ollama_models(config))}
        self._opened: dict[str, Upstream] = {}
        self._tracks: dict[tuple[str, str, str], OllamaTrack] = {}
        self._installed: dict[str, tuple[float, tuple[Installed, ...]]] = {}
        self._places: dict[str, Place] = {}  # of the configuration's own models, which never move

    async def place(self, model: str) -> Place | None:
        """Where a model is served; None where no server has it. Raises Unreachable where that cannot be told."""
        if (known := self._places.get(model)) is not None:
            return known
        if (settings := self._named.get(model)) is not None:
            found = self._places[model] = self._at(place_of(settings, model))
            return found
        failed: PointsmanError | None = None
        for url in self._by_url:
            try:
                if await self._has(url, model):
                    return self._at(Place(model, "ollama", url))
            except PointsmanError as error:
                failed = error
        if failed is not None:
            raise failed
        return None

    def _at(self, place: Place) -> Place:
        """A place, with how its model is loaded where the configuration says that."""
        settings = next(
            (it for it in ollama_models(self._config) if (it.model, it.url) == (place.model, place.server)), None
        )
        if place.dialect != "ollama" or settings is None:
            return place
        from pointsman.providers.ollama.chat import OllamaChat

        chat = OllamaChat.from_config(settings, self._ollamas.of(settings), arbiter=self._config.gpu.enabled)
        return replace(place, setup=chat.setup.body())

    async def listed(self) -> Sequence[Listed]:
        """All models that can be asked by name; those of a server that does not answer are left out."""
        found = {name: Listed(name, place_of(it, name)) for name, it in reversed(self._named.items())}
        lists = await asyncio.gather(*map(self._on_disk, self._by_url), return_exceptions=True)
        for url, rows in zip(self._by_url, lists, strict=True):
            if isinstance(rows, BaseException):
                if not isinstance(rows, PointsmanError):
                    raise rows
                continue
            for it in rows:
                found.setdefault(it.name, Listed(it.name, Place(it.name, "ollama", url)))
        return tuple(found.values())

    def server(self, place: Place) -> Upstream:
        """The server of a place."""
        found = self._opened.get(place.server)
        if found is None:
            found = self._opened[place.server] = self._open(place)
        return found

    async def want(self, place: Place, forward: Forward) -> Want | None:
        """What a request takes of the card; None where it takes nothing. Raises UnknownModel, Unreachable."""
        if not self._config.gpu.enabled:
            return None
        if place.dialect != "ollama":
            return await self._routers_want(place)
        from pointsman.providers.ollama.forwarded import loads

        if not loads(forward):
            return None
        return self._wish(*await self._rungs(place, self._track(place, forward.body.get("options"))))

    async def guest(self, place: Place) -> Guest:
        """A model on an Ollama's disk as one that talks, set up as those are that nobody described.

        Raises UnknownModel, Unreachable.
        """
        if place.dialect != "ollama":
            raise nowhere(place)
        if not self._config.gpu.enabled:
            from pointsman.providers.ollama.chat import OllamaChat

            settings = self._settings(place, {})
            chat = OllamaChat.from_config(settings, self._ollamas.of(settings), arbiter=False)
            return Guest(chat.name, {chat.name: chat})
        track = self._track(place, {})
        want = self._wish(*await self._rungs(place, track))
        return Guest(track.name, track.serving, want)

    def tenant(self, place: Place) -> str:
        """What the model is called on the card; "" where it takes none of it."""
        if place.dialect != "ollama":
            return ""
        from pointsman.providers.ollama.backend import tenant_of

        return tenant_of(place.model, backend_of(self._config, place.server))

    async def close(self) -> None:
        """Closes the connections."""
        for it in self._opened.values():
            await it.close()

    async def _routers_want(self, place: Place) -> Want | None:
        """What a model of llama-server in router mode takes; None for one of any other server."""
        from pointsman.build import llamacpp
        from pointsman.build.hosts import devices_for

        for it in llamacpp.routers(self._config):
            if (it.url, it.ids[0]) == (place.server, place.model):
                devices = devices_for(self._config, it.url)
                track = llamacpp.LlamaTrack(it, llamacpp.backend_of(self._config, it), {}, devices)
                return self._wish(await track.rung())
        return None

    async def _rungs(self, place: Place, track: OllamaTrack) -> list[Rung]:
        """The model as it is set up, and with half of its layers on the processor."""
        rungs = [await track.rung()]
        if track.runner.num_gpu is None and (layers := await track.layers()) > 1:
            note = f"half of {place.model} runs on the processor, as the card has no room for it"
            rungs.append(await track.rung(layers=layers // 2, note=note))
        return rungs

    def _wish(self, *rungs: Rung) -> Want:
        return Want("chat", rungs, patience=self._config.gpu.patience, seconds=CHAT_SECONDS)

    def _open(self, place: Place) -> Upstream:
        from pointsman.providers import openai_failures
        from pointsman.providers.ollama import failures
        from pointsman.providers.relay import RelayServer

        if place.dialect == "ollama":
            ollama = self._ollama(place)
            key = ollama.key.get_secret_value() if ollama.key else ""
            return RelayServer(
                ollama.url, key=key, silence=ollama.timeout, as_seen=failures.as_seen, failure=failures.failure
            )
        named = (it for it in self._named.values() if isinstance(it, OpenAiModel))
        settings = next((it for it in named if it.url == place.server), None)
        if settings is None:
            raise nowhere(place)
        key = settings.key.get_secret_value() if settings.key else ""
        return RelayServer(
            settings.url, key=key, silence=settings.timeout, as_seen=openai_failures.as_seen, failure=None
        )

    def _ollama(self, place: Place) -> OllamaModel:
        found = self._by_url.get(place.server)
        if found is None:  # the configuration changed since somebody looked for the place
            raise nowhere(place)
        return found

    def _track(self, place: Place, options: object) -> OllamaTrack:
        """The model as the caller wants it loaded: with its own options of the load, else as it is set up."""
        from pointsman.build.hosts import devices_for
        from pointsman.build.ladders import OllamaTrack

        settings = self._settings(place, options if isinstance(options, dict) else {})
        serving: dict[str, ChatModel] = {}
        key = (place.server, place.model, str(settings.given) + str(settings.context))
        if key not in self._tracks:
            if len(self._tracks) > 200:  # callers choose the options, and could go on for ever
                self._tracks.clear()
            backend = backend_of(self._config, place.server)
            devices = devices_for(self._config, place.server)
            self._tracks[key] = OllamaTrack(settings, self._ollamas.of(settings), backend, serving, devices)
        return self._tracks[key]

    def _settings(self, place: Place, options: Mapping[str, Any]) -> OllamaModel:
        like = next(
            (it for it in ollama_models(self._config) if it.model == place.model and it.url == place.server), None
        ) or self._ollama(place).model_copy(
            update={"model": place.model, "name": None, "device": "", "options": OllamaOptions(), "context": 8192}
        )
        own = {name: options[name] for name in LOADED_WITH if whole(options.get(name)) and options[name] >= 0}
        context = options.get("num_ctx")
        update: dict[str, Any] = {"options": like.options.model_copy(update=own)} if own else {}
        if whole(context) and isinstance(context, int) and context > 0:
            update["context"] = context
        return like.model_copy(update=update) if update else like

    async def _has(self, url: str, model: str) -> bool:
        from pointsman.providers.ollama.said import plain

        wanted = plain(model)
        if any(plain(it.name) == wanted for it in await self._on_disk(url)):
            return True
        self._installed.pop(url, None)  # it may have been pulled a second ago
        return any(plain(it.name) == wanted for it in await self._on_disk(url))

    async def _on_disk(self, url: str) -> tuple[Installed, ...]:
        at, rows = self._installed.get(url, (0.0, ()))
        now = self._clock()
        if not rows or now - at > LIST_SECONDS:
            rows = await self._ollamas.of(self._by_url[url]).installed()
            self._installed[url] = (now, rows)
        return rows


LOADED_WITH: Final = ("num_gpu", "num_batch", "num_thread", "main_gpu", "draft_num_predict")


def nowhere(place: Place) -> UnknownModel:
    """That a place is none of this configuration's."""
    return UnknownModel(f"no server has {place.model}", cure="name another model")


def whole(value: object) -> bool:
    """Whether a value is a whole number; JSON's true is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def place_of(settings: EmbeddedModel | OpenAiModel | OllamaModel, name: str) -> Place:
    """Where a configured model is served."""
    match settings:
        case OllamaModel():
            return Place(settings.model, "ollama", settings.url)
        case OpenAiModel():
            return Place(settings.ids[0], "openai", settings.url)
        case EmbeddedModel():
            return Place(name, "here")
