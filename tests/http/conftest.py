"""A real gateway on a loopback port: a real cascade, executor and store around a model that says what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import socket
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import uvicorn

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Evidence, Slots, Verdict
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Abilities
from pointsman.core.ports import ChatOptions, Delta
from pointsman.engine.execute import Executor
from pointsman.engine.foresight import foresee
from pointsman.engine.parts import Parts
from pointsman.engine.router import Router
from pointsman.engine.teaching import Teaching
from pointsman.engine.workshop import Workshop
from pointsman.http.app import create_app
from pointsman.http.connection import bounded
from pointsman.stores.memory import MemoryStore
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.testing.live_server import LiveServer
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.corrections import Corrections
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.surroundings import Surroundings
from pointsman.tiers.tasks import Tasks

CATALOGUE = Catalogue(
    [
        Category("image_generation", "pictures", "image", slots=("prompt",)),
        Category("simple_greeting", "hello", "simple", replies={"en": ("Hello there!",)}),
        Category("general_chat", "talk", "llm"),
        Category("web_search", "look it up", "llm+tools", tools=("search",)),
    ]
)
OPENINGS = {"draw": "image_generation", "hey!": "simple_greeting", "search": "web_search"}
HOLD = "<hold>"  # in a script: say nothing more until somebody closes the model
Step = str | Exception


@dataclass
class Words:
    """A tier that goes by the first word."""

    name: str = "words"
    judged: list[Message] = field(default_factory=list)

    def judge(self, message: Message) -> Verdict | Awaitable[Verdict]:
        self.judged.append(message)
        first = message.look.split(maxsplit=1)[:1]
        if not first or first[0] not in OPENINGS:
            return Abstain("an unknown first word")
        category = OPENINGS[first[0]]
        evidence = (Evidence("pattern", first[0], category, 0.97),)
        return Answer(category, 0.97, 0.9, f"begins with {first[0]!r}", evidence=evidence)


@dataclass
class Scripted:
    """A chat model that says its script; `closed` is set when it was stopped before its end."""

    script: Sequence[Step] = ("Hello", " from", " the model")
    name: str = "tiny"
    note: str = "a very small model"
    asked: list[tuple[tuple[Turn, ...], ChatOptions]] = field(default_factory=list)
    speaking: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        self.asked.append((tuple(turns), options))
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                self.speaking.set()
                if step == HOLD:
                    await asyncio.Event().wait()
                yield Delta(step)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed.set()
            raise
        yield Delta("", "stop", 7, len(self.script))

    async def close(self) -> None:
        pass


def no_slots(category: str, text: str, names: Sequence[str]) -> Slots:
    del category
    return dict.fromkeys(names, text)


def make_router(model: Scripted | None, words: Words, store: Any, *, teachable: bool = False) -> Router:
    models = {} if model is None else {model.name: model}
    name = "" if model is None else model.name
    learned = LearnedNow()
    around = Surroundings(BagEncoder(), [], np.empty((0, 64), dtype=np.float32), learned=learned)
    corrections = [Stage(Corrections(learned, around, 0.84), 0.0)] if teachable else []
    stages = [Stage(Tasks(), 0.0), *corrections, Stage(words, 0.5)]
    cascade = Cascade(stages, CATALOGUE, find_slots=no_slots)
    categorise = foresee(stages, lambda _: cascade)
    return Router(
        Parts(
            catalogue=CATALOGUE,
            cascade=cascade,
            teaching=Teaching(
                store, CATALOGUE, categorise, learned=learned, sketcher=lambda: around, clock=itertools.count().__next__
            ),
            log=store,
            executor=Executor(Workshop(models=models, clock=lambda: 0.0), answer=str, clock=lambda: 0.0),
            abilities=lambda: Abilities(main=name, small=name),
            chance=random.Random(1),
        )
    )


@dataclass
class Gateway:
    """A gateway that is running."""

    url: str
    port: int
    model: Scripted
    words: Words
    store: Any
    app: Any
    stop: Callable[[], None]
    stopping: Callable[[], None]


Start = Callable[..., Gateway]


@contextlib.contextmanager
def running(
    *,
    script: Sequence[Step] | None = None,
    model: Scripted | None = None,
    without_model: bool = False,
    teachable: bool = False,
    store: Any = None,
    http: str = "auto",
    head_seconds: float = 30.0,
    **settings: Any,
) -> Iterator[Gateway]:
    speaker = model or Scripted(script if script is not None else Scripted.script)
    words = Words()
    kept = store or MemoryStore()
    router = make_router(None if without_model else speaker, words, kept, teachable=teachable)
    app = create_app(router, **{"now": lambda: 1234.5, **settings})
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    protocol = bounded(http=http, head_seconds=head_seconds)
    server = LiveServer(uvicorn.Config(app, log_config=None, http=protocol, ws="none", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))

    def stop() -> None:
        server.should_exit = True
        thread.join()

    thread.start()
    server.up.wait()
    try:

        def announce() -> None:
            server.loop.call_soon_threadsafe(app.state.stopping.set)

        yield Gateway(f"http://127.0.0.1:{port}", port, speaker, words, kept, app, stop, announce)
    finally:
        stop()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a gateway with the settings given."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running(**settings))


@pytest.fixture(scope="module")
def start_once() -> Iterator[Start]:
    """The same for one that all tests of a file share."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running(**settings))


@pytest.fixture(scope="session")
def _shared() -> Iterator[Gateway]:
    with running() as gateway:
        yield gateway


@pytest.fixture
def gateway(_shared: Gateway) -> Gateway:
    """A gateway with default settings, shared by the tests that change nothing about it."""
    _shared.model.asked.clear()
    _shared.words.judged.clear()
    return _shared


@dataclass
class Reply:
    """What came back over a raw socket."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def over_the_wire(port: int, request: bytes) -> Reply:
    """Sends bytes as they are, and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(request)
        received = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Reply(int(first.split()[1]), headers, body)


@pytest.fixture
def post() -> Callable[..., Reply]:
    """Posts bytes to a path, with Connection: close."""

    def send(gateway: Gateway, path: str, body: bytes, *extra: str, method: str = "POST") -> Reply:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{gateway.port}", "Connection: close", *extra]
        if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in extra):
            lines.append(f"Content-Length: {len(body)}")
        return over_the_wire(gateway.port, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    return send
