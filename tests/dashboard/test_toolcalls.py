"""How the tools of a reply read while they run, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pointsman.core.decision import Decision
from pointsman.core.message import ToolCall
from pointsman.core.reply import Decided, Text, ToolUse
from pointsman.core.tool import Source
from pointsman.dashboard import replycard
from pointsman.dashboard.exchange import Exchange
from pointsman.dashboard.safehtml import LONGEST_MARKDOWN, link, markdown
from pointsman.engine.router import Router

HOLD = "<hold>"
CALL = ToolCall("web_search", {"query": "<tcp>"}, "c1")
SOURCES = (Source("A <b>", "https://a.example/?x=1&y=2"), Source("", "http://b.example"), Source("c", "javascript:a"))
DECISION = Decision("d1", "general_chat", "llm", 0.9, "words", ())


def exchange(now: float = 0.0) -> tuple[Exchange, list[float]]:
    """One that was decided, and the clock that it goes by."""
    clock = [now]
    made = Exchange("hey", clock=lambda: clock[0])
    made.take(Decided(DECISION))
    return made, clock


def test_what_a_tool_brought_keeps_its_lines_and_links_its_sources() -> None:
    html = replycard.tool(ToolUse(CALL, "done", "[1] <i>\nhttps://a.example", 1.2, SOURCES))
    assert ">[1] &lt;i&gt;\nhttps://a.example</pre>" in html
    first = (
        '<a class="" href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer" target="_blank">A &lt;b&gt;</a>'
    )
    assert first in html
    assert ">http://b.example</a>" in html
    assert '<li class="">c</li>' in html
    assert "javascript" not in html


def test_sources_alone_can_be_unfolded() -> None:
    assert "</a>" in replycard.tool(ToolUse(CALL, "done", "", 1.2, SOURCES))


@pytest.mark.parametrize("text", ["", "because"])
def test_each_state_has_its_class_and_its_mark(text: str) -> None:
    shown = [replycard.tool(ToolUse(CALL, state, text)) for state in ("done", "failed", "refused")]
    for html, state, mark in zip(shown, ("done", "failed", "refused"), "✓✗\u2013", strict=True):
        assert f"pm-tool-{state}" in html
        assert f'aria-hidden="true">{mark}<' in html
        assert html.startswith("<details" if text else "<p")


ADDRESSES = [
    "javascript:a",
    "data:text/html,x",
    "//a.example",
    "https:a",
    " https://a",
    "https://a\nb",
    "x https://a",
    "",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    assert link("<t>", address) == "&lt;t&gt;"


def test_an_address_does_not_leave_its_attribute() -> None:
    assert link("t", 'HTTPS://a"onclick="b') == (
        '<a class="" href="HTTPS://a&quot;onclick=&quot;b" rel="noopener noreferrer" target="_blank">t</a>'
    )


def test_what_runs_is_said_once_and_for_how_long() -> None:
    made, clock = exchange(100.0)
    made.take(ToolUse(CALL, "running"))
    clock[0] = 103.2
    made.take(ToolUse(replace(CALL, name="read_page"), "running"))
    html = replycard.card(made)
    assert html.count("web_search") == 1
    assert "web_search(query=&#x27;&lt;tcp&gt;&#x27;) · read_page(query=&#x27;&lt;tcp&gt;&#x27;) … 3\u202fs<" in html
    assert "first word" not in html
    made.take(ToolUse(CALL, "done", "found", 3.3))
    assert "pm-tool-done" in replycard.card(made)
    made.take(ToolUse(replace(CALL, name="read_page"), "done", "read", 3.3))
    assert "waiting for the first word…" in replycard.card(made)
    clock[0] = 200.0
    made.take(ToolUse(replace(CALL, id="c2"), "running"))
    assert "… 0\u202fs<" in replycard.card(made)


def test_a_tool_that_runs_after_the_first_words_is_said_too() -> None:
    made, _ = exchange()
    made.take(Text("Let me look."))
    made.take(ToolUse(CALL, "running"))
    assert "pm-tool-running" in replycard.card(made)


def test_a_tool_that_ran_when_the_reply_was_stopped_says_so() -> None:
    made, _ = exchange()
    made.take(ToolUse(CALL, "running"))
    made.stopped = True
    html = replycard.card(made)
    assert "): stopped<" in html
    assert "pm-pulse" not in html


def test_sources_under_a_reply_become_links() -> None:
    html = markdown("So it is [1].\n\nSources:\n\n- [1] A title <https://a.example/?x=1&y=2>\n")
    assert '[1] A title <a href="https://a.example/?x=1&amp;y=2">https://a.example/?x=1&amp;y=2</a>' in html


def say(page: Page, text: str) -> None:
    page.fill("textarea", text)
    page.press("textarea", "Enter")


def test_a_source_opens_beside_the_page(page: Page, site: Any) -> None:
    site.model.will_say(f"So it is [1].\n\nSources:\n- [1] Health <{site.url}/healthz>")
    say(page, "tell me")
    expect(page.locator(".pm-footer")).to_be_visible()
    with page.expect_popup() as opened:
        page.locator(".pm-reply a").click()
    assert opened.value.url == f"{site.url}/healthz"
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    expect(page.locator(".pm-said")).to_have_text("tell me")


def test_an_unfolded_tool_stays_unfolded_while_the_seconds_go_on(
    page: Page, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Router.stream

    async def stream(self: Router, message: Any) -> Any:
        yield Decided(DECISION)
        yield ToolUse(CALL, "done", "found", 1.0, SOURCES)
        yield ToolUse(replace(CALL, id="c2"), "running")
        async for event in said(self, message):
            yield event

    monkeypatch.setattr(Router, "stream", stream)
    site.model.will_say("Once upon", HOLD)
    say(page, "tell me a story")
    page.locator("summary", has_text="web_search").click()
    expect(page.locator(".pm-tool-running")).to_contain_text("… 1")
    expect(page.locator(".pm-brought")).to_be_visible()
    expect(page.locator(".pm-brought")).to_have_css("white-space", "pre-wrap")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".pm-reply")).to_contain_text("stopped")


@pytest.mark.parametrize("text", ["```\n" + "line\n" * 500 + "```", "word\n" * (LONGEST_MARKDOWN // 4)])
def test_a_long_block_scrolls_in_itself(page: Page, site: Any, text: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    site.model.will_say(text)
    say(page, "tell me")
    expect(page.locator(".pm-footer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * 844


@pytest.mark.parametrize(("width", "shown"), [(390, False), (1200, True)])
def test_the_examples_make_room_on_a_phone(page: Page, width: int, shown: bool) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    expect(page.locator(".pm-chips")).to_be_visible()
    say(page, "hey!")
    expect(page.locator(".pm-reply")).to_contain_text("Hello there!")
    assert page.locator(".pm-chips").is_visible() is shown
    assert page.locator(".pm-reply").bounding_box()["y"] < 844 * 0.7  # type: ignore[index]
