"""Wires the card: who measures it, who holds memory on it, who owns it, and what draws."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.config.model import Config
from pointsman.config.ollama import OllamaModel
from pointsman.core.errors import WorkflowError
from pointsman.core.house import is_in_house
from pointsman.engine.leasing import Card, Leases

if TYPE_CHECKING:
    from pointsman.core.plan import Draw
    from pointsman.core.ports import ChatModel, Painter
    from pointsman.gpu.arbiter import Arbiter
    from pointsman.gpu.backend import Backend
    from pointsman.gpu.settings import Settings
    from pointsman.gpu.trace import Record
    from pointsman.gpu.want import Rung
    from pointsman.providers.comfyui.studio import Studio
    from pointsman.providers.ollama.client import Ollama
    from pointsman.providers.probes.trouble import Sensor

logger = logging.getLogger(__name__)

OLLAMA: Final = "ollama"


class BrokenStudio:
    """A ComfyUI whose workflow cannot be used: whoever wants a picture is told why."""

    def __init__(self, error: WorkflowError) -> None:
        self._error = error

    async def survey(self) -> None:
        """Raises the WorkflowError."""
        raise self._error

    def ladder(self, draw: Draw) -> tuple[Rung, ...]:  # noqa: ARG002 - nothing is drawn
        """Raises the WorkflowError."""
        raise self._error

    def painter(self, rung: Rung) -> Painter:  # noqa: ARG002 - nothing is drawn
        """Raises the WorkflowError."""
        raise self._error

    async def close(self) -> None:
        """Nothing is open."""


class Ollamas:
    """The connections to Ollamas, one for each address and key; whoever closes one of its models closes it."""

    def __init__(self) -> None:
        self._opened: dict[tuple[str, str], Ollama] = {}

    def of(self, settings: OllamaModel) -> Ollama:
        """The connection to the Ollama of a model."""
        from pointsman.providers.ollama.client import Ollama, Patience

        key = settings.key.get_secret_value() if settings.key else ""
        found = self._opened.get((settings.url, key))
        if found is None:
            found = Ollama(settings.url, key=key, patience=Patience(silence=settings.timeout))
            self._opened[settings.url, key] = found
        return found


async def nobody() -> Leases | None:
    """The owner of no card."""
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """What a tier needs to ask a model that takes memory of the card: the connection, and the owner, once begun."""

    ollamas: Ollamas = field(default_factory=Ollamas)
    owner: Callable[[], Awaitable[Leases | None]] = nobody


def needs_card(config: Config) -> bool:
    """Whether anything that is set up may take the card's memory."""
    from pointsman.build import llamacpp

    return bool(ollama_urls(config) or llamacpp.routers(config)) or config.images.comfyui.enabled is not False


def ollama_models(config: Config) -> tuple[OllamaModel, ...]:
    """The chat models of Ollamas, each once."""
    found = (config.models.main, config.models.small)
    return tuple(dict.fromkeys(it for it in found if isinstance(it, OllamaModel)))


def ollama_urls(config: Config) -> tuple[str, ...]:
    """Where they are, each once."""
    return tuple(dict.fromkeys(it.url for it in ollama_models(config)))


def backend_of(config: Config, url: str) -> str:
    """What the Ollama at an address is called in the names of its tenants: ollama, ollama_2, ..."""
    place = ollama_urls(config).index(url)
    return OLLAMA if place == 0 else f"{OLLAMA}_{place + 1}"


def open_probe(config: Config) -> Sensor:
    """What measures the cards."""
    from pointsman.build.hosts import open_cards

    return open_cards(config)


def open_backends(config: Config) -> list[Backend]:
    """The servers that may hold memory of the card."""
    from pointsman.build import llamacpp

    found = [*ollama_backends(config, Ollamas()), *llamacpp.open_backends(config)]
    if config.images.comfyui.enabled is not False and not isinstance(studio := usable_studio(config), BrokenStudio):
        found.append(studio.backend)
    return found


def ollama_backends(config: Config, ollamas: Ollamas) -> list[Backend]:
    """The Ollamas among them."""
    from pointsman.providers.ollama.backend import OllamaBackend

    first = {it.url: it for it in reversed(ollama_models(config))}
    return [OllamaBackend(ollamas.of(first[url]), name=backend_of(config, url)) for url in ollama_urls(config)]


def open_studio(config: Config) -> Studio:
    """ComfyUI with its workflow. Raises WorkflowError."""
    from pointsman.providers.comfyui.policy import RefusedWords
    from pointsman.providers.comfyui.studio import Studio

    return Studio.from_config(config.images.comfyui, policy=RefusedWords(config.images.refuse))


def check_workflow(config: Config) -> None:
    """Raises WorkflowError where ComfyUI is not switched off and its workflow cannot be used."""
    if config.images.comfyui.enabled is not False:
        open_studio(config)


def usable_studio(config: Config) -> Studio | BrokenStudio:
    """The same; where its workflow cannot be used that is logged, and said to whoever wants a picture."""
    try:
        return open_studio(config)
    except WorkflowError as error:
        logger.warning("no picture can be drawn: %s", error)
        return BrokenStudio(error)


def open_card(config: Config, ollamas: Ollamas) -> Card:
    """The card's owner and what goes with it; without one, servers keep what they load."""
    if not needs_card(config):
        return Card()
    from pointsman.build import llamacpp
    from pointsman.build.hosts import devices_for
    from pointsman.build.ladders import Ladders, OllamaTrack
    from pointsman.build.llamacpp import LlamaTrack
    from pointsman.build.ownership import Ownership
    from pointsman.build.parts import name_of, open_remote

    serving: dict[str, ChatModel] = {}
    tracks: dict[str, OllamaTrack | LlamaTrack] = {
        name_of(it): OllamaTrack(it, ollamas.of(it), backend_of(config, it.url), serving, devices_for(config, it.url))
        for it in ollama_models(config)
    }
    for router in llamacpp.routers(config):
        made = LlamaTrack(router, llamacpp.backend_of(config, router), serving, devices_for(config, router.url))
        tracks[made.name] = made
    spare = config.models.spare if config.gpu.cloud_when_full else None
    if spare is not None:
        serving[name_of(spare)] = open_remote(spare)
    comfyui = config.images.comfyui
    studio = usable_studio(config) if comfyui.enabled is not False else None
    ladders = Ladders(
        tracks,
        small=name_of(config.models.small),
        spare=name_of(spare) if spare else "",
        studio=studio,
        studio_devices=devices_for(config, comfyui.url),
        patience=config.gpu.patience,
        ownership=Ownership(Path(f"{config.store.path}.card")),
    )
    arbiter = open_arbiter(config, ollamas, studio) if config.gpu.enabled else None
    return Card(
        arbiter,
        ladders,
        studio,
        serving,
        studio_expected=comfyui.enabled is True,
        paints_outside=not is_in_house(comfyui.url),
    )


def open_arbiter(config: Config, ollamas: Ollamas, studio: Studio | BrokenStudio | None) -> Arbiter:
    """The owner of the card."""
    from pointsman.build import llamacpp
    from pointsman.gpu.arbiter import Arbiter
    from pointsman.providers.ollama.backend import tenant_of
    from pointsman.stores.footprints import ShelfFootprints
    from pointsman.stores.shelf import SqliteShelf

    backends = [*ollama_backends(config, ollamas), *llamacpp.open_backends(config)]
    known = [tenant_of(it.model, backend_of(config, it.url)) for it in ollama_models(config)]
    known += [f"{llamacpp.backend_of(config, it)}:{it.ids[0]}" for it in llamacpp.routers(config)]
    if studio is not None and not isinstance(studio, BrokenStudio):
        backends.append(studio.backend)
        known.append(studio.tenant)
    return Arbiter(
        probe=open_probe(config),
        backends=backends,
        clock=time.monotonic,
        sleep=asyncio.sleep,
        settings=settings_of(config),
        footprints=ShelfFootprints(SqliteShelf(config.store.path)),
        known=known,
        record=recorder(config.gpu.record) if config.gpu.record else None,
    )


def recorder(path: Path) -> Record:
    """What writes the card's days into a file, for `pointsman gpu simulate --trace`."""
    from pointsman.gpu.simulate.record import TraceRecorder

    def write(line: str) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    return TraceRecorder(write)


def settings_of(config: Config) -> Settings:
    """The schedule's constants, as far as they are configured."""
    from pointsman.gpu.settings import Settings

    gpu = config.gpu
    cards = gpu.devices.items()
    return Settings(
        look_seconds=gpu.poll,
        look_moving=gpu.poll / 4,
        pinned=frozenset(gpu.pinned),
        margin=gpu.margin,
        reserve=gpu.reserve,
        margins={device: card.margin for device, card in cards if card.margin is not None},
        reserves={device: card.reserve for device, card in cards if card.reserve is not None},
    )
