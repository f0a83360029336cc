"""No picture of a stranger's gets through, however the text is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.engine.imageless import Imageless, without_pictures

THERE = "https://there.test/?d=secret"
PARTS = st.sampled_from(
    ["!", "[", "]", "(", ")", "<", ">", "img", "IMG ", " src=", "a", "b < c", "! ", THERE, "\n", "<iframe "]
)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"See ![x]({THERE}).", f"See [x]({THERE})."),
        (f"<img src={THERE}>", f"\u2039img src={THERE}>"),
        (f"< IMG src={THERE}>", f"\u2039 IMG src={THERE}>"),
        ("Hello! [1] says so!", "Hello! [1] says so!"),
        ("if a < b and image > 3: x[0] = !y", "if a < b and image > 3: x[0] = !y"),
        ("Wow!", "Wow!"),
        ("1 <", "1 <"),
        ("![", "["),
        (f"!![x]({THERE}) <b>!!![y]({THERE})", f"[x]({THERE}) <b>[y]({THERE})"),
        (f"<input type=image src={THERE}>", f"\u2039input type=image src={THERE}>"),
    ],
)
def test_pictures_become_links(said: str, shown: str) -> None:
    filtered = Imageless()
    assert "".join(map(filtered.feed, said)) + filtered.end() == shown
    assert without_pictures(said) == shown


@given(st.lists(PARTS, max_size=30).map("".join), st.lists(st.integers(0, 200)))
def test_it_does_not_matter_how_the_text_is_cut(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    filtered = Imageless()
    pieces = [text[begin:end] for begin, end in pairwise(places)]
    assert "".join(map(filtered.feed, pieces)) + filtered.end() == without_pictures(text)
