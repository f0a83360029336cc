"""The gauge of the cards' memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from playwright.sync_api import BrowserContext, Page, expect

from pointsman.dashboard import gpucard
from pointsman.dashboard.gpucard import GpuCard, content_of
from pointsman.dashboard.theme import css
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow

GB = 10**9
CARD = CardNow(
    "gpu0", "NVIDIA GeForce RTX 4090", 24 * GB, GB, GB, 12 * GB, 11 * GB, 3 * GB, "nvml", 0.3, "a game 3.0 GB"
)
TENANT = TenantNow("ollama:qwen3:14b", "resident", "gpu0", "ctx=8192", 10 * GB, 9 * GB, None, 0, 1, False, 0.0)
WISH = WishNow(1, "image", "comfyui:z", "interactive", 2.0, 12.0, "ollama:qwen3:14b is in use")
FULL = Snapshot((CARD,), (TENANT,), (WISH,))
PATH = "/_nicegui_gpu_card"  # the door lets through what belongs to the page


class Shown:
    """What the page's card is told."""

    def __init__(self) -> None:
        self.found = Snapshot((), (), ())
        self.every = 0.05

    def __call__(self) -> Snapshot:
        return self.found


SHOWN = Shown()


@pytest.fixture(scope="module", autouse=True)
def _page() -> None:
    @ui.page(PATH)
    def page() -> None:
        ui.add_css(css())
        with ui.element("div").classes("pm-page"):
            GpuCard(SHOWN, every=SHOWN.every)


def opened(browser: BrowserContext, site: Any, found: Snapshot) -> Page:
    SHOWN.found = found
    page = browser.new_page()
    page.goto(site.url + PATH)
    return page


def test_the_gauge_moves_with_what_the_card_holds(browser: BrowserContext, site: Any) -> None:
    page = opened(browser, site, FULL)
    card = page.get_by_role("region", name="Graphics memory")
    expect(card).to_contain_text("NVIDIA GeForce RTX 4090")
    expect(card.locator(".pm-gpu-head .pm-number")).to_have_text("11.0 of 24.0 GB free")
    gauge = card.get_by_role("img", name="ours 9.0 GB, others 3.0 GB, free 11.0 GB of 24.0 GB")
    expect(gauge).to_be_visible()
    whole = gauge.bounding_box()
    ours = gauge.locator(".pm-gauge-ours").bounding_box()
    assert whole
    assert ours
    assert ours["width"] / whole["width"] == pytest.approx(9 / 24, abs=0.01)
    expect(card.locator(".pm-tenant")).to_have_text("ollama:qwen3:14b9.0 GBin use")
    expect(card).to_contain_text("1. image waits, about 12 s more: ollama:qwen3:14b is in use")
    SHOWN.found = Snapshot((replace(CARD, used=3 * GB),), (), ())
    expect(card.locator(".pm-gpu-head .pm-number")).to_have_text("20.0 of 24.0 GB free")
    expect(card.locator(".pm-tenant")).to_have_count(0)
    page.close()


def test_when_the_page_is_seen_again_the_news_are_there_at_once(
    browser: BrowserContext, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SHOWN, "every", 3600.0)
    page = opened(browser, site, FULL)
    tenants = page.locator(".pm-tenant")
    expect(tenants).to_have_count(1)
    SHOWN.found = Snapshot((CARD,), (TENANT, replace(TENANT, name="other")), ())
    page.evaluate("emitEvent('pm-seen', false)")
    page.evaluate("emitEvent('pm-seen', true)")
    expect(tenants).to_have_count(2)
    page.close()


def test_without_a_card_there_is_one_calm_line() -> None:
    assert content_of(Snapshot((), (), ())) == f'<p class="pm-note">{gpucard.NO_CARD}</p>'


@pytest.mark.parametrize(
    ("tenant", "said"),
    [
        (TENANT, ">in use<"),
        (replace(TENANT, users=3), ">in use by 3<"),
        (replace(TENANT, users=0, idle_seconds=4.0), ">idle<"),
        (replace(TENANT, users=0, idle_seconds=47.0), ">idle 40 s<"),
        (replace(TENANT, users=0, idle_seconds=130.0), ">idle 2 min<"),
        (replace(TENANT, phase="loading"), ">loading<"),
        (replace(TENANT, phase="releasing"), ">giving way<"),
        (replace(TENANT, pinned=True), ">in use · pinned<"),
        (replace(TENANT, measured=8 * GB), ">8.0 GB<"),
        (TENANT, ">9.0 GB<"),
        (replace(TENANT, reported=None), ">10.0 GB<"),
        (replace(TENANT, spilled=2 * GB), "2.0 GB in the computer&#x27;s memory, so it is slow"),
        (replace(TENANT, name="ollama:<b>x</b>"), "ollama:&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_what_a_tenant_says(tenant: TenantNow, said: str) -> None:
    assert said in content_of(replace(FULL, tenants=(tenant,)))


def test_what_is_not_loaded_is_not_listed() -> None:
    assert "ollama" not in content_of(Snapshot((CARD,), (replace(TENANT, phase="cold"),), ()))


@pytest.mark.parametrize(
    ("card", "said", "unsaid"),
    [
        (CARD, "others: a game 3.0 GB", "last seen"),
        (replace(CARD, holders="<i>"), "others: &lt;i&gt;", "<i>"),
        (replace(CARD, age=48.0), "last seen 40 s ago", "budget"),
        (replace(CARD, source="static", used=0, external=0, reserved=0), "booked 11.0", "pm-key-others"),
        (replace(CARD, source="static", used=0, external=0, reserved=0), "13.0 of 24.0 GB free", "last seen"),
        (replace(CARD, name=""), ">gpu0<", "NVIDIA"),
        (replace(CARD, total=0, reserved=0, used=0, external=0), "0 of 0 free", "pm-gauge-ours"),
        (replace(CARD, used=99 * GB, external=99 * GB), "0 of 24.0 GB free", "width: 412"),
    ],
)
def test_what_a_card_says(card: CardNow, said: str, unsaid: str) -> None:
    html = content_of(Snapshot((card,), (), ()))
    assert said in html
    assert unsaid not in html


def test_the_look_ships_with_the_package() -> None:
    sheet = Path(gpucard.__file__).with_name("gpucard.css").read_text(encoding="utf-8")
    for name in ("pm-gpu-card", "pm-gauge-ours", "pm-gauge-others", "pm-tenant-spilled"):
        assert f".{name}" in sheet
