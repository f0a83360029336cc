"""A small catalogue, and a stand-in for the tiers that know what a text wants by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Answer, Verdict
from pointsman.core.message import Message, Turn
from pointsman.tiers import slots
from pointsman.tiers.followups import FollowUps
from pointsman.tiers.followups.earlier import Alone
from pointsman.tiers.watch import Watch

CATALOGUE = Catalogue(
    [
        Category("picture", "pictures", "image", slots=("prompt", "negative", "style", "width", "height", "count")),
        Category("hello", "courtesies", "simple"),
        Category("talk", "talk", "llm"),
        Category("facts", "facts", "llm"),
        Category("lookup", "what has to be looked up", "llm+tools", slots=("query",)),
        Category("notes", "what is to be kept", "llm+tools", slots=("action", "memory")),
        Category("sums", "sums", "llm+tools", slots=("expression", "code")),
    ]
)
# What texts want by themselves, by a word in them; the first that is found counts.
WANTS = (
    ("draw", "picture"),
    ("thank", "hello"),
    ("hi!", "hello"),
    ("remind", "notes"),
    ("shopping list", "notes"),
    ("weather", "lookup"),
    ("price", "lookup"),
    ("17*23", "sums"),
    ("capital", "facts"),
    ("explain", "facts"),
    ("poem", "talk"),
    ("joke", "talk"),
)

Judge = Callable[..., Verdict]


def alone(message: Message) -> Alone | None:
    """What a text wants by itself, as a pattern would say."""
    category = next((name for word, name in WANTS if word in message.look.lower()), "")
    return Alone(category, 0.97, 0.97, "letter") if category else None


@pytest.fixture
def tier() -> FollowUps:
    return FollowUps(alone, CATALOGUE, "talk", slots.find)


@pytest.fixture
def judge(tier: FollowUps) -> Judge:
    """What the tier says to a text after turns, which alternate and begin with the user's."""
    return judge_of(tier)


@pytest.fixture
def judge_guarded_by() -> Callable[[Watch], Judge]:
    """The same, with somebody who looks at the turns first."""
    return lambda watch: judge_of(FollowUps(alone, CATALOGUE, "talk", slots.find, watch=watch))


def judge_of(tier: FollowUps) -> Judge:
    """What a tier says to a text after turns."""

    def judged(text: str, *before: str) -> Verdict:
        roles = ("user", "assistant")
        history = tuple(Turn(roles[place % 2], said) for place, said in enumerate(before))  # type: ignore[arg-type]
        return tier.judge(Message(text, history=history))

    return judged


@pytest.fixture
def answer(judge: Judge) -> Callable[..., Answer]:
    """The same, for texts that it answers."""

    def answered(text: str, *before: str) -> Answer:
        verdict = judge(text, *before)
        assert isinstance(verdict, Answer), verdict
        return verdict

    return answered
