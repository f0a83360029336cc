"""Whether the servers of a configuration answer, and in which version: asked at most every ten seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pointsman.core.errors import PointsmanError
from pointsman.core.loopback import is_here
from pointsman.core.ports import Clock

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.config.ollama import OllamaModel

KEPT: Final = 10.0  # seconds for which what was found counts
ANSWERS_IN: Final = 2.0

Ask = Callable[[], Awaitable[str]]
"""Asks a server who it is; what it says in words. Raises PointsmanError."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that models or pictures come from, by its kind and address, and who asks it."""

    kind: str
    url: str
    serves: str
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """How a server answered: what it said of itself, or why it did not; both empty while nobody has asked."""

    server: Server
    said: str = ""
    problem: str = ""
    cure: str = ""


class Reachability:
    """Asks the servers together, for everybody who looks; who looks meanwhile waits for the same answers."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._known: tuple[tuple[str, ...], float, Sequence[Reached]] = ((), -KEPT, ())
        self._asking: asyncio.Task[Sequence[Reached]] | None = None

    async def of(self, servers: Sequence[Server]) -> Sequence[Reached]:
        """How each answers, in their order; never raises."""
        names = tuple(f"{it.kind} {it.url}" for it in servers)
        known, at, found = self._known
        if known == names and self._clock() - at < KEPT:
            return found
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(names, servers), name="pointsman reachability")
        return await asyncio.shield(self._asking)

    async def _ask(self, names: tuple[str, ...], servers: Sequence[Server]) -> Sequence[Reached]:
        try:
            found = await asyncio.gather(*map(reached, servers))
            self._known = (names, self._clock(), found)
            return found
        finally:
            self._asking = None


async def reached(server: Server) -> Reached:
    """How one server answers."""
    if server.ask is None:
        return Reached(server)
    try:
        return Reached(server, said=await server.ask())
    except PointsmanError as error:
        return Reached(server, problem=error.message, cure=error.cure)
    except Exception as error:  # noqa: BLE001 - the page shows whatever is wrong with a server
        return Reached(server, problem=f"an unforeseen {type(error).__name__}")


def servers_of(config: Config) -> list[Server]:
    """The servers of a configuration, each once; those elsewhere are not asked, as that would count against them."""
    from pointsman.build.gpu import ollama_models
    from pointsman.config.models import OpenAiModel

    found: dict[tuple[str, str], Server] = {}
    for it in ollama_models(config):
        add(found, Server("Ollama", it.url, it.model, lambda it=it: ask_ollama(it)))  # type: ignore[misc]
    for model in (config.models.main, config.models.small, config.models.spare):
        if isinstance(model, OpenAiModel):
            ask = (lambda url=model.url: ask_openai(url)) if is_here(model.url) else None
            add(found, Server("OpenAI API", model.url, model.ids[0], ask))
    comfyui = config.images.comfyui
    if comfyui.enabled is not False:
        add(found, Server("ComfyUI", comfyui.url, "pictures", lambda: ask_comfyui(comfyui.url)))
    return list(found.values())


def add(found: dict[tuple[str, str], Server], server: Server) -> None:
    """One more server; another model of one that is known is named with it."""
    key = (server.kind, server.url)
    if key not in found:
        found[key] = server
    elif server.serves not in found[key].serves.split(", "):
        one = found[key]
        found[key] = Server(one.kind, one.url, f"{one.serves}, {server.serves}", one.ask)


async def ask_ollama(settings: OllamaModel) -> str:
    """An Ollama's version and what it holds."""
    from pointsman.providers.ollama.client import Ollama, Patience

    key = settings.key.get_secret_value() if settings.key else ""
    ollama = Ollama(settings.url, key=key, patience=Patience(short=ANSWERS_IN))
    try:
        version, running = await asyncio.gather(ollama.version(), ollama.running())
    finally:
        await ollama.close()
    loaded = ", ".join(it.name for it in running)
    return f"version {version}, {f'has {loaded} in memory' if loaded else 'nothing in memory'}"


async def ask_comfyui(url: str) -> str:
    """A ComfyUI's version, and how much it has to do."""
    from pointsman.providers.comfyui.client import ComfyClient

    client = ComfyClient(url, seconds=ANSWERS_IN)
    try:
        stats, queue = await asyncio.gather(client.system_stats(), client.queue())
    finally:
        await client.close()
    waiting = len(queue.running) + len(queue.pending)
    return f"version {stats.version or 'unknown'}, {f'{waiting} in its queue' if waiting else 'its queue is empty'}"


async def ask_openai(url: str) -> str:
    """That a server with OpenAI's API answers; without a key, as whoever refuses it is there."""
    from pointsman.core.errors import Unreachable
    from pointsman.core.faults import ServiceFailed
    from pointsman.providers.remote.wire import Request, Wire

    wire = Wire("the server", directly=True)
    try:
        reply = await wire.send(Request("GET", f"{url.rstrip('/')}/models"), ANSWERS_IN)
    except ServiceFailed as failed:
        raise Unreachable(failed.message, cure="start it, or correct its url") from None
    finally:
        await wire.close()
    said: object = reply.json()
    models = said.get("data") if isinstance(said, Mapping) else None
    return f"answers, with {len(models)} model{'s' * (len(models) != 1)}" if isinstance(models, list) else "answers"
