"""Replies in parts: no longer than Discord takes, code blocks whole in each, and nothing lost between them."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pointsman.discord.cuts import size
from pointsman.discord.split import MOST, Parts, as_parts, joined, pieces, split, with_line

FEW = settings(max_examples=40, deadline=None)
LETTERS_OF_ALL_KINDS = [*"aB9 .!?`~#>-*[](){}:/\t\r\n", "```", "```py\n", "~~~", "é", "日", "🙂", "\u0301", "\u200d"]
ANYTHING = st.lists(st.sampled_from(LETTERS_OF_ALL_KINDS), max_size=120).map("".join)
LETTERS = "abcdefghij klmno. pqrst, uvwxyz! äöü 日本 🙂\n"
PROSE = st.text(alphabet=LETTERS, min_size=1, max_size=400)
LANGUAGES = st.sampled_from(["", "python", "c++", "objective-c", "f#"])
CODE = st.lists(st.text(alphabet="abc (){}=\t# 日🙂", max_size=40), max_size=60)


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """A block of code as models write it: of three marks or more, or of tildes, also in a list."""
    marks = draw(st.sampled_from(["```", "```", "```", "````", "~~~"]))
    indent = draw(st.sampled_from(["", "", "  ", "   "]))
    lines = [f"{indent}{line}" for line in draw(CODE)]
    body = "\n".join([f"{indent}{marks}{draw(LANGUAGES)}", *lines, f"{indent}{marks}"])
    return f"- an item\n{body}" if indent else body


DOCUMENTS = st.lists(PROSE | blocks() | st.just("- one thing\n- another [link](https://a.example/b)"), max_size=25).map(
    "\n\n".join
)


def open_fence(part: str) -> str:
    """What is open at the end of a part, as CommonMark reads it; quotes and lists may stand before."""
    marks = ""
    for line in part.split("\n"):
        match = re.match(r"[ \t>]*(?:[-*+] |\d+[.)] )*[ \t]*(`{3,}|~{3,})([^`]*)$", line)
        if match and not marks:
            marks = match[1]
        elif match and match[1][0] == marks[0] and len(match[1]) >= len(marks) and not match[2].strip():
            marks = ""
    return marks


@FEW
@given(ANYTHING, st.integers(300, 600))
def test_no_part_is_longer_than_discord_takes_and_none_is_blank(text: str, limit: int) -> None:
    for part in split(text * 9, limit):
        assert len(part.encode("utf-16-le")) // 2 <= limit
        assert part.strip()


@FEW
@given(ANYTHING, st.integers(300, 600))
def test_the_bodies_of_the_parts_are_the_text(text: str, limit: int) -> None:
    assert "".join(it.body for it in pieces(text * 9, limit)) == text * 9


@FEW
@given(DOCUMENTS)
def test_joined_parts_are_the_text_once_reopened_fences_are_taken_out(text: str) -> None:
    parts = [it.text for it in pieces(text, 400)]
    assert joined(parts) == text
    assert joined([it.strip() for it in parts], trimmed=True).split() == text.split()


@FEW
@given(DOCUMENTS)
def test_fences_are_balanced_in_every_part(text: str) -> None:
    for part in split(text, 400):
        assert not open_fence(part)


@FEW
@given(DOCUMENTS, st.data())
def test_a_growing_text_keeps_the_parts_that_are_full(text: str, data: st.DataObject) -> None:
    shown: list[str] = []
    end = 0
    while end < len(text):
        end = min(len(text), end + data.draw(st.integers(1, 500)))
        parts = split(text[:end], 300)
        assert parts[: max(0, len(shown) - 1)] == shown[:-1]
        shown = parts


@FEW
@given(ANYTHING.filter(len), st.integers(5, 40))
def test_whatever_grows_keeps_the_parts_that_are_full(text: str, step: int) -> None:
    text = text * 40
    full = [split(text[:end], 300)[:-1] for end in range(280, 800, step)]
    for earlier, later in pairwise(full):
        assert later[: len(earlier)] == earlier


@FEW
@given(st.text(min_size=1).filter(lambda it: it.strip() and "```" not in it and "~~~" not in it))
@example("x" * MOST)
@example("🙂" * (MOST // 2))
def test_what_fits_is_left_as_it_is(text: str) -> None:
    if size(text) <= MOST:
        assert split(text) == [text]


def test_nothing_is_no_part() -> None:
    assert split("") == []
    assert split(" \n\t\n" * 2000) == []


def test_a_long_word_is_cut_between_its_characters() -> None:
    parts = split("x" * 10_000)
    assert [len(it) for it in parts] == [2000] * 5


def test_emoji_are_counted_as_discord_might_and_stay_whole() -> None:
    family, flag, thumb = "👩\u200d👩\u200d👧", "🇩🇪", "👍🏽"
    for whole in (family, flag, thumb, "e\u0301"):
        text = f"x{whole * 1500}"
        parts = split(text)
        assert all(len(it.encode("utf-16-le")) // 2 <= MOST for it in parts)
        assert "".join(parts) == text
        assert all(it.startswith(whole) for it in parts[1:])


def test_halves_of_a_surrogate_pair_are_not_parted() -> None:
    parts = split("x" + "\ud83d\ude00" * 1500)
    assert all(it.startswith("\ud83d") for it in parts[1:])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"{'a b. ' * 150}\n\n{'c d. ' * 300}", f"{'a b. ' * 150}\n\n"),
        (f"{'a b. ' * 150}\n{'c d. ' * 300}", f"{'a b. ' * 150}\n"),
        (f"{'a b ' * 350}done. {'c d ' * 300}", f"{'a b ' * 350}done. "),
        (f"{'a' * 1200} {'b' * 1200}", f"{'a' * 1200} "),
        (f"hello\n\n{'b' * 3000}", "hello\n\n"),
        (f"{'a b. ' * 150}\r\n\r\n{'c d. ' * 300}", f"{'a b. ' * 150}\r\n\r\n"),
        (f"{'文。' * 900}{'字' * 400}", f"{'文。' * 900}"),
    ],
    ids=["paragraph", "line", "sentence", "word", "anything-before-a-character", "crlf", "sentence-in-chinese"],
)
def test_it_is_cut_where_it_hurts_least(text: str, first: str) -> None:
    assert split(text)[0] == first


def test_a_link_is_kept_whole() -> None:
    link = f"[what it is called in so many words](https://an.example/{'x' * 60})"
    for shift in range(0, 120, 7):
        text = "word " * 380 + "x" * shift + " " + link + " end" * 100
        assert any(link in part for part in split(text))


def test_an_item_of_a_list_is_kept_whole() -> None:
    items = [f"- item {number}\n  {'goes on. ' * 12}\n" for number in range(40)]
    for part in split("".join(items)):
        assert part.startswith("- item")


def test_a_heading_stays_with_what_it_stands_above() -> None:
    text = f"{'a b. ' * 250}\n\n# A heading\n\n{'c d. ' * 300}"
    assert split(text)[1].startswith("# A heading\n\nc d")


def test_a_block_of_code_is_opened_again_with_its_language() -> None:
    code = "\n".join(f"print({number})" for number in range(400))
    first, *others = split(f"Here it is:\n\n```python\n{code}\n```\nThat was it.")
    assert first.startswith("Here it is:\n\n```python\nprint(0)\n")
    assert first.endswith("\n```")
    assert all(it.startswith("```python\nprint(") for it in others)
    assert others[-1].endswith("print(399)\n```\nThat was it.")


def test_a_block_that_fits_into_the_next_part_is_not_cut() -> None:
    code = "```python\n" + "x = 1\n" * 250 + "```\n"
    parts = split(f"{'Words before. ' * 70}\n\n{code}")
    assert parts[1] == code


def test_a_block_that_nobody_closes_is_closed_in_each_part() -> None:
    parts = split("```py\n" + "x = 1\n" * 700)
    assert len(parts) == 3
    assert all(it.startswith("```py\nx") and it.endswith("x = 1\n```") for it in parts)


def test_a_mark_that_is_half_written_is_completed() -> None:
    assert split("```py\nx\n``") == ["```py\nx\n```"]
    assert split("```py\nx\n`") == ["```py\nx\n```"]


def test_an_example_of_markdown_keeps_both_its_blocks() -> None:
    inner = "x = 1\n" * 600
    parts = split(f"````md\nLook:\n```py\n{inner}```\nThat.\n````\nEnd.")
    assert parts[0].endswith("x = 1\n```\n````")
    assert parts[1].startswith("````md\n```py\nx = 1\n")
    assert parts[-1].endswith("x = 1\n```\nThat.\n````\nEnd.")
    assert all(it.count("```") % 2 == 0 for it in parts)
    assert joined(parts) == f"````md\nLook:\n```py\n{inner}```\nThat.\n````\nEnd."


def test_no_block_is_left_empty_before_a_cut() -> None:
    first, *_ = split("```py\n" + "x" * 3000)
    assert first.startswith("```py\nxxx")


def test_a_block_behind_words_on_its_line_is_one_too() -> None:
    parts = split("Here: ```py\n" + "x = 1\n" * 500 + "```\nEnd.")
    assert parts[1].startswith("```py\nx")
    assert parts[1].endswith("```\nEnd.")


def test_a_block_in_a_quote_stays_there() -> None:
    parts = split("> ```py\n" + "> x = 1\n" * 500 + "> ```")
    assert parts[0].endswith("> x = 1\n> ```")
    assert parts[1].startswith("> ```py\n> x")


def test_marks_in_a_sentence_open_nothing() -> None:
    text = "Put ``` before and after code."
    assert split(text) == [text]


def test_a_long_reply_is_a_file_besides_its_first_parts() -> None:
    text = "Words. " * 2000
    found = as_parts(text, 3)
    assert found.parts == tuple(split(text)[:3])
    assert found.file == text
    assert as_parts("Words.", 3) == Parts(("Words.",))


def test_a_line_goes_below_the_last_part_where_it_fits() -> None:
    assert with_line(["one", "two\n"], "-# chat") == ["one", "two\n-# chat"]
    assert with_line(["x" * 1999], "-# chat") == ["x" * 1999, "-# chat"]
    assert with_line([], "-# chat") == ["-# chat"]
    assert with_line(["one"], "") == ["one"]


def test_a_block_that_ends_where_a_part_does_is_cut_the_same_while_it_is_written() -> None:
    for width in range(276, 296):
        text = f"  ```\n{'x ' * (width // 2)}{'y' * (width % 2)}\n  ```\nmore " + "words " * 20
        full = [split(text[:end], 300)[:-1] for end in range(280, 320)]
        assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(full))
