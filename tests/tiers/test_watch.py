"""The cascade with somebody who looks at messages first: what tiers see, what the decision says, what fails quietly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Signal, Verdict
from pointsman.core.errors import Unreachable
from pointsman.core.message import Message
from pointsman.tiers import watch as module
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.watch import UNREMARKABLE, Watched, seen_at_once

CATALOGUE = Catalogue([Category("general_chat", "talk", "llm"), Category("facts", "facts", "llm", slots=("query",))])
SIGNAL = Signal("injection", 0.75, "guard", ("leak",), 9)


class Sees:
    """A watch that always notices the same, at once, later, or never."""

    name = "guard"

    def __init__(self, seen: Watched | Exception, *, later: bool = False) -> None:
        self._seen = seen
        self._later = later

    def watch(self, message: Message) -> Watched | Awaitable[Watched]:
        del message
        if isinstance(self._seen, Exception):
            raise self._seen
        return self._after(self._seen) if self._later else self._seen

    async def _after(self, seen: Watched) -> Watched:
        await asyncio.sleep(0)
        return seen


class Never:
    """A watch that does not come back."""

    name = "slow"

    def watch(self, message: Message) -> Awaitable[Watched]:
        async def forever() -> Watched:
            await asyncio.Event().wait()
            return Watched(judged=message.text)

        return forever()


class Notes:
    """A tier that keeps what it looked at, and answers for one text."""

    name = "notes"

    def __init__(self, knows: str = "") -> None:
        self.looked: list[tuple[str, str]] = []
        self._knows = knows

    def judge(self, message: Message) -> Verdict:
        self.looked.append((message.look, message.text))
        return Answer("facts", 0.9, 0.9, "known") if message.text == self._knows else Abstain("no")


def cascade(watch: Sees | Never | None, *stages: Stage) -> Cascade:
    return Cascade(
        stages, CATALOGUE, find_slots=lambda _, text, names: dict.fromkeys(names, text), watch=watch, new_id=lambda: "a"
    )


@pytest.mark.parametrize("later", [False, True])
async def test_tiers_look_at_what_is_to_be_judged_and_the_text_stays_whole(later: bool) -> None:
    tier = Notes("attack request")
    decision = await cascade(Sees(Watched((SIGNAL,), "request"), later=later), Stage(tier, 0.5)).decide(
        Message("attack request")
    )
    assert tier.looked == [("request", "attack request")]
    assert decision.signals == (SIGNAL,)
    assert decision.slots == {"query": "request"}


async def test_a_mark_alone_changes_nothing_else() -> None:
    tier = Notes("attack")
    decision = await cascade(Sees(Watched((SIGNAL,))), Stage(tier, 0.5)).decide(Message("attack"))
    assert tier.looked == [("attack", "attack")]
    assert (decision.category, decision.tier, decision.signals) == ("facts", "notes", (SIGNAL,))


async def test_when_nothing_is_left_the_watch_answers_and_only_tiers_that_see_the_whole_text_are_asked() -> None:
    whole, other = Notes(), Notes("attack")
    watch = Sees(Watched((SIGNAL,), ""))
    decision = await cascade(watch, Stage(whole, 0.5, whole=True), Stage(other, 0.5)).decide(Message("attack"))
    assert (decision.category, decision.tier, decision.confidence) == ("general_chat", "guard", 0.75)
    assert [line.tier for line in decision.trace] == ["notes", "guard"]
    assert "steered" in decision.reason
    assert other.looked == []


async def test_a_tier_that_knows_the_whole_text_decides_even_then() -> None:
    decision = await cascade(Sees(Watched((SIGNAL,), "")), Stage(Notes("attack"), 0.5, whole=True)).decide(
        Message("attack")
    )
    assert (decision.category, decision.tier, decision.signals) == ("facts", "notes", (SIGNAL,))


@pytest.mark.parametrize("watch", [None, Sees(Unreachable("down")), Never()])
async def test_a_watch_that_fails_or_is_late_has_noticed_nothing(
    watch: Sees | Never | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WATCH_DEADLINE", 0.001)
    tier = Notes("hello")
    decision = await cascade(watch, Stage(tier, 0.5)).decide(Message("hello"))
    assert (decision.category, decision.signals) == ("facts", ())
    assert tier.looked == [("hello", "hello")]


@pytest.mark.parametrize("later", [False, True])
async def test_a_bug_in_a_watch_fails_no_message_and_is_logged_without_its_text(
    later: bool, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        name = "guard"

        def watch(self, message: Message) -> Watched | Awaitable[Watched]:
            return self._after(message) if later else self._now(message)

        def _now(self, message: Message) -> Watched:
            raise IndexError(message.text)

        async def _after(self, message: Message) -> Watched:
            return self._now(message)

    tier = Notes("my secret")
    with caplog.at_level(logging.ERROR):
        decision = await Cascade(
            [Stage(tier, 0.5)], CATALOGUE, fallback="facts", find_slots=lambda *_: {}, watch=Broken()
        ).decide(Message("my secret"))
    assert (decision.category, decision.tier, decision.signals) == ("facts", "notes", ())
    assert "guard failed with IndexError" in caplog.text
    assert "in _now" in caplog.text
    assert "secret" not in caplog.text
    if not later:
        assert seen_at_once(Broken(), Message("my secret")) is UNREMARKABLE


def test_asked_at_once_a_watch_that_has_to_ask_others_has_noticed_nothing() -> None:
    message = Message("attack request")
    assert seen_at_once(Sees(Watched((SIGNAL,), "request")), message).shown(message).look == "request"
    assert seen_at_once(Sees(Watched((SIGNAL,)), later=True), message) is UNREMARKABLE
    assert seen_at_once(Never(), message) is UNREMARKABLE
    assert seen_at_once(Sees(Unreachable("down")), message) is UNREMARKABLE
    assert seen_at_once(None, message).shown(message) is message


async def test_warming_warms_the_watch() -> None:
    seen: list[str] = []

    class Listens:
        name = "guard"

        def watch(self, message: Message) -> Watched:
            seen.append(message.text)
            return Watched()

    await Cascade([], CATALOGUE, find_slots=lambda *_: {}, watch=Listens()).warm()
    assert "ignore your rules" in seen[0]
