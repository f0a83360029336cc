from __future__ import annotations

import re
import sys
import unicodedata

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pointsman.core.errors import PatternError
from pointsman.tiers import expressions as expressions_module
from pointsman.tiers.boundaries import Script
from pointsman.tiers.expressions import Expressions
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
    return re2.search(script.expressions[0].regex, script.text(text), options) is not None


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
        pattern = pattern.replace(r"\w", word).replace(r"\W", gap).replace(r"\b", edge)
    return pattern


@settings(max_examples=400, deadline=None)
@given(pattern=patterns, text=texts)
@example(pattern=r"\b(?:a\b)?\b,", text="é a,")
@example(pattern=r"^(?:\b(?:a\b\s*)+)$", text="a a\xa0a")
@example(pattern=r"(?:a.{2}b)", text="éaж\x00b")
@example(pattern=r"(?:[^é]a)", text="éa ña")
def test_a_pattern_finds_what_pythons_re_finds(pattern: str, text: str) -> None:
    expected = re.search(as_python(pattern), with_one_space(text), re.IGNORECASE) is not None
    assert finds(pattern, text) == expected


marked_atoms = st.sampled_from([r"\b", r"\w", r"\W", "a", "и", " ", "ก", *ACCENTS])
marked_patterns = (
    st.lists(
        st.builds(
            lambda part, count: part if part == r"\b" else part + count,
            marked_atoms,
            st.sampled_from(["", "", "+", "?"]),
        ),
        min_size=1,
        max_size=5,
    )
    .map("".join)
    .filter(str.strip)
)


@settings(max_examples=250, deadline=None)
@given(pattern=marked_patterns, text=st.text(alphabet="aиก -" + ACCENTS, max_size=8))
@example(pattern="\\ba\u093f\\b", text="иa\u093f a\u093f")
def test_a_combining_mark_belongs_to_its_word(pattern: str, text: str) -> None:
    # Composed characters are taken apart nowhere here, so that Python sees what RE2 sees.
    pattern, text = unicodedata.normalize("NFC", pattern), unicodedata.normalize("NFC", text)
    expected = re.search(as_python(pattern, with_marks=True), text, re.IGNORECASE) is not None
    assert finds(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bété\b", "l'été dernier"),
        (r"\bété\b", "cet ÉTÉ"),
        (r"\bпривет\b", "Ну, привет!"),
        (r"\bसमय\b", "अभी समय क्या है"),
        (r"\bकीमत\b", "इसकी कीमत क्या है"),
        (r"かいて$", "ねこをかいて"),
        (r"^画(?:一[只个])?猫$", "画一只猫"),
        (r"\bsocrate[sσ]\b|\bσωκράτης\b", "Ο ΣΩΚΡΆΤΗΣ"),
        (r"\d{3}", "٣٤٥"),
        (r"na\wve", "naïve"),
        (r"[à-ÿ]", "É"),
        (r"^\W+$", "🦊🦊 …"),
        (r"a\sb", "a\x1cb"),
        (r"a\x20\x{e9}b", "a éb"),
        (r"(?i)ok", "OK"),
        (r"(?P<what>cat)\Z", "a CAT"),
        (r"[]x]", "]"),
        (r"[^]x]", "a"),
        (r"[\]\-\\]", "-"),
        (r"\.", "a.b"),
        (r"{x", "{x"),
    ],
)
def test_finds(pattern: str, text: str) -> None:
    assert finds(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bt\b", "été"),
        (r"\bet\b", "étéet"),
        (r"\bвет\b", "привет"),
        (r"\bकी\b", "इसकी"),
        (r"\w", "🦊…"),
        (r"\W", "éжी"),
        (r"[^é]", "ééé"),
        (r"^.$", "éa"),
        (r"a.b", "a\nb"),
        (r"^b", "a\nb"),
        (r"\bx", "\x1fa"),
    ],
)
def test_does_not_find(pattern: str, text: str) -> None:
    assert not finds(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "what", "cure"),
    [
        ("(?=a)b", "ahead or behind", "unless"),
        ("a(?!b)", "ahead or behind", "unless"),
        ("(?<=a)b", "ahead or behind", "unless"),
        ("(?<!a)b", "ahead or behind", "unless"),
        (r"(a)\1", "back to a group", "alternatives"),
        (r"(?P<x>a)(?P=x)", "back to a group", "alternatives"),
        ("(?>a)", "atomic", "plain repeats"),
        ("a++", "possessive", "plain repeats"),
        ("(a)?(?(1)b)", "condition", "two patterns"),
        ("(?#note)a", "comment", "behind #"),
        (r"\p{L}+", r"\p{...}", r"\w"),
        (r"[\p{L}\d]", r"\p{...}", r"\w"),
        (r"[\q]", r"\q in a class", "itself"),
        (r"\Qa.b\E", r"\Q", "one by one"),
        (r"\C", r"\C", "any character"),
        ("[[:alpha:]]", "POSIX", r"\w"),
        ("(?s)a.b", "flag s", r"[\s\S]"),
        ("(?x) a b", "(?x)", "leave the flags out"),
        ("(?-i:TCP)", "(?-i:", "case never matters"),
        ("[z-a]", "range z-a", "turn it round"),
        (r"[a-\d]", "range", "turn it round"),
        ("(a", "missing", "correct"),
        ("a)", "unexpected", "correct"),
        ("a{2000}", "2000", "correct"),
        ("[a", "missing", "correct"),
        ("*a", "repetition", "correct"),
        ("a\\", "trailing", "correct"),
        (r"\q", r"\q", "correct"),
        (" ", "empty", "words"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_cure(pattern: str, what: str, cure: str) -> None:
    with pytest.raises(PatternError) as refused:
        Expressions(Script([(pattern, "greeting/hello")]).expressions)
    assert refused.value.message.startswith("greeting/hello")
    assert what in refused.value.message
    assert cure in refused.value.cure


def test_patterns_of_one_script_are_told_apart() -> None:
    script = Script([("é", "1"), ("è", "2"), ("[é-ì]", "3"), ("жук", "4"), (r"\bж\w+", "5")])
    expressions = Expressions(script.expressions)

    def found(text: str) -> list[int]:
        return sorted(expressions.found_in(script.text(text).encode()))

    assert found("é") == [0, 2]
    assert found("ìè") == [1, 2]
    assert found("Жуки") == [3, 4]
    assert found("зжук") == [3]
    assert found("ü") == []


def test_many_different_letters_need_longer_words() -> None:
    letters = [chr(point) for point in range(0x4E00, 0x4E00 + 2 * 3000, 2)]
    script = Script([(letter, letter) for letter in letters])
    expressions = Expressions(script.expressions)
    for letter in letters[::250]:
        assert expressions.found_in(script.text(letter + chr(ord(letter) + 1)).encode()) == [letters.index(letter)]


def test_the_words_for_letters_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.tiers.folding.MOST_REMEMBERED", 10)
    script = Script([("é", "1")])
    spelt = script.text("é")
    assert all(script.text(chr(point)) for point in range(0x3041, 0x3090))
    assert len(script._words) <= 10
    assert script.text("é") == spelt


@pytest.mark.parametrize(
    ("pattern", "only"),
    [
        ("^a", True),
        (r"^\|a", True),
        ("^(?:a|b)", True),
        ("^[|]", True),
        ("^a|^b", False),
        ("^a|b", False),
        ("^*a", False),
        ("^?a", False),
        ("a^b", False),
        (r"\w^b", False),
        ("(?m)^a", False),
        ("a", False),
    ],
)
def test_knows_which_patterns_can_match_at_the_start_only(pattern: str, only: bool) -> None:
    assert Script([(pattern, "x")]).expressions[0].from_start is only


def test_letters_are_what_python_calls_words_and_marks() -> None:
    ours = {point for point in range(sys.maxunicode + 1) if is_letter(chr(point))}
    marks = {point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)).startswith("M")}
    word = re.compile(r"\w")
    assert ours - marks == {point for point in range(sys.maxunicode + 1) if word.match(chr(point))} - marks
    assert marks <= ours


def test_an_expression_too_large_for_re2_is_refused_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions_module, "MEMORY", 1 << 16)
    with pytest.raises(PatternError, match="greeting/hello: too large"):
        Expressions(Script([(r"(?:[\wé-ж]{100}x){9}", "greeting/hello")]).expressions)
