"""llama-server in router mode: which models it has, loading one and watching how far it is, unloading it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from pointsman.core.errors import ModelFailed, OutOfMemory, PointsmanError, UnknownModel, Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.core.ports import Clock
from pointsman.gpu.backend import Loaded
from pointsman.gpu.want import Rung
from pointsman.providers.remote.stream import Events, Streams
from pointsman.providers.remote.wire import Reply, Request, Wire

Phase = Literal["unloaded", "loading", "loaded", "sleeping", "downloading", "unloading"]

NAME: Final = "llamacpp"
ANSWERS_IN: Final = 10.0
# The router says how far a load is; one that says nothing for so long hangs.
SILENT_LOAD: Final = 120.0
# 18 GB from a hard disk of 30 MB/s take ten minutes, whatever is told meanwhile.
LONGEST_LOAD: Final = 900.0
LOOKS_EVERY: Final = 0.5
IS_IT_RUNNING: Final = "start llama-server without a model (--models-dir FOLDER); `url` says where it is looked for"
IS_IT_ROUTING: Final = "start llama-server without -m, so that it routes: llama-server --models-dir FOLDER"
SMALLER: Final = "free the card (`pointsman gpu free`), or give the model fewer layers or less context in its preset"
LOG: Final = "the log of llama-server says why"


@dataclass(frozen=True, slots=True)
class RouterModel:
    """A model of the router; `exit_code` is that of its process when its last load `failed`."""

    id: str
    phase: Phase
    failed: bool = False
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far a load is: `share` of the stage `stage`, 0 to 1."""

    stage: str
    share: float


@dataclass(slots=True)
class Load:
    """A load on its way: when it began, and when it was last heard of, on the router's clock."""

    model: str
    began: float
    heard: float
    phase: str = ""

    def seen(self, phase: Phase, now: float) -> None:
        """Notes the phase that it is in; a new one is a sign of life."""
        if phase != self.phase:
            self.phase, self.heard = phase, now

    def check(self, now: float, *, tells: bool) -> None:
        """Gives it up when it takes too long, or where the router `tells` and has been silent for too long.

        Raises ModelFailed.
        """
        if now - self.began >= LONGEST_LOAD:
            raise ModelFailed(f"{self.model}: llama-server has been loading it for {now - self.began:.0f} s", cure=LOG)
        if tells and now - self.heard >= SILENT_LOAD:
            silent = f"llama-server loads it and has told no progress for {now - self.heard:.0f} s"
            raise ModelFailed(f"{self.model}: {silent}", cure=LOG)


Told = Callable[[str, LoadProgress], None]


class LlamaRouter:
    """A Backend (gpu/backend.py) of models that llama-server holds; tenants are `name` and a colon before their ids.

    The router counts models and not bytes (`--models-max`), and says of none how large it is: what one takes is
    measured on the card. `progress` is told how far loads are. `sleep` is waited with between two looks.
    """

    loads_on_use = False

    def __init__(
        self,
        url: str,
        *,
        name: str = NAME,
        key: str = "",
        progress: Told | None = None,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.url = url.rstrip("/").removesuffix("/v1")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._wire = Wire(name)
        self._streams = Streams(self.url)
        self._progress = progress
        self._clock = clock
        self._sleep = sleep

    async def load(self, rung: Rung, device: str) -> None:
        """Loads a model and waits until it is there. Raises OutOfMemory, ModelFailed, UnknownModel, Unreachable."""
        del device  # the preset of the model says on which card it goes
        model = rung.tenant.removeprefix(f"{self.name}:")
        found = (await self._known()).get(model)
        if found is None:
            raise UnknownModel(f"llama-server has no model {model}", cure=f"put it into its --models-dir; {LOG}")
        if found.phase == "loaded":
            return
        load = Load(model, began := self._clock(), began)
        watching = asyncio.create_task(self._watch(load))
        try:
            if found.phase not in {"loading", "downloading"}:
                await self._act("load", model)
            await self._until_loaded(load, watching)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def unload(self, tenant: str, *, deep: bool = False) -> None:
        """Asks for a model's memory: its process is ended. Raises ModelFailed, Unreachable."""
        del deep
        model = tenant.removeprefix(f"{self.name}:")
        try:
            await self._act("unload", model)
        except ModelFailed:
            found = (await self._known()).get(model)
            if found is None or found.phase != "unloaded":
                raise

    async def loaded(self) -> Sequence[Loaded]:
        """The models that are in memory, or on their way; their sizes are not told. Raises Unreachable."""
        held = [it for it in await self.models() if it.phase not in {"unloaded", "downloading", "sleeping"}]
        return tuple(Loaded(f"{self.name}:{it.id}", 0, 0) for it in held)

    async def models(self) -> tuple[RouterModel, ...]:
        """All that the router knows. Raises Unreachable, also for a server that does not route."""
        reply = await self._send("GET", "/models")
        said = reply.json()
        entries = said.get("data") if isinstance(said, dict) else None
        listed = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
        if reply.status != 200 or not isinstance(entries, list) or not listed:
            raise Unreachable(f"{self.url} does not answer as llama-server does", cure=IS_IT_RUNNING)
        if any("status" not in entry for entry in entries):
            raise Unreachable(f"llama-server at {self.url} serves a single model", cure=IS_IT_ROUTING)
        return tuple(model_of(entry) for entry in entries)

    async def loads(self) -> AsyncGenerator[tuple[str, LoadProgress], None]:
        """How far models are that are being loaded, as the router says it; ends when the connection does.

        Raises Unreachable.
        """
        request = Request("GET", f"{self.url}/models/sse", {**self._headers, "Accept": "text/event-stream"})
        try:
            async with self._streams.open(request, ANSWERS_IN) as events:
                if not isinstance(events, Events):  # an older router, which does not tell
                    return
                while event := await events.next(LONGEST_LOAD):
                    if told := progress_in(event.data):
                        yield told
        except ServiceFailed as fault:
            raise Unreachable(fault.message, cure=IS_IT_RUNNING) from None

    async def close(self) -> None:
        """Closes the connections."""
        await self._wire.close()
        await self._streams.close()

    async def _known(self) -> dict[str, RouterModel]:
        return {model.id: model for model in await self.models()}

    async def _until_loaded(self, load: Load, watching: asyncio.Task[None]) -> None:
        """Looks until a load has ended. An older router tells no progress: its silence says nothing."""
        model = load.model
        while True:
            found = (await self._known()).get(model)
            if found is None:
                raise ModelFailed(f"{model}: llama-server lost it while it was loaded", cure=LOG)
            if found.phase == "loaded":
                return
            if found.failed:
                raise broke(found)
            if found.phase == "unloaded":
                raise ModelFailed(f"{model}: llama-server let go of it while it was loaded", cure=LOG)
            load.seen(found.phase, self._clock())
            load.check(self._clock(), tells=not watching.done())
            await self._sleep(LOOKS_EVERY)

    async def _watch(self, load: Load) -> None:
        """Hears how far a load is, for as long as the router says so."""
        try:
            async with aclosing(self.loads()) as loads:
                async for model, progress in loads:
                    if model != load.model:
                        continue
                    load.heard = self._clock()
                    if self._progress:
                        self._progress(model, progress)
        except PointsmanError:
            return

    async def _act(self, what: Literal["load", "unload"], model: str) -> None:
        reply = await self._send("POST", f"/models/{what}", {"model": model})
        if reply.status != 200:
            raise refusal(reply, what, model)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        try:
            return await self._wire.send(Request(method, f"{self.url}{path}", self._headers, body), ANSWERS_IN)
        except ServiceFailed as fault:
            raise Unreachable(fault.message, cure=IS_IT_RUNNING) from None


def model_of(entry: Mapping[str, Any]) -> RouterModel:
    """A model as the router lists it; a phase that is not known counts as loaded, so that its memory does too."""
    status = entry["status"] if isinstance(entry["status"], dict) else {}
    value = status.get("value")
    phase = cast("Phase", value) if value in get_args(Phase) else "loaded"
    code = status.get("exit_code")
    return RouterModel(
        str(entry.get("id", "")), phase, bool(status.get("failed")), code if isinstance(code, int) else None
    )


def progress_in(data: str) -> tuple[str, LoadProgress] | None:
    """The model that an event is about and how far it is; None for other events."""
    try:
        said = json.loads(data)
        progress = said["data"]["progress"]
        return str(said["model"]), LoadProgress(str(progress.get("current") or ""), float(progress["value"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def refusal(reply: Reply, what: str, model: str) -> PointsmanError:
    """Why the router does not load or unload a model."""
    said = reply.json()
    error = said.get("error") if isinstance(said, dict) else None
    text = str(error.get("message", "")) if isinstance(error, dict) else ""
    if reply.status == 404 and not text:
        return Unreachable(f"llama-server does not {what} models", cure=IS_IT_ROUTING)
    if reply.status == 404:
        return UnknownModel(f"llama-server has no model {model}", cure="put it into its --models-dir")
    if reply.status in {401, 403}:
        return ModelFailed("llama-server refuses the key", cure="set `key` to what --api-key is there")
    return ModelFailed(f"{model}: llama-server does not {what} it: {text[:200] or f'HTTP {reply.status}'}", cure=LOG)


def broke(model: RouterModel) -> PointsmanError:
    """That a model's process ended while it was loaded; a full card is the usual cause, and its log alone says so."""
    code = "" if model.exit_code is None else f" (exit code {model.exit_code})"
    return OutOfMemory(
        f"{model.id}: its process ended while it was loaded{code}, most often because the card is full",
        cure=f"{SMALLER}; {LOG}",
    )
