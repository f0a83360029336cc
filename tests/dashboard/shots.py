"""Takes the pictures of the page in docs/: `python -m tests.dashboard.shots`, from the folder of the repository.

Behind the page stand the whole product and the fakes of Ollama, ComfyUI and a card, so nothing else is needed.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal
from unittest.mock import patch

import httpx
import uvicorn
from playwright.async_api import Page, ViewportSize, async_playwright
from tests.journeys.card_house import House, opened_house

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.dashboard.context import ConfigStatus
from pointsman.dashboard.page import mount
from pointsman.http.app import create_app
from pointsman.http.auth import is_private
from pointsman.testing.live_server import LiveServer

DOCS: Final = Path(__file__).parents[2] / "docs"
WIDE: Final = ViewportSize(width=1360, height=860)
PHONE: Final = ViewportSize(width=390, height=844)
LOOKS: Final[Sequence[tuple[str, ViewportSize, Literal["light", "dark"]]]] = (
    ("light", WIDE, "light"),
    ("dark", WIDE, "dark"),
    ("phone", PHONE, "light"),
)
MOST: Final = 200_000  # bytes of a picture
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SAID: Final = (
    "draw me a lighthouse at dusk, watercolour",
    "hey!",
    "explain how TCP slow start works",
    "what's 23*19?",
    "a red fox in the snow, 768x512, no text",
    "thanks a lot",
    "is the moon further away than it was a million years ago, and why?",
    "write me a two line birthday greeting for my sister",
    "zeichne einen Hund mit Hut",
    "what is the capital of Mongolia",
    "draw the curtains, it's too bright in here",
)
REPLY: Final = """**Slow start** is how a TCP sender finds out what the path can carry.

1. It begins with a small *congestion window*, about 10 segments.
2. Every acknowledgement lets it grow by one segment, so it doubles with each round trip.
3. At the threshold, or at the first loss, it goes on by one segment a round trip.
"""


@asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """The gateway and its page over a house, at an address of this machine."""
    config: Config = house.config()
    router = open_router(config)
    app = create_app(router)
    mount(app, router, host_allowed=is_private, status=lambda: ConfigStatus(config))
    listener = socket.create_server(("127.0.0.1", 0))
    server = LiveServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    await router.warm()
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - it tells another thread only
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task


async def talk(url: str, said: Sequence[str]) -> None:
    """Some messages of a client, and one that went away."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for text in said:
            asked = {"model": "auto", "messages": [{"role": "user", "content": text}], "user": "ana"}
            await client.post("/v1/chat/completions", json=asked)


async def take(page: Page, name: str) -> None:
    """One picture, with few colours where it would be too large."""
    path = DOCS / f"page-{name}.png"
    await page.wait_for_timeout(700)
    await page.screenshot(path=path)
    if path.stat().st_size > MOST * 0.95:
        smaller(path)
    sys.stdout.write(f"{path.name} {path.stat().st_size / 1000:.0f} kB\n")


def smaller(path: Path) -> None:
    """Gives a picture a palette, where ImageMagick or Pillow is there to do so."""
    try:
        from PIL import Image

        Image.open(path).convert("RGB").quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)
    except ImportError:
        if magick := shutil.which("convert"):
            subprocess.run([magick, path, "-colors", "200", "-define", "png:color-type=3", path], check=True)


async def say(page: Page, text: str) -> None:
    """Sends a message on the page, and waits for the end of its reply."""
    await page.fill("textarea", text)
    await page.press("textarea", "Enter")
    await page.wait_for_selector(".pm-said")
    await page.wait_for_function('document.querySelector("form.pm-composer").dataset.busy === "no"')


async def own_views(page: Page, url: str, look: str) -> None:
    """Trying a message, the feed, a trace, and a correction."""
    await page.goto(url)
    await page.wait_for_selector("textarea")
    await say(page, "explain how TCP slow start works")
    await take(page, f"try-{look}")
    await page.get_by_role("button", name="new conversation").click()
    await say(page, "draw me a lighthouse at dusk, 512x256")
    await page.locator(".pm-picture figcaption").scroll_into_view_if_needed()
    await take(page, f"picture-{look}")
    await page.goto(f"{url}/feed")
    await page.wait_for_selector(".pm-feed-rows .pm-feed-row")
    await take(page, f"live-{look}")
    await page.locator(".pm-feed-row", has_text="curtains").first.click()
    await page.wait_for_selector(".pm-panel[open] .pm-trace")
    await take(page, f"trace-{look}")
    await page.locator(".pm-panel[open]").evaluate("(panel) => panel.scrollBy(0, 640)")
    await take(page, f"cascade-{look}")
    await page.locator(".pm-panel[open]").evaluate("(panel) => panel.scrollTo(0, 0)")
    await page.locator(".pm-panel[open]").get_by_role("button", name="wrong?").click()
    await page.get_by_label("The right category").select_option("general_chat")
    await page.wait_for_selector(".pm-apply")
    await take(page, f"correct-{look}")


async def shoot(url: str, wanted: Sequence[str]) -> None:
    """All pictures: wide in light and dark, and on a phone."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for look, size, scheme in LOOKS:
            if wanted and look not in wanted:
                continue
            context = await browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            page = await context.new_page()
            await own_views(page, url, look)
            await context.close()
        await browser.close()


async def main(wanted: Sequence[str]) -> None:
    """Opens everything, lets some messages through, and takes the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened_house(Path(folder), reply=lambda *_: REPLY) as house:
            # The card is opened when it is first needed.
            with patch.object(wiring, "open_probe", lambda _: house.card):
                async with served(house) as url:
                    await talk(url, SAID)
                    await shoot(url, wanted)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
