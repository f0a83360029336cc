"""Finds an Ollama where no model is configured: then the best of its models that fits the card answers."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pointsman.config.addresses import OLLAMA_PORT, ollama_url
from pointsman.config.load import Loaded
from pointsman.config.model import Config
from pointsman.config.ollama import HOST, OllamaModel
from pointsman.core.errors import PointsmanError
from pointsman.core.house import PASSED_ON

if TYPE_CHECKING:
    from pointsman.providers.ollama.client import Ollama
    from pointsman.providers.ollama.said import Installed

# Who listens on this machine takes a connection in a millisecond, and lists its models in ten.
CONNECTS_IN: Final = 0.3
ANSWERS_IN: Final = 2.0
# What stands in when the card is full is to be much smaller, and still able to talk.
STAND_IN_SHARE: Final = 3
STAND_IN_LEAST: Final = 400_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """The configuration with what was found in it, and in words what that was ("" for nothing)."""

    config: Config
    said: str = ""


async def discovered(loaded: Loaded, environ: Mapping[str, str] | None = None) -> Found:
    """A configuration that says nothing of models, with those of an Ollama that runs here; else as it is.

    OLLAMA_HOST says where it is looked for. Nobody is asked when a model is configured. Never raises.
    """
    config = loaded.config
    if loaded.has(("models",)):
        return Found(config)
    told = (os.environ if environ is None else environ).get(HOST, "").strip()
    url = str(ollama_url(told or f"127.0.0.1:{OLLAMA_PORT}"))
    if not listens(url):
        return Found(config)
    from pointsman.providers.ollama.client import Ollama, Patience

    ollama = Ollama(url, patience=Patience(short=ANSWERS_IN))
    try:
        return await with_models(config, url, ollama)
    except PointsmanError:
        return Found(config)
    finally:
        await ollama.close()


def listens(url: str) -> bool:
    """Whether anybody takes a connection at an address."""
    try:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or OLLAMA_PORT), CONNECTS_IN):
            return True
    except (OSError, ValueError):
        return False


async def with_models(config: Config, url: str, ollama: Ollama) -> Found:
    """The configuration with the best model of an Ollama that fits, and a much smaller one beside it."""
    models = [it for it in await ollama.installed() if talks(it)]
    if not models:
        return Found(config)
    main = await best_of(models, await room_of(config), ollama)
    small = max(
        (it for it in models if STAND_IN_LEAST <= it.size <= main.size / STAND_IN_SHARE),
        key=lambda it: it.size,
        default=main,
    )
    chosen = {
        role: OllamaModel(provider="ollama", url=url, model=it.name) for role, it in (("main", main), ("small", small))
    }
    said = f"found Ollama at {urlsplit(url).netloc}: {main.name} answers"
    said += f", {small.name} the small talk" if small != main else ""
    return Found(
        config.model_copy(update={"models": config.models.model_copy(update=chosen)}),
        f"{said} (models.main in the configuration says otherwise)",
    )


def talks(model: Installed) -> bool:
    """Whether a model can chat, and does so here; older versions of Ollama do not tell what models can do."""
    if model.name.endswith(PASSED_ON):
        return False
    return "completion" in model.abilities if model.abilities else "embed" not in model.name


async def best_of(models: Sequence[Installed], room: int | None, ollama: Ollama) -> Installed:
    """The largest that fits into so many bytes, else the smallest; the largest of all where nobody knows the room."""
    from pointsman.providers.ollama.footprint import estimate

    ordered = sorted(models, key=lambda it: it.size, reverse=True)
    context = OllamaModel.model_fields["context"].default
    for it in ordered:
        if room is None or estimate(await ollama.show(it.name), it.size, context) <= room:
            return it
    return ordered[-1]


async def room_of(config: Config) -> int | None:
    """The bytes that the largest card has for models; None where none is seen."""
    from pointsman.build.gpu import open_probe

    probe = open_probe(config)
    try:
        cards = await probe.sample()
    finally:
        await probe.close()
    gpu = config.gpu
    rooms = [it.total - it.reserved - gpu.margin_on(it.device, it.total) - gpu.reserve_on(it.device) for it in cards]
    return max(rooms, default=None)
