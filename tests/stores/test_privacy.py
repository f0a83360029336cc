"""What the store forgets: texts that are not to be kept, everywhere they could stand in the file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from pointsman.core.decision import Abstain, Answer, Decision, Evidence, TraceLine
from pointsman.core.errors import StoreError
from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.reply import Failed, ToolUse
from pointsman.stores import Outcome
from pointsman.stores.privacy import MASK, NOT_KEPT
from pointsman.stores.sqlite import SqliteStore

DAY = 86_400.0
NOW = 1_700_000_000.0
SECRET = "my locker code is 8841"


class Clock:
    """Stands still until told."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def decision(name: str = "abc123", at: float = NOW, said: str = SECRET) -> Decision:
    leaning = Answer("general_chat", 0.4, 0.1, f"heard {said!r}", slots={"memory": said})
    answer = Answer(
        "memory_operation",
        0.93,
        0.5,
        f"pattern 'keep' in {said!r}",
        evidence=(Evidence("utterance", "remember my shoe size", "memory_operation", 0.9),),
        slots={"memory": said, "count": 2},
    )
    return Decision(
        id=name,
        category="memory_operation",
        path="llm+tools",
        confidence=0.93,
        tier="patterns",
        trace=(
            TraceLine("groq", Abstain(f"failed: 400 near {said!r}", leaning), 1.5),
            TraceLine("patterns", answer, 0.25),
        ),
        slots={"memory": said, "count": 2},
        alternatives=(("general_chat", 0.05),),
        language="en",
        at=at,
        latency_ms=1.75,
    )


def message(text: str = SECRET) -> Message:
    return Message(text, origin=Origin("discord", user="u1", channel="c1"))


@asynccontextmanager
async def opened(path: str | Path, keep: float | None = None, clock: Clock | None = None) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, keep_text_seconds=keep, clock=clock or Clock())
    try:
        yield store
    finally:
        await store.close()


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))


def assert_bare(bare: Decision) -> None:
    assert SECRET not in bare.explain()
    assert "locker" not in repr(bare)
    assert bare.slots == {"memory": MASK, "count": 2}
    assert bare.reason == NOT_KEPT
    assert bare.trace[1].verdict == replace(answer_of(decision()), reason=NOT_KEPT, slots={"memory": MASK, "count": 2})
    assert (bare.category, bare.confidence, bare.alternatives) == ("memory_operation", 0.93, (("general_chat", 0.05),))


def answer_of(decided: Decision) -> Answer:
    verdict = decided.trace[-1].verdict
    assert isinstance(verdict, Answer)
    return verdict


async def test_with_retention_0_no_text_ever_reaches_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    async with opened(path, keep=0) as store:
        await store.record(decision(), message())
        await store.finish("abc123", Failed(f"cannot read {SECRET!r}", code="model_failed"))
        (row,) = await store.recent(1)
        assert b"locker" not in bytes_on_disk(path)
        assert b"8841" not in bytes_on_disk(path)
    assert row.text is None
    assert_bare(row.decision)
    assert row.outcome == Outcome(NOW, code="model_failed")
    with sqlite3.connect(path) as connection:
        (whole,) = connection.execute("SELECT * FROM decisions").fetchall()
    connection.close()
    # The hash of a short text is soon guessed back.
    assert sha256(SECRET.encode()).hexdigest() not in repr(whole)
    assert "discord" in repr(whole)


async def test_an_expired_text_is_gone_from_the_file_and_a_fresh_one_stays(tmp_path: Path) -> None:
    path, clock = tmp_path / "d.db", Clock()
    async with opened(path, keep=DAY, clock=clock) as store:
        await store.record(decision("old", at=NOW), message())
        await store.finish("old", Failed(f"cannot read {SECRET!r}", code="x"))
        await store.record(decision("new", at=NOW + DAY / 2, said="hello"), message("hello"))
    assert b"locker" in bytes_on_disk(path)
    clock.now = NOW + DAY + 1
    async with opened(path, keep=DAY, clock=clock) as store:
        new, old = await store.recent(2)
        assert b"locker" not in bytes_on_disk(path)
    assert_bare(old.decision)
    assert old.text is None
    assert old.outcome == Outcome(NOW, code="x")
    assert new.text == "hello"
    assert new.decision == decision("new", at=NOW + DAY / 2, said="hello")


async def test_more_texts_than_one_transaction_takes_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.stores.tables.EXPIRE_AT_ONCE", 3)
    path = tmp_path / "d.db"
    async with opened(path) as store:
        await store.record_many([(decision(f"d{number}"), message()) for number in range(9)])
    async with opened(path, keep=0) as store:
        rows = await store.recent(20)
    assert [row.text for row in rows] == [None] * 9
    assert b"locker" not in bytes_on_disk(path)


async def test_expiry_runs_on_writing_once_an_hour() -> None:
    clock = Clock()
    async with opened(":memory:", keep=60, clock=clock) as store:
        await store.record(decision("a", at=NOW), message())
        clock.now = NOW + 3599
        await store.record(decision("b", at=clock.now), message())
        assert [row.text for row in await store.recent(2)] == [SECRET, SECRET]
        clock.now = NOW + 3600
        await store.record(decision("c", at=clock.now), message())
        assert [row.text for row in await store.recent(3)] == [SECRET, SECRET, None]


async def test_a_body_that_another_program_broke_is_named_and_does_not_stop_expiry(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    async with opened(path) as store:
        await store.record_many([(decision("good"), message()), (decision("broken"), message())])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE decisions SET body = '{\"id\": \"locker\"' WHERE id = 'broken'")
    connection.close()
    async with opened(path) as store:
        with pytest.raises(StoreError, match="decision broken cannot be read"):
            await store.find("broken")
        assert (await store.find("good")).id == "good"
    async with opened(path, keep=0):
        assert b"locker" not in bytes_on_disk(path)


async def test_the_text_of_a_correction_does_not_stay_in_the_traces_of_others(tmp_path: Path) -> None:
    """It is another message than the one decided about, and may be undone and forgotten long before."""
    evidence = (
        Evidence("correction", SECRET, "general_chat", 0.9),
        Evidence("utterance", "hello", "general_chat", 0.5),
    )
    answer = Answer("general_chat", 0.95, 1.0, f"near to {SECRET!r}", evidence=evidence)
    made = Decision("a", "general_chat", "llm", 0.95, "corrections", (TraceLine("corrections", answer, 1.0),))
    path = tmp_path / "d.db"
    async with opened(path, keep=0) as store:
        await store.record(made, message("hi"))
        (line,) = (await store.find("a")).trace
    assert isinstance(line.verdict, Answer)
    assert [item.text for item in line.verdict.evidence] == [MASK, "hello"]
    assert b"locker" not in bytes_on_disk(path)


async def test_what_ends_with_others_keeps_words_only_where_its_text_is_kept(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path / "store.db", keep=DAY, clock=clock) as store:
        await store.record(decision("old"), message())
        clock.now += 2 * DAY
        await store.record(decision("new", at=clock.now), message())
        use = ToolUse(ToolCall("web_search", {"query": SECRET}), "done", SECRET, 0.5)
        for name in ("old", "new"):
            ended = store.finish(name, Failed(f"failed near {SECRET!r}", code="x", uses=(use,)))
        await ended
        old, new = await store.outcome("old"), await store.outcome("new")
    assert old == Outcome(clock.now, code="x", uses=(ToolUse(ToolCall("web_search"), "done", "", 0.5),))
    assert new == Outcome(clock.now, error=f"failed near {SECRET!r}", code="x", uses=(use,))
