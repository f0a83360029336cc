"""A faithful ComfyUI on loopback, on a card that it shares with others."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from aiohttp import web

from pointsman.core.ports import Clock
from pointsman.testing.card import FakeCard
from pointsman.testing.comfyui import nodes
from pointsman.testing.comfyui.api import Api
from pointsman.testing.comfyui.execution import Run
from pointsman.testing.comfyui.inputs import Files, emptied, found
from pointsman.testing.comfyui.memory import CardShare
from pointsman.testing.comfyui.mishaps import Mishaps
from pointsman.testing.comfyui.nodes import Models
from pointsman.testing.comfyui.prompts import Prompt, Prompts
from pointsman.testing.comfyui.sockets import Sockets
from pointsman.testing.comfyui.world import Pace, Sleep, World

VERSION: Final = "0.8.0"
CONTEXT: Final = 500_000_000
WORKING: Final = 400_000_000
RELEASE_SECONDS: Final = 0.8
MOST_BODY: Final = 64_000_000


class FakeComfyUi:
    """ComfyUI, as an async context manager; `url` is what a user would configure.

    Its models are on `card` from their first use on, and are still there after the run. POST /free only sets a flag:
    the memory comes back when the prompt that runs has ended, `release_seconds` of the card's clock later, while the
    queue looks empty already. Without a card it computes on the processor. What it was `asked` is kept, how it
    fails is up to `mishaps`. `pace` says how long things take, by `sleep`; `argv` are its flags.
    """

    def __init__(
        self,
        card: FakeCard | None = None,
        *,
        models: Models = nodes.Z_IMAGE,
        pace: Pace | None = None,
        clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
        argv: tuple[str, ...] = ("main.py", "--preview-method", "latent2rgb"),
        version: str = VERSION,
        release_seconds: float = RELEASE_SECONDS,
        context: int = CONTEXT,
        working: int = WORKING,
        owner: str = "comfyui",
    ) -> None:
        self.card = card
        self.mishaps = Mishaps()
        self.files: Files = {}
        self.prompts = Prompts()
        self.frees = 0
        self.url = ""
        self.world = World(
            CardShare(card, owner, context=context),
            models,
            nodes.catalogue(models),
            self.mishaps,
            pace or Pace(),
            working,
            sleep,
            lambda: int(clock() * 1000),
            self._keep,
            lambda name: found(self.files, name),
        )
        self.sockets = Sockets(self.mishaps, self.prompts, self._at)
        self.api = Api(self.world, self.prompts, self.sockets, files=self.files, argv=argv, version=version)
        self._argv = argv
        self._release_seconds = release_seconds
        self._saved = itertools.count(1)
        self._run: Run | None = None
        self._runner: web.AppRunner | None = None
        self._worker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_route("*", "/{path:.*}", self.api.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, kind: object, *_error: object) -> None:
        self.world.closing.set()
        broke = await self._stop_worker()
        await self.sockets.close()
        if self._runner:
            await self._runner.cleanup()
        if broke and kind is None:
            raise broke

    @property
    def held(self) -> int:
        """The bytes of its models on the card, with those that are not back yet."""
        return self.world.share.held

    def asked(self, method: str, path: str) -> list[Any]:
        """The bodies of the calls to a path, in order."""
        return [body for how, where, body in self.api.requests if (how, where) == (method, path)]

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until something is so, such as a prompt running; looks whenever something happens."""
        await self.prompts.until(met)

    async def restart(self) -> None:
        """Ends and starts anew: connections, queue, history and memory are gone, the files stay but temporary ones."""
        await self._stop_worker()
        await self.sockets.close()
        self.world.share.unload()
        self.world.cache = {}
        emptied(self.files)
        self.prompts.pending.clear()
        self.prompts.ended.clear()
        self.prompts.running = self._run = None
        self._worker = asyncio.create_task(self._work())
        await self.prompts.notify()

    # --- the worker

    async def _work(self) -> None:
        while True:
            await self.prompts.until(lambda: bool(self.prompts.pending or self.api.flags))
            if self.prompts.pending:
                await self._execute(self.prompts.next())
            flags, self.api.flags = self.api.flags, {}
            free = flags.get("free_memory", False)
            if flags.get("unload_models", free):
                self.world.share.unload(after=self._release_seconds)
            if free:
                self.world.cache = {}
            if flags:
                self.frees += 1
                await self.prompts.notify()

    async def _execute(self, prompt: Prompt) -> None:
        client = prompt.client_id

        async def tell(kind: str, data: dict[str, Any]) -> None:
            if client is not None:
                await self.sockets.tell(kind, data, client)
            await self.prompts.notify()

        async def show(picture: bytes, about: Mapping[str, Any], progress: dict[str, Any]) -> None:
            if client is not None and "none" not in self._argv:
                await self.sockets.show(picture, about, progress, client)

        self.world.interrupted.clear()
        self._run = run = Run(self.world, prompt.id, prompt.graph, tell=tell, show=show)
        await self.api.changed()
        await run.go(prompt.outputs)
        self._run = None
        self.prompts.end(run.outcome)
        await self.api.changed()
        await tell("executing", {"node": None, "prompt_id": prompt.id})

    async def _stop_worker(self) -> BaseException | None:
        worker, self._worker = self._worker, None
        if worker is None:
            return None
        worker.cancel()
        await asyncio.wait({worker})
        return None if worker.cancelled() else worker.exception()

    def _at(self, client: str) -> str:
        """The node that the prompt of a client is at."""
        running = self.prompts.running
        return self._run.node if self._run and running and running.client_id == client else ""

    def _keep(self, kind: str, prefix: str, data: bytes) -> dict[str, str]:
        folder, _, name = prefix.rpartition("/")
        stored = {"filename": f"{name}_{next(self._saved):05}_.png", "subfolder": folder, "type": kind}
        self.files[kind, folder, stored["filename"]] = data
        return stored
