"""Wires the card: who measures it, who holds memory on it, who owns it, and what draws."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.config.model import Config
from pointsman.config.ollama import OllamaModel
from pointsman.engine.leasing import Card, Leases

if TYPE_CHECKING:
    from pointsman.core.ports import ChatModel
    from pointsman.gpu.arbiter import Arbiter
    from pointsman.gpu.backend import Backend
    from pointsman.gpu.settings import Settings
    from pointsman.gpu.trace import Record
    from pointsman.providers.comfyui.studio import Studio
    from pointsman.providers.ollama.client import Ollama
    from pointsman.providers.probes.trouble import Sensor

OLLAMA: Final = "ollama"


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
    return bool(ollama_urls(config)) or config.images.comfyui.enabled is not False


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
    """The servers that may hold memory of the card. Raises WorkflowError."""
    found = ollama_backends(config, Ollamas())
    if config.images.comfyui.enabled is not False:
        found.append(open_studio(config).backend)
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


def open_card(config: Config, ollamas: Ollamas) -> Card:
    """The card's owner and what goes with it; without one, servers keep what they load. Raises WorkflowError."""
    if not needs_card(config):
        return Card()
    from pointsman.build.hosts import devices_for
    from pointsman.build.ladders import Ladders, OllamaTrack
    from pointsman.build.ownership import Ownership
    from pointsman.build.parts import name_of, open_remote

    serving: dict[str, ChatModel] = {}
    tracks = {
        name_of(it): OllamaTrack(it, ollamas.of(it), backend_of(config, it.url), serving, devices_for(config, it.url))
        for it in ollama_models(config)
    }
    spare = config.models.spare if config.gpu.cloud_when_full else None
    if spare is not None:
        serving[name_of(spare)] = open_remote(spare)
    comfyui = config.images.comfyui
    studio = open_studio(config) if comfyui.enabled is not False else None
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
    return Card(arbiter, ladders, studio, serving, studio_expected=comfyui.enabled is True)


def open_arbiter(config: Config, ollamas: Ollamas, studio: Studio | None) -> Arbiter:
    """The owner of the card."""
    from pointsman.gpu.arbiter import Arbiter
    from pointsman.stores.footprints import ShelfFootprints
    from pointsman.stores.shelf import SqliteShelf

    backends = ollama_backends(config, ollamas)
    if studio is not None:
        backends.append(studio.backend)
    return Arbiter(
        probe=open_probe(config),
        backends=backends,
        clock=time.monotonic,
        sleep=asyncio.sleep,
        settings=settings_of(config),
        footprints=ShelfFootprints(SqliteShelf(config.store.path)),
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
