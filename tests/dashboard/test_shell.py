"""The frame of the page in a real browser: its views, keys, themes, and that it needs no network."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pointsman.dashboard import page as page_module
from pointsman.dashboard.views import VIEWS
from pointsman.dashboard.visitor import Visitor

# Text on what it stands on: the contrast that WCAG AA asks of it.
PAIRS = [
    ("ink", "paper", 4.5),
    ("ink", "card", 4.5),
    ("ink", "wash", 4.5),
    ("soft", "paper", 4.5),
    ("soft", "card", 4.5),
    ("soft", "wash", 4.5),
    ("accent", "paper", 4.5),
    ("accent", "card", 4.5),
    ("accent", "accent-wash", 4.5),
    ("accent-ink", "accent", 4.5),
    ("bad", "card", 4.5),
    ("bad", "bad-wash", 4.5),
    ("warn", "card", 4.5),
    ("warn", "warn-wash", 4.5),
    ("edge", "card", 3),
    ("violet", "card", 3),
    ("blue", "card", 3),
]
CONTRAST = """([front, back]) => {
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (name) => {
    probe.style.color = `var(--${name})`;
    const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map((it) => it / 255);
    const linear = parts.map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
  probe.remove();
  return (high + 0.05) / (low + 0.05);
}"""


def test_views_have_addresses_and_the_browsers_back_works(page: Page, site: Any) -> None:
    page.fill("textarea", "half a sentence")
    page.get_by_role("link", name="Live").click()
    expect(page).to_have_url(f"{site.url}/feed")
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    expect(page).to_have_title("Live · Pointsman")
    expect(page.get_by_role("link", name="Live")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator("textarea")).to_be_visible()
    assert page.input_value("textarea") == "half a sentence"
    page.go_forward()
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Live")).to_be_visible()


def test_keys_lead_everywhere(page: Page, site: Any) -> None:
    page.keyboard.type("g l 2 /")
    assert page.input_value("textarea") == "g l 2 /"
    page.fill("textarea", "")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("2")
    expect(page).to_have_url(f"{site.url}/feed")
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page).to_have_url(f"{site.url}/")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page).to_have_url(f"{site.url}/feed")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("1")
    expect(page).to_have_url(f"{site.url}/feed")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("textarea")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    found = {f"{front} on {back}": page.evaluate(CONTRAST, [front, back]) for front, back, _ in PAIRS}
    poor = {f"{front} on {back}" for front, back, least in PAIRS if found[f"{front} on {back}"] < least}
    assert not poor, found


def test_the_theme_is_chosen_and_kept(page: Page) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    button = page.locator("[data-theme-button]")
    button.click()
    assert page.evaluate(background) == light  # chosen now, where the system said so before
    button.click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    page.wait_for_selector("textarea")
    assert page.evaluate(background) == dark
    button.click()
    assert page.evaluate(background) == light
    assert page.evaluate("localStorage.getItem('pointsman-theme')") == "auto"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_fits_a_phone_and_asks_nobody_else(
    page: Page, site: Any, view: Any, caplog: pytest.LogCaptureFixture
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site.url + view.path)
    expect(page.locator(".pm-view > *").first).to_be_visible()
    expect(page.get_by_role("link", name=view.title)).to_have_attribute("aria-current", "page")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "cannot be built" not in caplog.text


def test_the_page_works_without_a_network(browser: BrowserContext, site: Any) -> None:
    """Everything that the browser asks for is ours; the rest of the world does not answer."""
    page, asked = browser.new_page(), []

    def only_ours(route: Any) -> None:
        asked.append(route.request.url)
        route.continue_() if route.request.url.startswith(site.url) else route.abort()

    page.route("**/*", only_ours)
    for path in ("/", "/feed"):
        page.goto(site.url + path)
        expect(page.locator(".pm-view > *").first).to_be_visible()
    page.close()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((site.url, "data:"))] == []


def test_a_key_without_the_scope_sees_why(page: Page, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "visitor_of", lambda _: Visitor("guest", frozenset({"use"}), loopback=True))
    page.goto(f"{site.url}/feed")
    expect(page.locator(".pm-blank")).to_contain_text("Your key does not open this view")
    expect(page.locator(".pm-rail-foot")).to_contain_text("key: guest")
    page.get_by_role("link", name="Try it").click()
    expect(page.locator("textarea")).to_be_visible()


def test_nothing_moves_for_who_wants_it_calm(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("link", name="Live").click()
    expect(page.locator(".pm-dot-live")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.pm-dot-live')).animationName") == "none"
