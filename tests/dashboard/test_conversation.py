"""What goes with a message on the page: up to three exchanges before it, until the visitor starts afresh."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pointsman.core.message import Turn
from pointsman.core.reply import Failed, Picture, Text
from pointsman.dashboard import conversation
from pointsman.dashboard.exchange import Exchange


def exchange(text: str, *events: Any) -> Exchange:
    made = Exchange(text)
    for event in events:
        made.take(event)
    return made


def test_what_was_said_and_what_came_back_are_turns() -> None:
    talk = [
        exchange("one", Text("1")),
        exchange("two", Text("Here"), Text(" it is. "), Picture(b"x")),
        exchange("three", Picture(b"x"), Picture(b"y")),
        exchange("four", Failed("broke")),
    ]
    assert conversation.turns_of(talk) == (
        Turn("user", "two"),
        Turn("assistant", "Here it is.\n[image]"),
        Turn("user", "three"),
        Turn("assistant", "[image]\n[image]"),
        Turn("user", "four"),
    )
    assert conversation.turns_of([]) == ()


def test_long_turns_keep_their_beginning_and_their_end() -> None:
    said, replied = conversation.turns_of([exchange("a" * 9000, Text("b" * 9000 + " Shall I draw it?"))])
    assert max(len(said.text), len(replied.text)) <= conversation.LONGEST_EARLIER + 1
    assert replied.text.startswith("bbb")
    assert replied.text.endswith(" Shall I draw it?")


def say(page: Page, text: str) -> None:
    page.fill("textarea", text)
    page.press("textarea", "Enter")
    expect(page.locator(".pm-said")).to_have_text(text)
    expect(page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize("mode", ["Run", "Decide only"])
def test_a_message_goes_with_those_before_it_until_a_new_conversation(page: Page, site: Any, mode: str) -> None:
    page.get_by_text(mode, exact=True).click()
    earlier = page.locator(".pm-earlier")
    expect(earlier).to_be_hidden()
    say(page, "one")
    assert site.heard[-1] == ()
    expect(earlier).to_contain_text("Goes on from the message before.")
    expect(page.locator(".pm-decision")).not_to_contain_text("before it")
    say(page, "two")
    replied = (Turn("assistant", "Hello from the model"),) if mode == "Run" else ()
    assert site.heard[-1] == (Turn("user", "one"), *replied)
    expect(page.locator(".pm-decision")).to_contain_text("Decided with the message before it.")
    say(page, "three")
    say(page, "four")
    say(page, "five")
    expect(page.locator(".pm-decision")).to_contain_text("Decided with the 3 messages before it.")
    assert [turn.text for turn in site.heard[-1] if turn.role == "user"] == ["two", "three", "four"]

    page.get_by_role("button", name="new conversation").click()
    expect(earlier).to_contain_text("The next message starts a new conversation.")
    expect(page.get_by_role("button", name="new conversation")).to_be_hidden()
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator(".pm-item")).to_have_count(5)
    say(page, "six")
    assert site.heard[-1] == ()
    expect(page.locator(".pm-decision")).not_to_contain_text("before it")
