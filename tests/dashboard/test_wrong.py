"""Correcting a decision on the page: choose, see what it changes, apply, undo."""

from __future__ import annotations

import asyncio
import threading

import pytest
from playwright.sync_api import Page, expect

from pointsman.core.correction import Conflict, Correction, Flip, Preview
from pointsman.core.errors import StoreError
from pointsman.dashboard import correctioncard
from pointsman.engine.router import Router


def say(page: Page, text: str) -> None:
    page.fill("textarea", text)
    page.press("textarea", "Enter")


def correct(page: Page, category: str) -> None:
    page.get_by_role("button", name="wrong?").click()
    page.get_by_label("The right category").select_option(category)


def test_a_decision_is_corrected_from_the_next_message_on_and_again_undone(page: Page) -> None:
    say(page, "draw the curtains")
    expect(page.locator(".pm-category")).to_have_text("image generation")
    correct(page, "general_chat")
    effect = page.locator(".pm-effect")
    expect(effect).to_contain_text(" whose text is kept comes out differently. ")
    expect(effect).to_contain_text("Your message will be kept until you undo it.")
    expect(effect.locator(".pm-row-text")).to_have_text("draw the curtains")
    expect(effect.locator(".pm-row-category")).to_have_text("image generation → general chat")
    page.get_by_role("button", name="apply").click()
    expect(page.locator(".pm-wrong")).to_contain_text("From now on this is general chat.")

    say(page, "Draw the curtains!")
    expect(page.locator(".pm-category")).to_have_text("general chat")
    expect(page.locator(".pm-by")).to_contain_text("corrections")
    expect(page.get_by_role("button", name="wrong?")).to_be_visible()

    page.locator(".pm-item").last.click()
    page.get_by_role("button", name="undo").click()
    expect(page.get_by_role("button", name="wrong?")).to_be_visible()
    say(page, "draw the curtains")
    expect(page.locator(".pm-category")).to_have_text("image generation")


def test_a_second_click_on_apply_or_undo_does_nothing(page: Page) -> None:
    twice = "(name) => { const it = [...document.querySelectorAll('button')].find((one) => one.textContent == name);"
    say(page, "draw the drapes")
    correct(page, "general_chat")
    expect(page.get_by_role("button", name="apply")).to_be_enabled()
    assert page.evaluate(f"{twice} it.click(); const off = it.disabled; it.click(); return off; }}", "apply")
    expect(page.get_by_role("button", name="undo")).to_be_enabled()
    assert page.evaluate(f"{twice} it.click(); const off = it.disabled; it.click(); return off; }}", "undo")
    expect(page.get_by_role("button", name="wrong?")).to_be_enabled()
    say(page, "draw the drapes")
    expect(page.locator(".pm-category")).to_have_text("image generation")


def test_what_contradicts_is_said(page: Page) -> None:
    say(page, "draw the blinds")
    correct(page, "general_chat")
    page.get_by_role("button", name="apply").click()
    expect(page.get_by_role("button", name="undo")).to_be_visible()
    say(page, "draw the blinds")
    expect(page.locator(".pm-category")).to_have_text("general chat")
    correct(page, "code_execution")
    expect(page.locator(".pm-effect .pm-cause")).to_contain_text("The same text was corrected to general chat (k")
    page.get_by_role("button", name="cancel").click()
    page.locator(".pm-item").last.click()
    page.get_by_role("button", name="undo").click()
    expect(page.get_by_role("button", name="wrong?")).to_be_visible()


def test_nothing_is_offered_before_there_is_a_decision_and_the_same_is_no_choice(page: Page) -> None:
    expect(page.locator(".pm-wrong")).to_be_hidden()
    say(page, "draw a cat")
    page.get_by_role("button", name="wrong?").click()
    expect(page.get_by_label("The right category").locator("option")).to_have_text(
        ["choose…", "simple greeting", "general chat", "code execution"]
    )
    expect(page.get_by_label("The right category")).to_be_focused()
    page.get_by_role("button", name="cancel").click()
    expect(page.get_by_role("button", name="wrong?")).to_be_visible()


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    say(page, "draw " + "m" * 300)
    correct(page, "general_chat")
    expect(page.locator(".pm-effect .pm-row-text")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


EVIL = Correction("k1", "<i>evil</i>", "image")


def test_where_no_text_is_kept_that_is_said() -> None:
    assert ">There are no recorded texts to compare with. Your" in correctioncard.preview(Preview(EVIL))


def test_each_text_is_shown_once_with_how_often() -> None:
    said = ["one", "two", "one", "one"]
    flips = tuple(Flip(str(number), text, "image", "chat") for number, text in enumerate(said))
    html = correctioncard.preview(Preview(EVIL, flips, (), 200))
    assert html.count(">one<") == html.count(">two<") == 1
    assert "image → chat, 3 times<" in html
    assert "more" not in html


def test_a_choice_is_seen_to_be_worked_out_at_once(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    found = Router.preview

    async def slow(self: Router, category: str, *, decision_id: str = "", text: str = "") -> Preview:
        await asyncio.to_thread(go_on.wait, 30)
        return await found(self, category, decision_id=decision_id, text=text)

    monkeypatch.setattr(Router, "preview", slow)
    say(page, "draw the awning")
    correct(page, "general_chat")
    expect(page.locator(".pm-effect")).to_have_text("working out what that would change…")
    expect(page.get_by_role("button", name="apply")).to_have_count(0)
    go_on.set()
    expect(page.locator(".pm-effect .pm-row-text")).to_have_text("draw the awning")
    expect(page.get_by_role("button", name="apply")).to_be_visible()


def test_texts_are_shown_and_never_run() -> None:
    flips = tuple(Flip(str(number), f"<b>x</b>{number}", "image", "chat") for number in range(8))
    found = Preview(EVIL, flips, (Conflict(EVIL, Correction("", "b", "chat"), 0.96),), 200)
    html = correctioncard.preview(found)
    assert "&lt;b&gt;x" in html
    assert "and 3 more" in html
    assert "“&lt;i&gt;evil&lt;/i&gt;” was corrected to image (k1)." in html
    assert "(mend &lt;it&gt;)" in correctioncard.failure(StoreError("torn", cure="mend <it>"))
    assert "(" not in correctioncard.failure(StoreError("torn"))
