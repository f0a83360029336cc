from __future__ import annotations

import re
import sys
import unicodedata

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pointsman.core.errors import PatternError
from pointsman.tiers.boundaries import MOST_MARKS, ascii_regex, mark, marked_regex, most_in_a_row
from pointsman.tiers.regex_classes import SENTINEL, WHITE, is_word
from pointsman.tiers.regex_parser import Parser

# Latin with accents, Greek (with its two small sigmas), Cyrillic, Devanagari without marks, Han, kana, digits and
# numbers of several scripts, the underscore, white space of several kinds, punctuation, an emoji, a control character.
LETTERS = "abkséßñΣσжЯक日あ1٣½Ⅷ_"
GAPS = " \t\n\x1e\xa0\u2003.,-!?¿。🦊\x00"
MARKS = "\u0301ि"

OPTIONS = re2.Options()
OPTIONS.case_sensitive = False
OPTIONS.log_errors = False


def tree_of(pattern: str):
    return Parser(pattern, "greeting/hello", str).parse()


def finds(pattern: str, text: str) -> bool:
    """Whether our pair of rewritten patterns finds the pattern in a text."""
    tree = tree_of(pattern)
    if text.isascii():
        regex, searched = ascii_regex(tree, "x"), text
    else:
        regex, searched = marked_regex(tree, "x"), mark(text, most_in_a_row(tree, "x"))
    return regex is not None and re2.search(regex, searched, OPTIONS) is not None


literals = st.sampled_from(LETTERS + GAPS).map(re.escape)
members = st.one_of(literals, st.sampled_from([r"\d", r"\s", r"\w", "a-k", "ж-я", "¿-ñ"]))
classes = st.builds(
    lambda negation, parts: f"[{negation}{''.join(parts)}]", st.sampled_from(["", "^"]), st.lists(members, min_size=1, max_size=3)
)
negated_members = st.sampled_from([r"[\W_]", r"[\Wa]", r"[\S\n]", r"[\D1]", r"[^\W\d_]", r"[^\W_]", r"[^\S\n]", r"[\s\S]", r"[^\D]"])
atoms = st.one_of(literals, classes, negated_members, st.sampled_from([r"\b", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", "."]))


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouped = st.one_of(parts, st.lists(parts, min_size=2, max_size=3).map("|".join)).map(lambda inner: f"(?:{inner})")
    counts = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?", "+?", "??"])
    repeated = st.builds(lambda part, count: part + count, st.one_of(grouped, atoms.filter(lambda atom: atom != r"\b")), counts)
    return st.lists(st.one_of(parts, grouped, repeated), min_size=1, max_size=4).map("".join)


bodies = st.recursive(atoms, larger, max_leaves=8)
patterns = st.builds(
    lambda opening, body, ending: f"{opening}(?:{body}){ending}",
    st.sampled_from(["", "^", "(?m:^)", r"\b"]),
    bodies,
    st.sampled_from(["", "$", "(?m:$)", r"\b"]),
)
texts = st.text(alphabet=LETTERS + GAPS, max_size=12)


def as_python(pattern: str) -> str:
    """The same for Python, whose `$` also stands before a last line feed."""
    return f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern


@settings(max_examples=1500, deadline=None)
@given(pattern=patterns, text=texts)
@example(pattern=r"\b(?:a\b)?\b,", text="é a,")
@example(pattern=r"(?:\b|a)\b ж", text="a ж")
@example(pattern=r"^(?:\b(?:a\b\s*)+)$", text="a a\xa0a")
@example(pattern=r"(?:a.*b)", text="éa ж\xa0b")
def test_a_pattern_finds_what_pythons_re_finds(pattern: str, text: str):
    try:
        found = finds(pattern, text)
    except PatternError as refused:
        assert r"\b" in str(refused) or "negated class" in str(refused)
        return
    expected = re.search(as_python(pattern), text, re.IGNORECASE) is not None
    assert found == expected
