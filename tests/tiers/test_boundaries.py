from __future__ import annotations

import re
import sys
import unicodedata

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pointsman.core.errors import PatternError
from pointsman.tiers.boundaries import Script
from pointsman.tiers.regex_reader import is_letter

# Latin with accents, Greek (with its two small sigmas), Cyrillic, Han, kana, numbers, the underscore; and what stands
# between words: white space of several kinds, punctuation, an emoji, control characters.
LETTERS = "abkSséßñΣσςжЯ日あ1½Ⅷ_"
GAPS = " \t\n\x0b\x1e\xa0\u2003.,-!?¿。🦊\x00"
ACCENTS = "\u0301\u093f\u0e34"


def finds(pattern: str, text: str) -> bool:
    """Whether RE2 finds a pattern in a text, both made ready for it."""
    script = Script([(pattern, "greeting/hello")])
    options = re2.Options()
    options.log_errors = False
    return re2.search(script.regexes[0], script.text(text), options) is not None


literals = st.sampled_from(LETTERS + GAPS).map(re.escape)
members = st.one_of(
    literals, st.sampled_from([r"\d", r"\s", r"\w", r"\W", r"\D", r"\S", "a-k", "A-Z", "ж-я", "¿-ñ", "一-\U0010ffff"])
)
classes = st.builds(
    lambda negation, parts: f"[{negation}{''.join(parts)}]",
    st.sampled_from(["", "^"]),
    st.lists(members, min_size=1, max_size=3),
)
sets = st.sampled_from([r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", ".", r"\b", r"\b"])
atoms = st.one_of(literals, literals, classes, sets)


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouped = st.lists(parts, min_size=1, max_size=3).map(lambda options: f"(?:{'|'.join(options)})")
    counts = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?", "+?", "??"])
    single = st.one_of(grouped, classes, literals, sets.filter(lambda one: one != r"\b"))
    repeated = st.builds(lambda part, count: part + count, single, counts)
    return st.lists(st.one_of(parts, grouped, repeated), min_size=1, max_size=4).map("".join)


patterns = st.builds(
    lambda opening, body, ending: f"{opening}(?:{body}){ending}",
    st.sampled_from(["", "", "^", "(?m:^)", r"\b"]),
    st.recursive(atoms, larger, max_leaves=8),
    st.sampled_from(["", "", "$", "(?m:$)", r"\b"]),
)
texts = st.text(alphabet=LETTERS + GAPS, max_size=12)


def with_one_space(text: str) -> str:
    """All white space outside ASCII is one to us."""
    return text.replace("\xa0", " ").replace("\u2003", " ")


def as_python(pattern: str, *, with_marks: bool = False) -> str:
    """The same for Python, whose `$` also stands before a last line feed and whose words hold no marks."""
    pattern = with_one_space(pattern)
    pattern = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if with_marks:
        word, gap = f"[\\w{ACCENTS}]", f"[^\\w{ACCENTS}]"
        edge = f"(?:(?<!{word})(?={word})|(?<={word})(?!{word}))"
        pattern = pattern.replace(r"\b", edge).replace(r"\w", word).replace(r"\W", gap)
    return pattern


@settings(max_examples=800, deadline=None)
@given(pattern=patterns, text=texts)
@example(pattern=r"\b(?:a\b)?\b,", text="é a,")
@example(pattern=r"^(?:\b(?:a\b\s*)+)$", text="a a\xa0a")
@example(pattern=r"(?:a.{2}b)", text="éaж\x00b")
@example(pattern=r"(?:[^é]a)", text="éa ña")
def test_a_pattern_finds_what_pythons_re_finds(pattern: str, text: str):
    expected = re.search(as_python(pattern), with_one_space(text), re.IGNORECASE) is not None
    assert finds(pattern, text) == expected
