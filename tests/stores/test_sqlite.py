"""The decision store on disk: nothing that was recorded is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pointsman
from pointsman.core.decision import Abstain, Answer, Decision, Evidence, TraceLine
from pointsman.core.errors import InvalidInput, StoreError, UnknownDecision
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Done, Failed
from pointsman.stores import Outcome
from pointsman.stores.sqlite import SqliteStore

NOW = 1_700_000_000.0

# What a second process needs to import the package from wherever this one got it.
SOURCE = str(Path(next(iter(pointsman.__path__))).parent)
ENVIRONMENT = os.environ | {"PYTHONPATH": SOURCE}


class Clock:
    """Stands still until told."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def decision(name: str = "abc123", at: float = NOW) -> Decision:
    leaning = Answer("general_chat", 0.4, 0.1, "near 'hello'", scores={"general_chat": 0.4})
    answer = Answer(
        "memory_operation",
        0.93,
        0.5,
        "pattern remember",
        evidence=(Evidence("pattern", "remember", "memory_operation", 0.9),),
    )
    return Decision(
        id=name,
        category="memory_operation",
        path="llm+tools",
        confidence=0.93,
        tier="patterns",
        trace=(TraceLine("cache", Abstain("not sure", leaning), 1.5), TraceLine("patterns", answer, 0.25)),
        slots={"memory": "the key is under the mat", "count": 2},
        alternatives=(("general_chat", 0.05),),
        at=at,
        latency_ms=1.75,
    )


def message(text: str = "remember that the key is under the mat") -> Message:
    return Message(text, origin=Origin("discord", user="u1", channel="c1"))


@asynccontextmanager
async def opened(path: str | Path, clock: Clock | None = None) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, clock=clock or Clock())
    try:
        yield store
    finally:
        await store.close()


async def test_a_decision_comes_back_whole_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "deep" / "decisions.db"
    async with opened(path) as store:
        await store.record(decision(), message())
    async with opened(path) as store:
        assert await store.find("abc123") == decision()
        (row,) = await store.recent(10)
    assert (row.decision, row.text, row.surface, row.outcome) == (decision(), message().text, "discord", None)


@given(st.text(max_size=50), st.text(max_size=50))
async def test_any_text_is_kept_as_the_message_holds_it(text: str, user: str) -> None:
    said = Message(text, origin=Origin(user=user))
    async with opened(":memory:") as store:
        await store.record(replace(decision(), slots={"query": said.text}), said)
        (row,) = await store.recent(1)
    assert row.text == said.text
    assert row.decision.slots["query"] == said.text


@pytest.mark.parametrize("text", ["", " ", "\x00a\x00", "\ud800 alone", "\u202eright to left", "x" * 1_000_000])
async def test_odd_texts_are_kept(text: str) -> None:
    said = message(text)
    odd = replace(decision("odd"), confidence=float("nan"), slots={"query": "\ud800"}, latency_ms=float("inf"))
    async with opened(":memory:") as store:
        await store.record(odd, said)
        (row,) = await store.recent(1)
    assert row.text == said.text
    assert row.decision.confidence == 0


async def test_the_latest_is_the_one_recorded_last_even_when_the_clock_went_back() -> None:
    async with opened(":memory:") as store:
        await store.record(decision("first", at=NOW), message())
        await store.record(decision("second", at=NOW - 60), message())
        assert (await store.find()).id == "second"
        assert [row.decision.id for row in await store.recent(5)] == ["second", "first"]
        assert [row.decision.id for row in await store.recent(1)] == ["second"]
        assert await store.recent(0) == await store.recent(-3) == []


async def test_the_beginning_of_an_id_is_enough_when_it_is_the_only_one() -> None:
    names = ["aa1", "aa2", "aa3", "aa4", "aa5", "aa6", "ab", "ab9"]
    async with opened(":memory:") as store:
        await store.record_many([(decision(name), message()) for name in names])
        assert (await store.find("aa3")).id == "aa3"
        assert (await store.find("#aa3")).id == "aa3"
        assert (await store.find("ab")).id == "ab"
        with pytest.raises(InvalidInput, match=r"6 decisions begin with 'aa': aa1, aa2, aa3, aa4, aa5, \.\.\."):
            await store.find("aa")
        for absent in ("zz", "AA1", "a%", "_", "\x00", "\ud800", "a" * 100_000):
            with pytest.raises(UnknownDecision) as caught:
                await store.find(absent)
            assert len(caught.value.message) < 400


async def test_an_empty_store_says_how_to_make_a_decision() -> None:
    async with opened(":memory:") as store:
        with pytest.raises(UnknownDecision, match="pointsman route"):
            await store.find()


async def test_what_became_of_a_decision_is_kept() -> None:
    done = Done(None, model="smollm2", seconds=1.5, prompt_tokens=12, completion_tokens=34)
    clock = Clock()
    async with opened(":memory:", clock=clock) as store:
        await store.record(decision("a"), message())
        await store.record(decision("b"), message())
        assert await store.outcome("a") is None
        clock.now = NOW + 2
        await store.finish("a", done)
        await store.finish("b", Failed("out of memory", code="model_failed"))
        assert await store.outcome("a") == Outcome(NOW + 2, "smollm2", 1.5, 12, 34)
        assert await store.outcome("b") == Outcome(NOW + 2, error="out of memory", code="model_failed")
        assert [row.outcome for row in await store.recent(5)] == [await store.outcome("b"), await store.outcome("a")]
        await store.finish("b", done)
        later = await store.outcome("b")
        assert later is not None
        assert later.error == ""
        with pytest.raises(UnknownDecision):
            await store.finish("absent", done)


async def test_many_decisions_are_written_together_or_not_at_all() -> None:
    async with opened(":memory:") as store:
        with pytest.raises(StoreError, match="already recorded"):
            await store.record_many(
                [(decision("a"), message()), (decision("b"), message()), (decision("a"), message())]
            )
        assert await store.recent(10) == []
        await store.record_many([])
        await store.record_many([(decision("c"), message())])
        assert (await store.find()).id == "c"


async def recorded(path: Path) -> set[str]:
    async with opened(path) as store:
        return {row.decision.id for row in await store.recent(1000)}


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )


def test_a_decision_survives_kill_9_right_after_record_returned(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    program = f"""
import asyncio, sys, time
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.stores.sqlite import SqliteStore

async def main():
    store = SqliteStore({str(path)!r})
    await store.record(Decision("survivor", "reasoning", "llm", 0.5, "fallback", ()), Message("hold on"))
    print("recorded", flush=True)
    sys.stdin.read()

asyncio.run(main())
"""
    with start(program) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recorded\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert asyncio.run(recorded(path)) == {"survivor"}


def test_processes_that_open_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path, writers, each = tmp_path / "d.db", 3, 60
    program = f"""
import asyncio, sys
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.reply import Done
from pointsman.stores.sqlite import SqliteStore

async def main():
    sys.stdin.readline()
    store = SqliteStore({str(path)!r})
    for number in range({each}):
        await store.record(Decision(f"{{sys.argv[1]}}-{{number}}", "reasoning", "llm", 1, "t", ()), Message("x"))
        await store.finish(f"{{sys.argv[1]}}-{{number}}", Done(None))
    await store.close()

print("ready", flush=True)
asyncio.run(main())
"""
    processes = [start(program, str(name)) for name in range(writers)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    assert asyncio.run(recorded(path)) == {f"{name}-{number}" for name in range(writers) for number in range(each)}


async def test_a_write_is_made_although_its_caller_went_away() -> None:
    gate = threading.Event()
    async with opened(":memory:") as store:
        store._thread.submit(gate.wait)
        caller = asyncio.create_task(store.record(decision("orphan"), message()))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        gate.set()
        assert (await store.find("orphan")).id == "orphan"


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "d.db")
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.find()


async def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    path = tmp_path / "state" / "d.db"
    async with opened(path) as store:
        await store.record(decision(), message())
        files = list(path.parent.iterdir())
        assert {file.name for file in files} == {"d.db", "d.db-wal", "d.db-shm"}
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    async with opened(path):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [1, 4, 37])
async def test_what_comes_together_is_written_whole_whatever_its_number(number: int) -> None:
    async with opened(":memory:") as store:
        names = [f"d{at:03}" for at in range(number)]
        for name in names:
            await store.note(decision(name), message(f"text of {name}"))
            store.finish(name, Done(None, model="first"))
        ended = [store.finish(name, Done(None, model=f"of {name}")) for name in names]
        with pytest.raises(UnknownDecision, match="absent"):
            await asyncio.gather(*ended, store.finish("absent", Done(None)))
        rows = await store.recent(100)
    assert [row.decision for row in rows] == [decision(name) for name in reversed(names)]
    assert [row.text for row in rows] == [f"text of {name}" for name in reversed(names)]
    assert [row.outcome for row in rows] == [Outcome(NOW, f"of {name}") for name in reversed(names)]
