"""Memories under strange questions, broken processes, and eyes that look for what was forgotten."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pointsman.core.errors import StoreError
from pointsman.core.memories import Kept, Memory, personal, seen
from pointsman.core.message import Origin
from pointsman.stores.connection import connect
from pointsman.stores.memories import Memories
from pointsman.stores.memory_table import MemoryTable, Sketched, id_of, number_of
from pointsman.stores.tables import writing
from pointsman.testing.bag_encoder import BagEncoder

SOURCE = Path(__file__).parents[2] / "src"
ADA = Origin("cli", user="ada", direct=True)
OWNER = "cli:ada"


@pytest.fixture(scope="module")
def table() -> Iterator[MemoryTable]:
    made = MemoryTable(connect(":memory:"))
    with writing(made.connection):
        for number, text in enumerate(["the dog is Rex", "NEAR the sea", "a b c", "犬の名前", '"quoted" AND more']):
            made.insert(Memory("", text, OWNER, "private", OWNER, float(number)), Sketched())
    yield made
    made.connection.close()


SIGNS = [
    '"',
    "'",
    "*",
    "^",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "NEAR(a b, 2)",
    "(",
    ")",
    ":",
    "words:",
    "-",
    "+",
    "{a b}",
    "dog",
]
SIGNS += ["犬", "ド", "\x00", "%", "_", "1_dog", "'; DROP TABLE memories;--", "👍", "\u202e", "ﬁ", "İ"]
hostile = st.one_of(st.text(), st.lists(st.sampled_from(SIGNS)).map(" ".join))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile)
@example("")
@example("dog " * 2_500)
@example('"' * 10_000)
@example("ß" * 10_000)
@example("犬" * 10_000)
def test_no_question_is_an_error_or_reaches_another_s_memory(table: MemoryTable, text: str) -> None:
    rows = table.circles(personal(OWNER))
    own = {it.id for it in table.of_owner(OWNER)}
    assert {id_of(it) for it in table.by_words(text, rows, 20)} <= own
    assert {it.id for it in table.having_all(text, personal(OWNER), 20)} <= own
    assert table.by_words(text, table.circles(personal("cli:bob")), 20) == []
    assert table.having_all(text, personal("cli:bob"), 20) == []


@settings(max_examples=60, deadline=None)
@given(hostile)
def test_whatever_is_kept_is_the_same_when_it_comes_back(text: str) -> None:
    async def run() -> None:
        memories = Memories(":memory:", BagEncoder)
        try:
            kept = await memories.remember(f"x{text}"[:4_000], ADA)
            assert isinstance(kept, Kept)
            assert await memories.of_owner(OWNER) == [kept.memory]
            assert await memories.same(kept.memory.text, seen(ADA)) == kept.memory
            assert await memories.forget([kept.memory.id], OWNER) == [kept.memory]
        finally:
            await memories.close()

    asyncio.run(run())


@given(st.text())
def test_an_id_is_a_number_or_nobody_s(text: str) -> None:
    assert number_of(text) >= 0
    assert number_of(id_of(12)) == 12


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


@pytest.mark.parametrize("forget", ["one", "all"])
async def test_what_is_forgotten_is_in_no_file(tmp_path: Path, forget: str) -> None:
    path = tmp_path / "d.db"
    memories = Memories(path, BagEncoder)
    for number in range(40):
        await memories.remember(f"harmless thing {number}", ADA)
    kept = await memories.remember("the xylocode is quagmire77 and zweivierzehn", ADA)
    assert isinstance(kept, Kept)
    vector = BagEncoder().encode(kept.memory.text).tobytes()
    assert all(it in bytes_of(path) for it in (b"xylocode", b"quagmire77", b"zweivierzehn", vector))
    await (memories.forget([kept.memory.id], OWNER) if forget == "one" else memories.forget_all(OWNER))
    left = bytes_of(path)
    # The index of words keeps beginnings that words share apart from the rest, so ends are looked for, too.
    for word in (b"xylocode", b"ylocod", b"quagmire77", b"agmire", b"zweivierzehn", b"vierzehn", vector, vector[:64]):
        assert word not in left
    assert (b"cli:ada" in left) == (forget == "one")
    await memories.close()


async def test_a_reader_in_another_process_only_puts_off_the_emptying_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("pointsman.stores.connection.BUSY_SECONDS", 0.01)
    path = tmp_path / "d.db"
    memories = Memories(path)
    kept = await memories.remember("quagmire77", ADA)
    assert isinstance(kept, Kept)
    reader = connect(str(path))
    reader.execute("BEGIN").fetchall()
    assert reader.execute("SELECT count(*) FROM memories").fetchone() == (1,)
    assert len(await memories.forget([kept.memory.id], OWNER)) == 1
    assert "still reads the log" in caplog.text
    reader.execute("COMMIT").fetchall()
    reader.close()
    await memories.close()
    assert b"quagmire77" not in bytes_of(path)


KEEPING = """
import asyncio, sys
from pointsman.core.message import Origin
from pointsman.stores.memories import Memories
async def keep():
    memories = Memories(sys.argv[1])
    for number in range(int(sys.argv[2])):
        kept = await memories.remember(f"{sys.argv[3]} note {number}", Origin("cli", user="ada", direct=True))
        print(kept.memory.id, flush=True)
        if number % 5 == 4:
            await memories.forget([kept.memory.id], "cli:ada")
    await memories.close()
asyncio.run(keep())
"""


async def started(path: Path, count: int, name: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", KEEPING, str(path), str(count), name, env=environment, stdout=asyncio.subprocess.PIPE
    )


async def test_two_processes_lose_nothing_and_give_no_id_twice(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    processes = [await started(path, 50, name) for name in ("one", "two")]
    printed = [(await it.communicate())[0].split() for it in processes]
    assert [it.returncode for it in processes] == [0, 0]
    assert len({*printed[0], *printed[1]}) == 100
    await check(path, {f"{name} note {number}" for name in ("one", "two") for number in range(50) if number % 5 != 4})


async def test_what_was_kept_survives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    process = await started(path, 100_000, "one")
    assert process.stdout is not None
    for _ in range(30):
        last = await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    ids = [*rest.split(), last.strip()]
    memories = Memories(path)
    found = await memories.of_owner(OWNER)
    kept = max(number_of(it.decode()) for it in ids)
    assert {number for number in range(1, kept) if number % 5 != 0} <= {number_of(it.id) for it in found}
    await memories.close()
    await check(path, {it.text for it in found})


async def check(path: Path, texts: set[str]) -> None:
    """Tables, index and counts agree."""
    memories = Memories(path)
    assert {it.text for it in await memories.of_owner(OWNER)} == texts
    assert await memories.listed(personal(OWNER), 0) == ([], len(texts))
    await memories.close()
    connection = connect(str(path))
    assert connection.execute("SELECT sum(held) FROM memory_circles").fetchone() == (len(texts),)
    assert connection.execute("SELECT count(*) FROM memory_words").fetchone() == (len(texts),)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.execute("INSERT INTO memory_words (memory_words) VALUES ('integrity-check')")
    connection.close()


async def test_a_file_that_is_no_database_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "d.db").write_text("nothing of the kind " * 100)
    memories = Memories(tmp_path / "d.db")
    with pytest.raises(StoreError, match="not a database"):
        await memories.of_owner(OWNER)
    await memories.close()
