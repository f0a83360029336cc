"""The decision log in memory, and that it answers as the one on disk does."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pointsman.core.decision import Answer, Decision, TraceLine
from pointsman.core.errors import InvalidInput, UnknownDecision
from pointsman.core.message import Message, Origin, Turn
from pointsman.core.reply import Done, Failed
from pointsman.stores.memory import MemoryStore
from pointsman.stores.privacy import MASK
from pointsman.stores.sqlite import SqliteStore


def still() -> float:
    return 5.0


def decision(name: str) -> Decision:
    return Decision(name, "reasoning", "llm", 0.5, "t", (TraceLine("t", Answer("reasoning", 0.5, 0.1, "why"), 1.0),))


async def test_the_oldest_are_forgotten_with_their_outcomes() -> None:
    store = MemoryStore(capacity=3, clock=still)
    for name in ("a", "b", "c"):
        await store.record(decision(name), Message(name))
        await store.finish(name, Done(None))
    await store.record_many([(decision("d"), Message("d"))])
    assert [row.decision.id for row in await store.recent(10)] == ["d", "c", "b"]
    assert [row.decision.id for row in await store.recent(1)] == ["d"]
    assert await store.recent(-1) == []
    assert await store.outcome("a") is None
    with pytest.raises(UnknownDecision):
        await store.find("a")


async def test_a_reply_that_ends_after_its_decision_was_forgotten_does_no_harm() -> None:
    store = MemoryStore(capacity=1)
    await store.record(decision("a"), Message("a"))
    await store.record(decision("b"), Message("b"))
    await store.finish("a", Done(None))
    assert await store.outcome("a") is None


async def test_the_last_two_hundred_are_kept() -> None:
    store = MemoryStore()
    await store.record_many([(decision(f"{number:05}"), Message("x")) for number in range(201)])
    assert len(await store.recent(5000)) == 200
    with pytest.raises(UnknownDecision):
        await store.find("00000")
    assert (await store.find("00001")).id == "00001"
    with pytest.raises(InvalidInput, match="200 decisions begin"):
        await store.find("0")
    await store.close()


async def test_of_a_message_only_what_a_list_shows_is_kept() -> None:
    class Watched(Message):
        """Has room for a weak reference."""

    store = MemoryStore(clock=still)
    message = Watched("look", history=(Turn("user", "before"),), origin=Origin("http"))
    gone = weakref.ref(message)
    await store.record(decision("a"), message)
    del message
    gc.collect()
    assert gone() is None
    (row,) = await store.recent()
    assert (row.text, row.surface) == ("look", "http")


@pytest.mark.parametrize("keep", [True, False])
async def test_what_was_said_is_kept_or_forgotten_as_the_store_on_disk_does(*, keep: bool) -> None:
    said = replace(decision("a"), slots={"query": "my locker", "count": 2})
    disk = SqliteStore(":memory:", keep_text_seconds=None if keep else 0, clock=still)
    memory = MemoryStore(keep_text=keep, clock=still)
    for store in (disk, memory):
        await store.record(said, Message("find my locker", origin=Origin("http")))
        await store.finish("a", Failed("no 'my locker'", code="model_failed"))
    assert await memory.recent() == await disk.recent()
    assert await memory.find("a") == await disk.find("a")
    assert await memory.outcome("a") == await disk.outcome("a")
    (row,) = await memory.recent()
    assert row.text == ("find my locker" if keep else None)
    assert row.decision.slots == {"query": "my locker" if keep else MASK, "count": 2}
    assert ("locker" in repr(row)) is keep
    await disk.close()


names = st.text("abé%", min_size=1, max_size=3)
outcomes = st.builds(Done, st.none(), model=st.text(max_size=5), seconds=st.floats(0, 10)) | st.builds(
    Failed, st.text(max_size=5), code=st.sampled_from(["model_failed", "cancelled"])
)


async def finished(store: MemoryStore | SqliteStore, name: str, outcome: Done | Failed) -> None:
    await store.finish(name, outcome)


class SameAnswers(RuleBasedStateMachine):
    """Whatever is recorded, both stores find, list and refuse the same."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.memory = MemoryStore(clock=still)
        self.disk = SqliteStore(":memory:", clock=still)
        self.known: set[str] = set()

    @rule(name=names, text=st.text(max_size=5), surface=st.sampled_from(["cli", "http"]))
    def record(self, name: str, text: str, surface: str) -> None:
        if name in self.known:
            return
        self.known.add(name)
        message = Message(text, origin=Origin(surface))
        for store in (self.memory, self.disk):
            self.runner.run(store.record(decision(name), message))

    @rule(name=names, outcome=outcomes)
    def finish(self, name: str, outcome: Done | Failed) -> None:
        if name in self.known:
            for store in (self.memory, self.disk):
                self.runner.run(finished(store, name, outcome))

    @rule(prefix=st.text("abé%#", max_size=3))
    def find(self, prefix: str) -> None:
        assert self.said(self.memory.find(prefix)) == self.said(self.disk.find(prefix))

    @rule(name=names)
    def outcome(self, name: str) -> None:
        assert self.said(self.memory.outcome(name)) == self.said(self.disk.outcome(name))

    @invariant()
    def list_the_same(self) -> None:
        assert self.said(self.memory.recent(4)) == self.said(self.disk.recent(4))

    def said(self, answer: Awaitable[object]) -> object:
        async def asked() -> object:
            try:
                return await answer
            except InvalidInput as error:
                return type(error), error.message, error.cure

        return self.runner.run(asked())

    def teardown(self) -> None:
        self.runner.run(self.disk.close())
        self.runner.close()


TestSameAnswers = SameAnswers.TestCase
TestSameAnswers.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
