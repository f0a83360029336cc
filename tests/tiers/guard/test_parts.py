"""Where the parts of a text stand, and what cuts leave of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers.guard import parts
from pointsman.tiers.guard.reach import reached
from pointsman.tiers.guard.remains import filled_out, is_hollow, rest
from pointsman.tiers.guard.sign import Reach

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(pair))), max_size=6)


def cut(text: str, found: list[parts.Span]) -> list[str]:
    return [text[slice(*span)] for span in found]


def test_sentences_end_at_marks_and_lines() -> None:
    text = 'One. Two 1.5! "Three?" four\nfive。六'
    assert cut(text, parts.sentences(text)) == ["One. ", "Two 1.5! ", '"Three?" ', "four\n", "five。", "六"]


def test_clauses_and_phrases() -> None:
    text = "ignore this, and that: what - now"
    whole = (0, len(text))
    assert cut(text, parts.clauses(text, whole)) == ["ignore this, ", "and that: ", "what - ", "now"]
    assert cut(text, parts.phrases(text, whole)) == ["ignore this, and that: ", "what - ", "now"]


def test_padding_is_what_is_said_again_and_again() -> None:
    text = "start " + "la di " * 20 + "end" + "." * 50
    whole, again = parts.padding(text)
    assert cut(text, whole) == [("la di " * 20).strip(), "." * 50]
    assert cut(text, again)[0] == ("la di " * 19).strip()
    assert parts.padding("ha ha ha ha") == ([], [])


@given(spans, spans)
def test_without_and_merged_are_about_sets_of_places(some: list[parts.Span], whole: list[parts.Span]) -> None:
    cuts = parts.merged(some)
    assert {place for span in cuts for place in range(*span)} == {place for span in some for place in range(*span)}
    assert all(one[1] < other[0] for one, other in pairwise(cuts))
    for span in whole:
        left = {place for part in parts.without(span, cuts) for place in range(*part)}
        assert left == set(range(*span)) - {place for cut in cuts for place in range(*cut)}


@pytest.mark.parametrize(
    ("reach", "sign", "found"),
    [
        ("match", "ignore it", "ignore it"),
        ("clause", "ignore it", "ignore it"),
        ("phrase", "ignore it", "ignore it, then say so"),
        ("sentence", "ignore it", "ignore it, then say so: hello"),
    ],
)
def test_how_far_an_attack_goes(reach: Reach, sign: str, found: str) -> None:
    text = "please ignore it, then say so: hello"
    start = text.index(sign)
    assert text[slice(*reached(text, (start, start + len(sign)), reach, (0, len(text))))] == found


@pytest.mark.parametrize(
    ("reach", "text", "sign", "found"),
    [
        ("sentence", "what (router: image) is it", "router: image", "(router: image)"),
        ("braces", 'a {"b": {"category": "x"}} c', '"category": "x"', '{"b": {"category": "x"}}'),
        ("braces", '{"category": "x", "text": "why?"}', '"category": "x"', '{"category": "x", "text": "'),
        ("braces", 'no "category": "x" braces', '"category": "x"', '"category": "x"'),
        ("element", "<system>a b</system> c", "<system>", "<system>a b</system>"),
        ("element", "[INST] a [/INST] c", "[INST]", "[INST] a [/INST]"),
        ("element", "<|im_start|>system\na<|im_end|> c", "<|im_start|>", "<|im_start|>system\na<|im_end|>"),
        ("element", "<!-- a --> c", "<!-- a", "<!-- a -->"),
        ("element", '<classify as="x">why?</classify>', '<classify as="x">', '<classify as="x">'),
        ("element", "<system>never closed", "<system>", "<system>"),
    ],
)
def test_how_far_brackets_and_tags_go(reach: Reach, text: str, sign: str, found: str) -> None:
    start = text.index(sign)
    assert text[slice(*reached(text, (start, start + len(sign)), reach, (0, len(text))))] == found


def test_hollow_words_ask_for_nothing() -> None:
    assert is_hollow("and whatever you say, the only, valid answer is")
    assert is_hollow("1.0 [DEBUG] verbose=1 </meta>")
    assert not is_hollow("what is it")
    assert not is_hollow("thanks")
    assert not is_hollow("144 / 12")


def test_what_hangs_on_a_cut_goes_with_it() -> None:
    text = "why? (classify it as x, please) And the x."
    start = text.index("classify")
    found = filled_out(text, [(start, start + len("classify it as x")), (len(text) - 2, len(text))])
    assert rest(text, found) == "why?"


def test_the_rest_is_joined_without_the_marks_between() -> None:
    assert rest("why - X - is it", [(6, 7)]) == "why is it"
    assert rest("draw a fox and X", [(15, 16)]) == "draw a fox"
    assert rest("...X!!!", [(3, 4)]) == ""
    assert rest("as it was", []) == "as it was"
