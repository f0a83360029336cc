"""The card's view in a real browser, over a fake card and an owner that really loads onto it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import ui
from playwright.sync_api import BrowserContext, Page, expect

from pointsman.core.access import SCOPES
from pointsman.dashboard import cardview
from pointsman.dashboard.backstage import backstage
from pointsman.dashboard.cardhistory import HistoryPart
from pointsman.dashboard.context import ConfigStatus, PageContext, Sight
from pointsman.dashboard.gauge import Palette, gauge
from pointsman.dashboard.theme import css
from pointsman.dashboard.visitor import Visitor
from pointsman.gpu.arbiter import Arbiter
from pointsman.gpu.footprints import MemoryFootprints
from pointsman.gpu.settings import Settings
from pointsman.gpu.snapshot import CardNow, TenantNow
from pointsman.gpu.want import Rung, Want
from pointsman.observe.feed import Feed
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.scripted_backend import FakeCards, ScriptedBackend

PATH = "/_nicegui_card_view"
ADMIN = Visitor()
READER = Visitor("reader", frozenset(SCOPES - {"admin"}))


class Router:
    """As much of a router as the view looks at."""

    def __init__(self) -> None:
        self.card: Arbiter | None = None
        self.catalogue = ()
        self.parts = SimpleNamespace(log=None)

    def watch(self, watcher: Any) -> Callable[[], None]:
        return lambda: None


class Stand:
    """A card with an owner in the gateway's loop, and who looks at it."""

    def __init__(self) -> None:
        self.router: Any = Router()
        self.visitor = ADMIN
        self.loop: asyncio.AbstractEventLoop | None = None
        self.may_load = asyncio.Event()

    def does(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def begin(self) -> None:
        loop = asyncio.get_running_loop()
        card = FakeCard(24 * GIB, loop.time)
        card.take("game", 3 * GIB)
        cards = FakeCards(card)
        ollama = ScriptedBackend("ollama", cards, loop.time, self.loads)
        settings = Settings(look_seconds=0.1, look_moving=0.05)
        self.router.card = Arbiter(
            probe=cards,
            backends=(ollama,),
            clock=loop.time,
            sleep=asyncio.sleep,
            settings=settings,
            footprints=MemoryFootprints(),
        )
        await self.router.card.start()

    async def loads(self, seconds: float) -> None:
        """A load takes until the test lets it end."""
        del seconds
        await self.may_load.wait()

    async def let(self, *, load: bool) -> None:
        (self.may_load.set if load else self.may_load.clear)()

    async def ask(self, name: str, size: int) -> Any:
        return self.router.card.request(Want("chat", (Rung(f"ollama:{name}", bytes=size),)))

    async def granted(self, ticket: Any) -> None:
        await ticket.lease()

    async def back(self, ticket: Any) -> None:
        ticket.give_back()

    async def end(self) -> None:
        await backstage(self.router).close()
        await self.router.card.close()


STAND = Stand()


@pytest.fixture(scope="module", autouse=True)
def stand(site: Any) -> Iterator[Stand]:
    @ui.page(PATH)
    def page() -> None:
        ui.add_head_html(f"<style>{css()}</style>")
        with ui.element("section").classes("pm-shell pm-view") as place:
            sight = Sight(place)
            context = PageContext(STAND.router, Feed(), STAND.visitor, "full", ConfigStatus, lambda _: None, sight)
            sight.show()
            cardview.build(context)

    often = pytest.MonkeyPatch()
    often.setattr(cardview, "EVERY", 0.1)
    often.setattr(HistoryPart, "EVERY", 0.3)
    STAND.loop = site.loop
    STAND.does(STAND.begin())
    yield STAND
    STAND.does(STAND.end())
    often.undo()


@pytest.fixture
def view(browser: BrowserContext, site: Any) -> Iterator[Page]:
    opened = browser.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    opened.goto(site.url + PATH)
    yield opened
    opened.close()
    assert complaints == []


def width(view: Page, kind: str) -> float:
    whole, part = view.locator(".pm-memory").bounding_box(), view.locator(f".pm-memory .{kind}").bounding_box()
    assert whole
    assert part
    return part["width"] / whole["width"]


def test_the_gauge_moves_when_a_model_loads_and_its_history_grows(view: Page, stand: Stand) -> None:
    region = view.get_by_role("region", name="Who holds it")
    expect(region.locator(".pm-memory-free")).to_have_text("22.5 GB of 25.8 GB free")
    expect(region).to_contain_text(cardview.NOT_SEEN)
    expect(view.get_by_role("region", name="Who waits")).to_have_text(re.compile("Nobody waits"))

    ticket = stand.does(stand.ask("qwen3:14b", 9 * GIB))
    expect(region.locator(".pm-holder-note")).to_contain_text("loading")
    assert width(view, "pm-seg-loading") == pytest.approx(9 / 24, abs=0.01)
    stand.does(stand.let(load=True))
    stand.does(stand.granted(ticket))
    expect(region.locator(".pm-holder-note")).to_contain_text("in use")
    expect(region.locator(".pm-memory-free")).to_have_text("12.9 GB of 25.8 GB free")
    assert width(view, "pm-seg-tenant") == pytest.approx(9 / 24, abs=0.01)
    assert width(view, "pm-seg-others") == pytest.approx(3 / 24, abs=0.01)
    expect(region.get_by_role("button", name="Free ollama:qwen3:14b")).to_be_disabled()
    waits = stand.does(stand.ask("huge", 17 * GIB))
    expect(view.get_by_role("table")).to_contain_text("ollama:huge")
    for given_back in (waits, ticket):
        stand.does(stand.back(given_back))
    expect(region.locator(".pm-holder-note")).to_contain_text("idle")

    history = view.get_by_role("region", name="History")
    expect(history.locator(".pm-event-load").last).to_contain_text("ollama:qwen3:14b loaded")
    expect(history.get_by_role("img", name=re.compile("Memory of gpu0"))).to_be_visible()
    expect(history.locator(".pm-chart svg")).to_be_visible()
    history.get_by_text("the numbers").click()
    expect(history.get_by_role("columnheader", name="ollama:qwen3:14b")).to_be_visible()
    history.get_by_text("1 h", exact=True).click()
    expect(history.get_by_role("radio").nth(1)).to_be_checked()


def test_what_is_idle_is_given_back_on_a_click(view: Page, stand: Stand) -> None:
    region = view.get_by_role("region", name="Who holds it")
    stand.does(stand.let(load=True))
    ticket = stand.does(stand.ask("tiny", GIB))
    stand.does(stand.granted(ticket))
    stand.does(stand.back(ticket))
    button = region.get_by_role("button", name="Free ollama:tiny")
    expect(button).to_be_enabled()
    button.click()
    expect(region.get_by_role("status")).to_have_text("1.1 GB came free.")
    expect(button).to_have_count(0)
    region.get_by_role("button", name="Free all that is idle").click()
    expect(region.get_by_role("status")).to_have_text(re.compile("came free|Nothing was idle"))


def test_who_may_only_read_frees_nothing(browser: BrowserContext, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STAND, "visitor", READER)
    page = browser.new_page()
    page.goto(site.url + PATH)
    expect(page.get_by_text(cardview.ONLY_ADMIN)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Free"))).to_have_count(0)
    page.close()


def test_without_a_card_it_is_said_what_is_missing(page: Page, site: Any) -> None:
    page.goto(f"{site.url}/card")
    expect(page.get_by_text(cardview.NO_OWNER)).to_be_visible()
    expect(page.get_by_text("pointsman gpu")).to_be_visible()


GB = 10**9
CARD = CardNow("gpu0", "", 24 * GB, GB, GB, 12 * GB, 9 * GB, 3 * GB, "nvml", 0.0, "<b>a game</b>")
TENANT = TenantNow("ollama:<i>", "resident", "gpu0", "", 9 * GB, 8 * GB, None, 0, 0, True, 0.0)


@pytest.mark.parametrize(
    "said",
    [
        "ollama:&lt;i&gt; 8.0 GB, ours, not told apart 1.0 GB, others 3.0 GB, driver 1.0 GB, free 11.0 GB",
        '<b class="">11.0 GB</b> of 24.0 GB free',
        "others: &lt;b&gt;a game&lt;/b&gt;",
        "1.0 GB of it kept free",
    ],
)
def test_the_gauge_in_words(said: str) -> None:
    assert said in gauge(CARD, (TENANT,), Palette())


def test_every_tenant_has_a_colour_and_keeps_it() -> None:
    palette = Palette()
    assert [palette.number(name) for name in "abcdefga"] == [0, 1, 2, 3, 4, 5, 0, 0]
    assert palette.css("b") == "var(--series-2)"


def test_a_tenants_note_escapes_what_servers_say() -> None:
    html = cardview.holder(TENANT, "red", several=True)
    assert "<i>" not in html
    assert "idle · pinned · gpu0" in html
    assert cardview.attribute("a\"b'c<d>") == "abcd"
