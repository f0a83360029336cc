"""The page in a real browser: a gateway on a loopback port, and the distribution's Chromium."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Evidence, Verdict
from pointsman.core.happening import Happening
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Abilities
from pointsman.core.ports import ChatOptions, Delta
from pointsman.dashboard.page import mount
from pointsman.engine.asked import Standing
from pointsman.engine.execute import Executor
from pointsman.engine.foresight import foresee
from pointsman.engine.parts import Parts
from pointsman.engine.router import Router
from pointsman.engine.teaching import Teaching
from pointsman.engine.workshop import Workshop
from pointsman.http.app import create_app
from pointsman.http.auth import is_private
from pointsman.observe.feed import Feed
from pointsman.stores.memory import MemoryStore
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.testing.live_server import LiveServer
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.corrections import Corrections
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.surroundings import Surroundings
from pointsman.tiers.tasks import Tasks

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=20_000)  # a machine may be busy; what is there is seen at once
HOLD = "<hold>"  # in a script: say nothing more until somebody stops the model
CATALOGUE = Catalogue(
    [
        Category("image_generation", "pictures", "image", slots=("prompt",)),
        Category("simple_greeting", "hello", "simple", replies={"en": ("Hello there!",)}),
        Category("general_chat", "talk", "llm"),
        Category("code_execution", "sums", "llm+tools", slots=("expression",)),
    ]
)
OPENINGS = {"draw": "image_generation", "hey!": "simple_greeting", "what's": "code_execution"}


class Words:
    """A tier that goes by the first word; `heard` is what each message came with."""

    name = "words"

    def __init__(self) -> None:
        self.heard: list[tuple[Turn, ...]] = []

    def judge(self, message: Message) -> Verdict:
        self.heard.append(message.history)
        first = message.look.split(maxsplit=1)[0]
        if first not in OPENINGS:
            return Abstain("an unknown first word")
        evidence = (Evidence("pattern", f"^{first}", OPENINGS[first], 0.97),)
        return Answer(OPENINGS[first], 0.97, 0.9, f"begins with {first!r}", evidence=evidence)


@dataclass
class Speaker:
    """A chat model that says `script`; `stopped` is set when it was stopped before its end."""

    name: str = "tiny"
    note: str = "a very small model"
    script: Sequence[str | Exception] = ()
    asked: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def will_say(self, *script: str | Exception) -> None:
        self.script, self.asked = script, 0
        self.stopped.clear()

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        del turns, options
        self.asked += 1
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if step == HOLD:
                    await asyncio.Event().wait()
                yield Delta(step)
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped.set()
            raise
        yield Delta("", "stop", 7, 3)

    async def close(self) -> None:
        pass


def slots(category: str, text: str, names: Sequence[str]) -> dict[str, str | int]:
    del category
    return dict.fromkeys(names, text.split(maxsplit=1)[-1])


@dataclass
class Clouds:
    """The services that the router asks, as far as the page knows."""

    found: list[Standing] = field(default_factory=list)

    async def statuses(self) -> list[Standing]:
        return self.found

    async def close(self) -> None:
        pass


@dataclass
class Site:
    """A gateway with its page; `heard` holds the turns that each message came with."""

    url: str
    model: Speaker
    heard: Sequence[tuple[Turn, ...]] = ()
    clouds: Clouds = field(default_factory=Clouds)
    feed: Feed = field(default_factory=Feed)
    loop: asyncio.AbstractEventLoop | None = None

    def happen(self, *happenings: Happening) -> None:
        """Lets things happen, in the gateway's own thread."""
        done = threading.Event()

        def tell() -> None:
            for it in happenings:
                self.feed.take(it)
            done.set()

        assert self.loop is not None
        self.loop.call_soon_threadsafe(tell)
        assert done.wait(20)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The one page that a process can have."""
    model = Speaker()
    log, learned = MemoryStore(), LearnedNow()
    around = Surroundings(BagEncoder(), [], np.empty((0, 64), dtype=np.float32), learned=learned)
    words = Words()
    clouds = Clouds()
    stages = [Stage(Tasks(), 0.0), Stage(Corrections(learned, around, 0.84), 0.0), Stage(words, 0.5)]
    cascade = Cascade(stages, CATALOGUE, find_slots=slots)
    categorise = foresee(stages, lambda _: cascade)
    router = Router(
        Parts(
            catalogue=CATALOGUE,
            cascade=cascade,
            log=log,
            teaching=Teaching(log, CATALOGUE, categorise, learned=learned, sketcher=lambda: around),
            executor=Executor(
                Workshop(models={"tiny": model}, clock=lambda: 0.0),
                answer=lambda asked: f"{asked} = 437",
                clock=lambda: 0.0,
            ),
            abilities=lambda: Abilities(main="tiny", small="tiny"),
            chance=random.Random(1),
            services=clouds,
        )
    )
    app = create_app(router)
    feed = Feed()
    mount(app, router, host_allowed=is_private, reconnects=0.2, feed=feed)
    listener = socket.create_server(("127.0.0.1", 0))
    server = LiveServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
    thread.start()
    server.up.wait()
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", model, words.heard, clouds, feed, server.loop)
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """One browser for a file's tests: its cache makes the second page quick.

    Not for the whole run: while it is open, an event loop runs in this thread, and no other can.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened.new_context()
        opened.close()


@pytest.fixture
def page(browser: BrowserContext, site: Site) -> Iterator[Page]:
    """The page, ready; it fails the test when it complains or asks anybody but us for anything."""
    site.model.will_say("Hello", " from", " the model")
    site.clouds.found = []
    opened = browser.new_page()
    opened.set_viewport_size({"width": 1200, "height": 900})
    opened.emulate_media(color_scheme="light")
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    opened.on(
        "request", lambda sent: complaints.append(sent.url) if not sent.url.startswith((site.url, "data:")) else None
    )
    opened.goto(site.url)
    opened.wait_for_selector("form.pm-composer textarea")
    yield opened
    opened.close()
    assert complaints == []
