"""The live feed in a real browser: messages appear, open, are corrected and undone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pointsman.core.decision import Decision
from pointsman.core.happening import Ended, Made, Relayed, Went
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Failed, Progress
from pointsman.dashboard import page as page_module
from pointsman.dashboard.visitor import Visitor

NEXT = {"number": 0}


def say(page: Page, text: str) -> None:
    page.fill("textarea", text)
    page.press("textarea", "Enter")
    expect(page.locator(".pm-category")).to_be_visible()


def made(text: str, **more: Any) -> Made:
    NEXT["number"] += 1
    path, category = more.pop("path", "llm"), more.pop("category", "general_chat")
    decision = Decision(f"made{NEXT['number']}", category, path, 0.8, "elsewhere", (), at=1.0, latency_ms=0.5)
    return Made(decision, Message(text, origin=Origin(more.pop("surface", "discord"), user="ana")), 0.001, **more)


def rows(page: Page, text: str) -> Any:
    return page.locator(".pm-feed-rows [role=row]", has_text=text)


def test_a_message_is_seen_at_once_opened_corrected_and_undone(page: Page, browser: BrowserContext, site: Any) -> None:
    watching = browser.new_page()
    watching.goto(f"{site.url}/feed")
    expect(watching.get_by_role("heading", name="Live")).to_be_visible()
    expect(rows(watching, "draw the shutters")).to_have_count(0)

    say(page, "draw the shutters")
    row = rows(watching, "draw the shutters")
    expect(row).to_contain_text("image generation")
    expect(row.locator(".pm-feed-tier")).to_have_text("words")
    expect(row.locator(".pm-feed-from")).to_have_text("page")
    expect(row).to_contain_text("97")
    expect(row.locator("time")).not_to_be_empty()

    row.click()
    panel = watching.locator("dialog.pm-panel[open]")
    expect(panel.locator(".pm-said")).to_have_text("draw the shutters")
    expect(panel.locator(".pm-tier-name")).to_have_text(["tasks", "corrections", "words"])
    expect(panel.locator(".pm-copy pre").first).to_contain_text("pointsman why ")
    expect(panel.locator(".pm-copy pre").last).to_contain_text("x-pointsman-category: image_generation")
    assert "/feed?id=" in watching.url

    panel.get_by_role("button", name="wrong?").click()
    panel.get_by_label("The right category").select_option("general_chat")
    expect(panel.locator(".pm-effect .pm-row-category")).to_have_text("image generation → general chat")
    panel.get_by_role("button", name="apply").click()
    expect(panel.locator(".pm-wrong")).to_contain_text("From now on this is general chat.")
    expect(row.locator(".pm-feed-corrected")).to_have_text(" → general chat")

    say(page, "Draw the shutters!")
    expect(rows(watching, "Draw the shutters!").locator(".pm-feed-tier")).to_have_text("corrections")
    panel.get_by_role("button", name="undo").click()
    expect(panel.get_by_role("button", name="wrong?")).to_be_visible()
    expect(row.locator(".pm-feed-corrected")).to_have_count(0)
    watching.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(watching).to_have_url(f"{site.url}/feed")
    watching.close()


@pytest.fixture
def feed(page: Page, site: Any) -> Page:
    """The page at the feed."""
    page.goto(f"{site.url}/feed")
    site.happen(made("the first of all"))
    expect(rows(page, "the first of all").first).to_be_visible()
    return page


def test_a_flood_shows_the_newest_and_only_so_many(feed: Page, site: Any) -> None:
    site.happen(*(made(f"flood {number}") for number in range(3000)))
    expect(feed.locator(".pm-feed-rows [role=row]").first).to_contain_text("flood 2999")
    assert feed.locator(".pm-feed-rows [role=row]").count() == 60
    assert len(site.feed) == 500
    feed.get_by_role("button", name="Older messages").click()
    expect(feed.locator(".pm-feed-rows [role=row]")).to_have_count(180)


def test_rows_are_held_and_go_on(feed: Page, site: Any) -> None:
    feed.keyboard.press("p")
    expect(feed.get_by_role("button", name="Go on")).to_have_attribute("aria-pressed", "true")
    site.happen(made("while it was held"))
    expect(feed.locator(".pm-feed-rate")).to_contain_text("1 changes since")
    expect(rows(feed, "while it was held")).to_have_count(0)
    feed.get_by_role("button", name="Go on").click()
    expect(rows(feed, "while it was held")).to_be_visible()


def test_rows_are_chosen_and_searched(feed: Page, site: Any) -> None:
    site.happen(made("a red fox", path="image", category="image_generation"), made("a blue fox"))
    feed.keyboard.press("f")
    feed.keyboard.type("fox")
    expect(feed.locator(".pm-feed-rows [role=row]")).to_have_count(2)
    feed.get_by_label("category", exact=True).select_option("image_generation")
    expect(feed.locator(".pm-feed-text")).to_have_text(["a red fox"])
    feed.get_by_label("surface", exact=True).select_option("discord")
    feed.get_by_label("tier", exact=True).select_option("elsewhere")
    feed.get_by_label("state", exact=True).select_option("failed")
    expect(feed.get_by_text("No message fits")).to_be_visible()
    feed.get_by_role("button", name="Show all").click()
    expect(rows(feed, "a blue fox").first).to_be_visible()
    assert feed.input_value(".pm-feed-search") == ""


def test_the_keyboard_walks_and_opens_and_keeps_its_place(feed: Page, site: Any) -> None:
    site.happen(made("lower row"), made("upper row"))
    expect(rows(feed, "upper row").first).to_be_visible()
    feed.keyboard.press("ArrowDown")
    feed.keyboard.press("Home")
    feed.keyboard.press("ArrowDown")
    focused = "document.activeElement.textContent"
    assert "lower row" in feed.evaluate(focused)
    site.happen(made("newer row"))
    expect(rows(feed, "newer row").first).to_be_visible()
    assert "lower row" in feed.evaluate(focused)
    feed.keyboard.press("ArrowUp")
    assert "upper row" in feed.evaluate(focused)
    feed.keyboard.press("Enter")
    panel = feed.locator("dialog.pm-panel[open]")
    expect(panel).to_contain_text("no decision is recorded")  # it was made up for this test
    feed.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(feed).to_have_url(f"{site.url}/feed")


def test_a_picture_is_followed_and_a_failure_and_a_model_by_name_are_told(feed: Page, site: Any) -> None:
    drawn = made("a slow fox", path="image", category="image_generation")
    site.happen(drawn, Went(drawn.decision, Progress(3, 8), 1.0))
    expect(rows(feed, "a slow fox").locator(".pm-feed-reply")).to_have_text("step 3 of 8")
    site.happen(Ended(drawn.decision, drawn.message, Failed("out of paint", code="no_room"), 2.0))
    expect(rows(feed, "a slow fox").locator(".pm-feed-reply")).to_have_text("failed")
    site.happen(Relayed("qwen3:14b", "/api/chat", 200, 2.0, 0.1))
    row = rows(feed, "qwen3:14b").first
    row.click()
    expect(feed.locator("dialog.pm-panel[open]")).to_contain_text("nothing was decided")


def test_hostile_texts_are_shown_and_never_run(feed: Page, site: Any) -> None:
    evil = '</script><img src=x onerror="window.evil=1"><b>bold</b>"]);window.evil=1//'
    site.happen(made(evil))
    expect(rows(feed, "bold").first.locator(".pm-feed-text")).to_have_text(evil)
    assert feed.locator(".pm-feed-rows b, .pm-feed-rows img").count() == 0
    assert feed.evaluate("window.evil") is None


def test_a_visitor_from_elsewhere_sees_hashes_and_may_not_correct(
    page: Page, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(page, "draw the private thing")
    guest = Visitor("guest", frozenset({"use", "read"}), loopback=False)
    monkeypatch.setattr(page_module, "visitor_of", lambda _: guest)
    page.goto(f"{site.url}/feed")
    first = page.locator(".pm-feed-rows [role=row]").first
    expect(first.locator(".pm-feed-text")).to_contain_text("#")
    expect(page.locator(".pm-feed-wrong")).to_have_count(0)
    first.click()
    panel = page.locator("dialog.pm-panel[open]")
    expect(panel.locator(".pm-tier-name")).to_have_text(["tasks", "corrections", "words"])
    expect(panel.locator(".pm-slots dd")).to_have_text("…")
    expect(panel.get_by_role("button", name="wrong?")).to_have_count(0)
    assert "private" not in page.content()


def test_corrections_in_effect_are_listed_and_undone(page: Page, site: Any) -> None:
    say(page, "draw the veil")
    page.get_by_role("button", name="wrong?").click()
    page.get_by_label("The right category").select_option("general_chat")
    page.get_by_role("button", name="apply").click()
    expect(page.locator(".pm-wrong")).to_contain_text("From now on")
    page.goto(f"{site.url}/feed")
    page.get_by_role("link", name="Corrections").click()
    line = page.locator(".pm-correction", has_text="draw the veil")
    expect(line).to_contain_text("image generation → general chat")
    line.get_by_role("button").click()
    expect(line).to_have_count(0)
    expect(page.locator("dialog[open] [role=status]")).to_contain_text("is undone")
