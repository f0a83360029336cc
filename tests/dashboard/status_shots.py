"""Takes the pictures of the card, providers, models, evaluation and settings: `python -m tests.dashboard.status_shots`.

Behind the page stand the whole product, the fakes of Ollama, ComfyUI, Groq and a card, and two weeks that were made up.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

import uvicorn
from playwright.async_api import Page, async_playwright
from tests.dashboard.shots import DOCS, FLAGS, LOOKS, MOST, REPLY, SAID, smaller, talk
from tests.journeys.card_house import House, opened_house

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.load import load
from pointsman.core.decision import Decision
from pointsman.core.errors import ConfigError
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Done, Failed
from pointsman.dashboard.context import ConfigStatus
from pointsman.dashboard.page import mount
from pointsman.dashboard.views import VIEWS
from pointsman.engine.router import Router
from pointsman.http.app import create_app
from pointsman.http.auth import is_private
from pointsman.stores.sqlite import SqliteStore
from pointsman.testing.clouds.groq import FakeGroq
from pointsman.testing.live_server import LiveServer

OURS: Final = VIEWS[2:7]
DAYS: Final = 14
MADE_UP: Final[Sequence[tuple[str, str, str, str, float, float]]] = (
    # category, path, tier, model, how often, seconds
    ("general_chat", "llm", "fast", "qwen3:14b", 0.3, 3.1),
    ("knowledge_question", "llm", "classifier", "qwen3:14b", 0.22, 4.4),
    ("reasoning", "llm", "classifier", "qwen3:14b", 0.08, 9.0),
    ("image_generation", "image", "fast", "z-image-turbo-int8", 0.16, 8.2),
    ("simple_greeting", "simple", "patterns", "", 0.1, 0.001),
    ("simple_thanks", "simple", "patterns", "", 0.05, 0.001),
    ("code_execution", "llm+tools", "neighbours", "qwen3:14b", 0.05, 5.2),
    ("web_search", "llm+tools", "cloud", "qwen3:14b", 0.04, 7.5),
)
LABELLED: Final = {
    "draw me a cat": "image_generation",
    "paint a harbour at night": "image_generation",
    "hey there": "simple_greeting",
    "thanks!": "simple_thanks",
    "bye now": "simple_farewell",
    "what is the capital of France": "knowledge_question",
    "who wrote the Decameron": "knowledge_question",
    "what's 12*12": "code_execution",
    "search the web for news on rust": "web_search",
    "remember that I like tea": "memory_operation",
    "draw the curtains": "general_chat",
    "how are you doing": "general_chat",
    "prove that sqrt 2 is irrational": "reasoning",
    "why do mirrors swap left and right": "reasoning",
}


class Two:
    """The clock of a store: it says what it was set to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


async def two_weeks(path: Path) -> None:
    """Fills a store with days that were made up."""
    chance, clock = random.Random(7), Two()
    store = SqliteStore(path, clock=clock)
    began = time.time() - DAYS * 86_400
    for day in range(DAYS):
        for _ in range(chance.randint(25, 70)):
            await one(store, clock, chance, began + day * 86_400 + chance.random() * 80_000)
    await store.close()


async def one(store: SqliteStore, clock: Two, chance: random.Random, at: float) -> None:
    """One message of these days."""
    category, path, tier, model, _, seconds = chance.choices(MADE_UP, [it[4] for it in MADE_UP])[0]
    sure = chance.random() > 0.06
    made = Decision(
        secrets.token_hex(6),
        category if sure else "general_chat",
        path if sure else "llm",  # type: ignore[arg-type]
        chance.uniform(0.75, 0.99) if sure else 0.3,
        tier if sure else "fallback",
        (),
        at=at,
        latency_ms=chance.uniform(0.4, 3.0),
    )
    clock.now = at
    await store.record(made, Message("made up", origin=Origin("http")))
    seconds *= chance.lognormvariate(0, 0.4)
    wrote = round(seconds * 38) if path.startswith("llm") else 0
    done = Done(made, model, seconds, wrote and chance.randint(20, 400), wrote)
    await store.finish(made.id, done if chance.random() > 0.01 else Failed("full", code="no_room"))


def written(house: House, groq: FakeGroq) -> Path:
    """The file of somebody who has both servers and a key."""
    file = house.folder / "pointsman.yaml"
    file.write_text(
        f"""server:
  key: ${{MY_KEY:-a-long-secret}}
store:
  path: pointsman.db
  keep_text: 30d
models:
  main: {{provider: ollama, url: "{house.ollama.url}", model: "qwen3:14b"}}
  small: {{provider: ollama, url: "{house.ollama.url}", model: "smollm2:135m"}}
images:
  comfyui: {{url: "{house.comfyui.url}", enabled: true, workflow: z-image-turbo-int8, text_encoder: cpu}}
gpu: {{poll: 0.1}}
cloud:
  groq: {{key: "{groq.key}", url: "{groq.url}"}}
"""
    )
    return file


@asynccontextmanager
async def served(house: House, groq: FakeGroq) -> AsyncIterator[tuple[str, Router]]:
    """The gateway and its page over a house, with a newer file that was refused."""
    loaded = load(written(house, groq), environ={}, start=house.folder)
    await two_weeks(house.folder / "pointsman.db")
    router = open_router(loaded.config)
    problem = str(ConfigError("pointsman.yaml:14: there is no key 'pol' in gpu", cure="did you mean poll?"))
    status = ConfigStatus(loaded.config, loaded.source, time.time(), problem)
    app = create_app(router)
    mount(app, router, host_allowed=is_private, status=lambda: status)
    listener = socket.create_server(("127.0.0.1", 0))
    server = LiveServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    await router.warm()
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - it tells another thread only
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", router
    server.should_exit = True
    await task


async def evaluated(page: Page, url: str, folder: Path) -> None:
    """Evaluates a labelled file, twice with other words."""
    await page.goto(f"{url}/evaluation")
    for more in ("", " please", " now, will you"):
        rows = [{"id": str(n), "text": text + more, "category": it} for n, (text, it) in enumerate(LABELLED.items())]
        file = folder / "labelled.jsonl"
        file.write_text("\n".join(map(json.dumps, rows)))
        await page.locator(".pm-upload input[type=file]").set_input_files(file)
        await page.wait_for_selector(".pm-progress .pm-meter")
        await page.wait_for_selector(".pm-progress .pm-state-good")


async def corrected(router: Router) -> None:
    """Teaches a few things."""
    for text, category in (("draw the curtains", "general_chat"), ("paint the fence, how?", "knowledge_question")):
        decision = await router.decide(Message(text))
        await router.correct(decision.id, category, text=text)


async def take(page: Page, path: Path) -> None:
    """One picture, with few colours where it would be too large."""
    await page.wait_for_timeout(1200)
    await page.screenshot(path=path)
    sys.stdout.write(f"{path.name} {shrunk(path) / 1000:.0f} kB\n")


def shrunk(path: Path) -> int:
    """The size of a picture, which gets few colours where it would be too large."""
    if path.stat().st_size > MOST * 0.95:
        smaller(path)
    return path.stat().st_size


async def shoot(url: str, router: Router, folder: Path) -> None:
    """A picture of each view in each look."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for look, size, scheme in LOOKS:
            context = await browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            page = await context.new_page()
            if look == "light":
                await evaluated(page, url, folder)
                await corrected(router)
            for view in OURS:
                await page.goto(f"{url}{view.path}")
                await page.wait_for_selector(".pm-block")
                await take(page, DOCS / f"page-{view.name}-{look}.png")
            await context.close()
        await browser.close()


async def main() -> None:
    """Opens everything, lets some messages through, and takes the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        async with FakeGroq() as groq, opened_house(Path(folder), reply=lambda *_: REPLY) as house:
            # The card is opened when it is first needed.
            with patch.object(wiring, "open_probe", lambda _: house.card):
                async with served(house, groq) as (url, router):
                    await talk(url, SAID)
                    await shoot(url, router, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
