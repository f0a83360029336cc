from __future__ import annotations

import pytest

from pointsman.core.category import Catalogue, Category, Path, Pattern
from pointsman.core.decision import Abstain, Answer, Evidence
from pointsman.core.errors import PatternError
from pointsman.core.message import LOOK_HEAD, Message
from pointsman.tiers.cascade import Stage
from pointsman.tiers.patterns import Patterns, fold


def catalogue(*categories: tuple[str, Path, tuple[Pattern, ...]]) -> Catalogue:
    return Catalogue(Category(name, name, path, patterns) for name, path, patterns in categories)


DRAW = Pattern("draw", r"\b(?:draw|paint) (?:me )?an? \w+", 0.97, unless=r"\bconclusion\b|\bblank\b")
MALE = Pattern("male", r"\b(?:zeichne|male) (?:mir )?eine?n?\b", 0.95, language="de")
KAKU = Pattern("kaku", r"(?:絵|猫).{0,4}(?:描いて|かいて)", 0.9, language="ja")
HELLO = Pattern("hello", r"^\W*(?:hi|hello|h[eé]llo|привет|你好)(?:[\s,!.]+(?:hi|there|you))*\W*$", 0.98)
WAVE = Pattern("wave", r"^\W*👋", 0.5)
JOKE = Pattern("joke", r"\bjoke\b", 0.92)
TIE = Pattern("tie", r"\btie\b", 0.97)
NEWS = Pattern("news", r"\b(?:latest|today's) news\b", 0.9)
ALL = catalogue(
    ("pictures", "image", (DRAW, MALE, KAKU)),
    ("greetings", "simple", (HELLO, WAVE)),
    ("talk", "llm", (JOKE, TIE)),
    ("search", "llm+tools", (NEWS,)),
)
PATTERNS = Patterns(ALL)


def judge(text: str, patterns: Patterns = PATTERNS) -> Answer | Abstain:
    verdict = patterns.judge(Message(text))
    assert isinstance(verdict, Answer | Abstain)
    return verdict


def names(text: str) -> set[str]:
    return {rule.pattern.name for rule in PATTERNS.fired(text)}


def test_says_which_pattern_matched_and_how_far_it_is_trusted() -> None:
    assert judge("please draw me a cat") == Answer(
        "pictures",
        0.97,
        0.97,
        "pattern pictures/draw, trusted to 0.97",
        scores={"pictures": 0.97},
        evidence=(Evidence("pattern", "pictures/draw", "pictures", 0.97),),
    )


def test_abstains_when_no_pattern_matches() -> None:
    assert judge("how are tides made?") == Abstain("no pattern matches")


def test_what_unless_finds_keeps_a_pattern_silent() -> None:
    assert judge("draw a conclusion") == Abstain("no pattern matches")
    assert names("draw a blank canvas") == set()
    assert names("draw a canvas") == {"draw"}


def test_unless_keeps_only_its_own_pattern_silent() -> None:
    assert names("draw a conclusion from the latest news") == {"news"}


def test_a_pattern_tells_the_language() -> None:
    answer = judge("Zeichne mir einen Fuchs")
    assert isinstance(answer, Answer)
    assert answer.language == "de"


def test_the_surest_category_wins_and_the_margin_is_to_the_best_on_another_path() -> None:
    answer = judge("draw a joke about the latest news")
    assert isinstance(answer, Answer)
    assert (answer.category, answer.confidence) == ("pictures", 0.97)
    assert answer.margin == pytest.approx(0.05)
    assert answer.scores == {"pictures": 0.97, "talk": 0.92, "search": 0.9}
    assert [evidence.text for evidence in answer.evidence] == ["pictures/draw", "talk/joke", "search/news"]


def test_a_rival_on_the_same_path_takes_nothing_from_the_margin() -> None:
    patterns = Patterns(catalogue(("a", "llm", (JOKE,)), ("b", "llm", (Pattern("jokes", "joke", 0.91),))))
    answer = judge("a joke", patterns)
    assert isinstance(answer, Answer)
    assert (answer.category, answer.margin) == ("a", 0.92)
    assert answer.scores == {"a": 0.92, "b": 0.91}


def test_equally_sure_patterns_are_taken_in_the_order_of_their_names() -> None:
    answer = judge("paint a tie")
    assert isinstance(answer, Answer)
    assert (answer.category, answer.margin) == ("pictures", 0.0)


def test_nothing_but_a_greeting_is_not_so_when_another_path_is_nearly_as_sure() -> None:
    greeting = Pattern("any", "^hi", 0.98)
    patterns = Patterns(
        catalogue(("greetings", "simple", (greeting,)), ("talk", "llm", (JOKE,)), ("search", "llm+tools", (NEWS,)))
    )
    alone = judge("hi there", patterns)
    assert isinstance(alone, Answer)
    assert alone.category == "greetings"
    both = judge("hi, a joke", patterns)
    assert isinstance(both, Answer)
    assert (both.category, both.confidence, both.margin) == ("talk", 0.92, 0.92)
    assert both.scores["greetings"] == 0.98
    three = judge("hi, a joke about the latest news", patterns)
    assert isinstance(three, Answer)
    assert three.category == "talk"
    assert three.margin == pytest.approx(0.02)


def test_a_greeting_wins_against_a_weak_pattern() -> None:
    weak = Pattern("weak", "there", 0.6)
    answer = judge("hi there", Patterns(catalogue(("greetings", "simple", (HELLO,)), ("talk", "llm", (weak,)))))
    assert isinstance(answer, Answer)
    assert answer.category == "greetings"
    assert answer.margin == pytest.approx(0.38)


def test_of_patterns_that_are_nearly_as_sure_the_users_own_wins() -> None:
    lamps = Category("lamps", "lamps", "llm", (Pattern("lamp", r"^draw me a lamp", 0.95),))
    weak = Category("weak", "weak", "llm", (Pattern("weak", r"^draw me a fox", 0.8),))
    known = Patterns(Catalogue([*ALL, lamps, weak], own=["lamps", "weak"]))
    mine = judge("draw me a lamp", known)
    assert isinstance(mine, Answer)
    assert (mine.category, mine.margin) == ("lamps", 0.0)
    other = judge("draw me a fox", known)
    assert isinstance(other, Answer)
    assert other.category == "pictures"


def test_a_pattern_below_the_bar_only_votes() -> None:
    verdict = Stage(PATTERNS, accept=0.95).weigh(judge("a joke"))
    assert isinstance(verdict, Abstain)
    assert verdict.leaning is not None
    assert verdict.leaning.category == "talk"


@pytest.mark.parametrize(
    "text",
    [
        "  hello there!\n",
        "HELLO",
        "Héllo",
        "he\u0301llo",
        "ｈｅｌｌｏ",
        "Привет!",
        "你好。",
        "👋🏽 hi",
        "hi ❤️",
    ],
)
def test_greetings_in_every_writing(text: str) -> None:
    answer = judge(text)
    assert isinstance(answer, Answer)
    assert answer.category == "greetings"


def test_text_and_patterns_are_folded_alike() -> None:
    assert fold("“don’t”\u00a0ﬁne…") == '"don\'t" fine...'
    assert names("today’s news") == {"news"}
    assert names("today's news") == {"news"}
    patterns = Patterns(catalogue(("talk", "llm", (Pattern("quoted", "^“ｏｋ”？$", 0.9),))))
    assert isinstance(judge('"ok"?', patterns), Answer)
    assert isinstance(judge("„OK”？", patterns), Answer)


def test_words_of_other_scripts_have_boundaries() -> None:
    patterns = Patterns(catalogue(("talk", "llm", (Pattern("it", r"\bон\b|\bhé\b", 0.9),))))
    assert isinstance(judge("это он.", patterns), Answer)
    assert isinstance(judge("HÉ!", patterns), Answer)
    assert isinstance(judge("тон", patterns), Abstain)
    assert isinstance(judge("hété", patterns), Abstain)


def test_languages_without_spaces() -> None:
    answer = judge("猫の絵を描いて")
    assert isinstance(answer, Answer)
    assert (answer.category, answer.language) == ("pictures", "ja")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "🦊🦊🦊",
        "\x00",
        "\x00\x1f\x7f",
        "\ud800 lone \udfff",
        "שלום לך",
        "\u202eabc\u202c",
        "\u0301\u0301",
        "\ufeff",
        "?!.,",
        "ﷺ" * 4000,
        "\U0010ffff",
    ],
)
def test_odd_texts_are_no_reason_to_fail(text: str) -> None:
    assert judge(text) == Abstain("no pattern matches")


def test_looks_at_the_beginning_and_the_end_of_a_long_message() -> None:
    filling = "x " * 500_000
    assert isinstance(judge(filling), Abstain)
    assert isinstance(judge(f"{filling} now draw a cat"), Answer)
    assert isinstance(judge(f"draw a cat {filling}"), Answer)
    assert isinstance(judge(f"{'x' * LOOK_HEAD} draw a cat {filling}"), Abstain)


def test_a_pattern_that_makes_others_hang_is_harmless() -> None:
    patterns = Patterns(catalogue(("talk", "llm", (Pattern("trap", r"^(?:(?:a+)+|(?:b|b)*)*c$", 0.9),))))
    assert isinstance(judge("a" * 3_000 + "!", patterns), Abstain)
    assert isinstance(judge("a" * 3_000 + "c", patterns), Answer)


def test_large_patterns_are_built_once() -> None:
    large = Pattern("large", r"^\w{100,200}$", 0.9)
    patterns = Patterns(catalogue(("talk", "llm", (large, Pattern("not", "x", 0.9, unless=large.regex)))))
    assert {rule.pattern.name for rule in patterns.fired("x" * 150)} == {"large"}
    assert {rule.pattern.name for rule in patterns.fired("x" * 99)} == {"not"}


def test_no_patterns_at_all() -> None:
    assert judge("hi", Patterns(Catalogue([]))) == Abstain("no pattern matches")


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        (Pattern("ahead", "draw(?! a conclusion)", 0.9), "talk/ahead: "),
        (Pattern("open", "(draw", 0.9), "talk/open: "),
        (Pattern("silent", "draw", 0.9, unless=r"(a)\1"), "talk/silent, unless: "),
    ],
)
def test_a_pattern_that_cannot_run_is_refused_by_name(pattern: Pattern, named: str) -> None:
    with pytest.raises(PatternError) as refused:
        Patterns(catalogue(("talk", "llm", (JOKE, pattern))))
    assert refused.value.message.startswith(named)
    assert refused.value.cure


def test_an_unless_that_several_patterns_share_is_kept_once() -> None:
    shared = [Pattern(name, name, 0.9, unless="not") for name in ("one", "two")]
    patterns = Patterns(catalogue(("talk", "llm", tuple(shared))))
    assert {rule.pattern.name for rule in patterns.fired("one two")} == {"one", "two"}
    assert patterns.fired("not one two") == []
    assert patterns._rules[0].unless is patterns._rules[1].unless


def test_many_patterns_are_all_found_wherever_they_are_dealt_to() -> None:
    from_start = [Pattern(f"s{number}", rf"^word{number}\b", 0.9) for number in range(20)]
    anywhere = [Pattern(f"a{number}", rf"\bword{number}\b", 0.9) for number in range(20)]
    patterns = Patterns(catalogue(("talk", "llm", (*from_start, *anywhere))))
    for number in range(20):
        assert {rule.pattern.name for rule in patterns.fired(f"word{number} x")} == {f"s{number}", f"a{number}"}
        assert {rule.pattern.name for rule in patterns.fired(f"x word{number}")} == {f"a{number}"}
