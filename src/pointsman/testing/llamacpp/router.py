"""A fake llama-server in router mode, whose models take the memory of a fake card."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from aiohttp import web

from pointsman.testing.card import CardOutOfMemory, FakeCard

STAGES: Final = ("text_model",)


@dataclass(slots=True)
class Slot:
    """One model: its bytes, and how it stands."""

    size: int
    phase: str = "unloaded"
    failed: bool = False
    exit_code: int = 0
    taken: int | None = None
    steps: asyncio.Event = field(default_factory=asyncio.Event)


class FakeLlamaRouter:
    """llama-server on loopback, as an async context manager; `sizes` are the models and their bytes.

    A load goes on when `step` is called, or by itself without `by_hand`; memory comes back `release_seconds` after
    an unload. At most `most` models are held: the one longest unused goes, busy or not, as the real one did. With
    `single` it serves one model and routes nothing; `broken` answers a page, as a proxy does. `calls` notes what
    was asked. What `entries` holds is listed in place of the models.
    """

    def __init__(
        self,
        card: FakeCard,
        sizes: Mapping[str, int],
        *,
        most: int = 4,
        by_hand: bool = False,
        release_seconds: float = 0.0,
        key: str = "",
    ) -> None:
        self.card = card
        self.models = {name: Slot(size) for name, size in sizes.items()}
        self.most = most
        self.by_hand = by_hand
        self.release_seconds = release_seconds
        self.key = key
        self.single = False
        self.broken = False
        self.without_events = False
        self.entries: list[Any] | None = None
        self.url = ""
        self.calls: list[tuple[str, str]] = []
        self._used: list[str] = []
        self._changed = asyncio.Condition()
        self._listeners: list[asyncio.Queue[str]] = []
        self._loads: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/models", self._list)
        app.router.add_get("/models/sse", self._events)
        app.router.add_post("/models/load", self._load)
        app.router.add_post("/models/unload", self._unload)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in tuple(self._loads):
            task.cancel()
        await asyncio.gather(*self._loads, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    def step(self, model: str) -> None:
        """Lets a load that waits go on to its end."""
        self.models[model].steps.set()

    def tell(self, name: str, share: float) -> None:
        """Says how far a load is, to all who follow."""
        progress = {"stages": list(STAGES), "current": STAGES[0], "value": share}
        said = {"model": name, "event": "status_change", "data": {"status": "loading", "progress": progress}}
        for told in self._listeners:
            told.put_nowait(json.dumps(said))

    @property
    def listening(self) -> int:
        """How many follow the progress of loads."""
        return len(self._listeners)

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until something is so, such as a call having come; looks whenever one comes."""
        async with self._changed:
            await self._changed.wait_for(met)

    def crash(self, model: str, exit_code: int = 1) -> None:
        """Ends a model's process; its memory is free at once."""
        slot = self.models[model]
        self._free(slot, 0.0)
        slot.phase, slot.failed, slot.exit_code = "unloaded", True, exit_code

    async def _note(self, what: str, about: str) -> None:
        self.calls.append((what, about))
        async with self._changed:
            self._changed.notify_all()

    async def _list(self, request: web.Request) -> web.Response:
        await self._note("GET", "/models")
        if refused := self._refused(request, public=True):
            return refused
        if self.entries is not None:
            return web.json_response({"object": "list", "data": self.entries})
        if self.single:
            return web.json_response({"object": "list", "data": [{"id": next(iter(self.models)), "object": "model"}]})
        return web.json_response({"object": "list", "data": [entry(*it) for it in self.models.items()]})

    async def _load(self, request: web.Request) -> web.Response:
        name = (await request.json()).get("model", "")
        await self._note("load", name)
        if refused := self._refused(request):
            return refused
        slot = self.models.get(name)
        if slot is None:
            return error(404, "model is not found", "not_found_error")
        if slot.phase != "unloaded":
            return error(400, "model is already running", "invalid_request_error")
        self._make_room(name)
        slot.phase, slot.failed = "loading", False
        slot.steps = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._loading(name, slot))
        self._loads.add(task)
        task.add_done_callback(self._loads.discard)
        return web.json_response({"success": True})

    async def _unload(self, request: web.Request) -> web.Response:
        name = (await request.json()).get("model", "")
        await self._note("unload", name)
        if refused := self._refused(request):
            return refused
        slot = self.models.get(name)
        if slot is None or slot.phase == "unloaded":
            return error(400, "model is not running", "invalid_request_error")
        self._free(slot, self.release_seconds)
        slot.phase = "unloaded"
        return web.json_response({"success": True})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        await self._note("GET", "/models/sse")
        if self.without_events:
            return error(404, "File Not Found", "not_found_error")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        told: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.append(told)
        try:
            await response.write(b": here\n\n")
            await self._note("GET", "events")
            while True:
                await response.write(f"data: {await told.get()}\n\n".encode())
        finally:
            self._listeners.remove(told)

    async def _loading(self, name: str, slot: Slot) -> None:
        self.tell(name, 0.0)
        if self.by_hand:
            await slot.steps.wait()
        try:
            slot.taken = self.card.take(f"llama-server {name}", slot.size)
        except CardOutOfMemory:
            slot.phase, slot.failed, slot.exit_code = "unloaded", True, 1
            return
        self.tell(name, 1.0)
        await asyncio.sleep(0)
        slot.phase = "loaded"
        self._used.append(name)

    def _make_room(self, wanted: str) -> None:
        held = [name for name in self._used if self.models[name].phase == "loaded" and name != wanted]
        for name in held[: max(0, len(held) - self.most + 1)]:
            self._free(self.models[name], self.release_seconds)
            self.models[name].phase = "unloaded"

    def _free(self, slot: Slot, after: float) -> None:
        if slot.taken is not None:
            self.card.give_back(slot.taken, after=after)
        slot.taken = None

    def _refused(self, request: web.Request, *, public: bool = False) -> web.Response | None:
        if self.broken:
            return web.Response(status=200, text="<html>a page</html>", content_type="text/html")
        if self.key and not public and request.headers.get("Authorization") != f"Bearer {self.key}":
            return error(401, "Invalid API Key", "authentication_error")
        return None


def entry(name: str, slot: Slot) -> dict[str, Any]:
    """A model as the router lists it."""
    status: dict[str, Any] = {"value": slot.phase, "args": ["llama-server"]}
    if slot.failed:
        status |= {"failed": True, "exit_code": slot.exit_code}
    return {"id": name, "object": "model", "owned_by": "llamacpp", "created": 0, "status": status}


def error(status: int, message: str, kind: str) -> web.Response:
    """An error as llama-server writes it."""
    return web.json_response({"error": {"code": status, "message": message, "type": kind}}, status=status)
