"""The settings in a real browser: secrets are masked, a reload that failed says why, and one can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import ui
from playwright.sync_api import BrowserContext, Page, expect

from pointsman.build.reload import Outcome
from pointsman.config.load import load
from pointsman.config.model import Config
from pointsman.core.access import SCOPES
from pointsman.core.errors import ConfigError
from pointsman.dashboard import configview
from pointsman.dashboard.backstage import backstage
from pointsman.dashboard.context import ConfigStatus, PageContext, Sight
from pointsman.dashboard.theme import css
from pointsman.dashboard.visitor import Visitor
from pointsman.observe.feed import Feed

PATH = "/_nicegui_config_view"
READER = Visitor("reader", frozenset(SCOPES - {"admin"}))
SECRET = "s3cret-s3cret-s3cret"


class Router:
    """As much of a router as the view looks at."""

    def __init__(self) -> None:
        self.card = None
        self.catalogue = ()
        self.parts = SimpleNamespace(log=None)

    def watch(self, watcher: Any) -> Callable[[], None]:
        return lambda: None


class Stand:
    """The configuration in force, who looks at it, and what a reload does."""

    router: Any = Router()
    visitor = Visitor()
    status = ConfigStatus()
    outcome = Outcome()

    async def reload(self) -> Outcome:
        return self.outcome


STAND = Stand()


@pytest.fixture(scope="module", autouse=True)
def _page() -> Iterator[None]:
    @ui.page(PATH)
    def page() -> None:
        ui.add_head_html(f"<style>{css()}</style>")
        with ui.element("section").classes("pm-shell pm-view") as place:
            sight = Sight(place)
            context = PageContext(
                STAND.router, Feed(), STAND.visitor, "full", lambda: STAND.status, lambda _: None, sight
            )
            sight.show()
            configview.build(context)

    often = pytest.MonkeyPatch()
    often.setattr(configview, "EVERY", 0.1)
    backstage(STAND.router).reload_by = lambda: STAND.reload
    yield
    often.undo()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "pointsman.yaml"
    file.write_text(f"server:\n  key: {SECRET}\n  port: 9999\nstore:\n  keep_text: 30d\n")
    STAND.status = ConfigStatus(load(file).config, file, 1_770_000_000.0)
    return file


@pytest.fixture
def view(browser: BrowserContext, site: Any, file: Path) -> Iterator[Page]:
    assert STAND.status.file == file
    opened = browser.new_page()
    opened.goto(site.url + PATH)
    yield opened
    opened.close()


def test_values_say_where_they_came_from_and_secrets_stay_secret(view: Page, file: Path) -> None:
    values = view.get_by_role("region", name="Values").first
    key = values.get_by_role("row", name="server.key")
    expect(key).to_contain_text("***")
    expect(key).to_contain_text(f"{file}:2")
    expect(values.get_by_role("row", name="server.port")).to_contain_text("8080")
    expect(values.get_by_role("row", name="mode full")).to_have_count(0)
    values.get_by_text("All", exact=True).click()
    expect(values.get_by_role("row", name="mode full")).to_contain_text("default")
    facts = view.get_by_role("region", name="In force")
    expect(facts).to_contain_text(str(file))
    expect(facts).to_contain_text("for 30 days")
    expect(facts).to_contain_text("127.0.0.1:9999 (1 key)")
    assert SECRET not in view.content()


def test_a_reload_that_failed_says_why_until_one_works(view: Page, file: Path) -> None:
    error = ConfigError(f"{file}:3: there is no key 'prt'", cure="did you mean port?")
    STAND.outcome = Outcome(error=error)
    good = STAND.status
    STAND.status = replace(good, problem=str(error))
    banner = view.locator(".pm-banner")
    expect(banner).to_contain_text("A newer configuration was not taken")
    expect(banner).to_contain_text(f"{file}:3: there is no key 'prt'")
    expect(banner.locator(".pm-cure")).to_have_text("did you mean port?")
    button = view.get_by_role("button", name="Reload now")
    button.click()
    expect(view.get_by_text("It was not taken; the one before stays in force.")).to_be_visible()
    STAND.status = replace(good, problem="takes a restart: server.port")
    STAND.outcome = Outcome(("store",), ("server.port",))
    button.click()
    expect(view.get_by_text("In force now: store changed. A restart takes server.port.")).to_be_visible()
    expect(banner).to_contain_text("In force, but not all of it")
    STAND.status, STAND.outcome = good, Outcome()
    button.click()
    expect(view.get_by_text("Nothing has changed.")).to_be_visible()
    expect(banner).to_have_count(0)


def test_who_may_only_read_cannot_reload(browser: BrowserContext, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STAND, "visitor", READER)
    page = browser.new_page()
    page.goto(site.url + PATH)
    expect(page.get_by_text(configview.ONLY_ADMIN)).to_be_visible()
    expect(page.get_by_role("button", name="Reload now")).to_have_count(0)
    page.close()


@pytest.mark.parametrize(
    ("kept", "said"), [("null", "for ever"), (0, "never kept"), ("12h", "for 12 h"), ("3d", "for 3 days")]
)
def test_how_long_texts_are_kept(kept: object, said: str) -> None:
    config = Config.model_validate({"store": {"keep_text": None if kept == "null" else kept}})
    assert ("Texts of messages", said) in configview.facts(ConfigStatus(config), "")


def test_what_listens_is_told() -> None:
    assert configview.surfaces(Config())[1:] == ["/metrics"]
    told = dict(configview.facts(ConfigStatus(Config(), bot="Discord, as Signal, in 2 servers"), ""))
    assert told["Surfaces"].endswith(", /metrics, Discord, as Signal, in 2 servers")
