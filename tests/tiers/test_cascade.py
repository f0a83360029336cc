"""The cascade: order, bars, deadlines, and a trace that keeps every verdict."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Mapping, Sequence

import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.core.decision import Abstain, Answer, Signal, Slots, Verdict
from pointsman.core.errors import ConfigError, Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.rehearsal import CONVERSATIONS, REHEARSED

CATALOGUE = Catalogue(
    [
        Category("image_generation", "pictures", "image", slots=("prompt",)),
        Category("general_chat", "talk", "llm", utterances=(Utterance("guten abend", "general_chat", "de"),)),
        Category("reasoning", "thought", "llm"),
    ]
)


class Says:
    """A tier that always says the same, and counts how often it was asked."""

    def __init__(self, name: str, verdict: Verdict | Exception) -> None:
        self.name = name
        self.asked = 0
        self._verdict = verdict

    def judge(self, message: Message) -> Verdict:
        del message
        self.asked += 1
        if isinstance(self._verdict, Exception):
            raise self._verdict
        return self._verdict


class Waits:
    """A tier that never comes back."""

    name = "waits"

    def judge(self, message: Message) -> Awaitable[Verdict]:
        async def forever() -> Verdict:
            await asyncio.Event().wait()
            return Abstain(message.text)

        return forever()


def answer(category: str, confidence: float, margin: float = 1.0, **more: object) -> Answer:
    return Answer(category, confidence, margin, "because", **more)  # type: ignore[arg-type]


def found(category: str, text: str, names: Sequence[str]) -> Slots:
    del category
    return dict.fromkeys(names, text)


def cascade(*stages: Stage) -> Cascade:
    ticks = itertools.count()
    return Cascade(
        stages, CATALOGUE, find_slots=found, clock=lambda: next(ticks) / 1000, now=lambda: 7.0, new_id=lambda: "abc"
    )


async def test_the_first_tier_that_is_sure_decides_and_later_ones_are_not_asked() -> None:
    first, second = Says("a", answer("image_generation", 0.95)), Says("b", answer("reasoning", 1.0))
    decision = await cascade(Stage(first, 0.9), Stage(second, 0.5)).decide(Message("a cat"))
    assert (decision.category, decision.path, decision.tier, decision.confidence) == (
        "image_generation",
        "image",
        "a",
        0.95,
    )
    assert (first.asked, second.asked) == (1, 0)
    assert decision.slots == {"prompt": "a cat"}
    assert decision.id == "abc"
    assert decision.at == 7.0
    assert decision.latency_ms > 0


async def test_every_verdict_is_kept_with_the_reason_for_abstaining() -> None:
    decision = await cascade(
        Stage(Says("a", Abstain("no match")), 0.5),
        Stage(Says("b", answer("image_generation", 0.6)), 0.5, {"image_generation": 0.9}),
        Stage(Says("c", answer("reasoning", 0.9, margin=0.05)), 0.5, margin=0.1),
        Stage(Says("d", answer("reasoning", 0.8)), 0.5),
    ).decide(Message("hm"))
    reasons = [line.verdict.reason for line in decision.trace if isinstance(line.verdict, Abstain)]
    assert [line.tier for line in decision.trace] == ["a", "b", "c", "d"]
    assert reasons[0] == "no match"
    assert "0.60 < 0.90" in reasons[1]
    assert "margin 0.05 < 0.10" in reasons[2]
    assert decision.tier == "d"
    leaning = decision.trace[1].verdict
    assert isinstance(leaning, Abstain)
    assert leaning.leaning is not None
    assert leaning.leaning.category == "image_generation"


async def test_belief_spread_over_one_path_is_enough_for_the_path() -> None:
    spread = answer("reasoning", 0.4, path_confidence=0.95)
    decision = await cascade(Stage(Says("a", spread), 0.9)).decide(Message("hm"))
    assert (decision.tier, decision.category, decision.confidence) == ("a", "reasoning", 0.4)


async def test_a_vote_below_the_bar_helps_a_later_tier_on_the_same_path() -> None:
    weak, half = answer("image_generation", 0.8), answer("image_generation", 0.5)
    alone = await cascade(Stage(Says("a", weak), 0.9), Stage(Says("b", half), 0.7)).decide(Message("hm"))
    helped = await cascade(Stage(Says("a", weak), 0.9, votes=True), Stage(Says("b", half), 0.7)).decide(Message("hm"))
    assert alone.tier == "fallback"
    assert helped.tier == "b"
    assert helped.confidence == pytest.approx(0.9)
    assert "earlier vote of 0.80" in helped.reason


async def test_a_vote_for_another_path_changes_nothing() -> None:
    weak, other = answer("image_generation", 0.8), answer("reasoning", 0.5)
    decision = await cascade(Stage(Says("a", weak), 0.9, votes=True), Stage(Says("b", other), 0.7)).decide(
        Message("hm")
    )
    assert decision.tier == "fallback"


async def test_of_several_votes_for_a_path_the_strongest_counts() -> None:
    strong, weak, half = (answer("image_generation", confidence) for confidence in (0.8, 0.3, 0.5))
    voters = [Stage(Says("a", strong), 0.9, votes=True), Stage(Says("b", weak), 0.9, votes=True)]
    decision = await cascade(*voters, Stage(Says("c", half), 0.7)).decide(Message("hm"))
    assert decision.tier == "c"
    assert decision.confidence == pytest.approx(0.9)


async def test_a_vote_does_not_touch_an_answer_that_needs_no_help() -> None:
    weak, sure = answer("image_generation", 0.8), answer("image_generation", 0.95)
    decision = await cascade(Stage(Says("a", weak), 0.9, votes=True), Stage(Says("b", sure), 0.7)).decide(Message("hm"))
    assert decision.confidence == 0.95


async def test_nobody_sure_means_the_fallback_with_the_last_opinion_as_confidence() -> None:
    scores: Mapping[str, float] = {"image_generation": 0.5, "general_chat": 0.3, "reasoning": 0.2}
    leaning = answer("image_generation", 0.5, scores=scores)
    decision = await cascade(Stage(Says("a", leaning), 0.9)).decide(Message("hm"))
    assert (decision.category, decision.tier, decision.confidence) == ("general_chat", "fallback", 0.3)
    assert decision.alternatives == (("image_generation", 0.5), ("reasoning", 0.2))
    assert "every tier abstained" in decision.reason


async def test_warming_asks_every_tier_also_those_behind_a_sure_one() -> None:
    tiers = [Says("a", answer("reasoning", 1.0)), Says("b", Unreachable("down")), Says("c", Abstain("no"))]
    await cascade(*(Stage(tier, 0.5) for tier in tiers)).warm()
    assert [tier.asked for tier in tiers] == [1, 1, 1]


@pytest.mark.parametrize(("remote", "asked"), [(None, 0), (True, 0), (False, 1)])
async def test_warming_sends_nothing_to_anybody_else(remote: bool | None, asked: int) -> None:
    class Asks(Says):
        async def judge(self, message: Message) -> Verdict:  # type: ignore[override]
            return super().judge(message)

    tier = Asks("asks", Abstain("no"))
    if remote is not None:
        tier.remote = remote  # type: ignore[attr-defined]
    await cascade(Stage(tier, 0.5, rehearses=bool(remote))).warm()
    assert tier.asked == asked


async def test_warming_rehearses_known_utterances_with_the_tiers_that_learn_words_as_they_go() -> None:
    said = [Utterance(f"line {number}", "reasoning", "en") for number in range(2 * REHEARSED)]
    known = Catalogue(
        [Category("general_chat", "talk", "llm"), Category("reasoning", "t", "llm", utterances=tuple(said))]
    )
    cheap, dear = Says("a", Abstain("no")), Says("b", Abstain("no"))
    stages = [Stage(cheap, 0.5, rehearses=True), Stage(dear, 0.5)]
    looked: list[str] = []

    def look(category: str, text: str, names: Sequence[str]) -> Slots:
        looked.append(text)
        return found(category, text, names)

    await Cascade(stages, known, find_slots=look).warm()
    assert (cheap.asked, dear.asked) == (3 + len(CONVERSATIONS), 1)
    assert looked == ["line 0", f"line {REHEARSED}"]


async def test_slots_are_found_in_the_whole_message_where_tiers_see_its_ends() -> None:
    text = "draw " + "a tower of glass, " * 400
    seen: list[str] = []

    def look(category: str, text: str, names: Sequence[str]) -> Slots:
        seen.append(text)
        return found(category, text, names)

    stages = [Stage(Says("a", answer("image_generation", 1.0)), 0.5)]
    await Cascade(stages, CATALOGUE, find_slots=look).decide(Message(text))
    assert seen == [text]
    await Cascade(stages, CATALOGUE, find_slots=look).decide(Message(text, judged="draw a fox"))
    assert seen[1:] == ["draw a fox"]


async def test_no_tier_at_all_still_decides() -> None:
    decision = await cascade().decide(Message("hm"))
    assert (decision.category, decision.tier, decision.trace) == ("general_chat", "fallback", ())


async def test_a_late_tier_has_abstained() -> None:
    decision = await cascade(Stage(Waits(), 0.5, deadline=0.001), Stage(Says("b", answer("reasoning", 1)), 0.5)).decide(
        Message("hm")
    )
    late = decision.trace[0].verdict
    assert isinstance(late, Abstain)
    assert late.reason == "no answer within 0.001 s"
    assert decision.tier == "b"


async def test_an_answer_that_was_ready_too_late_does_not_count() -> None:
    slow = Stage(Says("a", answer("image_generation", 1.0)), 0.5, deadline=0.0005)  # the clock ticks in milliseconds
    decision = await cascade(slow, Stage(Says("b", answer("reasoning", 1)), 0.5)).decide(Message("hm"))
    late = decision.trace[0].verdict
    assert isinstance(late, Abstain)
    assert "may take 0.0005 s" in late.reason
    assert decision.tier == "b"


async def test_a_tier_that_fails_has_abstained_with_its_cause() -> None:
    broken = Says("a", Unreachable("groq: quota exhausted until 00:05"))
    decision = await cascade(Stage(broken, 0.5)).decide(Message("hm"))
    failed = decision.trace[0].verdict
    assert isinstance(failed, Abstain)
    assert failed.reason == "failed: groq: quota exhausted until 00:05"
    assert decision.tier == "fallback"


async def test_the_failure_of_a_service_is_told_in_its_own_words() -> None:
    broken = Says("a", ServiceFailed("quota_exhausted", "quota exhausted until 00:05 UTC", service="groq"))
    decision = await cascade(Stage(broken, 0.5)).decide(Message("hm"))
    assert decision.trace[0].verdict == Abstain("groq: quota exhausted until 00:05 UTC")


async def test_what_tiers_notice_marks_the_decision_once_whether_they_answer_or_not() -> None:
    attack, mood = Signal("injection", 0.9, "prompt guard"), Signal("sentiment", 0.8, "cloudflare")
    decision = await cascade(
        Stage(Says("a", Abstain("no", signals=(attack,))), 0.5),
        Stage(Says("b", answer("reasoning", 0.2, signals=(attack, mood))), 0.5),
        Stage(Says("c", answer("reasoning", 0.9)), 0.5),
    ).decide(Message("hm"))
    assert decision.tier == "c"
    assert decision.signals == (attack, mood)
    unsure = decision.trace[1].verdict
    assert unsure.signals == (attack, mood), "an answer below the bar keeps what was noticed"


async def test_what_came_too_late_still_marks() -> None:
    signal = Signal("injection", 0.9, "prompt guard")
    slow = Says("a", answer("reasoning", 1.0, signals=(signal,)))
    decision = await cascade(Stage(slow, 0.5, deadline=0.0005)).decide(Message("hm"))
    assert (decision.tier, decision.signals) == ("fallback", (signal,))


async def test_slots_that_a_tier_found_win_over_extraction() -> None:
    task = answer("general_chat", 1.0, slots={"job": "title"})
    decision = await cascade(Stage(Says("tasks", task), 0.0)).decide(Message("### Task:"))
    assert decision.slots == {"job": "title"}


async def test_the_language_is_the_tiers_or_guessed_from_the_words() -> None:
    by_words = await cascade(Stage(Says("a", answer("general_chat", 1)), 0)).decide(Message("guten abend"))
    by_tier = await cascade(Stage(Says("a", answer("general_chat", 1, language="fr")), 0)).decide(Message("guten"))
    assert (by_words.language, by_tier.language) == ("de", "fr")


def test_an_unknown_fallback_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="no category 'nonsense'"):
        Cascade([], CATALOGUE, fallback="nonsense", find_slots=found)
