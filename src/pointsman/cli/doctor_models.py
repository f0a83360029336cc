"""What `pointsman doctor` finds out about Ollamas, and whether what is set up fits the card."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pointsman.cli.finding import Finding

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.config.ollama import OllamaModel

ANSWERS_IN: Final = 3.0
# The first that tells how much context a loaded model has; that is how a model of another size is noticed.
OLDEST: Final = (0, 10)
# The first that serves decision models.
DECIDES: Final = (0, 35)
UPDATE: Final = "update Ollama: https://ollama.com/download"


def ollamas(config: Config) -> Sequence[Finding]:
    """Does every Ollama answer, and is it new enough?"""
    from pointsman.build.gpu import ollama_models

    named = {it.url: it.key.get_secret_value() if it.key else "" for it in ollama_models(config)}
    deciding = config.cloud.ollama.url if config.cloud.enabled and config.cloud.ollama.enabled else ""
    if deciding:
        named.setdefault(deciding, "")
    return [of_version(url, version_at(url, key), decides=url == deciding) for url, key in named.items()]


def version_at(url: str, key: str) -> str:
    """Its version; what went wrong after a "!" where it does not answer."""
    from pointsman.core.errors import PointsmanError
    from pointsman.providers.ollama.client import Ollama, Patience

    async def ask() -> str:
        opened = Ollama(url, key=key, patience=Patience(short=ANSWERS_IN))
        try:
            return await opened.version()
        finally:
            await opened.close()

    try:
        return asyncio.run(ask())
    except PointsmanError as error:
        return f"!{error.message}\0{error.cure}"


def of_version(url: str, version: str, *, decides: bool) -> Finding:
    """What is to be said of an Ollama of that version."""
    from pointsman.providers.comfyui.stats import version_of

    where = urlsplit(url).netloc
    if version.startswith("!"):
        what, _, cure = version[1:].partition("\0")
        return Finding("ollama", "failed", what, cure or "start Ollama: ollama serve")
    numbers = version_of(version)
    if numbers and numbers < OLDEST:
        what = f"{version} at {where} does not tell the context of what it has loaded"
        return Finding("ollama", "warning", what, UPDATE)
    if decides and numbers and numbers < DECIDES:
        what = f"{version} at {where} has no decision models, which cloud.ollama asks"
        return Finding("ollama", "failed", what, f"{UPDATE}, or set cloud.ollama.enabled: false")
    return Finding("ollama", "ok", f"{version or 'an unknown version'} at {where}")


def sizes(config: Config) -> Sequence[Finding]:
    """Does what is said, or reckoned, of models and pictures fit the card? Raises PointsmanError."""
    from pointsman.build import llamacpp
    from pointsman.observe.amounts import size

    if not config.gpu.enabled:
        return []
    wanted: dict[str, int] = {}
    for model in llamacpp.routers(config):
        wanted[f"{model.ids[0]} (its `size`)"] = model.size or 0
    comfyui = config.images.comfyui
    if comfyui.enabled is not False and comfyui.footprint:
        wanted["images.comfyui.footprint"] = comfyui.footprint
    wanted |= asyncio.run(reckoned(config))
    if not wanted:
        return []
    room = asyncio.run(room_of(config))
    if room is None:
        return []
    large = {name: needs for name, needs in wanted.items() if needs > room}
    if not large:
        most = max(wanted.values())
        return [Finding("sizes", "ok", f"the largest takes {size(most)} of {size(room)}")]
    told = ", ".join(f"{name} takes {size(needs)}" for name, needs in large.items())
    what = f"{told}; there is room for {size(room)}, so a part would run on the processor, many times slower"
    return [Finding("sizes", "warning", what, "a smaller model, a smaller `context`, or gpu.margin and gpu.reserve")]


async def room_of(config: Config) -> int | None:
    """The bytes that the largest card has for models; None where none is seen in time."""
    from pointsman.build.discovery import room_of as room

    try:
        async with asyncio.timeout(ANSWERS_IN):
            return await room(config)
    except TimeoutError:
        return None


async def reckoned(config: Config) -> dict[str, int]:
    """What the models of Ollamas on this computer would take, by their shapes; whoever does not answer is left out."""
    from pointsman.build.gpu import ollama_models
    from pointsman.core.loopback import is_here

    models = [it for it in ollama_models(config) if is_here(it.url)]
    found = await asyncio.gather(*map(footprint_of, models))
    return {it.model: needs for it, needs in zip(models, found, strict=True) if needs}


async def footprint_of(model: OllamaModel) -> int:
    """What a model would take with its context; 0 where nobody tells."""
    from pointsman.core.errors import PointsmanError
    from pointsman.providers.ollama.client import Ollama, Patience
    from pointsman.providers.ollama.footprint import estimate
    from pointsman.providers.ollama.said import plain

    key = model.key.get_secret_value() if model.key else ""
    opened = Ollama(model.url, key=key, patience=Patience(short=ANSWERS_IN))
    try:
        listed, shape = await asyncio.gather(opened.installed(), opened.show(model.model))
        files = next((it.size for it in listed if plain(it.name) == plain(model.model)), 0)
        return estimate(shape, files, model.context, num_gpu=model.options.num_gpu) if files else 0
    except PointsmanError:
        return 0
    finally:
        await opened.close()
