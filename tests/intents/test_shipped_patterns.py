"""Every pattern that ships finds what its file says it must, and leaves alone what it must not."""

from __future__ import annotations

from functools import cache

import pytest

from pointsman.config import intents
from pointsman.config.tiers import PatternsTier
from pointsman.core.category import Catalogue, Category, Pattern
from pointsman.core.decision import Answer
from pointsman.core.message import Message
from pointsman.tiers.cascade import Stage
from pointsman.tiers.patterns import Patterns

CATALOGUE: Catalogue = intents.load()
ACCEPT = PatternsTier().accept
OWNED = [(category, pattern) for category in CATALOGUE for pattern in category.patterns]
NAMES = [f"{category.name}/{pattern.name}" for category, pattern in OWNED]


@cache
def tier() -> Patterns:
    return Patterns(CATALOGUE)


def fires(category: Category, pattern: Pattern, text: str) -> bool:
    return any((rule.category, rule.pattern.name) == (category.name, pattern.name) for rule in tier().fired(text))


@pytest.mark.parametrize(("category", "pattern"), OWNED, ids=NAMES)
def test_finds_what_it_must(category: Category, pattern: Pattern) -> None:
    assert pattern.must, "a pattern without an example of what it is for"
    assert [text for text in pattern.must if not fires(category, pattern, text)] == []


@pytest.mark.parametrize(("category", "pattern"), OWNED, ids=NAMES)
def test_leaves_alone_what_it_must_not_find(category: Category, pattern: Pattern) -> None:
    assert pattern.must_not, "a pattern without an example of what it is not for"
    assert [text for text in pattern.must_not if fires(category, pattern, text)] == []


@pytest.mark.parametrize(("category", "pattern"), OWNED, ids=NAMES)
def test_no_pattern_sends_what_another_must_find_down_another_path(category: Category, pattern: Pattern) -> None:
    stage = Stage(tier(), ACCEPT)
    for text in pattern.must:
        verdict = stage.weigh(tier().judge(Message(text)))
        assert not isinstance(verdict, Answer) or CATALOGUE.path_of(verdict.category) == category.path, (text, verdict)


@pytest.mark.parametrize(
    ("text", "not_on"),
    [
        ("write a poem in the style of Frost", "image"),
        ("a haiku about rain, in the style of Basho please", "image"),
        ("what is love", "llm+tools"),
        ("draw a conclusion", "image"),
        ("can you draw a conclusion from these numbers?", "image"),
        ("hi, can you explain recursion?", "simple"),
        ("hello, what's the weather in Rome?", "simple"),
        ("thanks, now draw it in blue", "simple"),
        ("thanks! and how does that work?", "simple"),
        ("bye bye is a song by whom?", "simple"),
        ("picture this: you wake up late", "image"),
        ("explain the docker image cache", "image"),
        ("make a summary", "image"),
        ("how do I run a marathon?", "llm+tools"),
        ("do you remember the nineties?", "llm+tools"),
    ],
)
def test_the_known_traps_catch_nobody(text: str, not_on: str) -> None:
    assert [rule for rule in tier().fired(text) if rule.path == not_on] == []
