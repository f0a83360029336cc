"""A card, servers and a gateway of its own for `pointsman gpu`."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
import uvicorn
from fastapi import FastAPI

from pointsman.build import gpu as wiring
from pointsman.core.errors import PointsmanError
from pointsman.gpu.backend import Loaded
from pointsman.gpu.reading import Process, Reading
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow
from pointsman.gpu.want import Rung
from pointsman.http.app import named_error
from pointsman.http.auth import KeyGuard
from pointsman.http.gate import Gate
from pointsman.http.gpu import add_gpu_routes
from pointsman.providers.probes.trouble import Trouble
from pointsman.testing.live_server import LiveServer

GB = 10**9
CARD = CardNow("gpu0", "Fake 4090", 24 * GB, GB, GB, 12 * GB, 11 * GB, 3 * GB, "nvml", 0.3, "a game 3.0 GB")
TENANT = TenantNow("ollama:qwen3:14b", "resident", "gpu0", "ctx=8192", 10 * GB, 9 * GB, None, 0, 1, True, 0.0)
WISH = WishNow(1, "image", "comfyui:z", "background", 2.0, 12.0, "ollama:qwen3:14b is in use")
FULL = Snapshot((CARD,), (TENANT, replace(TENANT, name="comfyui:z", users=0, pinned=False)), (WISH,))
KEY = "not-a-secret"


class Owner:
    """Who owns the card in the gateway."""

    def __init__(self) -> None:
        self.found = FULL
        self.asked: list[str] = []
        self.fails: PointsmanError | None = None

    def snapshot(self) -> Snapshot:
        return self.found

    async def free(self, tenant: str = "", *, deep: bool = True) -> int:
        self.asked.append(tenant)
        if self.fails:
            raise self.fails
        self.found = replace(FULL, tenants=FULL.tenants[:1])
        return 4 * GB


class Card:
    """A probe that sees what it is told to; memory that was given back is seen one look later."""

    source = "nvml"

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.used = [12 * GB]
        self.total = 24 * GB
        self.closed = 0
        self.processes: tuple[Process, ...] = (
            Process(7, "ollama", 9 * GB),
            Process(8, "", GB, "graphics"),
            Process(9, "x"),
        )
        self.blind = False
        self.devices: tuple[str, ...] = ("gpu0",)

    async def sample(self) -> Sequence[Reading]:
        if self.blind:
            return ()
        used = self.used.pop(0) if len(self.used) > 1 else self.used[0]
        first = Reading("gpu0", self.total, used, self.source, 0.0, GB, "Fake 4090", self.processes)
        return tuple(replace(first, device=device) for device in self.devices)

    async def close(self) -> None:
        self.closed += 1


class Server:
    """A server that holds models."""

    def __init__(self, name: str, *held: Loaded, lazy: bool = False) -> None:
        self.name = name
        self.loads_on_use = lazy
        self.held = list(held)
        self.told: list[tuple[str, bool]] = []
        self.fails: PointsmanError | None = None
        self.closed = 0

    async def load(self, rung: Rung, device: str) -> None:
        raise AssertionError("nothing is loaded by looking")

    async def unload(self, tenant: str, *, deep: bool = False) -> None:
        self.told.append((tenant, deep))
        self.held = [it for it in self.held if it.tenant != tenant]

    async def loaded(self) -> Sequence[Loaded]:
        if self.fails:
            raise self.fails
        return self.held

    async def close(self) -> None:
        self.closed += 1


class Here:
    """What the command finds on this machine."""

    def __init__(self) -> None:
        self.card = Card()
        self.ollama = Server("ollama", Loaded("ollama:qwen3:14b", 9 * GB, 11 * GB, "ctx=8192"))
        self.comfyui = Server("comfyui", lazy=True)
        self.servers: list[Server] = [self.ollama, self.comfyui]


@pytest.fixture
def gpu_full() -> Snapshot:
    """A card with a model in use, a picture workflow, and one who waits."""
    return FULL


@pytest.fixture
def gpu_here(monkeypatch: pytest.MonkeyPatch) -> Here:
    made = Here()
    monkeypatch.setattr(wiring, "open_probe", lambda _: made.card)
    monkeypatch.setattr(wiring, "open_backends", lambda _: made.servers)
    monkeypatch.setenv("POINTSMAN_PORT", str(unused_port()))
    return made


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def gpu_start(gpu_here: Here, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Starts a gateway that owns the card, or one that owns nothing."""
    assert gpu_here.servers  # what there is without the gateway is found here too
    stops: list[Callable[[], None]] = []

    def started(owner: Owner | None, app: FastAPI | None = None) -> None:
        if app is None:
            app = FastAPI()
            app.add_exception_handler(PointsmanError, named_error)  # type: ignore[arg-type]
            app.add_middleware(KeyGuard, gate=Gate.with_key(KEY))
            add_gpu_routes(app, lambda: owner)
        listener = socket.create_server(("127.0.0.1", 0))
        server = LiveServer(uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
        thread.start()
        server.up.wait()

        def stop() -> None:
            server.should_exit = True
            thread.join()

        stops.append(stop)
        monkeypatch.setenv("POINTSMAN_PORT", str(listener.getsockname()[1]))
        monkeypatch.setenv("POINTSMAN_KEY", KEY)

    yield started
    for stop in stops:
        stop()


@pytest.fixture
def gpu_owner(gpu_start: Callable[..., None]) -> Owner:
    """Who owns the card in a gateway that runs."""
    owner = Owner()
    gpu_start(owner)
    return owner
