"""What the bot says of its own: marked as such, harmless whatever it quotes, with cause, cure and the decision's id."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.decision import Decision
from pointsman.core.message import ToolCall
from pointsman.core.reply import Done, Failed, Progress, ToolUse
from pointsman.discord import wording

DECISION = Decision("d1f00d", "image_generation", "image", 1.0, "command", ())
NOW = 1_700_000_000.0
ODD = [*"ab \n\r*_`~|<>[]#:@-+1.)\\", "@everyone", "<@5>", "-# ", "# ", "1. ", "\u2028"]
TEXTS = st.lists(st.sampled_from(ODD), max_size=40).map("".join)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_whatever_fails_is_known_as_the_bots_own(cause: str, cure: str) -> None:
    said = wording.failed(Failed(cause, cure, decision=DECISION), now=NOW)
    assert "#d1f00d" in said
    assert wording.without_own(f"An answer.\n{said}") == "An answer."


@settings(deadline=None)
@given(TEXTS)
def test_every_notice_is_known_as_the_bots_own(text: str) -> None:
    done = Done(DECISION, model=text, footer=text)
    use = ToolUse(ToolCall("web_search", {"query": text}), "done", text)
    for said in (
        wording.waiting(text),
        wording.told(text),
        wording.using(use),
        wording.footer(done, shown=True),
        wording.drawing(Progress(3, 8)),
        wording.warning(text),
        wording.note(text),
        wording.in_file(12_345),
    ):
        assert wording.without_own(said) == ""


@settings(deadline=None)
@given(TEXTS)
def test_what_is_quoted_formats_nothing_and_mentions_nobody(text: str) -> None:
    quoted = wording.quoted(text)
    assert "\n" not in quoted
    assert not re.search(r"@(everyone|here|[!&]?\d)", quoted)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]]", quoted)
    assert not re.match(r"-#|#|[-+] |> |\d+[.)] ", quoted)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("ollama: model *x* is_not there", r"ollama: model \*x\* is\_not there"),
        ("two\n\nlines", "two lines"),
        ("a plain sentence, 3.5 GB.", "a plain sentence, 3.5 GB."),
        ("1. first", r"1\. first"),
    ],
)
def test_quotes_stay_readable(text: str, quoted: str) -> None:
    assert wording.quoted(text) == quoted


def test_a_long_quote_is_cut() -> None:
    assert wording.quoted("word " * 100, 20) == "word word word word…"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("loading painter: about 20 s, 1 before", "-# ⏳ loading painter: about 20 s, second in line"),
        ("main is in use: about 9 s, 4 before", "-# ⏳ main is in use: about 9 s, fifth in line"),
        ("main is in use: about 90 s, 11 before", "-# ⏳ main is in use: about 90 s, number 12 in line"),
        ("loading painter (14 GB): about 20 s", "-# ⏳ loading painter (14 GB): about 20 s"),
    ],
)
def test_who_waits_is_told_why_and_how_long(status: str, said: str) -> None:
    assert wording.waiting(status).replace("\\", "") == said


def test_a_failure_says_what_failed_what_was_done_what_to_do_and_its_decision() -> None:
    failure = Failed("ComfyUI does not answer", "start it", decision=DECISION, retry_after=30)
    said = wording.failed(failure, "the model described the picture", now=NOW)
    assert said == (
        "⚠️ ComfyUI does not answer.\n-# Instead, the model described the picture.\n"
        "-# Start it. It is worth asking again <t:1700000030:R>. #d1f00d"
    )
    assert wording.failed(Failed("it broke"), now=NOW) == "⚠️ It broke."


def test_the_footer_is_shown_where_it_is_wanted_and_a_models_remark_always() -> None:
    done = Done(DECISION, model="qwen3:8b", seconds=2.14)
    assert wording.footer(done, shown=True).replace("\\", "") == "-# image_generation · qwen3:8b · 2.1 s"
    assert wording.footer(done, shown=False) == ""
    assert wording.footer(Done(None, footer="A small model."), shown=False) == "-# A small model."


@pytest.mark.parametrize(("done", "most", "full"), [(0, 8, 0), (4, 8, 5), (8, 8, 10), (9, 8, 10), (3, 0, 10)])
def test_a_bar_shows_how_far_a_picture_is(done: int, most: int, full: int) -> None:
    assert wording.drawing(Progress(done, most)).count("▰") == full


def test_what_a_model_said_is_left_as_it_is() -> None:
    text = "# Heading\n\n- an item\n\n-# "
    assert wording.without_own(text) == "# Heading\n\n- an item"


@pytest.mark.parametrize(
    "sentence",
    [
        wording.NO_BOTS,
        wording.NOT_HERE,
        wording.NOT_YOU,
        wording.NOT_LISTED,
        wording.NO_DIRECT,
        wording.NOTHING_SAID,
        wording.CANCELLED,
        wording.SILENT,
        wording.STOPPING,
        wording.no_permission("attach files"),
        wording.not_drawn("nude", elsewhere=True),
        wording.slowed(5, NOW),
        wording.too_many("2 pictures in an hour", 3),
        wording.only_last(1),
        wording.not_read(["a.mp3"]),
    ],
)
def test_sentences_are_short_and_whole(sentence: str) -> None:
    assert sentence[0].isupper()
    assert sentence.endswith((".", "?"))
    assert len(sentence) < 160
