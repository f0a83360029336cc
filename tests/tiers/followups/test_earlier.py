"""What was said before: the last exchange, and what the tiers make of a text by itself."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.errors import PatternError
from pointsman.core.message import Message, Turn
from pointsman.tiers.cascade import Stage
from pointsman.tiers.followups.earlier import Alone, Remembering, decided_by, last_exchange
from pointsman.tiers.watch import Watched

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
    assert (exchange.user, exchange.assistant) == ("draw a cat", "one moment\nhere")
    before = exchange.before()
    assert before is not None
    assert (before.user, before.assistant, before.before()) == ("hello", "hi", None)


def test_an_assistant_that_speaks_first_is_heard() -> None:
    exchange = last_exchange((Turn("assistant", "Shall I draw something?"),))
    assert exchange is not None
    assert (exchange.user, exchange.assistant, exchange.before()) == ("", "Shall I draw something?", None)
    assert last_exchange((Turn("system", "be kind"),)) is None
    assert last_exchange(()) is None


def test_long_turns_are_shortened() -> None:
    exchange = last_exchange((Turn("user", "a" * 1_000_000), Turn("assistant", "b" * 1_000_000)))
    assert exchange is not None
    assert max(len(exchange.user), len(exchange.assistant)) < 5000


class Cuts:
    """A watch that leaves of a text what stands behind the last bar."""

    name = "guard"

    def watch(self, message: Message) -> Watched | Awaitable[Watched]:
        _, bar, rest = message.text.rpartition("|")
        return Watched(judged=rest) if bar else Watched()


def test_what_a_watch_takes_out_of_a_turn_is_not_judged() -> None:
    history = (Turn("user", "weather|"), Turn("assistant", "no"), Turn("user", "paint|sing"), Turn("assistant", "la"))
    exchange = last_exchange(history, Cuts())
    assert exchange is not None
    assert (exchange.user, exchange.emptied, exchange.message.text) == ("sing", False, "paint|sing")
    before = exchange.before()
    assert before is not None
    assert before.emptied
    plain = last_exchange(history[:1])
    assert plain is not None
    assert (plain.user, plain.emptied) == ("weather|", False)


class Asked:
    """Decides, and keeps what it was asked about."""

    def __init__(self) -> None:
        self.about: list[str] = []

    def __call__(self, message: Message) -> Alone | None:
        self.about.append(message.look)
        return None if message.look == "unsure" else Alone("talk", 0.9, 0.9)


def test_a_text_is_asked_about_once_and_not_kept() -> None:
    asked = Asked()
    remembering = Remembering(asked, capacity=2)
    for text in ("secret", "unsure", "secret", "unsure"):
        remembering(Message(text))
    assert asked.about == ["secret", "unsure"]
    assert "secret" not in repr(remembering._latest)
    remembering(Message("third"))
    assert remembering(Message("secret")) == Alone("talk", 0.9, 0.9)
    assert asked.about[-1] == "secret", "the oldest is forgotten"


def test_a_text_is_asked_about_anew_when_another_part_of_it_is_judged() -> None:
    asked = Asked()
    remembering = Remembering(asked)
    message = Message("one two")
    for judged in (None, "two", "one", "two"):
        remembering(replace(message, judged=judged))
    assert asked.about == ["one two", "two", "one"]


def test_nothing_is_remembered_of_what_rested_on_something_else() -> None:
    asked, basis = Asked(), [object()]
    remembering = Remembering(asked, lambda: basis[-1])
    remembering(Message("secret"))
    basis.append(object())
    remembering(Message("secret"))
    remembering(Message("secret"))
    assert asked.about == ["secret", "secret"]


def test_the_tiers_decide_as_in_the_cascade() -> None:
    unsure, sure = Says(answer("image", 0.8)), Says(answer("image", 0.9), "classifier")
    assert decided_by([Stage(unsure, 0.93)], CATALOGUE)(Message("x")) is None
    stages = [Stage(unsure, 0.93, votes=True), Stage(sure, 0.95, goes_by="words")]
    found = decided_by(stages, CATALOGUE)(Message("x"))
    assert found is not None
    assert (found.category, found.goes_by) == ("image", "words")
    assert (found.clear, found.literal) == (True, False)
    assert found.path_confidence > 0.95, "the vote counts"


def test_a_tier_that_fails_is_passed_over() -> None:
    stages = [Stage(Says(PatternError("bad", cure="mend it")), 0.5), Stage(Says(Abstain("no")), 0.5)]
    assert decided_by(stages, CATALOGUE)(Message("x")) is None
    assert decided_by([*stages, Stage(Says(answer("talk", 0.9)), 0.5)], CATALOGUE)(Message("x")) is not None
