"""Decisions in figures, and the evaluations that are kept beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pointsman.core.decision import Decision
from pointsman.core.errors import StoreError
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Done, Failed
from pointsman.stores.evaluations import LATEST, MOST, RUNS, Evaluations, Latest, Run
from pointsman.stores.figures import Figures, figures_of, figures_since
from pointsman.stores.shelf import MemoryShelf
from pointsman.stores.sqlite import SqliteStore

MADE = Decision("d1", "general_chat", "llm", 0.8, "fast", (), at=100.0, latency_ms=0.5)
RUN = Run(100.0, "labelled.jsonl", 12, 0.75, 0.25, None)


async def filled(path: Path) -> list[Figures]:
    """Three decisions: answered, failed, and open; and the same by way of the list."""
    store = SqliteStore(path, keep_text_seconds=0)
    for name in ("d1", "d2", "d3"):
        await store.record(replace(MADE, id=name, at=100.0 + int(name[1])), Message("hush", origin=Origin("http")))
    await store.finish("d1", Done(None, "qwen", 1.5, 7, 30))
    await store.finish("d2", Failed("a secret", code="no_room"))
    found = [figures_of(row) for row in await store.recent()]
    await store.close()
    return found


async def test_figures_of_decisions_and_what_became_of_them(tmp_path: Path) -> None:
    listed = await filled(tmp_path / "store.db")
    found = figures_since(str(tmp_path / "store.db"), 0.0)
    assert [it.id for it in found] == ["d3", "d2", "d1"]
    answered = Figures("d1", 101.0, "http", "general_chat", "llm", "fast", 0.8, 0.5, True, "qwen", 1.5, 7, 30, "")
    assert found[2] == answered
    assert (found[1].code, found[1].ended) == ("no_room", True)
    assert not found[0].ended
    assert listed == found


async def test_only_the_latest_and_only_since_then(tmp_path: Path) -> None:
    await filled(tmp_path / "store.db")
    assert [it.id for it in figures_since(str(tmp_path / "store.db"), 102.0)] == ["d3", "d2"]
    assert [it.id for it in figures_since(str(tmp_path / "store.db"), 0.0, most=1)] == ["d3"]


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a database at all, and longer than a header of one would be " * 20)
    with pytest.raises(StoreError, match=r"note\.txt"):
        figures_since(str(tmp_path / "note.txt"), 0.0)


async def test_evaluations_are_kept_in_short_and_the_last_one_whole() -> None:
    kept = Evaluations(MemoryShelf())
    assert await kept.latest() is None
    assert list(await kept.runs()) == []
    for number in range(MOST + 5):
        await kept.keep(Latest(replace(RUN, n=number), {"ece": 0.1, "number": number}))
    assert len(await kept.runs()) == MOST
    latest = await kept.latest()
    assert latest == Latest(replace(RUN, n=MOST + 4), {"ece": 0.1, "number": MOST + 4})


@pytest.mark.parametrize("damaged", ["{", "3", '[{"at": "never"}]', '[{"at": 1, "name": "x", "n": 1}]', "[null]"])
async def test_what_is_damaged_is_left_out(damaged: str) -> None:
    shelf = MemoryShelf()
    for key in (RUNS, LATEST):
        await shelf.change(key, lambda _: (damaged, None))
    kept = Evaluations(shelf)
    assert list(await kept.runs()) == []
    assert await kept.latest() is None
    await kept.keep(Latest(RUN, {}))
    assert list(await kept.runs()) == [RUN]


async def test_a_result_without_its_figures_is_none() -> None:
    shelf = MemoryShelf()
    await shelf.change(LATEST, lambda _: (json.dumps({"run": {}, "result": {}}), None))
    assert await Evaluations(shelf).latest() is None
