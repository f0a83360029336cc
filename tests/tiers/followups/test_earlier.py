"""What was said before: the last exchange, and what the tiers make of a text by itself."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.errors import PatternError
from pointsman.core.message import Message, Turn
from pointsman.tiers.cascade import Stage
from pointsman.tiers.followups.earlier import Alone, Remembering, decided_by, last_exchange

CATALOGUE = Catalogue([Category("image", "pictures", "image"), Category("talk", "talk", "llm")])


@dataclass
class Says:
    """A tier that says the same to everything."""

    verdict: Verdict | Exception
    name: str = "patterns"

    def judge(self, message: Message) -> Verdict:
        del message
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict


def answer(category: str, confidence: float) -> Answer:
    return Answer(category, confidence, confidence, "so")


def test_the_last_exchange_leaves_out_system_and_tools() -> None:
    history = (
        Turn("system", "be kind"), Turn("user", "hello"), Turn("assistant", "hi"), Turn("user", "draw a cat"),
        Turn("assistant", "one moment"), Turn("tool", "{}"), Turn("assistant", "here"),
    )  # fmt: skip
    exchange = last_exchange(history)
    assert exchange is not None
    assert (exchange.user, exchange.assistant, exchange.before) == ("draw a cat", "one moment\nhere", history[:3])


def test_an_assistant_that_speaks_first_is_heard() -> None:
    exchange = last_exchange((Turn("assistant", "Shall I draw something?"),))
    assert exchange is not None
    assert (exchange.user, exchange.assistant) == ("", "Shall I draw something?")
    assert last_exchange((Turn("system", "be kind"),)) is None
    assert last_exchange(()) is None


def test_long_turns_are_shortened() -> None:
    exchange = last_exchange((Turn("user", "a" * 1_000_000), Turn("assistant", "b" * 1_000_000)))
    assert exchange is not None
    assert max(len(exchange.user), len(exchange.assistant)) < 5000


def test_a_text_is_asked_about_once_and_not_kept() -> None:
    asked: list[str] = []

    def decide(text: str) -> Alone | None:
        asked.append(text)
        return None if text == "unsure" else Alone("talk", 0.9, 0.9)

    remembering = Remembering(decide, capacity=2)
    for text in ("secret", "unsure", "secret", "unsure"):
        remembering(text)
    assert asked == ["secret", "unsure"]
    assert "secret" not in repr(vars(remembering))
    remembering("third")
    assert remembering("secret") == Alone("talk", 0.9, 0.9)
    assert asked[-1] == "secret", "the oldest is forgotten"


def test_the_tiers_decide_as_in_the_cascade() -> None:
    unsure, sure = Says(answer("image", 0.8)), Says(answer("image", 0.9), "classifier")
    assert decided_by([Stage(unsure, 0.93)], CATALOGUE)("x") is None
    stages = [Stage(unsure, 0.93, votes=True), Stage(sure, 0.95)]
    found = decided_by(stages, CATALOGUE)("x")
    assert found is not None
    assert (found.category, found.tier) == ("image", "classifier")
    assert found.path_confidence > 0.95, "the vote counts"


def test_a_tier_that_fails_is_passed_over() -> None:
    stages = [Stage(Says(PatternError("bad", cure="mend it")), 0.5), Stage(Says(Abstain("no")), 0.5)]
    assert decided_by(stages, CATALOGUE)("x") is None
    assert decided_by([*stages, Stage(Says(answer("talk", 0.9)), 0.5)], CATALOGUE)("x") is not None
