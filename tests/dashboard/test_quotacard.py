"""The card that says who else is asked about messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pointsman.dashboard.quotacard import NOBODY, card


@dataclass(frozen=True)
class Stands:
    """A service's standing."""

    service: str = "groq"
    local: bool = False
    ready: bool = True
    state: str = "ready"
    calls_left: int | None = 555
    estimated: bool = True
    per: str = "day"
    sent_today: int = 12

    def to_dict(self) -> dict[str, Any]:
        return {}


def opened(browser: BrowserContext, site: Any, *found: Stands) -> Page:
    page = browser.new_page()
    site.clouds.found = list(found)
    page.goto(site.url)
    page.wait_for_selector("form.pm-composer textarea")
    return page


def test_without_a_service_it_says_that_nothing_leaves(page: Page) -> None:
    expect(page.get_by_role("region", name="Cloud").locator(".pm-note")).to_have_text(NOBODY)


def test_each_service_is_there_in_order_and_news_come_with_the_next_decision(
    browser: BrowserContext, site: Any
) -> None:
    stopped = Stands("cloudflare", ready=False, state="not asked until 00:05 UTC: quota exhausted", calls_left=0)
    page = opened(browser, site, stopped, Stands())
    rows = page.locator(".pm-service")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("cloudflare")
    expect(rows.nth(0)).to_contain_text("0 left today")
    expect(rows.nth(0).locator(".pm-service-stopped")).to_have_text("not asked until 00:05 UTC: quota exhausted")
    expect(rows.nth(1)).to_contain_text("≈ 555 left today")
    expect(rows.nth(1)).to_contain_text("ready · 12 sent today")
    site.clouds.found = [stopped, Stands(calls_left=554, sent_today=13)]
    page.fill("textarea", "hey!")
    page.press("textarea", "Enter")
    expect(rows.nth(1)).to_contain_text("≈ 554 left today")
    expect(rows.nth(1)).to_contain_text("13 sent today")
    page.close()


def test_when_the_page_is_seen_again_the_news_are_there(browser: BrowserContext, site: Any) -> None:
    page = opened(browser, site, Stands())
    expect(page.locator(".pm-service")).to_contain_text("12 sent today")
    hide = "Object.defineProperty(document, 'visibilityState', {value: '%s', configurable: true})"
    for state in ("hidden", "visible"):
        site.clouds.found = [Stands(sent_today=99 if state == "visible" else 50)]
        page.evaluate(hide % state)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".pm-service")).to_contain_text("99 sent today")
    page.close()


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Stands(), "≈ 555 left today"),
        (Stands(estimated=False), ">555 left today"),
        (Stands(calls_left=None, local=True), "no limit"),
        (Stands(local=True), "12 asked here today"),
        (Stands(per="month"), "≈ 555 left this month"),
        (Stands(calls_left=0), ">0 left today"),
        (Stands(service="<b>x</b>"), "&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_what_a_line_says(standing: Stands, said: str) -> None:
    assert said in card([standing])
