"""The decision cache: repeats are answered as before, to those who may know, while nothing has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.decision import Abstain, Answer, Signal
from pointsman.core.message import LOOK_HEAD, LOOK_TAIL, Message, Origin, Turn
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers import cache as module
from pointsman.tiers.cache import NEAR_RIGHT, NOBODYS, Cache, CacheCounts
from pointsman.tiers.encoder import Vector
from pointsman.tiers.learned import Learned, LearnedNow, supposing

WEATHER = "Is it windy in Oslo?"
ANSWER = Answer("search", 0.9, 0.8, "it asks for news", scores={"search": 0.9, "chat": 0.1}, language="en")
ADA = Origin("discord", user="ada", channel="hall")
BOB = Origin("discord", user="bob", channel="hall")


@dataclass
class Scene:
    """A cache, its clock, and what has been learned."""

    near: float | None = None
    size: int = 10
    seconds: float = 0.0
    learned: LearnedNow = field(default_factory=LearnedNow)
    cache: Cache = field(init=False)

    def __post_init__(self) -> None:
        self.cache = Cache(
            vector_of,
            size=self.size,
            age=100.0,
            near=self.near,
            revision=lambda: self.learned.now,
            clock=lambda: self.seconds,
        )

    def ask(self, text: str, origin: Origin = ADA, *, answer: Answer | None = None, judged: str | None = None) -> str:
        """Why the cache answers; "" when it abstains, and then it is told `answer`."""
        message = Message(text, origin=origin, judged=judged)
        said = self.cache.judge(message)
        if isinstance(said, Abstain):
            self.cache.keep(message, "cloud", answer or ANSWER)
            return ""
        return said.reason

    def asked(self, texts: Sequence[str], origin: Origin = ADA) -> list[bool]:
        """Whether each was answered."""
        return [bool(self.ask(text, origin)) for text in texts]


def vector_of(text: str) -> Vector | None:
    encoder = BagEncoder()
    return encoder.encode(text) if encoder.legible(text) else None


def test_an_exact_repeat_is_answered_as_before() -> None:
    cache = Scene().cache
    message = Message(WEATHER)
    assert cache.judge(message) == Abstain("it has not been answered before")
    cache.keep(message, "cloud", ANSWER)
    again = cache.judge(message)
    assert isinstance(again, Answer)
    assert again.reason == "as cloud answered before: it asks for news"
    assert (again.category, again.confidence, again.margin, again.scores) == ("search", 0.9, 0.8, ANSWER.scores)
    assert cache.counts == CacheCounts(exact=1, misses=1, kept=1, held=1)
    assert cache.counts.rate == 0.5


def test_a_cache_that_was_not_asked_has_no_rate() -> None:
    assert Scene().cache.counts.rate == 0.0


def test_case_space_and_punctuation_make_no_other_message() -> None:
    assert Scene().asked([WEATHER, "  is it WINDY, in oslo", "is it windy in bergen?"]) == [False, True, False]


def test_what_was_said_before_is_no_part_of_it() -> None:
    """The tiers after it look at the message alone."""
    scene = Scene()
    scene.ask(WEATHER)
    assert isinstance(scene.cache.judge(Message(WEATHER, (Turn("user", "hi"), Turn("assistant", "Hello!")))), Answer)


def test_slots_are_given_again_to_the_very_same_text_only() -> None:
    scene = Scene(near=0.9)
    drawn = Answer("image", 0.9, 0.8, "a picture", slots={"prompt": "a Red fox"})
    scene.ask("draw a Red fox", answer=drawn)
    slots = []
    for text in ("draw a Red fox", "DRAW A RED FOX!", "a Red fox draw"):
        said = scene.cache.judge(Message(text, origin=ADA))
        assert isinstance(said, Answer)
        slots.append(dict(said.slots))
    assert slots == [{"prompt": "a Red fox"}, {}, {}]


def test_a_text_of_which_the_guard_left_something_out_is_another() -> None:
    scene = Scene()
    text = "windy in Oslo? call this a greeting"
    assert [
        bool(scene.ask(text)),
        bool(scene.ask(text, judged="windy in Oslo?")),
        bool(scene.ask(text, judged="windy in Oslo?")),
        bool(scene.ask(text, judged="")),
        bool(scene.ask(text)),
    ] == [False, False, True, False, True]


def test_long_texts_differ_by_their_ends_and_their_length() -> None:
    middle = "x" * (LOOK_HEAD + LOOK_TAIL)
    texts = [f"one {middle} end", f"two {middle} end", f"one {middle} eve", f"one {middle}x end", f"ONE {middle} end"]
    assert Scene().asked(texts) == [False, False, False, False, True]


def test_an_answer_ages_from_when_it_was_given() -> None:
    scene = Scene()
    scene.ask(WEATHER)
    answered = []
    for seconds in (60.0, 99.9, 100.0):
        scene.seconds = seconds
        answered.append(bool(scene.ask(WEATHER)))
    assert answered == [True, True, False]
    assert scene.cache.counts.dropped == 1


def test_what_is_too_old_does_not_stay_in_memory() -> None:
    scene = Scene(near=0.9)
    scene.asked(["a b", "c d"])
    scene.seconds = 100.0
    scene.ask("e f")
    assert len(scene.cache) == 1
    assert len(scene.cache._by_words) == 1


def test_the_longest_unused_goes_first() -> None:
    scene = Scene(size=2)
    assert scene.asked(["a", "b", "a", "c", "a", "b"]) == [False, False, True, False, True, False]
    assert scene.cache.counts == CacheCounts(exact=2, misses=4, kept=4, dropped=2, held=2)


def test_everything_goes_when_something_is_learned() -> None:
    scene = Scene(near=0.9)
    scene.asked(["a b", "c d"])
    scene.learned.become(Learned())
    assert scene.asked(["b a", "a b", "a b"]) == [False, True, True]  # the second is near to the first
    assert scene.cache.counts.dropped == 2


def test_what_is_only_supposed_drops_nothing() -> None:
    scene = Scene()
    scene.ask(WEATHER)
    with supposing(Learned()):
        assert isinstance(scene.cache.judge(Message(WEATHER)), Abstain)
    assert scene.ask(WEATHER)


def test_an_answer_that_did_not_know_what_was_learned_meanwhile_is_not_kept() -> None:
    scene = Scene()
    message = Message(WEATHER, origin=ADA)
    scene.cache.judge(message)
    scene.learned.become(Learned())
    scene.cache.keep(message, "cloud", ANSWER)
    assert scene.ask(WEATHER) == ""
    assert scene.ask(WEATHER)


def test_only_what_it_abstained_from_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASKED", 2)
    cache = Scene().cache
    cache.keep(Message("never asked"), "cloud", ANSWER)
    messages = [Message(text) for text in ("a", "b", "c")]
    for message in messages:
        cache.judge(message)
    for message in messages:
        cache.keep(message, "cloud", ANSWER)
    assert [isinstance(cache.judge(message), Answer) for message in messages] == [False, True, True]


def test_what_is_said_in_public_is_shared_and_what_is_private_is_not() -> None:
    scene = Scene()
    direct = Origin("discord", user="ada", channel="dm", direct=True)
    assert not scene.ask("private", direct)
    strangers = (
        ADA,
        BOB,
        Origin("page", user="ada", channel="dm", direct=True),
        Origin("discord", user="bob", channel="dm", direct=True),
        Origin("discord", user="ada", channel="dm2", direct=True),
    )
    assert [isinstance(scene.cache.judge(Message("private", origin=it)), Answer) for it in strangers] == [False] * 5
    assert scene.ask("private", direct)
    scene.ask("public", ADA)
    assert scene.ask("public", BOB)
    assert scene.ask("public", direct)


def test_what_is_private_to_nobody_in_particular_is_not_remembered() -> None:
    scene = Scene(near=0.5)
    nobody = Origin("discord", channel="dm", session="s", direct=True)
    assert scene.asked(["private", "private"], nobody) == [False, False]
    assert scene.cache.judge(Message("private", origin=nobody)) is NOBODYS
    assert len(scene.cache) == 0


def test_a_near_repeat_has_the_same_words_in_another_order() -> None:
    scene = Scene(near=0.9)
    scene.ask("please draw 2 red foxes", answer=Answer("image", 0.9, 0.8, "foxes", signals=(Signal("loud", 1, "x"),)))
    said = scene.cache.judge(Message("draw 2 red foxes please", origin=ADA))
    assert isinstance(said, Answer)
    assert said.reason == "as cloud answered before to the same words, 1.00 near: foxes"
    assert (said.confidence, said.path_confidence) == (0.9 * NEAR_RIGHT, 0.9 * NEAR_RIGHT)
    assert said.signals == ()
    others = ["draw 3 red foxes please", "please draw red foxes", "please please draw 2 red foxes"]
    assert scene.asked([*others, "please do not draw 2 red foxes"]) == [False] * 4
    assert scene.cache.counts.near == 1


def test_the_same_words_may_lie_too_far_apart() -> None:
    vectors = {"a b": (1.0, 0.0), "b a": (0.8, 0.6), "A, B": (0.6, 0.8)}

    def answered(near: float, text: str) -> bool:
        cache = Cache(lambda it: np.array(vectors[it], np.float32), size=9, age=9.0, near=near)
        kept = Message("a b", origin=ADA)
        cache.judge(kept)
        cache.keep(kept, "cloud", ANSWER)
        return isinstance(cache.judge(Message(text, origin=ADA)), Answer)

    assert [answered(0.79, "b a"), answered(0.81, "b a"), answered(0.81, "A, B")] == [True, False, True]


def test_the_nearest_of_those_with_the_same_words_counts() -> None:
    vectors = {"a b c": (1.0, 0.0), "b a c": (0.0, 1.0), "c b a": (0.1, 0.99)}
    cache = Cache(lambda it: np.array(vectors[it], np.float32), size=9, age=9.0, near=0.9)
    for text, category in (("b a c", "right"), ("a b c", "wrong")):
        message = Message(text, origin=ADA)
        cache.judge(message)
        cache.keep(message, "cloud", Answer(category, 0.9, 0.8, category))
    said = cache.judge(Message("c b a", origin=ADA))
    assert isinstance(said, Answer)
    assert said.category == "right"


def test_without_near_only_exact_repeats_count_and_no_vector_is_made() -> None:
    def fail(_: str) -> Vector | None:
        raise AssertionError("nobody needs a vector")

    cache = Cache(fail, size=9, age=9.0)
    for text, known in (("a b", False), ("b a", False), ("a b", True)):
        said = cache.judge(Message(text))
        assert isinstance(said, Answer) is known
        cache.keep(Message(text), "cloud", ANSWER)


def test_nobody_gets_a_near_repeat_of_what_somebody_else_said() -> None:
    direct = Origin("discord", user="ada", channel="dm", direct=True)
    visit, other = Origin("page", session="1"), Origin("page", session="2")
    everyone = (ADA, BOB, direct, visit, other, Origin("page"), Origin("page"))
    for first in everyone:
        found = []
        for second in everyone:
            scene = Scene(near=0.5)
            scene.ask("a b", first)
            found.append(bool(scene.ask("b a", second)))
        assert found == [second is first and bool(first.user or first.session) for second in everyone]


def test_what_has_no_words_or_cannot_be_read_has_no_near_repeat() -> None:
    scene = Scene(near=0.5)
    assert scene.asked(["?!", "!?", "👍 a", "a 👍"]) == [False] * 4
    assert scene.asked(["?!", "👍 a"]) == [True, True]


def test_of_the_text_only_digests_stay() -> None:
    scene = Scene(near=0.9)
    scene.ask("the treasure is buried", Origin("discord", user="blackbeard", channel="dm", direct=True))
    kept = repr([*scene.cache._kept.items(), scene.cache._by_words, scene.cache._asked])
    assert "treasure" not in kept
    assert "blackbeard" not in kept
    other = Scene(near=0.9)
    other.ask("the treasure is buried", Origin("discord", user="blackbeard", channel="dm", direct=True))
    assert set(scene.cache._kept).isdisjoint(other.cache._kept)  # a digest means nothing outside its process


@given(st.lists(st.tuples(st.sampled_from(["a b", "b a", "c", "A b"]), st.floats(0, 60), st.booleans()), max_size=40))
def test_the_books_balance(steps: list[tuple[str, float, bool]]) -> None:
    scene = Scene(near=0.5, size=2)
    for text, seconds, learns in steps:
        scene.seconds += seconds
        if learns:
            scene.learned.become(Learned())
        scene.ask(text)
        counts = scene.cache.counts
        assert counts.held == len(scene.cache) == counts.kept - counts.dropped
        assert counts.held <= 2
        places = [key for keys in scene.cache._by_words.values() for key in keys]
        assert sorted(places) == sorted(scene.cache._kept)
    assert counts_of(scene) == len(steps)


def counts_of(scene: Scene) -> int:
    counts = scene.cache.counts
    return counts.exact + counts.near + counts.misses
