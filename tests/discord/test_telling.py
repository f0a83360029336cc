"""What a reply looks like after each event."""

from __future__ import annotations

import pytest

from pointsman.core.decision import Decision
from pointsman.core.message import ToolCall
from pointsman.core.reply import Decided, Done, Event, Failed, Progress, Status, Text, ToolUse
from pointsman.discord.telling import Telling

DECISION = Decision("abcdef123456", "web_search", "llm+tools", 0.9, "patterns", ())
SEARCH = ToolCall("search", {"query": "fox"})


def told(*events: Event) -> Telling:
    telling = Telling()
    for event in events:
        telling.take(event)
    return telling


@pytest.mark.parametrize(
    "status",
    [
        "loading qwen3:14b: about 9 s",
        "qwen3:14b is loaded next: about 9 s, 1 before",
        "z-image-turbo-int8: ComfyUI loads what it needs",
        "ComfyUI draws 2 other pictures first",
        "the card ran out of memory: making room, then trying once more",
    ],
)
def test_what_is_only_about_waiting_is_gone_at_the_end(status: str) -> None:
    telling = told(Decided(DECISION), Status(status))
    assert telling.looks().line.startswith("-# ⏳ ")

    telling = told(Decided(DECISION), Status(status), Text("Here."), Done(DECISION))
    assert telling.looks().line == ""
    assert telling.ended(footer=False, now=0).line == ""


def test_any_other_notice_stays_below_the_reply_and_once() -> None:
    notice = Status("not set up here: web_search (no search engine)")
    telling = told(Decided(DECISION), notice, notice, Text("I cannot look it up."), Done(DECISION))
    look = telling.ended(footer=False, now=0)

    assert look.text == "I cannot look it up."
    assert look.line == "-# not set up here: web\\_search (no search engine)"


def test_a_tool_is_seen_while_it_runs() -> None:
    telling = told(Decided(DECISION), ToolUse(SEARCH, "running"))
    assert "search" in telling.looks().line
    assert telling.looks().text == ""

    telling.take(ToolUse(SEARCH, "done", "3 pages", 0.4))
    assert telling.looks().line == ""


def test_a_tool_that_is_called_in_the_middle_is_seen_below_the_text() -> None:
    telling = told(Text("I look it up."), ToolUse(SEARCH, "running"))

    assert telling.looks().text == "I look it up."
    assert telling.looks().line.startswith("-# 🔧 ")


def test_how_far_a_picture_is_comes_with_what_it_looks_like() -> None:
    telling = told(Status("loading the painter: about 9 s"), Progress(2, 8, b"preview", "image/jpeg"))
    look = telling.looks()

    assert "step 2 of 8" in look.line
    assert look.dress is not None
    assert len(look.dress(look.line)["attachments"]) == 1


def test_an_end_without_a_word_says_so() -> None:
    assert "without a word" in told(Decided(DECISION), Done(DECISION)).ended(footer=False, now=0).line


def test_a_reply_that_is_cut_off_by_its_length_says_so() -> None:
    look = told(Text("Once upon a"), Done(DECISION, finish_reason="length")).ended(footer=False, now=0)

    assert look.text == "Once upon a"
    assert "as long as the model may write" in look.line


def test_a_failure_says_what_stands_above_and_what_to_do() -> None:
    failed = Failed("the model broke off", "ask again", decision=DECISION)
    look = told(Text("Once"), failed).ended(footer=True, now=0)

    assert look.text == "Once"
    assert "The model broke off" in look.line
    assert "stands above" in look.line
    assert "#abcdef123456" in look.line
