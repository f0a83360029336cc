"""Hits of a web search: what is taken from a row that anybody may have written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.search import MOST_SNIPPET, MOST_TITLE, Hit, hit_of, hits_of, is_web, plain

URL = "https://example.org/a"


@pytest.mark.parametrize(
    ("row", "hit"),
    [
        (("A", URL, "s", "2026-05-01T10:00:00"), Hit("A", URL, "s", "2026-05-01")),
        (("<b>A</b> &amp;\n B", URL, "a <strong class=x>word</strong>\t."), Hit("A & B", URL, "a word .")),
        (("", URL, None), Hit("example.org", URL)),
        ((None, URL, 7, 20260501), Hit("example.org", URL)),
        (("1 < 2", URL, "if a<b and c>d", "yesterday"), Hit("1 < 2", URL, "if a<b and c>d")),
    ],
)
def test_hit_of(row: tuple[object, ...], hit: Hit) -> None:
    assert hit_of(*row) == hit


@pytest.mark.parametrize(
    "url",
    [
        None,
        1,
        "",
        "example.org",
        "ftp://a.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://[",
        "https://a.example/a b",
        "https://a.example/\n",
        f"https://a.example/{'a' * 2000}",
        "//a.example/",
        ["x"],
    ],
)
def test_what_is_no_address_of_a_page_is_no_hit(url: object) -> None:
    assert hit_of("A", url, "s") is None


def test_long_texts_are_cut() -> None:
    hit = hit_of("t" * 1_000, URL, "s " * 1_000_000)
    assert hit is not None
    assert (len(hit.title), len(hit.snippet) <= MOST_SNIPPET) == (MOST_TITLE, True)


def test_each_address_counts_once() -> None:
    first, again, other = Hit("A", URL), Hit("B", URL), Hit("C", f"{URL}/c")
    assert hits_of([None, first, again, other], 5) == (first, other)
    assert hits_of([first, other], 1) == (first,)


@given(st.text(max_size=200), st.integers(1, 50))
def test_a_text_is_one_line_of_so_many_characters(text: str, most: int) -> None:
    line = plain(text, most)
    assert len(line) <= most
    assert "\n" not in line


@given(st.text(max_size=60))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert is_web(text) in {True, False}
    assert not is_web(f"{text} ")
