"""What a visitor of the page sees, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pointsman.core.errors import ModelFailed

HOLD = "<hold>"


def say(page: Page, text: str) -> None:
    page.fill("textarea", text)
    page.press("textarea", "Enter")


@pytest.mark.parametrize(
    ("example", "decided", "reply"),
    [
        ("draw me a cat", ("image generation", "image", "words"), "No picture server is connected"),
        ("hey!", ("simple greeting", "simple", "words"), "Hello there!"),
        ("explain how TCP slow start works", ("general chat", "llm", "no tier was sure"), "Hello from the model"),
        ("what's 23*19?", ("code execution", "llm+tools", "words"), "23*19? = 437"),
    ],
)
def test_each_example_shows_decision_and_reply(
    page: Page, example: str, decided: tuple[str, str, str], reply: str
) -> None:
    category, path, tier = decided
    page.get_by_role("button", name=example, exact=True).click()
    decision = page.locator(".pm-decision")
    expect(decision.locator(".pm-category")).to_have_text(category)
    expect(decision.locator(".pm-badge")).to_have_text(path)
    expect(decision.locator(".pm-by")).to_contain_text(tier)
    expect(page.locator(".pm-reply")).to_contain_text(reply)
    expect(page.locator(".pm-said")).to_have_text(example)
    expect(page.locator(".pm-item-text")).to_have_text([example])
    expect(page.locator(".pm-tier-name")).to_have_text(["tasks", "corrections", "words"])


def test_a_decision_says_how_sure_and_why_and_shows_its_evidence(page: Page) -> None:
    say(page, "draw me a cat")
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", "97")
    expect(page.locator(".pm-why")).to_have_text("begins with 'draw'")
    expect(page.locator(".pm-slots")).to_contain_text("me a cat")
    first, _, second = page.locator(".pm-tier").all()
    expect(first).to_contain_text("abstains")
    expect(second).to_contain_text("answers image generation")
    expect(second).to_contain_text("score 0.97 · margin 0.90")
    expect(second.locator(".pm-row")).not_to_be_visible()
    second.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(second.locator(".pm-row")).to_contain_text("^draw")


def test_deciding_only_asks_no_model(page: Page, site: Any) -> None:
    page.get_by_text("Decide only").click()
    say(page, "tell me a story")
    expect(page.locator(".pm-category")).to_have_text("general chat")
    expect(page.locator(".pm-reply")).to_be_hidden()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert site.model.asked == 0


def test_the_end_of_a_reply_names_the_model_and_its_limits(page: Page) -> None:
    say(page, "tell me a story")
    expect(page.locator(".pm-footer")).to_have_text("a very small model")
    expect(page.locator(".pm-reply")).to_contain_text("tiny · 0")
    expect(page.locator(".pm-reply")).to_contain_text("3 tokens")


@pytest.mark.parametrize("how", ["button", "key"])
def test_a_reply_can_be_stopped(page: Page, site: Any, how: str) -> None:
    site.model.will_say("Once upon", HOLD)
    say(page, "tell me a story")
    expect(page.locator(".pm-markdown")).to_have_text("Once upon")
    if how == "button":
        page.get_by_role("button", name="Stop").click()
    else:
        page.press("textarea", "Escape")
    expect(page.locator(".pm-reply")).to_contain_text("stopped")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert site.model.stopped.wait(20)


def test_what_is_typed_while_a_reply_comes_stays_in_the_box(page: Page, site: Any) -> None:
    site.model.will_say("Once upon", HOLD)
    say(page, "tell me a story")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    say(page, "hey!")
    assert page.input_value("textarea") == "hey!"
    expect(page.locator(".pm-wait")).to_have_text(
        "Not sent yet: the last reply is still coming. Wait for it, or press Stop."
    )
    expect(page.locator(".pm-wait")).to_be_visible()
    page.get_by_role("button", name="draw me a cat", exact=True).click()
    assert page.input_value("textarea") == "hey!"
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    expect(page.locator(".pm-wait")).to_be_hidden()
    page.press("textarea", "Enter")
    expect(page.locator(".pm-category")).to_have_text("simple greeting")


def test_leaving_the_page_stops_the_reply(page: Page, site: Any) -> None:
    site.model.will_say("Once upon", HOLD)
    say(page, "tell me a story")
    expect(page.locator(".pm-markdown")).to_have_text("Once upon")
    page.goto("about:blank")
    assert site.model.stopped.wait(20)


def test_a_failure_says_what_and_what_to_do(page: Page, site: Any) -> None:
    site.model.will_say("Once", ModelFailed("the model fell over", cure="pick it up"))
    say(page, "tell me a story")
    expect(page.get_by_role("alert")).to_contain_text("the model fell over")
    expect(page.locator(".pm-cure")).to_have_text("pick it up")
    expect(page.locator(".pm-markdown")).to_have_text("Once")


def test_a_mistake_of_ours_tells_only_a_number(page: Page, site: Any, caplog: pytest.LogCaptureFixture) -> None:
    site.model.will_say(ZeroDivisionError("secret detail"))
    say(page, "tell me a story")
    expect(page.get_by_role("alert")).to_contain_text("an internal error, number ")
    assert "secret detail" not in page.content()
    assert "secret detail" in caplog.text


EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script><b>bold</b>'


def test_html_is_shown_and_never_run(page: Page, site: Any) -> None:
    site.model.will_say(EVIL, "\n\n[x](javascript:window.evil=1)", " ![p](http://192.0.2.1/p.png)")
    say(page, f"{EVIL} **draw**")
    expect(page.locator(".pm-footer")).to_be_visible()
    expect(page.locator(".pm-said")).to_have_text(f"{EVIL} **draw**")
    expect(page.locator(".pm-item-text")).to_contain_text("<b>bold</b>")
    expect(page.locator(".pm-reply")).to_contain_text("<b>bold</b>")
    expect(page.locator(".pm-main img, .pm-main script, .pm-main b:text('bold'), .pm-visit b")).to_have_count(0)
    expect(page.locator(".pm-reply a")).to_have_text("p")
    assert page.evaluate("window.evil") is None


def test_markdown_is_rendered(page: Page, site: Any) -> None:
    site.model.will_say("# Title\n\n**bold**\n\n```py\n1 < 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    say(page, "tell me")
    expect(page.locator(".pm-markdown h1")).to_have_text("Title")
    expect(page.locator(".pm-markdown strong")).to_have_text("bold")
    expect(page.locator(".pm-markdown pre code")).to_have_text("1 < 2\n")
    expect(page.locator(".pm-markdown td")).to_have_text(["1", "2"])


def test_earlier_messages_can_be_looked_at_again(page: Page) -> None:
    say(page, "hey!")
    expect(page.locator(".pm-reply")).to_contain_text("Hello there!")
    say(page, "tell me a story")
    expect(page.locator(".pm-footer")).to_be_visible()
    expect(page.locator(".pm-item-text")).to_have_text(["tell me a story", "hey!"])
    page.locator(".pm-item", has_text="hey!").click()
    expect(page.locator(".pm-category")).to_have_text("simple greeting")
    expect(page.locator(".pm-reply")).to_contain_text("Hello there!")
    expect(page.locator(".pm-item[aria-current=true]")).to_contain_text("hey!")


def test_shift_enter_starts_a_line_and_blank_messages_stay(page: Page) -> None:
    page.press("textarea", "Enter")
    page.type("textarea", "hey!")
    page.press("textarea", "Shift+Enter")
    page.type("textarea", "you")
    assert page.input_value("textarea") == "hey!\nyou"
    page.press("textarea", "Enter")
    expect(page.locator(".pm-said")).to_have_text("hey! you")
    expect(page.locator(".pm-item")).to_have_count(1)
    assert page.input_value("textarea") == ""


@pytest.mark.parametrize("text", ["\0 hey", "👩‍👩‍👧‍👦" * 50, "ارسم لي قطة", "x" * 5000, "a\u202eb", "</textarea>"])
def test_any_text_can_be_tried(page: Page, text: str) -> None:
    say(page, text)
    expect(page.locator(".pm-category")).to_have_text("general chat")
    expect(page.locator(".pm-footer")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1600])
def test_nothing_is_wider_than_the_screen(page: Page, site: Any, width: int) -> None:
    site.model.will_say(
        "| a | b |\n|---|---|\n" + "| " + "w" * 300 + " | 2 |\n\n```\n" + "c" * 500 + "\n```\n" + "u" * 400
    )
    page.set_viewport_size({"width": width, "height": 800})
    say(page, "m" * 400)
    expect(page.locator(".pm-footer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_light_follow_the_system(page: Page) -> None:
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_everything_can_be_reached_by_keyboard(page: Page) -> None:
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "model"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('form').elements.mode.value") == "decide"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Send"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".pm-said")).to_have_text("draw me a cat")
    expect(page.locator(".pm-reply")).to_be_hidden()


@pytest.mark.parametrize(("path", "status"), [("/v1/nothing", 404), ("/nothing", 404), ("/v1/chat/completions", 405)])
def test_the_gateway_beside_the_page_keeps_its_own_errors(page: Page, site: Any, path: str, status: int) -> None:
    answer = page.request.get(site.url + path)
    assert answer.status == status
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert page.request.get(f"{site.url}/healthz").json()["status"] == "ok"
