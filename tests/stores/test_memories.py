"""Memories: kept once, found by words and by meaning, forgotten; by several processes, with encoders that change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pointsman.core.errors import InvalidInput, ModelFileError, StoreError
from pointsman.core.memories import Full, Kept, Memory, personal, seen
from pointsman.core.message import Origin
from pointsman.stores.memories import READ_AT_ONCE, Memories, merged
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.encoder import Encoder

ADA = Origin("discord", user="ada", channel="dm", direct=True)
BOB = Origin("discord", user="bob", channel="dm", direct=True)
ADA_IN_SERVER = Origin("discord", user="ada", channel="c", guild="g")
BOB_IN_SERVER = Origin("discord", user="bob", channel="c", guild="g")
ELSEWHERE = Origin("discord", user="ada", channel="c", guild="h")


class Moving:
    """An encoder that can be exchanged, or go missing."""

    def __init__(self) -> None:
        self.encoder: Encoder | None = BagEncoder()

    def __call__(self) -> Encoder:
        if self.encoder is None:
            raise ModelFileError("the file is missing", cure="put it there")
        return self.encoder


@pytest.fixture
def moving() -> Moving:
    return Moving()


@pytest.fixture(params=["file", "process"])
async def memories(request: pytest.FixtureRequest, tmp_path: Path, moving: Moving) -> AsyncIterator[Memories]:
    path = tmp_path / "d.db" if request.param == "file" else ":memory:"
    made = Memories(path, moving, clock=lambda: 1_700_000_000.0, most=3)
    yield made
    await made.close()
    await made.close()


async def keep(memories: Memories, text: str, origin: Origin = ADA, **how: str) -> Memory:
    kept = await memories.remember(text, origin, **how)  # type: ignore[arg-type]
    assert isinstance(kept, Kept)
    assert not kept.known
    return kept.memory


async def texts(memories: Memories, query: str, origin: Origin = ADA, count: int = 5) -> list[str]:
    return [it.text for it in await memories.recall(query, seen(origin), count)]


async def test_what_is_kept_is_recalled(memories: Memories) -> None:
    made = await keep(memories, "  the locker code is 4512 ")
    assert made == Memory(
        "m1", "the locker code is 4512", "discord:ada", "private", "discord:ada", 1_700_000_000.0, "discord"
    )
    await keep(memories, "Ines likes tulips")
    assert (await memories.recall("locker", seen(ADA), 5))[0] == made
    assert await texts(memories, "which tulips does Ines like", count=1) == ["Ines likes tulips"]


async def test_everybody_hears_his_own_and_the_server_s(memories: Memories) -> None:
    await keep(memories, "secret plan alpha")
    await keep(memories, "plan beta", ADA_IN_SERVER)
    await keep(memories, "plan gamma", ADA_IN_SERVER, scope="guild")
    await keep(memories, "plan delta", BOB)
    heard = {}
    for origin in (ADA, ADA_IN_SERVER, ELSEWHERE, BOB, BOB_IN_SERVER):
        found = sorted(await texts(memories, "plan", origin))
        assert found == sorted(it.text for it in (await memories.listed(seen(origin), 9))[0])
        assert found == sorted(it.text for it in await memories.having_all("plan", seen(origin), 9))
        heard[origin] = found
    assert list(heard.values()) == [
        ["plan beta", "secret plan alpha"],
        ["plan beta", "plan gamma"],
        ["plan beta"],
        ["plan delta"],
        ["plan gamma"],
    ]
    assert await memories.find("m1", seen(ADA_IN_SERVER)) is None
    assert await memories.find("m1", seen(BOB)) is None
    assert (await memories.find("M1", seen(ADA))) is not None


async def test_the_same_is_not_kept_twice(memories: Memories) -> None:
    first = await keep(memories, "My cat is Mimi")
    assert await memories.remember("my  cat is mimi.", ADA) == Kept(first, known=True)
    await keep(memories, "my cat is Mimi", BOB)
    wider = await keep(memories, "my cat is Mimi", ADA_IN_SERVER)  # so that it is heard there, too
    assert wider.scope == "user"
    assert await texts(memories, "cat Mimi") == ["my cat is Mimi"]


async def test_what_is_heard_everywhere_is_known_in_private(memories: Memories) -> None:
    first = await keep(memories, "my cat is Mimi", ADA_IN_SERVER)
    assert await memories.remember("My cat is Mimi!", ADA) == Kept(first, known=True)


async def test_there_are_so_many_and_no_more(memories: Memories) -> None:
    for number in range(3):
        await keep(memories, f"note {number}", ADA if number else ADA_IN_SERVER)
    assert await memories.remember("note 3", ADA) == Full(3)
    assert await memories.remember("note 3", ADA_IN_SERVER) == Full(3)
    await keep(memories, "note 3", ADA_IN_SERVER, scope="guild")
    await keep(memories, "note 3", BOB)
    await memories.forget(["m1"], "discord:ada")
    await keep(memories, "note 4")


@pytest.mark.parametrize(
    ("text", "problem"), [(" \n\t ", "nothing"), ("x" * 4_001, "4,001"), ("\x00\ud800 \x1b", None)]
)
async def test_what_cannot_be_kept_is_refused(memories: Memories, text: str, problem: str | None) -> None:
    if problem is None:
        assert (await keep(memories, text)).text == "�"
    else:
        with pytest.raises(InvalidInput, match=problem):
            await memories.remember(text, ADA)


async def test_only_its_owner_forgets_a_memory(memories: Memories) -> None:
    made = await keep(memories, "movie night at eight", ADA_IN_SERVER, scope="guild")
    assert await memories.forget([made.id, "m99", "nonsense"], "discord:bob") == []
    assert await memories.forget([made.id], "discord:ada") == [made]
    assert await texts(memories, "movie night", BOB_IN_SERVER) == []
    again = await keep(memories, "movie night at eight", ADA_IN_SERVER, scope="guild")
    assert again.id != made.id  # an id is never given twice


async def test_everything_of_one_owner_is_forgotten(memories: Memories) -> None:
    await keep(memories, "one")
    await keep(memories, "two", ADA_IN_SERVER, scope="guild")
    await keep(memories, "three", BOB)
    assert [it.text for it in await memories.of_owner("discord:ada")] == ["one", "two"]
    assert len(await memories.forget_all("discord:ada")) == 2
    assert await memories.of_owner("discord:ada") == []
    assert await texts(memories, "three", BOB) == ["three"]


async def test_another_encoder_reads_all_again(tmp_path: Path, moving: Moving) -> None:
    memories = Memories(tmp_path / "d.db", moving)
    for number in range(2 * READ_AT_ONCE + 3):
        await keep(memories, f"thing number {number}")
    # Longer vectors than before, so that comparing old and new ones would fail.
    moving.encoder = BagEncoder(128, fingerprint="new")
    assert (await texts(memories, "thing number 7", count=1)) == ["thing number 7"]
    for _ in range(20):
        if memories._reading is None:
            break
        await asyncio.wait({memories._reading})
    read = moving.encoder.calls
    found = await memories.recall("thing number 30", personal("discord:ada"), 1, by="meaning")
    assert [it.text for it in found] == ["thing number 30"]
    assert moving.encoder.calls == read + 1  # nothing is left to read but the question
    await memories.close()


async def test_closing_stops_the_reading(tmp_path: Path, moving: Moving) -> None:
    memories = Memories(tmp_path / "d.db", moving)
    for number in range(3 * READ_AT_ONCE):
        await keep(memories, f"thing number {number}")
    moving.encoder = BagEncoder(fingerprint="new")
    await memories.recall("thing", personal("discord:ada"), 1)
    await memories.close()
    with pytest.raises(StoreError, match="closed"):
        await memories.recall("thing", personal("discord:ada"), 1)


async def test_without_the_encoder_s_file_words_find_it_and_vectors_come_later(
    memories: Memories, moving: Moving
) -> None:
    moving.encoder = None
    await keep(memories, "Ines likes tulips")
    assert await texts(memories, "tulips") == ["Ines likes tulips"]
    moving.encoder = BagEncoder()
    assert [it.text for it in await memories.recall("Ines likes", seen(ADA), 1, by="meaning")] == ["Ines likes tulips"]


async def test_what_the_encoder_cannot_read_is_found_by_words(memories: Memories) -> None:
    await keep(memories, "👍 means yes")
    assert await memories.recall("means", seen(ADA), 5, by="meaning") == []
    assert await texts(memories, "yes means") == ["👍 means yes"]
    assert await texts(memories, "👍") == []


async def test_other_stores_on_the_file_see_what_is_new_and_what_is_gone(tmp_path: Path, moving: Moving) -> None:
    one, other = (Memories(tmp_path / "d.db", moving) for _ in range(2))
    first = await keep(one, "the boat is blue")
    assert await texts(other, "boat colour is") == ["the boat is blue"]
    await keep(one, "the boat is fast")
    assert set(await texts(other, "the boat is")) == {"the boat is blue", "the boat is fast"}
    await other.forget([first.id], "discord:ada")
    found = await one.recall("the boat is", seen(ADA), 5, by="meaning")
    assert [it.text for it in found] == ["the boat is fast"]
    await one.close()
    await other.close()


async def test_of_equals_the_latest_comes_first(memories: Memories) -> None:
    for number in range(3):
        await keep(memories, f"word{number} apple")
    found = await memories.recall("apple", seen(ADA), 5, by="words")
    assert [it.text for it in found] == ["word2 apple", "word1 apple", "word0 apple"]


@pytest.mark.parametrize(
    ("lists", "order"),
    [([], []), ([[3, 1]], [3, 1]), ([[1, 2], [2, 1]], [2, 1]), ([[1, 2, 3], [3]], [3, 1, 2]), ([[5], [9]], [9, 5])],
)
def test_lists_are_merged_by_rank(lists: list[list[int]], order: list[int]) -> None:
    assert merged(lists) == order
