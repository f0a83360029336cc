"""How right and how fast memories are recalled: by words, by meaning, by both, and beside plainer ways of the same.

Run it with `python bench/memory.py [labelled/memories.jsonl]`. The many memories are sentences made of the labelled
ones' words, with the vectors of the shipped utterances and some noise, so that they lie as those of real sentences do;
no encoder reads them. A recall includes reading the question.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pointsman.core.memories import Circle, Memory, personal
from pointsman.core.search_words import search_words
from pointsman.observe.recalling import Asked, read_facts, score, told
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores.connection import connect
from pointsman.stores.memories import By, Memories
from pointsman.stores.memory_index import sketch_of
from pointsman.stores.memory_table import MemoryTable, Sketched
from pointsman.stores.tables import writing
from pointsman.stores.vectors import SHIPPED
from pointsman.stores.vectors import read as read_vectors
from pointsman.tiers.encoder import Vector

MANY = 100_000
ROUNDS = 150
FIVE = 5
WAYS: tuple[By, ...] = ("words", "meaning", "both")


def main(file: Path) -> None:
    """Prints the tables."""
    facts = read_facts(file)
    encoder = MiniLm()
    asyncio.run(print_recall(facts, encoder))
    with tempfile.TemporaryDirectory() as folder:
        for owners, label in ((1, "all of one person"), (20, "of 20 persons")):
            path = Path(folder) / f"{owners}.db"
            vectors = fill(path, facts, encoder, owners)
            print(f"\n{MANY:,} memories, {label}: {path.stat().st_size / 1e6:.0f} MB")
            asyncio.run(print_times(path, [it.question for it in facts if it.text], encoder, vectors, owners))


async def print_recall(facts: Sequence[Asked], encoder: MiniLm) -> None:
    """Prints the share of questions whose fact comes first, and among the first five."""
    memories = Memories(":memory:", lambda: encoder)
    ids = await told(memories, facts)
    found = {by: await score(memories, facts, ids, by) for by in WAYS}
    await memories.close()
    texts, persons = {it.text for it in facts if it.text}, {it.person for it in facts}
    print(f"{len(texts)} facts of {len(persons)} persons; recall@1 and recall@5")
    print(f"{'':<26}{'questions':>10}" + "".join(f"{by:>16}" for by in WAYS))
    for part in found["both"]:
        scores = [found[by][part] for by in WAYS]
        row = "".join(f"{it.first:>9.3f}{it.five:>7.3f}" for it in scores)
        print(f"{part:<26}{scores[0].questions:>10}{row}")


def fill(path: Path, facts: Sequence[Asked], encoder: MiniLm, owners: int) -> NDArray[np.float32]:
    """Writes the many memories of some persons; returns the vectors of the first one's."""
    chance = np.random.default_rng(6)
    real = [it.text for it in facts if it.text]
    shipped = read_vectors(models_folder() / SHIPPED, encoder.fingerprint)
    heads = np.stack(list(shipped.values())).astype(np.float32)
    words = np.array([word for text in real for word in text.split()])
    table = MemoryTable(connect(str(path)))
    kept: list[Vector] = []
    with writing(table.connection):
        for number in range(MANY):
            noise = chance.standard_normal(heads.shape[1], dtype=np.float32) * np.float32(0.04)
            vector = heads[int(chance.integers(len(heads)))] + noise
            vector = (vector / np.linalg.norm(vector)).astype(np.float32)
            text = f"{' '.join(chance.choice(words, 9))} {number}"
            owner = f"bench:{number % owners}"
            made = Sketched(encoder.fingerprint, sketch_of(vector), vector.tobytes())
            table.insert(Memory("", text, owner, "user", owner, float(number)), made)
            if number % owners == 0:
                kept.append(vector)
    table.connection.execute("INSERT INTO memory_words (memory_words) VALUES ('optimize')")
    table.checkpoint()
    table.connection.close()
    return np.stack(kept)


async def print_times(
    path: Path, questions: Sequence[str], encoder: MiniLm, vectors: NDArray[np.float32], owners: int
) -> None:
    """Prints milliseconds of a first recall in a new process's state, of later ones, and of plainer ways."""
    circles = personal("bench:0")
    first = await cold(path, questions[0], circles, encoder)
    memories = Memories(path, lambda: encoder)
    await memories.recall(questions[1], circles, FIVE)
    asked = [questions[place % len(questions)] for place in range(ROUNDS)]
    times: dict[str, list[float]] = {f"recall by {by}": [] for by in WAYS}
    for question in asked:
        for by in WAYS:
            began = time.perf_counter()
            await memories.recall(question, circles, FIVE, by=by)
            times[f"recall by {by}"].append((time.perf_counter() - began) * 1e3)
    await memories.close()
    times |= plainer(path, asked, encoder, vectors)
    ours = float(np.percentile(times["recall by both"], 95))
    print(f"{'first recall, cold':<38}{first:>9.1f} ms")
    print(f"{'':<38}{'p50':>9}{'p95':>9}{'p95, ours = 1':>16}")
    for name, spent in times.items():
        p50, p95 = np.percentile(spent, [50, 95])
        print(f"{name:<38}{p50:>9.2f}{p95:>9.2f}{p95 / ours:>16.2f}")
    print(f"{'nearest 5 of all, found by their signs':<38}{agreement(path, asked, encoder, vectors, owners):>9.3f}")


async def cold(path: Path, question: str, circles: Sequence[Circle], encoder: MiniLm) -> float:
    """Milliseconds of the first recall after opening the file."""
    memories = Memories(path, lambda: encoder)
    began = time.perf_counter()
    await memories.recall(question, circles, FIVE)
    spent = (time.perf_counter() - began) * 1e3
    await memories.close()
    return spent


def plainer(path: Path, asked: Sequence[str], encoder: MiniLm, vectors: NDArray[np.float32]) -> dict[str, list[float]]:
    """Milliseconds of what one would do first: FTS5's own rank, all vectors in memory, all vectors from the file."""
    connection = sqlite3.connect(path)
    ((circle,),) = connection.execute("SELECT number FROM memory_circles WHERE whose = 'bench:0'").fetchall()

    def ranked(question: str) -> None:
        words = " OR ".join(f'"{circle}_{word}"' for word in search_words(question))
        statement = "SELECT rowid FROM memory_words WHERE memory_words MATCH ? ORDER BY rank LIMIT 20"
        connection.execute(statement, (words or '"x"',)).fetchall()

    def in_memory(question: str) -> None:
        np.argsort(-(vectors @ encoder.encode(question)))[:20]

    def from_file(question: str) -> None:
        rows = connection.execute("SELECT vector FROM memories WHERE circle = ?", (circle,)).fetchall()
        held = np.frombuffer(b"".join(vector for (vector,) in rows), np.float32).reshape(len(rows), -1)
        np.argsort(-(held @ encoder.encode(question)))[:20]

    ways: dict[str, tuple[Callable[[str], None], int]] = {
        "FTS5 with its own rank": (ranked, ROUNDS),
        f"all vectors, {vectors.nbytes / 1e6:.0f} MB in memory": (in_memory, ROUNDS),
        "all vectors, from the file each time": (from_file, 10),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for name, (way, rounds) in ways.items():
        for question in asked[:rounds]:
            began = time.perf_counter()
            way(question)
            times[name].append((time.perf_counter() - began) * 1e3)
    connection.close()
    return times


def agreement(path: Path, asked: Sequence[str], encoder: MiniLm, vectors: NDArray[np.float32], owners: int) -> float:
    """The share of the five nearest by their whole vectors that are among the five found by signs first."""
    from pointsman.stores.memory_index import MemoryIndex

    table, index = MemoryTable(connect(str(path))), MemoryIndex()
    rows = table.circles(personal("bench:0"))
    agreed = total = 0
    for question in asked[:100]:
        vector = encoder.encode(question)
        exact = {int(place) * owners + 1 for place in np.argsort(-(vectors @ vector))[:FIVE]}
        found = index.nearest(table.connection, rows, vector, encoder.fingerprint, FIVE)
        agreed += len(exact & {number for number, _ in found})
        total += len(found)
    table.connection.close()
    return agreed / max(total, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "labelled" / "memories.jsonl")
