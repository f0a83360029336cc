"""The first run on the page: found, asked, shown, written, taken; and only by those who may."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pointsman.build.reload import Outcome
from pointsman.build.survey import FoundCard, FoundComfyUi, FoundModel, FoundOllama, Survey
from pointsman.config.load import load
from pointsman.dashboard import page as page_module
from pointsman.dashboard import setupview
from pointsman.dashboard.visitor import Visitor

GB = 10**9
FULL = Survey(
    FoundOllama(
        "http://127.0.0.1:11434",
        "0.35.2",
        tuple(
            FoundModel(f"{name}", size * GB, size * GB, fits=True, can=("chat",))
            for name, size in (("big:14b", 9), ("mid:4b", 3), ("<b>odd</b>", 2), ("a", 1), ("b", 1), ("c", 1))
        ),
    ),
    FoundComfyUi("http://127.0.0.1:8188", problem="nobody listens there"),
    (FoundCard("gpu0", "Card", 16 * GB, 15 * GB, 15 * GB),),
    keys=("GROQ_API_KEY",),
)


class Here:
    """What is found, and what a reload comes to."""

    def __init__(self) -> None:
        self.found = FULL
        self.looks = 0
        self.came = Outcome(("models", "store"))
        self.reloads = 0

    async def survey(self, **_: Any) -> Survey:
        self.looks += 1
        return self.found

    async def reload(self) -> Outcome:
        self.reloads += 1
        return self.came


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Here:
    made = Here()
    monkeypatch.setattr(setupview, "survey", made.survey)
    monkeypatch.setattr(setupview, "backstage", lambda _: SimpleNamespace(reload_by=lambda: made.reload))
    monkeypatch.setenv("POINTSMAN_CONFIG", str(tmp_path / "pointsman.yaml"))
    monkeypatch.delenv("POINTSMAN_KEY", raising=False)
    return made


@pytest.fixture
def opened(page: Page, site: Any, here: Here) -> Page:
    assert here.looks == 0
    page.goto(f"{site.url}/setup")
    expect(page.locator(".pm-setup-question").first).to_be_visible()
    return page


def test_it_is_written_and_taken(opened: Page, here: Here, tmp_path: Path) -> None:
    found = opened.locator(".pm-setup-found")
    expect(found.get_by_text("found: Ollama 0.35.2").first).to_be_visible()
    expect(found.get_by_text("start ComfyUI")).to_be_visible()
    opened.get_by_label("Which model answers whatever needs thought?").select_option("ollama/mid:4b")
    expect(opened.locator(".pm-setup-yaml")).to_contain_text("model: mid:4b")
    opened.get_by_label("never").focus()
    opened.keyboard.press("Space")
    expect(opened.locator(".pm-setup-yaml")).to_contain_text("keep_text: 0")
    expect(opened.get_by_label("the network too")).to_be_disabled()
    assert list(tmp_path.iterdir()) == []
    opened.get_by_role("button", name="Write it").click()
    expect(opened.get_by_text("In force now: models, store.")).to_be_visible()
    assert here.reloads == 1
    config = load(tmp_path / "pointsman.yaml", environ={}).config
    assert (getattr(config.models.main, "model", ""), config.store.keep_text) == ("mid:4b", 0)


def test_a_file_that_is_there_is_replaced_only_when_somebody_says_so(opened: Page, here: Here, tmp_path: Path) -> None:
    here.came = Outcome(("store",), ("server.host",))
    file = tmp_path / "pointsman.yaml"
    file.write_text("mode: shadow\n")
    opened.get_by_role("button", name="Look again").click()
    agree = opened.get_by_label("Replace pointsman.yaml")
    expect(agree).to_be_visible()
    expect(opened.get_by_role("button", name="Write it")).to_be_disabled()
    agree.check()
    opened.get_by_role("button", name="Write it").click()
    expect(opened.get_by_text("a restart of the gateway: server.host")).to_be_visible()
    assert (tmp_path / "pointsman.yaml.bak").read_text() == "mode: shadow\n"
    assert here.looks == 2


def test_a_folder_that_cannot_be_written_is_told_of(opened: Page, here: Here, tmp_path: Path) -> None:
    (tmp_path / "pointsman.yaml").mkdir()
    opened.get_by_role("button", name="Look again").click()
    opened.get_by_label("Replace pointsman.yaml").check()
    opened.get_by_role("button", name="Write it").click()
    expect(opened.get_by_role("alert")).to_contain_text("is a folder")
    assert here.reloads == 0


def test_who_may_not_change_anything_sees_it_all_and_writes_nothing(
    page: Page, site: Any, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "visitor_of", lambda _: Visitor("eye", frozenset({"read", "use"})))
    page.goto(f"{site.url}/setup")
    expect(page.locator(".pm-setup-question").first).to_be_visible()
    expect(page.get_by_role("button", name="Write it")).to_be_disabled()
    expect(page.get_by_text("takes a key with the scope")).to_be_visible()
    assert here.looks == 1


def test_it_fits_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": 360, "height": 740})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360
    expect(opened.get_by_role("link", name="First run")).to_be_visible()
