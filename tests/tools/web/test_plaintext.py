"""The text of HTML by its tags alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tools.web.plaintext import plain_text, title_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<p>one <b>and</b> <a href='x'>two</a></p>", "one and two"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<script>if (a < b) { x('</p>') }</script>text", "text"),
        ("<STYLE>p { }</Style >text", "text"),
        ("<head><title>t</title></head><header>top</header>", "top"),
        ("a <!-- <p>hidden</p> --> b", "a b"),
        ("<!doctype html><?xml version='1'?>text", "text"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("1 < 2 and 3<4", "1 < 2 and 3<4"),
        ("a<p", "a"),
        ("a<!-- never closed <p>b", "a"),
        ("a<script>never closed", "a"),
        ("İ<script>x</script>after", "İ\nafter"),  # in lower case it has two letters
        ("", ""),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>A &amp; B</title>", "A & B"),
        ("<TITLE lang=en>\n A\n B </TITLE>", "A B"),
        ("<title>never closed", ""),
        ("<titles>no</titles>", ""),
        ("", ""),
    ],
)
def test_title_of(html: str, title: str) -> None:
    assert title_of(html) == title


def test_a_long_title_is_cut() -> None:
    assert len(title_of(f"<title>{'a' * 5_000}</title>")) == 200


@pytest.mark.parametrize("piece", ["<", "<!--", "</", "<a ", "<script>", "<title>", "&", "<![", "<p>x"])
def test_it_is_over_soon_whatever_stands_there(piece: str) -> None:
    """Python's own parser needs more than two minutes for 400 kB of "<!--"; here a quadratic one never ends."""
    html = piece * (400_000 // len(piece))
    assert len(plain_text(html)) + len(title_of(html)) <= len(html)


@given(st.text(alphabet="<>/!-aps &;=\"'\n", max_size=200))
def test_anything_is_read(html: str) -> None:
    assert "\n\n" not in plain_text(html)
