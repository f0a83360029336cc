"""Asks each server of a first look what it has; all that is asked is free and loads nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from pointsman.build.discovery import listens, talks
from pointsman.build.survey import FoundCard, FoundComfyUi, FoundModel, FoundOllama, FoundServer, Survey
from pointsman.config.ollama import OllamaModel
from pointsman.core.errors import PointsmanError, Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.core.loopback import is_here

if TYPE_CHECKING:
    from pointsman.build.survey_places import Places
    from pointsman.providers.comfyui.client import ComfyClient
    from pointsman.providers.ollama.client import Ollama
    from pointsman.providers.ollama.said import Installed

CONTEXT: Final = int(OllamaModel.model_fields["context"].default)
# In Ollama's words, and in ours.
ABILITIES: Final = {"completion": "chat", "vision": "see", "embedding": "embed", "tools": "tools"}
# In this order, the first for which a ComfyUI has everything.
WORKFLOWS: Final = ("z-image-turbo", "z-image-turbo-int8")
TRIED_PORTS: Final = 20
HEALTH_SECONDS: Final = 1.0
NOT_THERE: Final = "nobody listens there"


async def ollama(url: str) -> FoundOllama:
    """An Ollama with its models, and what each would take on a card. Raises PointsmanError."""
    from pointsman.providers.ollama.client import Ollama

    if not await asyncio.to_thread(listens, url):
        return FoundOllama(url, problem=NOT_THERE)
    if await is_ours(url):
        return FoundOllama(url, problem="that is Pointsman itself (OLLAMA_HOST is for its clients, not for `init`)")
    opened = Ollama(url)
    try:
        version, installed = await asyncio.gather(opened.version(), opened.installed())
        models = await asyncio.gather(*(model(opened, it) for it in installed))
    finally:
        await opened.close()
    return FoundOllama(url, version, tuple(models))


async def model(opened: Ollama, installed: Installed) -> FoundModel:
    """One model; where it does not tell its shape, that of a usual one is taken."""
    from pointsman.providers.ollama.footprint import estimate

    can = {ours for theirs, ours in ABILITIES.items() if theirs in installed.abilities}
    can = (can | {"chat"}) if talks(installed) else can - {"chat"}
    try:
        shape: Mapping[str, Any] = await opened.show(installed.name)
    except PointsmanError:
        shape = {}
    needs = estimate(shape, installed.size, CONTEXT)
    return FoundModel(installed.name, installed.size, needs, can=tuple(it for it in ABILITIES.values() if it in can))


async def comfyui(url: str) -> FoundComfyUi:
    """A ComfyUI, and which of our workflows it could draw. Raises PointsmanError."""
    from pointsman.providers.comfyui.client import ComfyClient

    if not await asyncio.to_thread(listens, url):
        return FoundComfyUi(url, problem=NOT_THERE)
    client = ComfyClient(url)
    try:
        stats = await client.system_stats()
        workflow, lacks = await fitting(client, WORKFLOWS if stats.computes_int8 else WORKFLOWS[:1])
        return FoundComfyUi(url, stats.version, workflow, lacks)
    finally:
        await client.close()


async def fitting(client: ComfyClient, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The first workflow that nothing is missing for; else "" and what is missing for the first."""
    from pointsman.providers.comfyui.installed import missing
    from pointsman.providers.comfyui.workflow import read_shipped

    lacks = await asyncio.gather(*(missing(client, read_shipped(name)) for name in names))
    for name, them in zip(names, lacks, strict=True):
        if not them:
            return name, ()
    return "", tuple(map(str, lacks[0]))


async def openai(url: str, kind: str) -> FoundServer | None:
    """A server that lists models in OpenAI's language; None for anybody else. Raises ServiceFailed."""
    if not await asyncio.to_thread(listens, url) or await is_ours(url.removesuffix("/v1")):
        return None
    said = await fetched(f"{url}/models")
    rows = said.get("data") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        return None
    names = [str(it["id"]) for it in rows if isinstance(it, dict) and it.get("id")]
    return FoundServer(url, kind, tuple(names))


async def searxng(url: str) -> str:
    """The address of a SearXNG that answers as we need it. Raises ServiceFailed."""
    from pointsman.providers.searxng import Searxng

    if not await asyncio.to_thread(listens, url):
        return ""
    opened = Searxng(url)
    try:
        await opened.check()
    finally:
        await opened.close()
    return url


async def is_ours(url: str) -> bool:
    """Whether the gateway of a Pointsman is at an address."""
    return await health(url) is not None


async def health(url: str) -> Mapping[str, Any] | None:
    """What a Pointsman at an address of this machine says of itself; None where there is none."""
    if not is_here(url) or not await asyncio.to_thread(listens, url):
        return None
    try:
        said = await fetched(f"{url.rstrip('/')}/healthz")
    except PointsmanError:
        return None
    return said if isinstance(said, dict) and {"status", "version", "models", "config"} <= said.keys() else None


async def fetched(url: str) -> object:
    """The JSON at an address of this machine. Raises ServiceFailed, Unreachable."""
    from pointsman.providers.remote.wire import Request, Wire

    wire = Wire("a server here", directly=True)
    try:
        reply = await wire.send(Request("GET", url), HEALTH_SECONDS)
    except ServiceFailed as failed:
        raise Unreachable(failed.message) from None
    finally:
        await wire.close()
    said: object = reply.json()
    return said


async def cards(places: Places) -> tuple[tuple[FoundCard, ...], str]:
    """The cards that are seen, and why none is; without one the computer's own memory counts."""
    from pointsman.build.gpu import open_probe
    from pointsman.config.model import Config

    here = is_here(places.comfyui)  # where no driver is seen, a ComfyUI of this machine may tell of a card
    config = Config.model_validate({"images": {"comfyui": {"url": places.comfyui, "enabled": here}}})
    probe = open_probe(config)
    try:
        found = await probe.sample()
    finally:
        await probe.close()
    gpu = config.gpu
    made = tuple(
        FoundCard(
            it.device, it.name, it.total, it.free, max(0, it.total - it.reserved - gpu.margin_on(it.device, it.total))
        )
        for it in found
    )
    trouble = getattr(probe, "trouble", None)
    return made, trouble.what if trouble else ""


def judged(found: Survey) -> Survey:
    """The same, with what fits; of an Ollama on another computer nobody knows the room."""
    room = found.room if is_here(found.ollama.url) else None
    models = tuple(
        replace(it, fits=None if room is None or it.needs is None else it.needs <= room) for it in found.ollama.models
    )
    return replace(found, ollama=replace(found.ollama, models=by_fit(models)))


def by_fit(models: Iterable[FoundModel]) -> tuple[FoundModel, ...]:
    """The largest that fits first; then those that do not, the smallest first."""
    return tuple(sorted(models, key=lambda it: (it.fits is False, it.size if it.fits is False else -it.size)))


def extras(modules: Mapping[str, str]) -> dict[str, bool]:
    """Which extras are installed."""
    return {name: find_spec(module) is not None for name, module in modules.items()}


def embedded() -> bool:
    """Whether the small model can run inside Pointsman."""
    from pointsman.core.errors import ModelFileError
    from pointsman.providers.modelfiles import smollm2

    try:
        return find_spec("xllamacpp") is not None and smollm2().is_file()
    except ModelFileError:
        return False


def free_port(port: int) -> int:
    """The first free port of this machine from one on; that one where none of the next is."""
    for number in range(port, min(port + TRIED_PORTS, 2**16)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            return number
    return port
